import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { complaintsAbout, STATUS_PAGE } from "./support/complaints.js";
import { signpostConfig, type Settings } from "./support/config.js";
import { eventually } from "./support/eventually.js";
import type { Place } from "./support/nginx_server.js";
import type { RedisServer } from "./support/redis_server.js";
import type { Site } from "./support/site.js";
import { routesFileOf } from "./support/snapshot_file.js";
import { suite, withSite } from "./support/suite.js";

// allow_targets and deny_targets may become stricter in a reload, when records that lead elsewhere are known already.

const DENYING = { deny_targets: ["127.0.0.0/8"] };

/** A host gets bad_route, whatever it got before. */
async function refused({ get }: Site, host: string): Promise<void> {
  const answer = await get(host);
  assert.deepEqual([answer.status, (await answer.logged()).error], [502, "bad_route"], host);
}

async function becomes({ nginx }: Site, settings: (place: Place) => Settings, redis?: RedisServer): Promise<void> {
  const given = (place: Place) => ({ ...(redis && { redis: redis.url }), cache_ttl: 3_600, ...settings(place) });
  nginx.configure((place) => signpostConfig({ settings: given(place), server: STATUS_PAGE })(place));
  await nginx.reload();
}

suite("a reload that tightens deny_targets", { backends: ["red"], settings: { cache_ttl: 3_600 } }, (test) => {
  test("refuses routes and pools that were good before, Redis down or not, and says why once", async (site) => {
    const { redis, nginx, backends, route, pool, get } = site;
    await route("plain.test", backends.red.address);
    await redis.command("HSET", "route:paths.test", "/", "return 404", "/in", backends.red.address);
    await pool("members", [backends.red.address]);
    await route("elsewhere.test", "return 410");
    for (const host of ["plain.test", "members.test"]) assert.equal((await get(host)).body, "red");
    assert.equal((await get("paths.test", "/in")).body, "red");
    assert.equal((await get("elsewhere.test")).status, 410);

    await redis.stop();
    const seen = backends.red.requests.length;
    await becomes(site, () => DENYING, redis);
    for (let round = 0; round < 3; round++) {
      for (const host of ["plain.test", "paths.test", "members.test"]) await refused(site, host);
    }
    assert.equal((await get("elsewhere.test")).status, 410);
    for (const key of ["route:plain.test", "route:paths.test", "pool:members"])
      assert.equal(complaintsAbout(site, key).length, 1, key);

    await redis.start();
    await route("plain.test", backends.red.address);
    await refused(site, "plain.test");
    assert.equal(backends.red.requests.length, seen);
    assert.match(nginx.errorLog(), /bad_route route:plain\.test: expected a backend outside 127\.0\.0\.0\/8/);
  });

  test("lets them serve again when it is taken back", async (site) => {
    const { backends, route, get, redis } = site;
    await becomes(site, () => ({}), redis);
    await route("plain.test", backends.red.address);
    await eventually(async () => assert.equal((await get("plain.test")).body, "red"));
  });
});

suite("denied members of a pool", { backends: ["red"], settings: { cache_ttl: 3_600 } }, (test) => {
  test("are no longer asked by health checks after the reload, and never if they were denied before", async (site) => {
    const { backends, redis, get } = site;
    const { red } = backends;
    const checks = () => red.requests.filter(({ target }) => target === "/health").length;
    const fields = ["health_path", "/health", "health_interval", "0.5"];
    await redis.command("HSET", "pool:checked", red.address, 1, ...fields);
    await redis.command("SET", "route:checked.test", "@checked");
    assert.equal((await get("checked.test")).body, "red");
    await eventually(() => assert.ok(checks() >= 2));

    // Another pool, whose member is no backend that is denied, shows that checks go on.
    const open = await site.startBackend("open", { host: "::1" });
    await redis.command("HSET", "pool:open", open.address, 1, ...fields);
    await redis.command("SET", "route:open.test", "@open");
    await becomes(site, () => DENYING, redis);
    const before = checks();
    await redis.command("HSET", "pool:late", red.address, 1, ...fields);
    await redis.command("SET", "route:late.test", "@late");
    await refused(site, "checked.test");
    await refused(site, "late.test");
    assert.equal((await get("open.test")).body, "open");
    const openChecks = () => open.requests.filter(({ target }) => target === "/health").length;
    await eventually(() => assert.ok(openChecks() >= 5, `${openChecks()} checks of the member allowed`));
    assert.equal(checks(), before);
  });
});

describe("a file of routes that lead where they may not", () => {
  test("a snapshot loaded with Redis down: they are refused, all others serve, and the log says why", async (context) => {
    const settings = (redis: RedisServer) => ({ redis: redis.url, cache_ttl: 3_600 });
    await withSite({ backends: ["red"], settings }, context, async (site) => {
      const { nginx, redis, backends, get } = site;
      await redis.stop();
      await nginx.stop();
      const lines = [
        `SET route:denied.test ${backends.red.address}`,
        "SET route:other.test 'return 410'",
        `HSET pool:denied ${backends.red.address} 1`,
        "SET route:pool.test @denied",
      ];
      writeFileSync(routesFileOf(nginx), `${lines.join("\n")}\n`);
      const strict = (place: Place) => ({ ...settings(redis), ...DENYING, snapshot: routesFileOf(place) });
      nginx.configure((place) => signpostConfig({ settings: strict(place) })(place));
      await nginx.start();
      await refused(site, "denied.test");
      await refused(site, "pool.test");
      assert.equal((await get("other.test")).status, 410);
      for (const key of ["route:denied.test", "pool:denied"]) {
        assert.match(nginx.errorLog(), new RegExp(`bad_(route|pool) ${key}: expected a backend outside`), key);
      }
      assert.equal(backends.red.requests.length, 0);
    });
  });

  test("a routes file: a reload that tightens the ranges refuses them, and says why", async (context) => {
    await withSite({ backends: ["red"] }, context, async (site) => {
      const { nginx, backends, get } = site;
      const { address } = backends.red;
      const lines = [`SET route:a.test ${address}`, `SADD pool:p ${address}`, "SET route:b.test @p"];
      writeFileSync(routesFileOf(nginx), `${lines.join("\n")}\nSET route:c.test 'return 410'\n`);
      const file = (place: Place) => ({ routes_file: routesFileOf(place) });
      await becomes(site, file);
      for (const host of ["a.test", "b.test"]) assert.equal((await get(host)).body, "red");
      await becomes(site, (place) => ({ ...file(place), ...DENYING }));
      await refused(site, "a.test");
      await refused(site, "b.test");
      assert.equal((await get("c.test")).status, 410);
      assert.match(nginx.errorLog(), /bad_route route:a\.test: expected a backend outside 127\.0\.0\.0\/8/);
      assert.match(nginx.errorLog(), /bad_pool pool:p: expected a backend outside 127\.0\.0\.0\/8/);
    });
  });
});
