import assert from "node:assert/strict";
import { eventually, timePasses } from "./support/eventually.js";
import { flood } from "./support/flood.js";
import { atOnce, everyWorker, hostNames, SHOW_WORKER, tally } from "./support/load.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

type TestSite = Site<"red" | "blue">;

/** Almost the smallest zone nginx allows. */
const TINY = "12k";

/** The shipped snippet, with the zones named as small as they may be. */
function shrink(...zones: readonly string[]): (text: string) => string {
  return (text) =>
    text.replaceAll(/(lua_shared_dict (\w+) +)\w+;/g, (line, start: string, zone: string) =>
      zones.includes(zone) ? `${start}${TINY};` : line,
    );
}

const common = {
  workers: 2,
  backends: ["red", "blue"] as const,
  // What the dicts give up is not in the workers' own memory either.
  settings: { cache_ttl: 60, memory_size: 100 },
  location: SHOW_WORKER,
  server: "location = /signpost { include signpost.status.conf; }",
};

/** Routes that alternate between the two backends. */
async function writeRoutes({ route, backends }: TestSite, hosts: readonly string[]): Promise<void> {
  for (const [i, host] of hosts.entries()) await route(host, (i % 2 === 0 ? backends.red : backends.blue).address);
}

/** Asks for every host, fifty at a time, and checks that each is answered by its own backend. */
async function allAnswerRight({ get }: TestSite, hosts: readonly string[]): Promise<void> {
  for (let i = 0; i < hosts.length; i += 50) {
    const outcomes = await atOnce(hosts.slice(i, i + 50), get);
    const wrong = outcomes.filter(({ status, body }, j) => status !== 200 || body !== (j % 2 === 0 ? "red" : "blue"));
    assert.deepEqual(tally(wrong), {});
  }
}

/** The counters of the status page, by name. */
async function counters({ get }: TestSite): Promise<Record<string, number>> {
  const page = await get("status.test", "/signpost");
  assert.equal(page.status, 200);
  const samples = [...page.body.matchAll(/^(signpost_\w+) (\d+)$/gm)];
  return Object.fromEntries(samples.map(([, name, value]) => [name as string, Number(value)]));
}

const tinyCaches = { ...common, snippet: shrink("signpost_records", "signpost_absent") };

suite("the dicts of records and absent names are full", tinyCaches, (test) => {
  test("many more routes than fit all answer right, again and again, and evictions are counted", async (site) => {
    const hosts = hostNames("many", 1_000);
    await writeRoutes(site, hosts);
    for (let round = 0; round < 3; round++) await allAnswerRight(site, hosts);
    const { signpost_evictions_total: evictions = 0, signpost_store_failures_total: failures = 0 } =
      await counters(site);
    assert.ok(evictions > 1_000, `${evictions} evictions`);
    assert.equal(failures, 0);
  });

  test("many more unknown hosts than fit are all unknown", async (site) => {
    const before = await counters(site);
    assert.deepEqual(await flood(site.nginx.port, hostNames("none", 10_000)), { 404: 10_000 });
    const after = await counters(site);
    assert.ok(Number(after["signpost_evictions_total"]) > Number(before["signpost_evictions_total"]));
  });

  test("a target as long as may be answers right, whether or not there is room for it", async (site) => {
    const long = Array.from({ length: 300 }, () => site.backends.red.address)
      .join(" ")
      .slice(0, 4_096);
    const target = long.slice(0, long.lastIndexOf(" "));
    const hosts = hostNames("long", 20);
    for (const host of hosts) await site.route(host, target);
    for (let round = 0; round < 5; round++) {
      assert.deepEqual(tally(await atOnce(hosts, site.get)), { "200 red": 20 });
    }
  });

  test("a huge value is a bad route, and harms nobody else", async (site) => {
    const hosts = hostNames("beside", 50);
    await writeRoutes(site, hosts);
    await allAnswerRight(site, hosts);
    await site.route("huge.test", `${site.backends.red.address} `.repeat(500_000));
    for (let i = 0; i < 5; i++) assert.equal((await site.get("huge.test")).status, 502);
    await allAnswerRight(site, hosts);
  });
});

const tinyAbsent = { ...common, settings: { cache_ttl: 0.3, max_lookups: 1 }, snippet: shrink("signpost_absent") };

suite("the dict of absent names has given up what a host depends on", tinyAbsent, (test) => {
  test("a host known by a wildcard is served from memory while too many look-ups are under way", async (site) => {
    const { nginx, get, route, redis, backends } = site;
    await route("*.wild.test", backends.red.address);
    await everyWorker(nginx, () => get("a.wild.test"), { status: 200, body: "red" });
    await overflow(site);
    redis.pause();
    let refused = 0;
    const waiting = atOnce(hostNames("waiting", 20), (host) => get(host).finally(() => (refused += 1)));
    await eventually(() => assert.ok(refused >= 20 - common.workers)); // one look-up waits in each worker
    const outcomes = await atOnce(Array.from({ length: 40 }), () => get("a.wild.test"));
    redis.resume();
    await waiting;
    assert.deepEqual(tally(outcomes), { "200 red": 40 });
  });

  test("a host that was deleted does not come back when Redis is lost", async (site) => {
    const { nginx, get, route, redis, backends } = site;
    await route("deleted.test", backends.red.address);
    await everyWorker(nginx, () => get("deleted.test"), { status: 200, body: "red" });
    await redis.command("DEL", "route:deleted.test");
    await everyWorker(nginx, () => get("deleted.test"), { status: 404 });
    await overflow(site);
    await redis.kill();
    const outcomes = await atOnce(Array.from({ length: 40 }), () => get("deleted.test"));
    assert.deepEqual(Object.keys(tally(outcomes)), ["503 the route table cannot be reached"]);
  });
});

/** Asks for invented hosts until no older absent name is left, and lets the TTL go by. */
async function overflow({ nginx }: TestSite): Promise<void> {
  await flood(nginx.port, hostNames("invented", 500));
  await timePasses(500);
}

const tinyEverything = { ...common, snippet: shrink("signpost_records", "signpost_absent", "signpost_state") };

suite("every dict is full", tinyEverything, (test) => {
  test("bad routes fill the state, and neither routes nor the status page suffer", async (site) => {
    const good = hostNames("good", 500);
    await writeRoutes(site, good);
    const bad = hostNames("bad", 500);
    for (const [i, host] of bad.entries()) await site.route(host, `nonsense:${"0".repeat(i)}`);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < bad.length; i += 50) {
        const outcomes = await atOnce(bad.slice(i, i + 50), site.get);
        assert.deepEqual(tally(outcomes), { "502 the route for this host cannot be used": 50 });
      }
      await allAnswerRight(site, good);
      assert.ok("signpost_evictions_total" in (await counters(site)));
    }
  });
});
