import assert from "node:assert/strict";
import { clusterSuite, type Cluster } from "./support/cluster.js";
import type { ClusterNode } from "./support/cluster_node.js";
import { WORKER_KILLED } from "./support/error_log.js";
import { eventually, timePasses } from "./support/eventually.js";
import { request } from "./support/http_client.js";
import { prepareContent, saveContent } from "./support/redis_content.js";
import type { RedisServer } from "./support/redis_server.js";
import { startTraffic, type TrafficOptions } from "./support/traffic.js";
import { says } from "./support/worker_line.js";

/** Losses are noticed sooner than by default, only to have the tests done sooner. */
const SETTINGS = { watch_timeout: 0.6, redis_connect_timeout: 200, redis_read_timeout: 300 };

/** Begins with what all nodes know and track. */
async function begin({ redis, say, agree, tracking }: Cluster): Promise<void> {
  await redis.command("FLUSHALL");
  await say("steady.test", "steady");
  await say("moves.test", "before");
  await say("goes.test", "here");
  await say("*.wild.test", "wild");
  await agree({ "steady.test": "steady", "moves.test": "before", "goes.test": "here", "x.wild.test": "wild" });
  await agree({ "comes.test": 404 });
  await tracking(1);
}

/** The write during each loss. */
async function change({ redis, say }: Cluster): Promise<void> {
  await Promise.all([say("moves.test", "after"), say("comes.test", "new"), redis.command("DEL", "route:goes.test")]);
}

/** All that was changed is seen, nobody has to do anything, and the next change is pushed again. */
async function allIsRight({ redis, say, agree, tracking, trackingWorkers }: Cluster): Promise<void> {
  const steady = { "steady.test": "steady", "x.wild.test": "wild" };
  await agree({ ...steady, "moves.test": "after", "comes.test": "new", "goes.test": 404 });
  await tracking(1);
  await trackingWorkers();
  await say("moves.test", "on");
  await redis.command("DEL", "route:comes.test");
  await agree({ ...steady, "moves.test": "on", "comes.test": 404 });
}

/** Runs `loss` under traffic to known hosts, none of which may fail. */
async function during(
  cluster: Cluster,
  loss: () => Promise<unknown>,
  options: Partial<TrafficOptions> = {},
): Promise<void> {
  const hosts = { "steady.test": ["steady"], "moves.test": ["before", "after"], "x.wild.test": ["wild"] };
  const traffic = startTraffic(cluster.nodes, { hosts, ...options });
  let report;
  try {
    await loss();
  } finally {
    report = await traffic.stop();
  }
  assert.deepEqual(report.failures, [], "requests to known hosts while Redis or its connection was lost");
  assert.ok(report.answered > 0);
}

/** How many connections Redis has refused because of `maxclients`. */
async function rejectedConnections(redis: RedisServer): Promise<number> {
  const [, count] = /^rejected_connections:(\d+)/m.exec(String(await redis.command("INFO", "stats"))) ?? [];
  return Number(count);
}

/** An unknown host is told soon that nobody can know, and never that it does not exist. */
async function unknownIsRefused({ nodes }: Cluster): Promise<void> {
  for (const node of nodes) {
    const began = performance.now();
    const answer = await request(node.port, { host: `unknown${Math.random()}.test` });
    assert.equal(answer.status, 503);
    assert.ok(answer.headers["retry-after"] !== undefined);
    assert.ok(performance.now() - began < 10_000, "refused soon");
  }
}

