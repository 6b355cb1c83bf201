import assert from "node:assert/strict";
import { clusterSuite, type Cluster } from "./support/cluster.js";
import { WORKER_KILLED } from "./support/error_log.js";
import { eventually, quietFor } from "./support/eventually.js";
import { startTraffic } from "./support/traffic.js";

const POLLING = { cache_ttl: 0.3 };

/** How often a node's error log has a line that matches. */
const timesLogged = (log: string, pattern: RegExp) => log.split("\n").filter((line) => pattern.test(line)).length;

async function isPolling({ nodes, redis, say, agree }: Cluster): Promise<void> {
  await say("a.test", 1);
  await say("goes.test", "here");
  await agree({ "a.test": 1, "goes.test": "here", "comes.test": 404 });
  const traffic = startTraffic(nodes, { hosts: { "a.test": [1, 2] } });
  await say("a.test", 2);
  await say("comes.test", "new");
  await redis.command("DEL", "route:goes.test");
  await agree({ "a.test": 2, "comes.test": "new", "goes.test": 404 });
  await redis.command("FLUSHALL");
  assert.deepEqual((await traffic.stop()).failures, []);
  await agree({ "a.test": 404, "comes.test": 404, "goes.test": 404 });
  for (const node of nodes) assert.equal(await node.metric("signpost_tracking"), 0);
}

const isRefused = /not_tracked|without pushes/;

async function saysSoOnce({ nodes }: Cluster): Promise<void> {
  const times = () => nodes.map((node) => timesLogged(node.errorLog(), isRefused));
  const once = nodes.map(() => 1);
  await eventually(() => assert.deepEqual(times(), once));
  await quietFor(1_000);
  assert.deepEqual(times(), once);
}

const withoutTracking = "on >secret ~* &* +@all -client|tracking".split(" ");
const byUser = {
  redis: { args: ["--user", "signpost", ...withoutTracking] },
  settings: { ...POLLING, redis_user: "signpost", redis_password: "secret" },
};

clusterSuite("a Redis whose user may not track", byUser, (test) => {
  test("is polled every cache_ttl, and the status page shows it", isPolling);
  test("is complained of once by each node", saysSoOnce);
  test("is tracked by new workers, once the user may", async ({ redis, nodes, say, agree, trackingWorkers }) => {
    await redis.command("ACL", "SETUSER", "signpost", "+client|tracking");
    await Promise.all(nodes.map((node) => node.reload()));
    await trackingWorkers();
    for (const node of nodes) assert.equal(await node.metric("signpost_tracking"), 1);
    await say("a.test", 1);
    await agree({ "a.test": 1 });
  });
});

const byName = { redis: { args: ["--rename-command", "CLIENT", ""] }, settings: POLLING };

clusterSuite("a Redis that has no CLIENT command", byName, (test) => {
  test("is polled every cache_ttl, and the status page shows it", isPolling);
  test("is complained of once by each node", saysSoOnce);
});

clusterSuite("a Redis that no longer lets anybody track", { settings: { ...POLLING, watch_timeout: 0.6 } }, (test) => {
  const killsWorkers = { allow: WORKER_KILLED };
  const forbid = ({ redis }: Cluster) => redis.command("ACL", "SETUSER", "default", "-client|tracking");
  const allowAgain = ({ redis }: Cluster) => redis.command("ACL", "SETUSER", "default", "+client|tracking");

  test(
    "when the tracking worker is killed, is polled from then on",
    async (cluster) => {
      const victims = await cluster.trackingWorkers();
      await cluster.say("a.test", "before");
      await cluster.agree({ "a.test": "before" });
      await forbid(cluster);
      for (const pid of victims) process.kill(pid, "SIGKILL");
      await cluster.tracking(0);
      await isPolling(cluster);
      await allowAgain(cluster);
    },
    killsWorkers,
  );
});
