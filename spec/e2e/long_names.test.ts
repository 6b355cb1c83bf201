import assert from "node:assert/strict";
import { STATUS_PAGE, metric } from "./support/complaints.js";
import type { Place } from "./support/nginx_server.js";
import { eventually } from "./support/eventually.js";
import { footprint } from "./support/processes.js";
import type { RedisServer } from "./support/redis_server.js";
import { signpostConfig } from "./support/config.js";
import type { Site } from "./support/site.js";
import { generation, linesOf, routesFileOf } from "./support/snapshot_file.js";
import { suite } from "./support/suite.js";
import { startTraffic } from "./support/traffic.js";
import { says } from "./support/worker_line.js";

// Whoever may write keys may give them names, and values, of any size. All others go on, and so does the snapshot.

const MOST_GROWTH_KIB = 40_000;

const memoryOf = ({ nginx }: Site) => Math.max(...nginx.workers().map((pid) => footprint(pid).rssKib));

const config = (redis: RedisServer) => (place: Place) => {
  const settings = { redis: redis.url, cache_ttl: 600, snapshot: routesFileOf(place), snapshot_interval: 0.2 };
  return signpostConfig({ settings, workers: 2, server: STATUS_PAGE })(place);
};

const nameOf = (bytes: number) => Buffer.concat([Buffer.from("route:"), Buffer.alloc(bytes, "n")]);

async function saidBy(site: Site, host: string, text: string | number): Promise<void> {
  await eventually(async () => {
    assert.equal((await site.get(host)).headers.location, `http://said.test/${text}`);
  });
}

/** Waits for a snapshot that was begun after the call, by a change that it must hold. */
async function nextSnapshot(site: Site, mark: string): Promise<string[]> {
  const path = routesFileOf(site.nginx);
  const before = generation(path);
  await site.route("mark.test", says(mark));
  return await eventually(() => {
    assert.notEqual(generation(path), before);
    const lines = linesOf(path);
    assert.ok(lines.some((line) => line.includes(`said.test/${mark}`)));
    return lines;
  });
}

suite("a key that is too large in name or value", { config }, (test) => {
  test("a name of megabytes: changes of others arrive, no record is read again, the snapshot goes on", async (site) => {
    const { redis, nginx } = site;
    await eventually(async () => assert.equal(await metric(site, "signpost_tracking"), 1));
    await site.route("known.test", says("known"));
    await saidBy(site, "known.test", "known");
    await nextSnapshot(site, "begin");
    const logged = nginx.errorLog().length;
    const memory = memoryOf(site);
    const traffic = startTraffic([nginx], { hosts: { "known.test": ["known"] } });
    let written = 0;
    const counts = await redis.countCommands(async () => {
      for (const bytes of [200_000, 1_100_000, 5_000_000, 20_000_000]) {
        // One push at a time: Redis ends the connection of a reader for whom it would have to hold 32 MB.
        for (const [verb, ...value] of [["SET", "10.0.0.1"], ["DEL"], ["SET", "10.0.0.1"]] as const) {
          await redis.command(verb, nameOf(bytes), ...value);
          const word = `${bytes}-${(written += 1)}`;
          await site.route("other.test", says(word));
          await saidBy(site, "other.test", word);
        }
      }
    });
    const lines = await nextSnapshot(site, "end");
    const { failures, answered } = await traffic.stop();
    assert.deepEqual(failures, []);
    assert.ok(answered > 0);
    assert.ok(lines.every((line) => line.length < 1_000));
    assert.ok(lines.some((line) => line.startsWith("SET route:known.test ")));
    assert.equal(counts["subscribe"], undefined);
    assert.equal(await metric(site, "signpost_tracking"), 1);
    assert.doesNotMatch(nginx.errorLog().slice(logged), /redis_down|tracking connection|no new snapshot/);
    assert.ok(memoryOf(site) - memory < MOST_GROWTH_KIB, `${memory} KiB before, ${memoryOf(site)} after`);
  });

  test("many names of nearly a megabyte: the snapshot goes on", async (site) => {
    for (let i = 0; i < 60; i++) await site.redis.command("SET", nameOf(900_000 + i), "10.0.0.1");
    const logged = site.nginx.errorLog().length;
    const lines = await nextSnapshot(site, "many");
    assert.ok(lines.every((line) => line.length < 1_000));
    assert.doesNotMatch(site.nginx.errorLog().slice(logged), /redis_down|tracking connection|no new snapshot/);
  });

  test("a value of 20 MB: the snapshot is written without it, and one line of the log says so", async (site) => {
    const { redis, nginx } = site;
    await site.route("known.test", says("known"));
    await saidBy(site, "known.test", "known");
    const memory = memoryOf(site);
    const logged = nginx.errorLog().length;
    const traffic = startTraffic([nginx], { hosts: { "known.test": ["known"] } });
    await redis.command("SETRANGE", "route:huge.test", 20_000_000, "x");
    let lines: string[] = [];
    for (const mark of ["one", "two", "three"]) lines = await nextSnapshot(site, mark);
    const { failures, answered } = await traffic.stop();
    assert.deepEqual(failures, []);
    assert.ok(answered > 0);
    assert.ok(lines.some((line) => line.startsWith("SET route:known.test ")));
    assert.ok(!lines.some((line) => line.includes("SET route:huge.test")));
    const told = nginx.errorLog().slice(logged).split("\n");
    const said = told.filter((line) => line.includes("1 keys are not in the snapshot, such as"));
    assert.equal(said.length, 1, said.join("\n"));
    assert.match(String(said[0]), /route:huge\.test.*expected no more than \d+ bytes/);
    assert.ok(memoryOf(site) - memory < MOST_GROWTH_KIB, `${memory} KiB before, ${memoryOf(site)} after`);
  });
});
