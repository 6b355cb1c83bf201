import assert from "node:assert/strict";
import { after } from "node:test";
import { startDns } from "./support/dns_server.js";
import { openRaw } from "./support/http_client.js";
import { inTurn, tally } from "./support/load.js";
import { deadAddress } from "./support/peer.js";
import { freePort } from "./support/ports.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

/** Nobody listens on port 1. */
const CLOSED = "127.0.0.1:1";

/** Ways by which nginx leads a request of Signpost's to another location, mostly to one whose own backend is down. */
const SERVER = `
    location @login { proxy_pass http://${CLOSED}; }
    location = /auth { internal; if ($http_x_password = "") { return 401; } return 204; }
    location /guarded { auth_request /auth; error_page 401 = @login; include signpost.location.conf; }
    location /files { try_files /none @login; include signpost.location.conf; }
    location /limited { limit_req zone=none; error_page 503 = @login; include signpost.location.conf; }
    location /led { access_by_lua_block { ngx.exec("@login") } include signpost.location.conf; }
    location /if { include signpost.location.conf; if ($arg_elsewhere) { proxy_pass http://${CLOSED}; } }
    location /outer { include signpost.location.conf; location /outer/inner { proxy_pass http://${CLOSED}; } }
    location /denied { deny all; error_page 403 = @login; include signpost.location.conf; }
    location /after { proxy_pass http://${CLOSED}; error_page 502 = @app; }
    location @app { include signpost.location.conf; }
    location /twice { try_files /none @app; include signpost.location.conf; }`;
const HTTP = "limit_req_zone $host zone=none:1m rate=1r/m;";
const ELSEWHERE = ["/guarded", "/files", "/limited", "/led", "/if?elsewhere=1", "/outer/inner", "/denied"];
const WITH_PASSWORD = { headers: { "x-password": "yes" } };

/** One failure takes a member out, and when all are out there is no answer. */
const STRICT = { max_fails: 1, fail_timeout: 60, all_down: "fail" };

/** Every name ends at 127.0.0.1. */
const dns = await startDns({ "one.internal": "127.0.0.1", "two.internal": "127.0.0.1" });
after(() => dns.close());

/** How members are reached, and what they are called. A name is resolved by nginx: nobody else knows where it was sent. */
const WAYS = {
  "through the upstream block": { settings: {}, names: ["127.0.0.1", "127.0.0.1"] },
  "by address": { settings: { upstream_block: "" }, names: ["127.0.0.1", "127.0.0.1"] },
  "by name": { settings: {}, names: ["one.internal", "two.internal"] },
} as const;

for (const [way, { settings, names }] of Object.entries(WAYS)) {
  const options = { settings, backends: ["one", "two"] as const, server: SERVER, http: HTTP, resolver: dns.address };

  suite(`only tries that are Signpost's count, ${way}:`, options, (test) => {
    for (const path of ELSEWHERE) {
      test(`not those of another location that ${path} leads to`, async (site) => {
        const host = await poolOfTwo(site, names, `led${path.replace(/\W/g, "-")}`, STRICT);
        // limit_req lets the first one through.
        for (let i = 0; i < 6; i++) await site.get(host, path);
        assert.equal((await site.get(host, path)).status, 502);
        const answers = await inTurn([...Array(8).keys()], () => site.get(host));
        assert.deepEqual(tally(answers), { "200 one": 4, "200 two": 4 });
      });
    }

    test("not those of a location that the request came from", async (site) => {
      const host = await site.pool("from", [`${names[0]}:${site.backends.one.port}`], STRICT);
      for (let i = 0; i < 3; i++) assert.equal((await site.get(host, "/after")).body, "one");
    });

    test("but those that come after another location's", async (site) => {
      const host = await site.pool("after", [`${names[0]}:${await freePort()}`], STRICT);
      assert.equal((await site.get(host, "/after")).status, 502);
      assert.equal((await (await site.get(host)).logged()).error, "no_peer_up");
    });

    test("and those of a request that was led nowhere", async (site) => {
      const host = await site.pool("plain", [`${names[0]}:${await freePort()}`], STRICT);
      assert.equal((await site.get(host)).status, 502);
      assert.equal((await (await site.get(host)).logged()).error, "no_peer_up");
    });
  });

  suite(`each member has its share, ${way},`, options, (test) => {
    for (const heavy of [1, 2]) {
      const expected = { one: 30 / (1 + heavy), two: (30 * heavy) / (1 + heavy) };

      test(`of requests that try_files leads on to Signpost, with weight ${heavy}`, async (site) => {
        const host = await poolOfTwo(site, names, `twice${heavy}`, {}, heavy);
        for (let i = 0; i < 30; i++) assert.equal((await site.get(host, "/twice")).status, 200);
        assert.deepEqual(seenBy(site, host), expected);
      });

      test(`when every other request is not let in, with weight ${heavy}`, async (site) => {
        const host = await poolOfTwo(site, names, `halves${heavy}`, {}, heavy);
        for (let i = 0; i < 30; i++) {
          assert.equal((await site.get(host, "/guarded")).status, 502);
          assert.equal((await site.get(host, "/guarded", WITH_PASSWORD)).status, 200);
        }
        assert.deepEqual(seenBy(site, host), expected);
      });
    }
  });
}

