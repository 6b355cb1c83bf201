import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually, timePasses } from "./support/eventually.js";
import { atOnce, everyWorker, hostNames, outcomeOf, SHOW_WORKER, tally, underLoad } from "./support/load.js";
import type { RedisServer } from "./support/redis_server.js";
import type { Site } from "./support/site.js";
import { suite, withSite } from "./support/suite.js";

const SETTINGS = {
  cache_ttl: 0.3,
  redis_connect_timeout: 1_000,
  redis_read_timeout: 1_000,
  breaker_failures: 3,
  breaker_pause: 3,
  retry_after: 7,
};
/** A request that waits for Redis waits for as long as a timeout, but for the coarseness of nginx' clock. */
const WAITED_SECONDS = SETTINGS.redis_read_timeout / 1_000 - 0.1;

/** Each way of losing Redis, and of getting it back. */
const LOSSES: Readonly<Record<string, readonly [lose: Act, restore: Act]>> = {
  "killed and started again": [(redis) => redis.kill(), (redis) => redis.start()],
  "shut down and started again": [(redis) => redis.stop(), (redis) => redis.start()],
  "hung and goes on": [(redis) => redis.pause(), (redis) => redis.resume()],
  "no longer permitted and permitted again": [
    (redis) => redis.command("ACL", "SETUSER", "signpost", "-get"),
    (redis) => redis.command("ACL", "SETUSER", "signpost", "+get"),
  ],
};

type Act = (redis: RedisServer) => unknown;
type TestSite = Site<"red" | "blue">;

const options = {
  workers: 2,
  settings: (redis: RedisServer) => ({ ...SETTINGS, redis: `redis://signpost:secret@127.0.0.1:${redis.port}` }),
  redis: { persistent: true, args: ["--user", "signpost", "on", ">secret", "~route:*", "+get", "+type"] },
  backends: ["red", "blue"] as const,
  location: SHOW_WORKER,
};

suite("with two workers, Redis is lost", options, (test) => {
  for (const [name, [lose, restore]] of Object.entries(LOSSES)) {
    const slug = name.split(" ")[0] ?? "";

    test(`${name}: known hosts never fail, deleted ones stay deleted, and all recovers`, async (site) => {
      await prepare(site, slug);
      const steady = await underLoad(
        () => site.get(`${slug}-known.test`),
        async () => {
          await lose(site.redis);
          try {
            await whileLost(site, slug);
          } finally {
            await restore(site.redis);
          }
          await recovered(site, slug);
        },
      );
      assert.deepEqual(Object.keys(tally(steady)), ["200 red"]);
    });
  }
});

async function prepare({ nginx, get, route, redis, backends }: TestSite, slug: string): Promise<void> {
  await route(`${slug}-known.test`, backends.red.address);
  await route(`*.${slug}-wild.test`, backends.red.address);
  await route(`${slug}-deleted.test`, backends.red.address);
  assert.equal((await get(`${slug}-known.test`)).body, "red");
  assert.equal((await get(`a.${slug}-wild.test`)).body, "red");
  assert.equal((await get(`${slug}-deleted.test`)).body, "red");
  assert.equal((await get(`${slug}-absent.test`)).status, 404);
  await redis.command("DEL", `route:${slug}-deleted.test`);
  await everyWorker(nginx, () => get(`${slug}-deleted.test`), { status: 404 });
}

async function whileLost({ nginx, get, log }: TestSite, slug: string): Promise<void> {
  const logged = nginx.errorLog().length;
  // Redis is lost for several times the TTL, with known and unknown hosts asked for all the while.
  const first = await atOnce(hostNames(`${slug}-unknown-`, 40), get);
  assert.deepEqual(Object.keys(tally(first)), ["503 the route table cannot be reached"]);
  const began = performance.now();
  const later = [];
  for (const host of hostNames(`${slug}-later-`, 100)) later.push(await outcomeOf(() => get(host)));
  const seconds = (performance.now() - began) / 1_000;
  assert.deepEqual(Object.keys(tally(later)), ["503 the route table cannot be reached"]);
  const waited = await eventually(() => {
    const lines = log().filter(({ host }) => host.startsWith(`${slug}-later-`));
    assert.equal(lines.length, 100);
    return lines.filter((line) => line.seconds >= WAITED_SECONDS);
  });
  // A worker has one of them try, and the next one only after that and a pause.
  const most = options.workers * (seconds / (WAITED_SECONDS + SETTINGS.breaker_pause) + 1);
  assert.ok(waited.length <= most, `${waited.length} of 100 waited for Redis, in ${seconds} s`);

  const refused = await get(`${slug}-refused.test`);
  assert.equal(refused.headers["retry-after"], "7");
  assert.equal((await refused.logged()).error, "redis_down");

  for (let i = 0; i < 20; i++) {
    assert.equal((await get(`a.${slug}-wild.test`)).body, "red");
    assert.equal((await get(`${slug}-deleted.test`)).status, 404, "deleted is not unreachable");
    assert.equal((await get(`${slug}-absent.test`)).status, 404, "absent is not unreachable");
    await timePasses(20);
  }

  // A worker complains until its breaker opens, not at every request.
  const complaints = nginx.errorLog().slice(logged).split("signpost: redis_down").length - 1;
  assert.ok(complaints <= options.workers * SETTINGS.breaker_failures, `${complaints} complaints`);
}

async function recovered({ nginx, get, route, backends }: TestSite, slug: string): Promise<void> {
  await route(`${slug}-new.test`, backends.blue.address);
  await route(`${slug}-absent.test`, backends.blue.address);
  for (const host of [`${slug}-new.test`, `${slug}-absent.test`]) {
    await everyWorker(nginx, () => get(host), { status: 200, body: "blue" });
  }
  await everyWorker(nginx, () => get(`${slug}-unknown-1.test`), { status: 404 });
  // Those a worker may have from the other. A name asked for the first time it has from Redis: its own breaker is closed.
  let asked = 0;
  await everyWorker(nginx, () => get(`${slug}-fresh-${++asked}.test`), { status: 404 });
}

describe("nginx and Redis come up in any order", () => {
  test("nginx starts while Redis is down: 503 for everyone, until Redis is there", async (context) => {
    await withSite(options, context, async ({ get, route, redis, nginx, backends }) => {
      await route("early.test", backends.red.address);
      assert.equal((await get("early.test")).body, "red");
      await redis.kill();
      await nginx.stop();
      await nginx.start();
      const answer = await get("early.test");
      assert.equal(answer.status, 503);
      assert.equal(answer.headers["retry-after"], "7");
      assert.equal((await answer.logged()).error, "redis_down");
      await redis.start();
      await eventually(async () => assert.equal((await get("early.test")).body, "red"));
    });
  });

  test("a Redis that comes back empty knows no host: its word counts", async (context) => {
    const forgetful = { ...options, redis: { ...options.redis, persistent: false } };
    await withSite(forgetful, context, async ({ nginx, get, route, redis, backends }) => {
      await route("forgotten.test", backends.red.address);
      assert.equal((await get("forgotten.test")).body, "red");
      await redis.kill();
      await timePasses(2 * SETTINGS.cache_ttl * 1_000);
      assert.equal((await get("forgotten.test")).body, "red");
      await redis.start();
      await everyWorker(nginx, () => get("forgotten.test"), { status: 404 });
    });
  });
});
