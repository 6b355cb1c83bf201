import assert from "node:assert/strict";
import { complaintsAbout, metric, spoil, STATUS_PAGE } from "./support/complaints.js";
import { eventually } from "./support/eventually.js";
import { flood } from "./support/flood.js";
import { everyWorker, hostNames, inTurn, sample, SHOW_WORKER, tally, underLoad } from "./support/load.js";
import { suite } from "./support/suite.js";

const backends = ["red", "blue", "green"] as const;

/** So long that polling can never be taken for push. */
const settings = { cache_ttl: 3_600 };

suite("a pool", { settings, backends }, (test) => {
  test("may be a hash of members and weights, a set, a list or a string", async ({ redis, route, get, backends }) => {
    const { red, blue } = backends;
    await redis.command("HSET", "pool:hash", red.address, 1, `http://${blue.address}`, 1);
    await redis.command("SADD", "pool:set", red.address, blue.address);
    await redis.command("RPUSH", "pool:list", red.address, blue.address);
    await redis.command("SET", "pool:string", `${red.address}, ${blue.address}`);
    for (const type of ["hash", "set", "list", "string"]) {
      await route(`${type}.test`, `@${type}`);
      assert.deepEqual(await sample(40, () => get(`${type}.test`)), { "200 red": 20, "200 blue": 20 }, type);
    }
  });

  test("is named by a route, by a path, by a wildcard, and by any number of them", async (site) => {
    const { redis, route, get } = site;
    const { red, blue } = site.backends;
    await redis.command("HSET", "pool:web", red.address, 1);
    await redis.command("HSET", "pool:api-v1.0_x:y", blue.address, 1);
    await route("shop.test", "@web");
    await route("*.named.test", "@web");
    await redis.command("HSET", "route:paths.test", "/", "@web", "/api", "@api-v1.0_x:y", "/old", red.address);
    assert.equal((await get("shop.test")).body, "red");
    assert.equal((await get("any.named.test")).body, "red");
    assert.equal((await get("paths.test", "/apix")).body, "red");
    assert.equal((await get("paths.test", "/api/x")).body, "blue");
  });

  test("is in the access log as $signpost_pool, beside the route that named it", async (site) => {
    const { redis, route, get } = site;
    const { red } = site.backends;
    await redis.command("HSET", "pool:logged", red.address, 1);
    await redis.command("HSET", "route:*.logged.test", "/", "@logged", "/direct", red.address);
    await route("missing.test", "@nowhere");
    const named = await (await get("a.logged.test")).logged();
    assert.deepEqual([named.pool, named.route, named.upstream], ["logged", "*.logged.test", red.address]);
    assert.equal((await (await get("a.logged.test", "/direct")).logged()).pool, "");
    const missing = await (await get("missing.test")).logged();
    assert.deepEqual([missing.pool, missing.route, missing.error], ["nowhere", "missing.test", "no_pool"]);
  });

  test("that does not exist is 503 no_pool with Retry-After, not 404, and other routes do not notice", async (site) => {
    const { redis, route, get } = site;
    await route("dangling.test", "@never.written");
    await redis.command("HSET", "route:half.test", "/", site.backends.red.address, "/api", "@never.written");
    for (const [host, path] of [
      ["dangling.test", "/"],
      ["half.test", "/api"],
    ] as const) {
      const answer = await get(host, path);
      assert.equal(answer.status, 503);
      assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/);
      assert.match(String(answer.headers["content-type"]), /^text\/plain/);
      assert.equal((await answer.logged()).error, "no_pool");
    }
    assert.equal((await get("half.test", "/x")).body, "red");
  });

  test("is nothing a client can name: @web as Host is a host that has no route", async ({
    redis,
    nginx,
    get,
    backends,
  }) => {
    await redis.command("HSET", "pool:hidden", backends.red.address, 1);
    await redis.command("SET", "route:public.test", "@hidden");
    assert.equal((await get("public.test")).body, "red");
    const answer = await get("@hidden");
    assert.ok(answer.status === 404 || answer.status === 400, `status ${answer.status} on port ${nginx.port}`);
  });
});

const twoWorkers = { settings, backends, workers: 2, location: SHOW_WORKER, server: STATUS_PAGE };

