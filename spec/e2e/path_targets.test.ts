import assert from "node:assert/strict";
import { deadAddress } from "./support/peer.js";
import { suite } from "./support/suite.js";

/** A rewrite of the user's own, before the include and in a location of its own; and a `proxy_pass` of the user's own. */
const SERVER = `
    location /old { rewrite ^/old/(.*) /api/$1?from=old break; include signpost.location.conf; }
    location /own/ {
        set $upstream "";
        rewrite_by_lua_block { require("signpost").rewrite() }
        proxy_pass http://$upstream;
    }`;

suite("a target with a path", { backends: ["red", "blue"], server: SERVER }, (test) => {
  test("has it in place of the prefix, and the rest goes on byte for byte", async ({ redis, get, backends }) => {
    const { red, blue } = backends;
    const fields = [
      "/api",
      `http://${red.address}/`,
      "/v1",
      "@blue/api/v1",
      "/",
      red.address,
      "/own",
      `${red.address}/`,
    ];
    await redis.command("HSET", "route:paths.test", ...fields);
    await redis.command("SADD", "pool:blue", blue.address);
    for (const [path, backend, target] of [
      ["/api", red, "/"],
      ["/api/", red, "/"],
      ["/api/x/y?z=/api", red, "/x/y?z=/api"],
      ["/api?x", red, "/?x"],
      ["/%61pi/x", red, "/x"],
      ["/api/a%20b%C3%BC%25;'()", red, "/a%20b%C3%BC%25;'()"],
      ["/v1/x", blue, "/api/v1/x"],
      ["/v1", blue, "/api/v1"],
      ["/v1/a/../b", blue, "/api/v1/b"],
      ["/x/../v1/%20", blue, "/api/v1/%20"],
      ["/apix/y%2Fz", red, "/apix/y%2Fz"],
      ["/old/x", red, "/x?from=old"],
      ["/own/x?y", red, "/x?y"],
    ] as const) {
      const answer = await get("paths.test", path);
      assert.equal(answer.body, backend.name, path);
      assert.equal(backend.lastRequest().target, target, path);
    }
  });

  test("keeps an encoded slash after its prefix, where no other path of the route could be meant", async (site) => {
    const { red } = site.backends;
    await site.route("git.test", `${red.address}/git`);
    assert.equal((await site.get("git.test", "/a%2Fb/c%2fd")).body, "red");
    assert.equal(red.lastRequest().target, "/git/a%2Fb/c%2fd");
  });

  test("is never left: what a backend could read as a path outside of it is 400 bad_path", async (site) => {
    const { red } = site.backends;
    await site.route("within.test", `${red.address}/v2`);
    for (const path of ["/..\\admin", "/x/..%5C..%5Cadmin"]) {
      const answer = await site.get("within.test", path);
      assert.deepEqual([answer.status, (await answer.logged()).error], [400, "bad_path"], path);
    }
    assert.equal((await site.get("within.test", "/%2e%2e/admin")).status, 400, "nginx itself");
    assert.equal((await site.get("within.test", "/x")).body, "red");
    assert.equal(red.lastRequest().target, "/v2/x");
  });

  test("has it on every member that is tried", async (site) => {
    const { red } = site.backends;
    await site.route("tries.test", `${await deadAddress()}/v2 ${red.address}/v2`);
    for (let i = 0; i < 4; i += 1) {
      assert.equal((await site.get("tries.test", "/x")).body, "red");
      assert.equal(red.lastRequest().target, "/v2/x");
    }
  });

  test("changes nothing, if it is a slash and the target is for the whole host", async (site) => {
    const { red } = site.backends;
    await site.route("slash.test", `http://${red.address}/`);
    assert.equal((await site.get("slash.test", "/x/../y//z%2F?")).body, "red");
    assert.equal(red.lastRequest().target, "/x/../y//z%2F?");
  });
});
