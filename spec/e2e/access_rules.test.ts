import assert from "node:assert/strict";
import { freePort } from "./support/ports.js";
import { request, type Answer } from "./support/http_client.js";
import { suite } from "./support/suite.js";

/** What README, "Access rules", says, each in a server of its own. */
const ports = {
  beside: await freePort(),
  behind: await freePort(),
  password: await freePort(),
  asking: await freePort(),
  limited: await freePort(),
  geo: await freePort(),
};

const SIGNPOST = "include signpost.location.conf;";

/** A location with rules that hands on to Signpost's, which is in another. */
function guarded(port: number, rules: string, more = ""): string {
  return `
  server {
    listen 127.0.0.1:${port};
    include signpost.server.conf;
    location / { ${rules} try_files "" @signpost; }
    location @signpost { ${SIGNPOST} }
    ${more}
  }`;
}

const HTTP = `
  limit_req_zone $server_port zone=all:1m rate=1r/m;
  geo $is_stranger { default 0; 127.0.0.2 1; }
  server {
    listen 127.0.0.1:${ports.beside};
    include signpost.server.conf;
    location / { deny all; ${SIGNPOST} }
  }
  server {
    listen 127.0.0.1:${ports.geo};
    include signpost.server.conf;
    if ($is_stranger) { return 403; }
    location / { ${SIGNPOST} }
  }
  ${guarded(ports.behind, "allow 127.0.0.1; deny all;")}
  ${guarded(ports.password, 'auth_basic "who"; auth_basic_user_file users;')}
  ${guarded(ports.limited, "limit_req zone=all;")}
  ${guarded(ports.asking, "auth_request /.auth;", "location = /.auth { internal; if ($http_x_key = '') { return 401; } return 204; }")}
`;

/** What must not be told to those whom the rules turn away: whether a host is known, and where it redirects to. */
const HOSTS = ["known.test", "away.test", "unknown.test"];

suite("access rules", { settings: { cache_ttl: 3_600 }, backends: ["red"], http: HTTP }, (test) => {
  const statuses = async (send: (host: string) => Promise<Answer>) => {
    const seen: number[] = [];
    for (const host of HOSTS) seen.push((await send(host)).status);
    return seen;
  };

  test("in Signpost's own location come after a route's redirect and a refusal", async ({ route, backends }) => {
    await route("known.test", backends.red.address);
    await route("away.test", "return 301 https://else.test");
    assert.deepEqual(await statuses((host) => request(ports.beside, { host })), [403, 301, 404]);
  });

  test("of a location before Signpost's come first: allow and deny", async ({ backends }) => {
    assert.deepEqual(await statuses((host) => request(ports.behind, { host, from: "127.0.0.2" })), [403, 403, 403]);
    assert.deepEqual(await statuses((host) => request(ports.behind, { host })), [200, 301, 404]);
    const answer = await request(ports.behind, {
      host: "known.test",
      path: "/a%2Fb//c?d",
      method: "POST",
      body: "hello",
    });
    assert.equal(answer.body, "red");
    const seen = backends.red.requests.at(-1);
    assert.deepEqual([seen?.method, seen?.target, (await seen?.body)?.length], ["POST", "/a%2Fb//c?d", 5]);
  });

  test("of a location before Signpost's come first: auth_basic", async () => {
    assert.deepEqual(await statuses((host) => request(ports.password, { host })), [401, 401, 401]);
  });

  test("of a location before Signpost's come first: auth_request", async () => {
    assert.deepEqual(await statuses((host) => request(ports.asking, { host })), [401, 401, 401]);
    assert.deepEqual(
      await statuses((host) => request(ports.asking, { host, headers: { "x-key": "1" } })),
      [200, 301, 404],
    );
  });

  test("of a location before Signpost's come first: limit_req", async () => {
    assert.equal((await request(ports.limited, { host: "known.test" })).status, 200);
    assert.deepEqual(await statuses((host) => request(ports.limited, { host })), [503, 503, 503]);
  });

  test("of nginx's rewrite phase come first: an `if` on a `geo` at server level", async () => {
    assert.deepEqual(await statuses((host) => request(ports.geo, { host, from: "127.0.0.2" })), [403, 403, 403]);
    assert.deepEqual(await statuses((host) => request(ports.geo, { host })), [200, 301, 404]);
  });
});
