import assert from "node:assert/strict";
import { complaintsAbout, metric, spoil, STATUS_PAGE } from "./support/complaints.js";
import { eventually } from "./support/eventually.js";
import { footprint } from "./support/processes.js";
import type { RedisServer } from "./support/redis_server.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";
import { startTraffic, type TrafficReport } from "./support/traffic.js";
import { says } from "./support/worker_line.js";

// Keys that are far too large. Whoever may write one harms that key, and nothing else.

const KEY = "route:huge.test";

/** How much a worker may grow while it meets them, KiB; the values themselves are 20 to 500 MB. */
const MOST_GROWTH_KIB = 40_000;

/** What asks for all that a key holds. */
const WHOLE = ["get", "hgetall", "smembers", "lrange"];

/** What makes a key huge, and what is said of it. */
const HUGE: Readonly<Record<string, { make: (redis: RedisServer) => Promise<unknown>; says: RegExp }>> = {
  "a string of 500,000,001 bytes": {
    make: (redis) => redis.command("SETRANGE", KEY, 500_000_000, "x"),
    says: /expected no more than 4096 bytes/,
  },
  "a hash of 1,000,000 fields": {
    make: (redis) => fill(redis, 1_000_000, "'HSET', KEYS[1], '/' .. i, 'x'"),
    says: /expected 1 to 256 paths, got 1000000/,
  },
  "a hash of one field of 200 MB": {
    make: (redis) => put(redis, "HSET", "/", Buffer.alloc(200_000_000, "x")),
    says: /expected no more than 1048576 bytes of memory in Redis, got 20\d{7}/,
  },
  "a set of 200,000 members": {
    make: (redis) => fill(redis, 200_000, "'SADD', KEYS[1], 'h' .. i"),
    says: /got 200000 backends/,
  },
  "a list whose label has 100 MB": {
    make: (redis) => put(redis, "RPUSH", Buffer.alloc(100_000_000, "x"), "10.0.0.1"),
    says: /expected no more than 1048576 bytes of memory in Redis/,
  },
};

const STAGING = "staging";

/** How many items one script adds: Redis must not be busy for long, or it is Redis that keeps others waiting. */
const CHUNK = 20_000;

/** Makes a key of so many items under another name, and gives it its own in one quick step. */
async function fill(redis: RedisServer, items: number, add: string): Promise<void> {
  await redis.command("UNLINK", STAGING);
  for (let from = 1; from <= items; from += CHUNK) {
    const to = Math.min(items, from + CHUNK - 1);
    await redis.command("EVAL", `for i = ${from}, ${to} do redis.call(${add}) end`, 1, STAGING);
  }
  await redis.command("RENAME", STAGING, KEY);
}

/** The value comes from here: a script that made it would keep Redis busy for seconds. */
async function put(redis: RedisServer, verb: string, ...items: readonly (string | Buffer)[]): Promise<void> {
  await redis.command("UNLINK", STAGING);
  await redis.command(verb, STAGING, ...items);
  await redis.command("RENAME", STAGING, KEY);
}

async function servedAs(site: Site, host: string, word: string): Promise<void> {
  await eventually(async () => {
    assert.equal((await site.get(host)).headers.location, `http://said.test/${word}`);
  });
}

/** The most that any worker takes, KiB. */
const memoryOf = ({ nginx }: Site) => Math.max(...nginx.workers().map((pid) => footprint(pid).rssKib));

const settings = ({ port }: RedisServer) => ({ redis: `redis://127.0.0.1:${port}`, cache_ttl: 600 });

