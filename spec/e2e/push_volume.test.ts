import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { clusterSuite, type Cluster } from "./support/cluster.js";
import type { ClusterNode } from "./support/cluster_node.js";
import { eventually, quietFor, timePasses } from "./support/eventually.js";
import { startTraffic } from "./support/traffic.js";
import { says } from "./support/worker_line.js";

const MANY = 100_000;
const PIECE = 500;
const routeOf = (i: number) => `n${i}.many.test`;

/** A snapshot from which a node knows all routes from its start, and once Redis pushes, is to read them all again. */
function writeSnapshot(path: string): string {
  const lines = Array.from({ length: MANY }, (_, i) => `SET route:${routeOf(i)} "${says("old")}"\n`);
  writeFileSync(path, lines.join(""));
  return path;
}

async function writeAll({ redis }: Cluster, text: string): Promise<void> {
  const AT_ONCE = 10_000;
  for (let from = 0; from < MANY; from += AT_ONCE) {
    const pairs = Array.from({ length: AT_ONCE }, (_, i) => [`route:${routeOf(from + i)}`, says(`${text}${from + i}`)]);
    await redis.command("MSET", ...pairs.flat());
  }
}

/**
 * Asks a node for routes, the work divided among its workers.
 *
 * @param routes their numbers
 * @returns how many said something else than expected, by what they said, numbers left out
 */
async function ask(
  node: ClusterNode,
  routes: readonly number[],
  expected: (i: number) => string,
): Promise<Record<string, number>> {
  const wrong: Record<string, number> = {};
  let next = 0;
  const lines = await node.lines();
  await Promise.all(
    lines.map(async (line) => {
      while (next < routes.length) {
        const some = routes.slice(next, (next += PIECE));
        for (const [at, { said }] of (await line.ask(some.map(routeOf))).entries()) {
          const what = said.replace(/\d+$/, "…");
          if (said !== expected(some[at] as number)) wrong[what] = (wrong[what] ?? 0) + 1;
        }
      }
    }),
  );
  return wrong;
}

/** A few are asked for until they are right, so that the nodes have the time to read all; and then all are. */
async function allSay({ nodes }: Cluster, routes: readonly number[], expected: (i: number) => string): Promise<void> {
  const few = routes.filter((_, i) => i % 1_000 === 0 || i === routes.length - 1);
  await Promise.all(
    nodes.map(async (node) => {
      await eventually(async () => {
        await timePasses(200);
        assert.deepEqual(await ask(node, few, expected), {});
      }, 200_000);
      assert.deepEqual(await ask(node, routes, expected), {});
    }),
  );
}

const snapshot = ({ directory }: { directory: string }) => writeSnapshot(join(directory, "routes.snapshot"));

clusterSuite("100,000 routes", { settings: (_, place) => ({ snapshot: snapshot(place) }) }, (test) => {
  const title = "changed at once, and removed by one FLUSHALL, are all seen, and requests go on meanwhile";
  const body = async (cluster: Cluster, t: TestContext) => {
    const { redis, nodes, say, agree } = cluster;
    const all = Array.from({ length: MANY }, (_, i) => i);
    await say("steady.test", "steady");
    await agree({ "steady.test": "steady" });
    const traffic = startTraffic(nodes, { hosts: { "steady.test": ["steady"] } });
    const began = performance.now();
    await writeAll(cluster, "new");
    await allSay(cluster, all, (i) => `new${i}`);
    t.diagnostic(`written, read again and asked for on each node: ${Math.round(performance.now() - began)} ms`);
    const { failures, answered, slowestMs } = await traffic.stop();
    t.diagnostic(`meanwhile ${answered} requests, the slowest took ${Math.round(slowestMs)} ms`);
    assert.deepEqual(failures, []);

    await redis.command("FLUSHALL");
    await allSay(
      cluster,
      all.filter((i) => i % 10 === 0),
      () => "404",
    );
  };
  test(title, body, { withinMs: 500_000 });
});

clusterSuite("what Redis is asked", {}, (test) => {
  test("cached requests ask nothing, however many: only the watch's PINGs are seen", async ({
    redis,
    nodes,
    say,
    agree,
  }) => {
    await say("a.test", "a");
    await say("*.wild.test", "wild");
    const expected = { "a.test": "a", "x.wild.test": "wild", "unknown.test": 404 };
    await agree(expected);
    const hosts = Array.from({ length: 100 }, () => Object.keys(expected)).flat();
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1_000;
    const commands = await redis.countCommands(async () => {
      while (seconds() < 3.5) {
        for (const node of nodes) for (const line of await node.lines()) await line.ask(hosts);
      }
    });
    assert.deepEqual(Object.keys(commands), ["ping"]);
    // The watch asks for a sign of life after a third of its timeout of 3 s.
    assert.ok((commands["ping"] as number) <= nodes.length * (seconds() + 1), `PING came ${commands["ping"]} times`);
  });

  test("changes to routes that are not held cause no reads", async ({ redis, say, agree }) => {
    await say("a.test", "a");
    await agree({ "a.test": "a" });
    const commands = await redis.countCommands(async () => {
      await Promise.all(Array.from({ length: 5_000 }, (_, i) => say(`elsewhere${i}.test`, i)));
      await quietFor(500);
    });
    assert.deepEqual({ ...commands, ping: 0 }, { set: 5_000, ping: 0 });
  });

  test("a change to a route that is held is read once by each node", async ({ redis, nodes, say, agree }) => {
    await say("a.test", "a");
    await agree({ "a.test": "a" });
    // A request at the very moment of the change may have to ask too: so there is none.
    const commands = await redis.countCommands(async (sinceThen) => {
      await say("a.test", "b");
      await eventually(async () => assert.ok(((await sinceThen())["getrange"] ?? 0) >= nodes.length));
      await quietFor(300);
    });
    assert.deepEqual({ ...commands, ping: 0 }, { set: 1, type: nodes.length, getrange: nodes.length, ping: 0 });
    await agree({ "a.test": "b" });
  });

  test("one worker of each node holds the one tracking connection", async ({ redis, nodes, trackingWorkers }) => {
    assert.equal(new Set(await trackingWorkers()).size, nodes.length);
    assert.doesNotMatch(String(await redis.command("CLIENT", "LIST", "TYPE", "normal")), /flags=\w*t/);
  });
});
