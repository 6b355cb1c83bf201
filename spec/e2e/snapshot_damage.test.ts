import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { clusterSuite, type Cluster, type ClusterOptions } from "./support/cluster.js";
import type { ClusterNode } from "./support/cluster_node.js";
import { WORKER_KILLED } from "./support/error_log.js";
import { eventually, timePasses } from "./support/eventually.js";
import type { Place } from "./support/nginx_server.js";
import { generation, linesOf, routesFileOf, unfinished } from "./support/snapshot_file.js";
import { says } from "./support/worker_line.js";

const WORKERS = 2;

const settings = (_: unknown, place: Place) => ({
  snapshot: routesFileOf(place),
  snapshot_interval: 0.5,
  watch_timeout: 0.6,
});

const options: ClusterOptions = { nodes: 1, workers: WORKERS, settings };

clusterSuite("a snapshot whose writer is killed in the middle of writing", options, (test) => {
  const ROUTES = 20_000;
  const ROUNDS = 12;
  /** How long after its beginning a writer is killed, by turns, in milliseconds: soon enough, by half of them. */
  const KILLED_AFTER_MS = [0, 40, 5, 100];

  async function writeAll({ redis }: Cluster, text: number): Promise<void> {
    const pairs = Array.from({ length: ROUTES }, (_, i) => [`route:n${i}.test`, says(`${text}.${i}`)]);
    await redis.command("MSET", ...pairs.flat());
  }

  test(
    "is the old or the new one, never half of one, and what was not finished does not pile up",
    async (cluster, context) => {
      const node = cluster.nodes[0] as ClusterNode;
      const path = routesFileOf(node);
      await writeAll(cluster, 0);
      await eventually(() => assert.equal(linesOf(path).length, ROUTES));
      let unfinishedKills = 0;
      for (let round = 1; round <= ROUNDS; round++) {
        const [left, before] = [unfinished(node), generation(path)];
        const writers = await cluster.trackingWorkers(); // who tracks is who writes
        await writeAll(cluster, round);
        await eventually(() => assert.notDeepEqual(unfinished(node), left));
        await timePasses(KILLED_AFTER_MS[round % KILLED_AFTER_MS.length] as number);
        for (const writer of writers) await node.killWorker(writer);
        if (generation(path) === before) unfinishedKills += 1; // nobody else has begun anew so soon
        const lines = linesOf(path);
        assert.equal(lines.length, ROUTES);
        const isWhole = (line: string) =>
          /^SET route:n\d+\.test "return 302 http:\/\/said\.test\/\d+\.\d+"$/.test(line);
        assert.deepEqual(
          lines.filter((line) => !isWhole(line)),
          [],
        );
      }
      context.diagnostic(`${unfinishedKills} of ${ROUNDS} came before the file was finished`);
      assert.ok(unfinishedKills > ROUNDS / 3);
      const isOld = (line: string) => !line.includes(`said.test/${ROUNDS}.`);
      await eventually(() => assert.deepEqual(linesOf(path).filter(isOld).slice(0, 3), []));
      // Removed by later writers, when it is certain that nobody writes them any more.
      await eventually(async () => {
        await writeAll(cluster, ROUNDS + 1);
        await timePasses(500);
        assert.ok(unfinished(node).length <= WORKERS, unfinished(node).join("\n"));
      }, 60_000);
    },
    { allow: WORKER_KILLED },
  );
});

/** A snapshot that is there before nginx is. */
function found(text: string | Buffer): ClusterOptions {
  const withFile = (_: unknown, place: Place) => {
    writeFileSync(routesFileOf(place), text);
    return { snapshot: routesFileOf(place), redis_connect_timeout: 200 };
  };
  return { nodes: 1, prepare: (redis) => redis.kill(), settings: withFile };
}

const logged = ({ nodes }: Cluster, pattern: RegExp) => assert.match(nodes[0]?.errorLog() ?? "", pattern);
/** The numbers of the lines that a node has complained of, in that order. */
function badLines(node: ClusterNode): number[] {
  return [...node.errorLog().matchAll(/routes\.redis: line (\d+)/g)].map(([, number]) => Number(number));
}

const NEVER_UNKNOWN = { "unknown.test": 503 };

const DAMAGED = [
  `SET route:first.test "${says(1)}"`,
  `SET route:cut.test "return 302 http`,
  `SET route:second.test "${says(2)}"`,
  "",
  "SET route:only-a-key.test",
  "FLUSHALL",
  "\x01\xff\xfe binary",
  `SET elsewhere:a.test "${says(0)}"`,
  `HSET route:hash.test / 127.0.0.1:1`,
  "HSET route:odd.test /",
  "SET route:bad.test ?",
  `set route:third.test "${says(3)}"`,
  `SET route:again.test "${says("old")}"`,
  `SET route:again.test "${says("new")}"`,
  `SET route:removed.test "${says(0)}"`,
  "DEL route:removed.test",
  `SET route:*.wild.test '${says("wild")}'`,
  `SET route:last.test "${says("last")}`,
].join("\n");