suite("a change of a pool", twoWorkers, (test) => {
  test("is followed without touching a route: created, changed, deleted, created again", async (site) => {
    const { redis, nginx, route, get } = site;
    const { red, blue } = site.backends;
    await route("follows.test", "@follows");
    await redis.command("HSET", "route:paths.follows.test", "/", "return 403", "/api", "@follows");
    const becomes = async (right: { status: number; body?: string }) => {
      await everyWorker(nginx, () => get("follows.test"), right);
      await everyWorker(nginx, () => get("paths.follows.test", "/api"), right);
    };
    await becomes({ status: 503 });
    await redis.command("HSET", "pool:follows", red.address, 1);
    await becomes({ status: 200, body: "red" });
    await redis.command("HSET", "pool:follows", red.address, 0, blue.address, 1);
    await becomes({ status: 200, body: "blue" });
    await redis.command("DEL", "pool:follows");
    await becomes({ status: 503 });
    await redis.command("SADD", "pool:follows", red.address);
    await becomes({ status: 200, body: "red" });
    await redis.command("SET", "pool:follows", blue.address);
    await becomes({ status: 200, body: "blue" });
  });

  test("that takes a member out by HDEL, or lets it in by HSET, fails no request", async (site) => {
    const { redis, nginx, route, get } = site;
    const { red, blue } = site.backends;
    await route("members.test", "@members");
    await redis.command("HSET", "pool:members", red.address, 1, blue.address, 1);
    const outcomes = await underLoad(
      () => get("members.test"),
      async () => {
        for (let i = 0; i < 10; i++) {
          await redis.command("HDEL", "pool:members", red.address);
          await eventually(async () =>
            assert.deepEqual(await sample(20, () => get("members.test")), { "200 blue": 20 }),
          );
          await redis.command("HSET", "pool:members", red.address, 1);
          await everyWorker(nginx, () => get("members.test"), { status: 200, body: "red" });
        }
      },
    );
    assert.deepEqual(Object.keys(tally(outcomes)).sort(), ["200 blue", "200 red"]);
  });

  test("by EXPIRE makes it no_pool when its time is up, and a renewal in time changes nothing", async (site) => {
    const { redis, nginx, route, get } = site;
    await route("leased.test", "@leased");
    await redis.command("HSET", "pool:leased", site.backends.red.address, 1);
    const outcomes = await underLoad(
      () => get("leased.test"),
      async () => {
        for (let i = 0; i < 5; i++) {
          await redis.command("PEXPIRE", "pool:leased", 2_000);
          await sample(20, () => get("leased.test"));
        }
      },
    );
    assert.deepEqual(Object.keys(tally(outcomes)), ["200 red"]);
    await redis.command("PEXPIRE", "pool:leased", 50);
    await everyWorker(nginx, () => get("leased.test"), { status: 503 });
  });

  test("leaves a route that is bad, or another pool, as it was", async (site) => {
    const { redis, nginx, route, get } = site;
    const { red, blue } = site.backends;
    await redis.command("HSET", "pool:one", red.address, 1);
    await redis.command("HSET", "pool:two", blue.address, 1);
    await route("one.test", "@one");
    await route("two.test", "@two");
    await route("bad.test", "@not a name");
    for (const [host, right] of [
      ["one.test", { status: 200, body: "red" }],
      ["two.test", { status: 200, body: "blue" }],
      ["bad.test", { status: 502 }],
    ] as const) {
      await everyWorker(nginx, () => get(host), right);
    }
    await redis.command("DEL", "pool:one");
    await everyWorker(nginx, () => get("one.test"), { status: 503 });
    assert.equal((await get("two.test")).body, "blue");
    assert.equal((await get("bad.test")).status, 502);
  });

  test("by one HSET moves 10,000 hosts at once, and costs Redis one read of the pool, not of its hosts", async (site) => {
    const { redis, nginx, get } = site;
    const { red, blue } = site.backends;
    const hosts = hostNames("tenant", 10_000);
    await redis.command("HSET", "pool:tenants", red.address, 1);
    await redis.command("MSET", ...hosts.flatMap((host) => [`route:${host}`, "@tenants"]));
    // Warm in the workers: a few on both, by chance, and then 5,000 on one or the other; the other half stays cold.
    await everyWorker(nginx, () => get("tenant1.test"), { status: 200, body: "red" });
    assert.deepEqual(await flood(nginx.port, hosts.slice(0, 5_000)), { 200: 5_000 });

    const changing = await redis.countCommands(async () => {
      await redis.command("HSET", "pool:tenants", red.address, 0, blue.address, 1);
      await everyWorker(nginx, () => get("tenant1.test"), { status: 200, body: "blue" });
    });
    const { hset, hgetall = 0, get: gets = 0 } = changing;
    assert.equal(hset, 1);
    assert.ok(hgetall >= 1 && hgetall <= 2 && gets <= 2, JSON.stringify(changing));

    const lastOfRed = red.requests.at(-1);
    const serving = await redis.countCommands(async () => {
      assert.deepEqual(await flood(nginx.port, hosts), { 200: 10_000 });
    });
    assert.equal(red.requests.at(-1), lastOfRed, "no host's request went to red any more");
    assert.equal(serving["hgetall"], undefined, "the pool is not read again for its hosts");
  });
});