suite("a try by name at the scheme's own port, which nginx leaves out", { resolver: dns.address }, (test) => {
  test("counts too", async (site, context) => {
    if (await isListening(80)) {
      context.skip("something listens on port 80 of this machine");
      return;
    }
    const host = await site.pool("eighty", ["one.internal"], STRICT);
    assert.equal((await site.get(host)).status, 502);
    assert.equal((await (await site.get(host)).logged()).error, "no_peer_up");
  });
});

suite("a request whose members have all failed", { backends: ["one"], server: `error_page 502 /sorry;` }, (test) => {
  test("is answered with 502, though it has tries left", async (site) => {
    const dead = await Promise.all([deadAddress(), deadAddress(), deadAddress(), deadAddress()]);
    const host = await site.pool("four", dead, { ...STRICT, host: "internal.test" });
    await site.redis.command("DEL", `route:${host}`);
    await site.redis.command("HSET", `route:${host}`, "/", "@four", "/sorry", await deadAddress());
    for (const status of [502, 502, 503]) assert.equal((await site.get(host)).status, status);
  });

  test("goes to an error page of another pool as a new one: with its own Host, and in its own name", async (site) => {
    const dead = await Promise.all([deadAddress(), deadAddress(), deadAddress(), deadAddress()]);
    await site.pool("down", dead, { ...STRICT, host: "internal.test" });
    await site.redis.command("HSET", "route:page.test", "/", "@down", "/sorry", site.backends.one.address);
    // Three members fail the first request, and the last one the second, which has tries left.
    await site.get("page.test");
    const answer = await site.get("page.test");
    assert.deepEqual([answer.status, answer.body], [502, "one"]);
    assert.equal(site.backends.one.lastRequest().headers.host, "page.test");
    assert.equal((await answer.logged()).pool, "");
  });
});

/** Where SSI, Lua and `auth_request` send subrequests, and requests end whose log phase is not Signpost's. */
const WITH_SUBREQUESTS = `
    location = /captures { content_by_lua_block { ngx.print(ngx.location.capture("/sub").body) } }
    location /let-in { auth_request /sub; include signpost.location.conf; }
    location = /own-log { log_by_lua_block { local mine = true } include signpost.location.conf; }
    location = /own-log-denied {
      log_by_lua_block { local mine = true }
      access_by_lua_block { ngx.exit(403) }
      include signpost.location.conf;
    }
    location = /elsewhere { proxy_pass http://${CLOSED}; }`;

suite("subrequests", { backends: ["one", "two"], server: WITH_SUBREQUESTS }, (test) => {
  for (const path of ["/captures", "/let-in"]) {
    test(`no longer count for least_conn when their request ${path} is over`, async (site) => {
      const { one, two } = site.backends;
      const host = await site.pool(path.slice(1), [one.address], { balance: "least_conn" });
      for (let i = 0; i < 10; i++) assert.equal((await site.get(host, path)).body, "one");
      await site.redis.command("HSET", `pool:${path.slice(1)}`, two.address, 1);
      const before = one.requests.length;
      for (let i = 0; i < 40; i++) assert.equal((await site.get(host)).status, 200);
      assert.ok(one.requests.length > before, "it has as few requests under way as the other");
    });
  }
});

suite("a request that has no log phase of Signpost's", { backends: ["one"], server: WITH_SUBREQUESTS }, (test) => {
  test("leaves nothing to one that comes after it", async (site) => {
    const live = await site.pool("live", [site.backends.one.address], STRICT);
    const dead = await site.pool("dead", [await deadAddress()], STRICT);
    for (let i = 0; i < 3; i++) {
      assert.equal((await site.get(live, "/own-log")).status, 200);
      assert.equal((await site.get(live, "/elsewhere")).status, 502);
      assert.equal((await site.get(live, "/own-log-denied")).status, 403);
      assert.equal((await site.get(live, "/elsewhere")).status, 502);
    }
    assert.equal((await site.get(live)).body, "one");
    assert.equal((await site.get(live, "/own-log")).status, 200);
    assert.equal((await site.get(dead)).status, 502);
    assert.equal((await (await site.get(dead)).logged()).error, "no_peer_up");
  });
});

/** Whether connections to a port of 127.0.0.1 are taken. */
async function isListening(port: number): Promise<boolean> {
  try {
    (await openRaw(port)).close();
    return true;
  } catch {
    return false;
  }
}

type Two = Site<"one" | "two">;

/** A pool of both backends by the names given, the second of which may weigh more. */
async function poolOfTwo(
  { backends: { one, two }, pool }: Two,
  [nameOfOne, nameOfTwo]: readonly [string, string],
  name: string,
  fields: Readonly<Record<string, string | number>>,
  heavy = 1,
): Promise<string> {
  return await pool(name, [`${nameOfOne}:${one.port}`], { ...fields, [`${nameOfTwo}:${two.port}`]: heavy });
}

/** How many requests for a host each backend has had. */
function seenBy({ backends: { one, two } }: Two, host: string): Record<"one" | "two", number> {
  const count = ({ requests }: typeof one) => requests.filter(({ headers }) => headers.host === host).length;
  return { one: count(one), two: count(two) };
}