clusterSuite("a damaged snapshot, without Redis", found(Buffer.from(DAMAGED, "latin1")), (test) => {
  test("is used but for its bad lines", async ({ agree }) => {
    await agree({ "first.test": 1, "second.test": 2, "third.test": 3, "again.test": "new", "x.wild.test": 503 });
    await agree({ "cut.test": 503, "only-a-key.test": 503, "removed.test": 503, "last.test": 503, ...NEVER_UNKNOWN });
    await agree({ "hash.test": 502, "bad.test": 502 });
  });

  test("has each bad line logged with its number, and no other", ({ nodes }) => {
    assert.deepEqual(badLines(nodes[0] as ClusterNode), [2, 5, 6, 7, 8, 10, 18]);
  });
});

const HOLES = [
  `SET route:a.test "${says(1)}"`,
  "SET route:hole.test \0\0\0",
  `SET route:b.test "${says(2)}"`,
  "\0\0",
  "?",
];

clusterSuite(
  "a snapshot of which a power failure has left NUL bytes, without Redis",
  found(HOLES.join("\n")),
  (test) => {
    test("is used but for the lines that have them", ({ agree }) =>
      agree({ "a.test": 1, "b.test": 2, ...NEVER_UNKNOWN }));
    test("has each of those lines logged with its number", ({ nodes }) => {
      assert.deepEqual(badLines(nodes[0] as ClusterNode), [2, 4, 5]);
    });
  },
);

clusterSuite("a snapshot that is empty, without Redis", found(""), (test) => {
  test("lets nginx start; nobody can know any host", (cluster) => cluster.agree(NEVER_UNKNOWN));
});

clusterSuite("a snapshot that is no text at all, without Redis", found(Buffer.alloc(1_000_000, 0xa5)), (test) => {
  test("lets nginx start, and is complained of", async (cluster) => {
    await cluster.agree(NEVER_UNKNOWN);
    logged(cluster, /routes\.redis: line 1\b/);
  });
});

const nowhere = { settings: (_: unknown, place: Place) => ({ snapshot: `${place.directory}/nowhere/routes.redis` }) };

clusterSuite("a snapshot that cannot be written", nowhere, (test) => {
  test("is complained of, and requests and changes go on", async (cluster) => {
    await cluster.say("a.test", 1);
    await cluster.agree({ "a.test": 1 });
    await cluster.say("a.test", 2);
    await cluster.agree({ "a.test": 2 });
    await eventually(() => logged(cluster, /no new snapshot.*nowhere\/routes\.redis/));
  });
});

const kinds: Record<string, (path: string) => unknown> = {
  "a FIFO": (path) => execFileSync("mkfifo", [path]),
  "a link to a FIFO": (path) => {
    execFileSync("mkfifo", [`${path}.fifo`]);
    symlinkSync(`${path}.fifo`, path);
  },
  "a link to a device": (path) => symlinkSync("/dev/zero", path),
};

for (const [what, make] of Object.entries(kinds)) {
  const options: ClusterOptions = {
    nodes: 1,
    settings: (_, place) => {
      make(routesFileOf(place));
      return settings(_, place);
    },
  };
  clusterSuite(`${what} in a snapshot's place`, options, (test) => {
    test("neither hangs the start nor is replaced, and is complained of both times", async (cluster) => {
      const [node] = cluster.nodes as [ClusterNode];
      const before = lstatSync(routesFileOf(node)).ino;
      await cluster.say("a.test", 1);
      await cluster.agree({ "a.test": 1 });
      await eventually(() => {
        logged(cluster, /no snapshot to begin with: .*expected a regular file, found a (FIFO|character device)/);
        logged(cluster, /no new snapshot: .*expected a regular file, found a (FIFO|character device)/);
      });
      assert.equal(lstatSync(routesFileOf(node)).ino, before);
    });
  });
}

const linked: ClusterOptions = { nodes: 1, workers: 1, settings };

clusterSuite("a link where a snapshot is going to be written", linked, (test) => {
  test("is removed, and what it leads to stays as it is", async (cluster) => {
    const [node] = cluster.nodes as [ClusterNode];
    const target = `${routesFileOf(node)}.target`;
    writeFileSync(target, "precious");
    const left = `${routesFileOf(node)}.${node.workers()[0]}.tmp`;
    await eventually(() => assert.deepEqual([existsSync(routesFileOf(node)), existsSync(left)], [true, false]));
    symlinkSync(target, left);
    await cluster.say("a.test", 1);
    await eventually(() => assert.equal(linesOf(routesFileOf(node)).length, 1));
    assert.equal(readFileSync(target, "utf8"), "precious");
    assert.ok(!existsSync(left));
    assert.ok(lstatSync(routesFileOf(node)).isFile());
  });
});