suite("a key that is far too large", { settings, workers: 2, server: STATUS_PAGE }, (test) => {
  for (const [what, { make, says: complaint }] of Object.entries(HUGE)) {
    test(`${what}: harms itself only, is not asked for, and its last good value serves`, async (site) => {
      const { redis, nginx } = site;
      await eventually(async () => assert.equal(await metric(site, "signpost_tracking"), 1));
      await redis.command("UNLINK", KEY);
      await site.route("huge.test", says("good"));
      await servedAs(site, "huge.test", "good");
      await site.route("known.test", says("before"));
      await servedAs(site, "known.test", "before");
      const before = memoryOf(site);
      const failures = await metric(site, "signpost_lookup_failures_total");
      const logged = nginx.errorLog().length;
      const traffic = startTraffic([nginx], { hosts: { "known.test": ["before", "after"], "huge.test": ["good"] } });

      let report: TrafficReport;
      try {
        // MONITOR would print the value itself; and nothing else here is read by these commands.
        const asked = await redis.countCommands(async () => {
          assert.match(await spoil(site, KEY, () => make(redis)), complaint);
        });
        assert.deepEqual(
          WHOLE.filter((name) => name in asked),
          [],
        );
        await site.route("known.test", says("after"));
        await servedAs(site, "known.test", "after");
      } finally {
        report = await traffic.stop();
      }
      assert.deepEqual(report.failures, []);
      assert.ok(report.answered > 0);
      assert.equal(await metric(site, "signpost_lookup_failures_total"), failures);
      assert.doesNotMatch(nginx.errorLog().slice(logged), /redis_down|tracking connection/);
      assert.ok(memoryOf(site) - before < MOST_GROWTH_KIB, `${before} KiB before, ${memoryOf(site)} after`);
      await redis.command("UNLINK", KEY);
    });
  }

  test("one of 200 MB that is written all the time: others' changes and removals arrive", async (site) => {
    const { redis } = site;
    const key = "route:often.test";
    await site.route("often.test", says("good"));
    await servedAs(site, "often.test", "good");
    const before = memoryOf(site);
    await spoil(site, key, () => redis.command("SETRANGE", key, 200_000_000, "x"));
    for (let round = 0; round < 10; round++) {
      await redis.command("SETRANGE", key, round, "y");
      await site.route("other.test", says(round));
      await servedAs(site, "other.test", String(round));
      await redis.command("DEL", "route:other.test");
      await eventually(async () => assert.equal((await site.get("other.test")).status, 404));
    }
    await servedAs(site, "often.test", "good");
    assert.ok(memoryOf(site) - before < MOST_GROWTH_KIB, `${before} KiB before, ${memoryOf(site)} after`);
    await redis.command("UNLINK", key);
  });

  test("a host that is asked for the first time gets bad_route, and one of its wildcard too", async (site) => {
    await site.redis.command("SETRANGE", "route:new.test", 20_000_000, "x");
    const answer = await site.get("new.test");
    assert.equal(answer.status, 502);
    assert.equal((await answer.logged()).error, "bad_route");
    assert.equal(complaintsAbout(site, "route:new.test").length, 1);
  });
});

/** What README granted before there were bounds on what is asked for. */
const RIGHTS_BEFORE = [
  ..."on >secret %R~route:* %R~pool:* &__redis__:invalidate".split(" "),
  ..."+get +type +hgetall +lrange +smembers +scan +ping +select +client|id +client|tracking +subscribe".split(" "),
];

const asBefore = ({ port }: RedisServer) => ({ redis: `redis://before:secret@127.0.0.1:${port}`, cache_ttl: 600 });

suite("a user with the rights of before", { settings: asBefore, workers: 2, server: STATUS_PAGE }, (test) => {
  test("is served all forms, told once what to grant, and huge keys are cut off", async (site) => {
    const { redis, nginx } = site;
    await redis.command("ACL", "SETUSER", "before", ...RIGHTS_BEFORE);
    await eventually(async () => assert.equal(await metric(site, "signpost_tracking"), 1));
    await site.route("a.test", says("a"));
    await redis.command("HSET", "route:b.test", "/", says("b"));
    await servedAs(site, "a.test", "a");
    await servedAs(site, "b.test", "b");
    assert.equal((await site.get("none.test")).status, 404);
    await site.route("huge.test", says("good"));
    await servedAs(site, "huge.test", "good");
    const before = memoryOf(site);
    assert.match(await spoil(site, KEY, () => redis.command("SETRANGE", KEY, 100_000_000, "x")), /100000001 bytes/);
    assert.match(await spoil(site, KEY, () => fill(redis, 300_000, FIELD)), /got a list of 600000 values/);
    await servedAs(site, "huge.test", "good");
    await site.route("a.test", says("changed"));
    await servedAs(site, "a.test", "changed");
    assert.ok(memoryOf(site) - before < MOST_GROWTH_KIB, `${before} KiB before, ${memoryOf(site)} after`);
    const told = nginx.errorLog().match(/grant \+getrange \+hlen \+scard \+llen \+memory\|usage/g);
    assert.equal(told?.length, 1);
    assert.doesNotMatch(nginx.errorLog(), /tracking connection was lost/);
  });

  test("is asked for no more than a key's size once the rights are granted, on new connections", async (site) => {
    const { redis } = site;
    await redis.command("ACL", "SETUSER", "before", "+getrange", "+hlen", "+scard", "+llen", "+memory|usage");
    await redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    const counts = await redis.countCommands(async () => {
      await eventually(async () => {
        const round = Math.random().toString(36).slice(2);
        await site.route(`${round}.test`, says(round));
        await site.get(`${round}.test`);
        const stats = String(await redis.command("INFO", "commandstats"));
        assert.match(stats, /cmdstat_getrange:calls=[1-9]/);
      });
      await site.route("fresh.test", says("fresh"));
      await servedAs(site, "fresh.test", "fresh");
    });
    assert.ok((counts["getrange"] ?? 0) > 0, JSON.stringify(counts));
  });
});

const FIELD = "'HSET', KEYS[1], '/' .. i, 'x'";

suite("what a look-up that is not cached costs", { settings }, (test) => {
  test("one round trip for a string, whatever names the host may match", async (site) => {
    await site.route("cold.test", says("cold"));
    const counts = await site.redis.countCommands(() => servedAs(site, "cold.test", "cold"));
    assert.deepEqual({ getrange: counts["getrange"], type: counts["type"] }, { getrange: 3, type: 3 });
    assert.equal(counts["get"], undefined);
  });
});