clusterSuite("no request to a known host fails, and all is right again after", { settings: SETTINGS }, (test) => {
  test("Redis was killed, and started again with what it held", async (cluster) => {
    await begin(cluster);
    await saveContent(cluster.redis);
    await during(cluster, async () => {
      await cluster.redis.kill();
      await cluster.tracking(0);
      await unknownIsRefused(cluster);
      await cluster.redis.start();
      await change(cluster);
      await cluster.tracking(1);
    });
    await allIsRight(cluster);
  });

  test("Redis was killed, and started again with other content", async (cluster) => {
    await begin(cluster);
    const content = await prepareContent(cluster.redis, {
      "route:steady.test": says("steady"),
      "route:*.wild.test": says("wild"),
      "route:moves.test": says("after"),
      "route:comes.test": says("new"),
    });
    await during(cluster, async () => {
      await cluster.redis.kill();
      await cluster.tracking(0);
      content.install();
      await cluster.redis.start();
      await cluster.tracking(1);
    });
    await allIsRight(cluster);
  });

  test("Redis took no more connections, because it had too many", async (cluster) => {
    await begin(cluster);
    const { redis, nodes } = cluster;
    const before = await rejectedConnections(redis);
    await during(cluster, async () => {
      await redis.command("CONFIG", "SET", "maxclients", 1);
      try {
        await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
        await eventually(async () => {
          for (const node of nodes) assert.equal(await node.metric("signpost_tracking"), 0);
          assert.ok((await rejectedConnections(redis)) >= before + nodes.length);
        });
        await change(cluster);
      } finally {
        await redis.command("CONFIG", "SET", "maxclients", 10_000);
      }
    });
    await allIsRight(cluster);
  });

  test("Redis was killed, and started again empty", async (cluster) => {
    await begin(cluster);
    const content = await prepareContent(cluster.redis, {});
    await during(cluster, async () => {
      await cluster.redis.kill();
      content.install();
      await cluster.tracking(0);
    });
    await cluster.redis.start();
    await cluster.agree({ "steady.test": 404, "moves.test": 404, "x.wild.test": 404, "comes.test": 404 });
    await cluster.say("*.wild.test", "wild");
    await cluster.say("steady.test", "steady");
    await change(cluster);
    await allIsRight(cluster);
  });

  test("Redis was stopped in its tracks for longer than it may be silent", async (cluster) => {
    await begin(cluster);
    await during(cluster, async () => {
      cluster.redis.pause();
      const changed = change(cluster);
      await cluster.tracking(0);
      await unknownIsRefused(cluster);
      cluster.redis.resume();
      await changed;
      await cluster.tracking(1);
    });
    await allIsRight(cluster);
  });

  test("Redis was stopped in its tracks, and killed so", async (cluster) => {
    await begin(cluster);
    await saveContent(cluster.redis);
    await during(cluster, async () => {
      cluster.redis.pause();
      await cluster.tracking(0);
      await cluster.redis.kill();
      await cluster.redis.start();
      await change(cluster);
      await cluster.tracking(1);
    });
    await allIsRight(cluster);
  });

  test("Redis held up its clients with CLIENT PAUSE", async (cluster) => {
    await begin(cluster);
    await during(cluster, async () => {
      await cluster.redis.command("CLIENT", "PAUSE", 2_000, "ALL");
      await change(cluster);
      await cluster.tracking(1);
    });
    await allIsRight(cluster);
  });

  test("the tracking connections were killed, and a change came before they were made again", async (cluster) => {
    await begin(cluster);
    await during(cluster, async () => {
      for (let i = 0; i < 3; i++) {
        await Promise.all([cluster.redis.command("CLIENT", "KILL", "TYPE", "pubsub"), change(cluster)]);
        await cluster.isTracked();
      }
    });
    await allIsRight(cluster);
  });

  test("all connections to Redis were killed", async (cluster) => {
    await begin(cluster);
    await during(cluster, async () => {
      const killed = cluster.redis.command("CLIENT", "KILL", "SKIPME", "yes", "TYPE", "normal");
      await Promise.all([killed, cluster.redis.command("CLIENT", "KILL", "TYPE", "pubsub"), change(cluster)]);
      await cluster.isTracked();
    });
    await allIsRight(cluster);
  });

  test(
    "the tracking worker of each node was killed",
    async (cluster) => {
      await begin(cluster);
      const victims = await cluster.trackingWorkers();
      const kill = async () => {
        for (const pid of victims) process.kill(pid, "SIGKILL");
        await change(cluster);
        await cluster.trackingWorkers();
      };
      await during(cluster, kill, { mayBreak: true });
      await allIsRight(cluster);
    },
    { allow: WORKER_KILLED },
  );

  test("the tracking worker of each node was stopped in its tracks, and went on when another had taken over", async (cluster) => {
    await begin(cluster);
    const stopped = await cluster.trackingWorkers();
    for (const pid of stopped) process.kill(pid, "SIGSTOP");
    try {
      await change(cluster);
      await cluster.isTracked(2 * cluster.nodes.length); // the stopped workers' connections are still there
    } finally {
      for (const pid of stopped) process.kill(pid, "SIGCONT");
    }
    await allIsRight(cluster);
  });

  test("nginx was reloaded again and again, while routes changed", async (cluster) => {
    await begin(cluster);
    const reloadThrice = async (node: ClusterNode) => {
      for (let i = 0; i < 3; i++) await node.reload();
    };
    await during(cluster, async () => {
      const state = { isReloading: true };
      const reloads = Promise.all(cluster.nodes.map(reloadThrice)).finally(() => (state.isReloading = false));
      for (let i = 0; state.isReloading; i++) {
        await cluster.say("moves.test", i % 2 === 0 ? "after" : "before");
        await timePasses(5);
      }
      await reloads;
      await change(cluster);
    });
    await allIsRight(cluster);
  });
});
