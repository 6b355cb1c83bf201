import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { clusterSuite, type Cluster } from "./support/cluster.js";
import { eventually, quietFor, timePasses } from "./support/eventually.js";
import { startRedis } from "./support/redis_server.js";
import { fingerprints, generation, linesOf, restore, routesFileOf } from "./support/snapshot_file.js";
import { startTraffic } from "./support/traffic.js";
import { says } from "./support/worker_line.js";

const INTERVAL_SECONDS = 0.5;

const settings = (_: unknown, place: { port: number; directory: string }) => ({
  snapshot: routesFileOf(place),
  snapshot_interval: INTERVAL_SECONDS,
  watch_timeout: 0.6,
});

const pathsOf = ({ nodes }: Cluster) => nodes.map(routesFileOf);

/** Every byte there is, and what quoting gets wrong most easily. */
const ODD = [
  Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
  Buffer.from(""),
  Buffer.from(" "),
  Buffer.from("\n"),
  Buffer.from("'single' \"double\" \\back\\slash \\n \\x41"),
  Buffer.from("ümläut 中文 \u{1F600}"),
  Buffer.from("#comment"),
  Buffer.from("\r\nSET route:evil.test x\r\n"),
];

async function writeOddities({ redis }: Cluster): Promise<void> {
  for (const [i, odd] of ODD.entries()) {
    await redis.command("SET", `route:value${i}.test`, odd);
    await redis.command("SET", Buffer.concat([Buffer.from("route:key"), odd]), says(i));
    await redis.command("HSET", `route:hash${i}.test`, "/", says(i), odd, odd);
    await redis.command("RPUSH", `pool:list${i}`, "b", odd, "a", odd);
    await redis.command("SADD", `pool:set${i}`, "b", odd, "a");
  }
}

clusterSuite("a snapshot", { settings }, (test) => {
  test("is written when nginx starts, though Redis holds nothing, for its owner only", async (cluster) => {
    for (const path of pathsOf(cluster)) {
      await eventually(() => assert.deepEqual(linesOf(path), []));
      await eventually(() => assert.notEqual(generation(path), ""));
      assert.equal((statSync(path).mode & 0o777).toString(8), "600");
    }
  });

  test("restores by redis-cli, in an empty Redis, what the prefixes hold, of any type and with any bytes", async (cluster) => {
    const { redis } = cluster;
    await writeOddities(cluster);
    await redis.command("SET", "elsewhere", "not a route");
    await redis.command("SET", "routes", "not a route either");
    await redis.command("SET", "xroute:a.test", "nor this");
    const wanted = [...(await fingerprints(redis, "route:*")), ...(await fingerprints(redis, "pool:*"))].sort();
    for (const path of pathsOf(cluster)) {
      await eventually(() => assert.ok(linesOf(path).length >= 5 * ODD.length));
      const empty = await startRedis();
      try {
        await eventually(async () => {
          await empty.command("FLUSHALL");
          assert.doesNotMatch(await restore(path, empty), /ERR|error|Invalid/);
          assert.deepEqual(await fingerprints(empty, "*"), wanted);
        });
      } finally {
        await empty.dispose();
      }
    }
  });

  test("is written again after a change, but not more often than its interval, and not without a change", async (cluster) => {
    const { say, agree } = cluster;
    const [path = ""] = pathsOf(cluster);
    const seen = new Set<string>();
    const began = performance.now();
    for (let i = 0; i < 300; i++) {
      await say("counts.test", i);
      seen.add(generation(path));
      await timePasses(10);
    }
    const seconds = (performance.now() - began) / 1_000;
    assert.ok(seen.size >= 3 && seen.size <= seconds / INTERVAL_SECONDS + 2, `${seen.size} files in ${seconds} s`);
    await eventually(() => assert.ok(linesOf(path).some((line) => line.includes("said.test/299"))));
    await agree({ "counts.test": 299 });
    // A change that came while the file was written has it written once more.
    await eventually(async () => {
      const last = generation(path);
      await quietFor(3_000 * INTERVAL_SECONDS);
      assert.equal(generation(path), last);
    });
  });
});

clusterSuite("a node that starts while Redis is down", { settings }, (test) => {
  const HELD = { "a.test": "a", "x.wild.test": "wild", "deep.x.wild.test": "wild", "never.seen.test": "any" };

  async function fillAndStop(cluster: Cluster): Promise<void> {
    const { redis, nodes, say } = cluster;
    await say("a.test", "a");
    await say("*.wild.test", "wild");
    await say("*", "any");
    await eventually(() => {
      for (const path of pathsOf(cluster)) assert.equal(linesOf(path).length, 3, linesOf(path).join("\n"));
    });
    await Promise.all(nodes.map((node) => node.stop()));
    await redis.kill();
    await Promise.all(nodes.map((node) => node.start()));
  }

  test("serves every route of the snapshot, wildcards and the default, and follows Redis when it returns", async (cluster) => {
    const { redis, nodes, say, agree } = cluster;
    await fillAndStop(cluster);
    await agree(HELD);
    const traffic = startTraffic(nodes, { hosts: { "a.test": ["a", "changed"], "x.wild.test": ["wild"] } });
    await agree(HELD);
    await Promise.all(nodes.map((node) => node.reload()));
    await agree(HELD);
    const { failures } = await traffic.stop();
    assert.deepEqual(failures, []);

    await redis.start();
    await say("a.test", "changed");
    await say("new.test", "new");
    await agree({ "a.test": "changed", "new.test": "new", "x.wild.test": 404, "never.seen.test": 404 });
  });

  test("does not say of a host that no route of the snapshot covers that it does not exist", async (cluster) => {
    const { redis, nodes, say, agree } = cluster;
    await redis.command("FLUSHALL");
    await say("a.test", "a");
    await eventually(() => {
      for (const path of pathsOf(cluster)) assert.deepEqual(linesOf(path), [`SET route:a.test "${says("a")}"`]);
    });
    await Promise.all(nodes.map((node) => node.stop()));
    await redis.kill();
    await Promise.all(nodes.map((node) => node.start()));
    await agree({ "a.test": "a", "unknown.test": 503 });
    await redis.start();
    await agree({ "a.test": 404, "unknown.test": 404 });
  });
});

clusterSuite("a node that starts with a snapshot older than what Redis holds", { settings }, (test) => {
  test("soon says what Redis says", async (cluster) => {
    const { redis, nodes, say, agree } = cluster;
    await say("moves.test", "before");
    await say("goes.test", "here");
    await eventually(() => {
      for (const path of pathsOf(cluster)) assert.equal(linesOf(path).length, 2);
    });
    await Promise.all(nodes.map((node) => node.stop()));
    await say("moves.test", "after");
    await say("comes.test", "new");
    await redis.command("DEL", "route:goes.test");
    await Promise.all(nodes.map((node) => node.start()));
    await agree({ "moves.test": "after", "comes.test": "new", "goes.test": 404 });
  });
});