suite("a bad pool", twoWorkers, (test) => {
  test("keeps its last good value serving for all its routes, until it is mended", async (site) => {
    const { redis, nginx, route, get } = site;
    const { red, blue } = site.backends;
    await redis.command("HSET", "pool:spoiled", red.address, 1);
    await route("one.test", "@spoiled");
    await route("two.test", "@spoiled");
    await everyWorker(nginx, () => get("one.test"), { status: 200, body: "red" });
    const complaint = await spoil(site, "pool:spoiled", () =>
      redis.command("HSET", "pool:spoiled", blue.address, 1, "127.0.0.1:99999", 1),
    );
    assert.match(complaint, /bad_pool pool:spoiled: field "127\.0\.0\.1:99999": .*expected a port from 1 to 65535/);
    assert.ok(complaint.includes(`its last good value serves: ${red.address} 1`), complaint);
    // The second is cold: it needs the pool that is bad by now.
    for (const host of ["one.test", "two.test"]) assert.deepEqual(await sample(40, () => get(host)), { "200 red": 40 });
    await redis.command("HDEL", "pool:spoiled", "127.0.0.1:99999");
    await eventually(async () => {
      assert.deepEqual(Object.keys(await sample(20, () => get("two.test"))).sort(), ["200 blue", "200 red"]);
    });
  });

  test("is complained of once for each change, and counted as often", async (site) => {
    const { redis, nginx, route, get } = site;
    await redis.command("HSET", "pool:once", site.backends.red.address, 1);
    for (const host of hostNames("once", 20)) await route(host, "@once");
    await everyWorker(nginx, () => get("once1.test"), { status: 200, body: "red" });
    const before = await metric(site, "signpost_bad_routes_total");
    await spoil(site, "pool:once", () => redis.command("HSET", "pool:once", "tries", 0));
    await inTurn(hostNames("once", 20), get);
    await redis.command("HSET", "pool:once", "tries", 0);
    await inTurn(hostNames("once", 20), get);
    assert.equal(complaintsAbout(site, "pool:once").length, 1);
    assert.equal((await metric(site, "signpost_bad_routes_total")) - before, 1);
    await spoil(site, "pool:once", () => redis.command("HSET", "pool:once", "tries", 11));
    assert.equal((await metric(site, "signpost_bad_routes_total")) - before, 2);
  });

  test("that never was good is 502 bad_route for each of its routes, and for no other", async (site) => {
    const { redis, nginx, route, get } = site;
    await redis.command("HSET", "pool:never", site.backends.red.address, "heavy");
    await route("never.test", "@never");
    await redis.command("HSET", "route:partly.test", "/", site.backends.blue.address, "/api", "@never");
    for (const [host, path] of [
      ["never.test", "/"],
      ["partly.test", "/api"],
    ] as const) {
      const answer = await get(host, path);
      assert.equal(answer.status, 502);
      assert.equal((await answer.logged()).error, "bad_route");
    }
    assert.equal((await get("partly.test", "/")).body, "blue");
    assert.match(
      String(complaintsAbout(site, "pool:never")[0]),
      /expected a weight, an integer from 0 to 1000, got "heavy"/,
    );
    await redis.command("HSET", "pool:never", site.backends.red.address, 1000);
    await everyWorker(nginx, () => get("never.test"), { status: 200, body: "red" });
  });

  /** Addresses that differ, of backends that are not there: nothing listens on port 1. */
  const addresses = (count: number) => Array.from({ length: count }, (_, i) => `127.1.${i >> 8}.${i & 255}:1`);
  const longNames = Array.from({ length: 600 }, (_, i) => `${`${"a".repeat(50)}.`.repeat(3)}n${i}.internal:80`);

  for (const [what, limit, command, ...values] of [
    ["hash of 1,025 members", /no more than 1024 members/, "HSET", ...addresses(1_025).flatMap((a) => [a, "1"])],
    ["hash of 90,000 bytes", /no more than 65536 bytes, got \d+/, "HSET", ...longNames.flatMap((a) => [a, "1"])],
    ["set of 50,000 members", /no more than 1024 members, got 50000/, "SADD", ...addresses(50_000)],
    ["list of 1,025 members", /no more than 1024 members/, "RPUSH", ...addresses(1_025)],
    ["string of 70,000 bytes", /no more than 65536 bytes/, "SET", "127.0.0.1:1 ".repeat(6_000)],
    ["zset", /expected a string, a hash, a list or a set, found a zset/, "ZADD", "1", "127.0.0.1:80"],
    ["hash without members", /expected a member, got none/, "HSET", "balance", "least_conn"],
    ["string that names a pool", /expected /, "SET", "@other"],
    ["list with a label", /item 0: /, "RPUSH", "my label", "127.0.0.1:80"],
  ] as const) {
    test(`says its limit, or what was expected, in the log: a ${what}`, async (site) => {
      const name = what.replaceAll(/[^a-z0-9]+/g, "-");
      await site.redis.command(command, `pool:${name}`, ...values);
      await site.route(`${name}.test`, `@${name}`);
      const answer = await site.get(`${name}.test`);
      assert.equal(answer.status, 502);
      assert.equal((await answer.logged()).error, "bad_route");
      assert.match(String(complaintsAbout(site, `pool:${name}`)[0]), limit);
    });
  }

  test("is not one of 1,024 members, of which one gets requests", async (site) => {
    const members = addresses(1_023).flatMap((address) => [address, 0]);
    await site.redis.command("HSET", "pool:many", ...members, site.backends.green.address, 1);
    await site.route("many.test", "@many");
    assert.deepEqual(await sample(20, () => site.get("many.test")), { "200 green": 20 });
  });
});

