import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, test as plainTest } from "node:test";
import { clusterSuite, withCluster, type Cluster, type ClusterOptions } from "./support/cluster.js";
import { signpostConfig } from "./support/config.js";
import { WORKER_KILLED } from "./support/error_log.js";
import { eventually, quietFor } from "./support/eventually.js";
import { startNginx, type Place } from "./support/nginx_server.js";
import { linesOf, routesFileOf } from "./support/snapshot_file.js";
import { startTraffic } from "./support/traffic.js";
import { says } from "./support/worker_line.js";

type Routes = Readonly<Record<string, string | number>>;

const textOf = (routes: Routes, more: readonly string[] = []) =>
  [...Object.entries(routes).map(([host, text]) => `SET route:${host} "${says(text)}"`), ...more].join("\n") + "\n";

const FIRST: Routes = { "a.test": "a", "goes.test": "here", "*.wild.test": "wild" };

/** Puts another file in its place, as an operator should: in one step. */
function replace(place: Place, routes: Routes, more?: readonly string[]): void {
  const path = routesFileOf(place);
  writeFileSync(`${path}.new`, textOf(routes, more));
  renameSync(`${path}.new`, path);
}

function withFile(routes: Routes, more?: readonly string[]): ClusterOptions {
  const settings = (_: unknown, place: Place) => {
    replace(place, routes, more);
    return { routes_file: routesFileOf(place) };
  };
  return { nodes: 1, withoutRedis: true, settings };
}

const replaceAll = ({ nodes }: Cluster, routes: Routes, more?: readonly string[]) =>
  nodes.forEach((node) => replace(node, routes, more));

/** What all say of {@link FIRST}. */
const asFirst = { "a.test": "a", "goes.test": "here", "x.wild.test": "wild", "wild.test": 404, "unknown.test": 404 };

clusterSuite("a routes file, without Redis", withFile(FIRST), (test) => {
  test("is served from the first request on", ({ agree }) => agree(asFirst));

  test("that is replaced is seen by all workers: routes that change, come and go, wildcards and the default", async (cluster) => {
    const { agree } = cluster;
    replaceAll(cluster, {
      "a.test": "changed",
      "comes.test": "new",
      "*.wild.test": "wilder",
      "*.x.wild.test": "nearer",
    });
    await agree({
      "a.test": "changed",
      "goes.test": 404,
      "comes.test": "new",
      "y.wild.test": "wilder",
      "y.x.wild.test": "nearer",
    });
    replaceAll(cluster, { "*": "any", "a.test": "own" });
    await agree({
      "a.test": "own",
      "goes.test": "any",
      "comes.test": "any",
      "y.x.wild.test": "any",
      "unknown.test": "any",
    });
    replaceAll(cluster, {});
    await agree({ "a.test": 404, "unknown.test": 404 });
    replaceAll(cluster, FIRST);
    await agree(asFirst);
  });

  test("that is written in place is seen", async ({ nodes, agree }) => {
    for (const node of nodes) writeFileSync(routesFileOf(node), textOf({ ...FIRST, "a.test": "in-place" }));
    await agree({ ...asFirst, "a.test": "in-place" });
  });

  test("with bad lines: those are logged with their numbers, and harm only themselves", async (cluster) => {
    replaceAll(cluster, { ...FIRST, "a.test": "good" }, [
      "SET route:b.test",
      'SET route:goes.test "unclosed',
      "SET route:z.test ?",
    ]);
    await cluster.agree({ ...asFirst, "a.test": "good", "b.test": 404, "z.test": 502 });
    for (const node of cluster.nodes) {
      assert.match(node.errorLog(), /routes\.redis: line 4: /);
      assert.match(node.errorLog(), /routes\.redis: line 5: /);
      assert.match(node.errorLog(), /bad_route route:z\.test/);
    }
  });

  test("that is removed leaves the routes as they are, until there is one again", async (cluster) => {
    const { nodes, agree } = cluster;
    replaceAll(cluster, FIRST);
    await agree(asFirst);
    for (const node of nodes) rmSync(routesFileOf(node));
    await eventually(() => {
      for (const node of nodes) assert.match(node.errorLog(), /routes\.redis: No such file.*stay as they are/);
    });
    await quietFor(600);
    await agree(asFirst);
    replaceAll(cluster, { ...FIRST, "a.test": "back" });
    await agree({ ...asFirst, "a.test": "back" });
  });

  test("is followed by the workers of a reload, and after a restart", async (cluster) => {
    const { nodes, agree } = cluster;
    replaceAll(cluster, { ...FIRST, "a.test": 1 });
    await Promise.all(nodes.map((node) => node.reload()));
    await agree({ ...asFirst, "a.test": 1 });
    replaceAll(cluster, { ...FIRST, "a.test": 2 });
    await agree({ ...asFirst, "a.test": 2 });
    await Promise.all(nodes.map((node) => node.stop()));
    replaceAll(cluster, { ...FIRST, "a.test": 3 });
    await Promise.all(nodes.map((node) => node.start()));
    await agree({ ...asFirst, "a.test": 3 });
    replaceAll(cluster, { ...FIRST, "a.test": 4 });
    await agree({ ...asFirst, "a.test": 4 });
  });

  test(
    "is followed by another worker when the one that did is killed",
    async (cluster) => {
      const [node] = cluster.nodes;
      for (let round = 0; round < 4; round++) {
        await node?.killWorker(node.workers()[0] ?? 0);
        replaceAll(cluster, { ...FIRST, "a.test": round });
        await cluster.agree({ ...asFirst, "a.test": round });
      }
    },
    { allow: WORKER_KILLED },
  );
});

