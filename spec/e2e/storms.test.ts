import assert from "node:assert/strict";
import { eventually, timePasses } from "./support/eventually.js";
import { flood } from "./support/flood.js";
import { atOnce, everyWorker, hostNames, SHOW_WORKER, tally, type Outcome } from "./support/load.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

/** The names that `a.test` may match: itself, `*.test` and `*`. */
const NAMES_OF_A_HOST = 3;
const WORKERS = 2;
/**
 * Each worker asks once. One whose answer comes after the other's was kept cannot tell whether it is older, and asks again.
 */
const READS_OF_A_HOST = NAMES_OF_A_HOST * (WORKERS + 1);

const common = { workers: WORKERS, backends: ["red"] as const, location: SHOW_WORKER };

suite("many ask for cold hosts at once", { ...common, settings: { cache_ttl: 60 } }, (test) => {
  test("500 for one host: a look-up a worker, once more for one that is overtaken, and all succeed", async ({
    get,
    route,
    redis,
    backends,
  }) => {
    await route("cold.test", backends.red.address);
    let outcomes: Awaited<ReturnType<typeof atOnce>> = [];
    const counts = await redis.countCommands(async () => {
      outcomes = await atOnce(Array.from({ length: 500 }), () => get("cold.test"));
    });
    assert.deepEqual(tally(outcomes), { "200 red": 500 });
    const { getrange: gets = 0, type: types = 0 } = counts;
    assert.ok(gets >= 1 && gets <= READS_OF_A_HOST, `${gets} GETRANGE`);
    assert.ok(types <= READS_OF_A_HOST, `${types} TYPE`);
  });

  test("500 for one host that does not exist: a look-up a worker, once more for one that is overtaken, and 404 for all", async ({
    get,
    redis,
  }) => {
    let outcomes: Awaited<ReturnType<typeof atOnce>> = [];
    const counts = await redis.countCommands(async () => {
      outcomes = await atOnce(Array.from({ length: 500 }), () => get("never.test"));
    });
    assert.deepEqual(tally(outcomes), { "404 no route for this host": 500 });
    assert.ok((counts["getrange"] ?? 0) <= READS_OF_A_HOST, `${counts["getrange"]} GETRANGE`);
  });

  test("500 different hosts: all succeed, with the default limits", async ({ get, route, backends, redis }) => {
    const hosts = hostNames("various", 500);
    for (const host of hosts) await route(host, backends.red.address);
    const counts = await redis.countCommands(async () => {
      // A hundred at once is what two workers take without a word of `busy`, however the requests fall on them.
      for (let i = 0; i < hosts.length; i += 100) {
        assert.deepEqual(tally(await atOnce(hosts.slice(i, i + 100), get)), { "200 red": 100 });
      }
    });
    assert.ok((counts["getrange"] ?? 0) <= (500 + 2) * WORKERS, `${counts["getrange"]} GETRANGE`);
  });
});

/** Redis may be silent for as long as a test holds it up. */
const PATIENT = { cache_ttl: 60, redis_read_timeout: 60_000, watch_timeout: 60 };

/** Asks for all hosts at once, and holds Redis up until the first answer, which can only be that too many ask. */
async function untilBusy({ redis, route, get, backends }: Site<"red">, hosts: readonly string[]): Promise<Outcome[]> {
  // What all names have in common is known then: each host has only itself to look up.
  await route("first.test", backends.red.address);
  await get("first.test");
  redis.pause();
  let answered = 0;
  const outcomes = atOnce(hosts, (host) => get(host).finally(() => (answered += 1)));
  await eventually(() => assert.ok(answered > 0)).finally(() => {
    redis.resume();
  });
  return await outcomes;
}

const TIGHT = { ...PATIENT, max_lookups: 1_000, redis_pool_size: 2, redis_backlog: 2 };

suite("more look-ups at once than connections to Redis", { ...common, settings: TIGHT }, (test) => {
  test("is busy, and does not take Redis for dead", async (site) => {
    const { nginx, get, route, log, backends } = site;
    const hosts = hostNames("narrow", 200);
    for (const host of hosts) await route(host, backends.red.address);
    const statuses = tally(await untilBusy(site, hosts));
    const { "200 red": served = 0, "503 too many look-ups at once": busy = 0, ...others } = statuses;
    assert.deepEqual(others, {});
    assert.ok(served > 0 && busy > 0, JSON.stringify(statuses));
    for (const host of hosts) assert.equal((await get(host)).body, "red");
    assert.doesNotMatch(nginx.errorLog(), /redis_down/);
    assert.ok(log().every(({ error }) => error === "" || error === "busy"));
  });
});

const FEW = { ...PATIENT, max_lookups: 2, retry_after: 3 };

suite("more cold hosts at once than max_lookups", { ...common, settings: FEW }, (test) => {
  test("some get 503 busy, none a wrong answer, and later all are fine", async (site) => {
    const { get, route, log, backends } = site;
    const hosts = hostNames("crowd", 500);
    for (const host of hosts) await route(host, backends.red.address);
    const statuses = tally(await untilBusy(site, hosts));
    const { "200 red": served = 0, "503 too many look-ups at once": busy = 0, ...others } = statuses;
    assert.deepEqual(others, {});
    assert.ok(served > 0 && busy > 0, JSON.stringify(statuses));

    for (const host of hosts) assert.equal((await get(host)).body, "red");
    const refused = log().filter(({ status }) => status === 503);
    assert.ok(refused.every(({ error }) => error === "busy"));
  });
});

suite("a flood of 100,000 invented hosts", { ...common, settings: { cache_ttl: 600, memory_size: 100 } }, (test) => {
  test(
    "evicts no real route: each still answers, and Redis is not asked for it",
    { withinMs: 600_000 },
    async (site) => {
      const { nginx, get, route, redis, backends } = site;
      const hosts = hostNames("real", 500);
      for (const host of hosts) await route(host, backends.red.address);
      for (const host of hosts) assert.equal((await get(host)).body, "red");
      assert.deepEqual(await flood(nginx.port, hostNames("invented", 100_000)), { 404: 100_000 });
      await redis.kill();
      // Five times as many as a worker remembers by itself.
      assert.deepEqual(tally(await atOnce(hosts, get)), { "200 red": 500 });
    },
  );
});

suite("a flood of 100,000 invented hosts, and wildcards", { ...common, settings: { cache_ttl: 1 } }, (test) => {
  test("harms no host that a worker knows by a wildcard", { withinMs: 600_000 }, async (site) => {
    const { nginx, get, route, redis, backends } = site;
    await route("*.wild.test", backends.red.address);
    const hosts = Array.from({ length: 20 }, (_, i) => `${i}.wild.test`);
    for (const host of hosts) await everyWorker(nginx, () => get(host), { status: 200, body: "red" });
    assert.deepEqual(await flood(nginx.port, hostNames("invented", 100_000)), { 404: 100_000 });
    await redis.kill();
    await timePasses(2 * 1_000);
    for (const host of hosts) await everyWorker(nginx, () => get(host), { status: 200, body: "red" });
    assert.deepEqual(tally(await atOnce([...hosts, ...hosts], get)), { "200 red": 40 });
  });
});