for (const [title, prefixes] of [
  ["a pool_prefix that begins with route_prefix", { route_prefix: "route:", pool_prefix: "route:pool:" }],
  ["a route_prefix that begins with pool_prefix", { route_prefix: "signpost:route:", pool_prefix: "signpost:" }],
  ["an empty route_prefix", { route_prefix: "", pool_prefix: "pool:" }],
  ["an empty pool_prefix", { route_prefix: "route:", pool_prefix: "" }],
] as const) {
  suite(title, { ...twoWorkers, settings: { ...settings, ...prefixes } }, (test) => {
    test("lets routes and pools be found, and their changes be pushed", async (site) => {
      const { redis, nginx, get } = site;
      const { red, blue, green } = site.backends;
      const routeKey = `${prefixes.route_prefix}both.test`;
      const poolKey = `${prefixes.pool_prefix}web`;
      await eventually(async () => assert.equal(await metric(site, "signpost_tracking"), 1));
      await redis.command("HSET", poolKey, red.address, 1);
      await redis.command("SET", routeKey, "@web");
      await everyWorker(nginx, () => get("both.test"), { status: 200, body: "red" });
      await redis.command("HSET", poolKey, red.address, 0, blue.address, 1);
      await everyWorker(nginx, () => get("both.test"), { status: 200, body: "blue" });
      await redis.command("SET", routeKey, green.address);
      await everyWorker(nginx, () => get("both.test"), { status: 200, body: "green" });
      await redis.command("DEL", poolKey);
      await redis.command("SET", routeKey, "@web");
      await everyWorker(nginx, () => get("both.test"), { status: 503 });
      assert.deepEqual([...complaintsAbout(site, routeKey), ...complaintsAbout(site, poolKey)], []);
    });
  });
}