clusterSuite("a routes file that is replaced by what is no file", withFile(FIRST), (test) => {
  const OTHERS: Record<string, (path: string) => unknown> = {
    "a FIFO": (path) => execFileSync("mkfifo", [path]),
    "a character device": (path) => symlinkSync("/dev/zero", path),
    "a directory": (path) => symlinkSync("/etc", path),
  };
  for (const [what, make] of Object.entries(OTHERS)) {
    test(`${what}, is complained of; the routes stay, and requests and the next file are served`, async (cluster) => {
      for (const node of cluster.nodes) {
        make(`${routesFileOf(node)}.new`);
        renameSync(`${routesFileOf(node)}.new`, routesFileOf(node));
        await eventually(() => {
          assert.match(node.errorLog(), new RegExp(`expected a regular file, found ${what}; the routes stay`));
        });
      }
      await cluster.agree(asFirst);
      replaceAll(cluster, { ...FIRST, "a.test": what.length });
      await cluster.agree({ ...asFirst, "a.test": what.length });
      replaceAll(cluster, FIRST);
      await cluster.agree(asFirst);
    });
  }

  test("may be a link to a file", async (cluster) => {
    for (const node of cluster.nodes) {
      writeFileSync(`${routesFileOf(node)}.real`, textOf({ ...FIRST, "a.test": "linked" }));
      rmSync(routesFileOf(node));
      symlinkSync(`${routesFileOf(node)}.real`, routesFileOf(node));
    }
    await cluster.agree({ ...asFirst, "a.test": "linked" });
  });
});

const LONG_BYTES = 60_000_000;

clusterSuite(
  "a routes file with a line of 60 MB and a hash of 300,000 fields",
  withFile({ ...FIRST, "big.test": "before" }),
  (test) => {
    test("serves all the others; the line is left out with its number, the hash is a bad route", async (cluster) => {
      const fields = Array.from({ length: 300_000 }, (_, i) => `HSET route:big.test /${i} 127.0.0.1:1`);
      replaceAll(cluster, { "a.test": "changed" }, [
        `SET route:long.test "${"x".repeat(LONG_BYTES)}"`,
        ...fields,
        `SET route:after.test "${says("after")}"`,
      ]);
      const traffic = startTraffic(cluster.nodes, { hosts: { "a.test": ["a", "changed"] } });
      await cluster.agree({ "a.test": "changed", "after.test": "after", "long.test": 404 }, 100_000);
      // Strings are served as they are read, and hashes when the file is read again.
      await eventually(() => {
        for (const node of cluster.nodes) {
          assert.match(
            node.errorLog(),
            /bad_route route:big\.test: expected no more than 4096 .*last good value serves/,
          );
        }
      }, 100_000);
      await cluster.agree({ "big.test": "before" });
      const { failures } = await traffic.stop();
      assert.deepEqual(failures, []);
      for (const node of cluster.nodes) {
        assert.match(node.errorLog(), /routes\.redis: line 2: expected a line of no more than 524288 bytes/);
      }
    });

    test("is no trouble when nginx starts", async (cluster) => {
      await Promise.all(cluster.nodes.map((node) => node.stop()));
      await Promise.all(cluster.nodes.map((node) => node.start()));
      await cluster.agree({ "a.test": "changed", "after.test": "after", "big.test": 502, "long.test": 404 });
    });
  },
);

const many = (text: string) =>
  Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`n${i}.test`, `${text}${i}`]));

clusterSuite("a routes file of 50,000 routes", withFile({ ...many("old"), ...FIRST }), (test) => {
  test("is replaced while requests go on, of which none fails", async (cluster, context) => {
    const { nodes, agree } = cluster;
    await agree({ "n0.test": "old0", "n49999.test": "old49999" });
    const traffic = startTraffic(nodes, {
      hosts: { "a.test": ["a"], "n7.test": ["old7", "new7"], "x.wild.test": ["wild"] },
    });
    replaceAll(cluster, { ...many("new"), ...FIRST });
    await agree({ "n0.test": "new0", "n25000.test": "new25000", "n49999.test": "new49999" }, 100_000);
    const { failures, answered, slowestMs } = await traffic.stop();
    context.diagnostic(`meanwhile ${answered} requests, the slowest took ${Math.round(slowestMs)} ms`);
    assert.deepEqual(failures, []);
  });
});

clusterSuite(
  "the snapshot of a node with Redis",
  { nodes: 1, settings: (_, place) => ({ snapshot: routesFileOf(place) }) },
  (test) => {
    test("is a routes file for one without", async ({ nodes, say }, context) => {
      const [source] = nodes;
      assert.ok(source !== undefined);
      await say("a.test", "a");
      await say("*.wild.test", "wild");
      await source.reload(); // writes it at once
      await eventually(() => assert.equal(linesOf(routesFileOf(source)).length, 2));
      const options = { withoutRedis: true, settings: { routes_file: routesFileOf(source) } };
      await withCluster(options, context, ({ agree }) =>
        agree({ "a.test": "a", "x.wild.test": "wild", "b.test": 404 }),
      );
    });
  },
);

describe("a routes file that is not there when nginx starts", () => {
  plainTest("keeps nginx from starting, and the message names it", async () => {
    const start = startNginx(signpostConfig({ settings: { routes_file: "/nowhere/routes.redis" } }));
    await assert.rejects(start, /routes_file.*\/nowhere\/routes\.redis/);
  });

  plainTest("nor does nginx start with a FIFO, which it does not wait for", async () => {
    const start = startNginx((place) => {
      execFileSync("mkfifo", [routesFileOf(place)]);
      return signpostConfig({ settings: { routes_file: routesFileOf(place) } })(place);
    });
    await assert.rejects(start, /routes\.redis: expected a regular file, found a FIFO/);
  });
});
