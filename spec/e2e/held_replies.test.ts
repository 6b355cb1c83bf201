import assert from "node:assert/strict";
import { after } from "node:test";
import { clusterSuite, type Cluster, type ClusterOptions } from "./support/cluster.js";
import { eventually, timePasses } from "./support/eventually.js";
import { ownerOfPort } from "./support/processes.js";
import { startRedisProxy, type ProxiedConnection, type RedisProxy } from "./support/redis_proxy.js";
import type { WorkerLine } from "./support/worker_line.js";

// The order in which things reach a node is chosen here, so that what else happens once in a million times happens.
let proxy: RedisProxy;

const options: ClusterOptions = {
  nodes: 1,
  prepare: async (redis) => {
    proxy = await startRedisProxy(redis.port);
  },
  settings: () => ({ redis: proxy.url, redis_read_timeout: 10_000 }),
};

/** A cold host asked for by one worker, `slow`, whose answers from Redis are held; and the other worker. */
interface Held {
  readonly slow: WorkerLine;
  readonly other: WorkerLine;
  readonly tracking: ProxiedConnection;
  /** Lets through what Redis has answered so far, and keeps holding. */
  releaseOnce(): void;
  releaseAll(): void;
  /** Waits until Redis has been asked for the host so many times by `slow`, and has answered. */
  askedTimes(times: number): Promise<void>;
}

const isTracking = (it: ProxiedConnection) => it.isOpen() && /subscribe/i.test(it.said());

const trackingConnection = () =>
  eventually(() => proxy.connections.find(isTracking) ?? assert.fail("no tracking connection"));

/** Waits until the watcher has read all that was pushed so far: it does so before it asks for the next sign of life. */
async function pushesAreRead({ said }: ProxiedConnection): Promise<void> {
  const pings = () => said().split(/ping/i).length;
  const before = pings();
  await eventually(() => assert.ok(pings() >= before + 2, "no PING on the tracking connection"));
}

async function hold({ nodes }: Cluster, host: string): Promise<Held> {
  const [slow, other] = (await nodes[0]?.lines()) as [WorkerLine, WorkerLine];
  const tracking = await trackingConnection();
  // One host each that nobody knows yet, so that each has a connection in its pool, over which it will ask.
  for (const line of [slow, other]) await line.askOne(`new.${line.worker}.for.${host}`);
  const open = proxy.connections.filter((it) => it.isOpen() && !isTracking(it));
  const owners = await Promise.all(open.map((it) => ownerOfPort(it.port, [slow.worker])));
  const lookUps = open.filter((_, i) => owners[i] !== undefined);
  const releaseAll = () => lookUps.forEach((it) => it.release());
  const holdAll = () => lookUps.forEach((it) => it.hold());
  holdAll();
  return {
    slow,
    other,
    tracking,
    releaseAll,
    releaseOnce: () => {
      releaseAll();
      holdAll();
    },
    askedTimes: async (times) => {
      const asked = () => lookUps.reduce((sum, it) => sum + it.said().split(`route:${host}\r\n`).length - 1, 0);
      await eventually(() => {
        assert.ok(asked() >= 2 * times); // TYPE and GET
        assert.ok(lookUps.every((it) => it.isAnswered()));
      });
    },
  };
}

clusterSuite("an answer of Redis that arrives late", options, (test) => {
  after(() => proxy.close());

  test("does not replace a newer one that came to another worker, though the push is later still", async (cluster) => {
    await cluster.say("race.test", 1);
    const { slow, other, tracking, releaseAll, askedTimes } = await hold(cluster, "race.test");
    const late = slow.askOne("race.test");
    await askedTimes(1);
    tracking.hold();
    await cluster.say("race.test", 2);
    const first = await other.askOne("race.test");
    releaseAll();
    await late;
    const then = [await other.askOne("race.test"), await slow.askOne("race.test")];
    tracking.release();
    assert.equal(first.said, "2");
    assert.deepEqual(
      then.map(({ said }) => said),
      ["2", "2"],
    );
    await cluster.agree({ "race.test": 2 });
  });

  test("after the push of a newer one is not believed", async (cluster) => {
    await cluster.say("pushed.test", 1);
    const { slow, tracking, releaseAll, askedTimes } = await hold(cluster, "pushed.test");
    const late = slow.askOne("pushed.test");
    await askedTimes(1);
    await cluster.say("pushed.test", 2);
    await pushesAreRead(tracking);
    releaseAll();
    assert.equal((await late).said, "2");
    await cluster.agree({ "pushed.test": 2 });
  });

  test("after tracking was lost and made again is not believed", async (cluster) => {
    await cluster.say("gap.test", 1);
    const { slow, other, tracking, releaseAll, askedTimes } = await hold(cluster, "gap.test");
    const late = slow.askOne("gap.test");
    await askedTimes(1);
    await cluster.redis.command("CLIENT", "KILL", "TYPE", "pubsub");
    await cluster.say("gap.test", 2);
    await eventually(async () => assert.equal((await cluster.trackers()).length, 1));
    assert.ok(!tracking.isOpen());
    assert.equal((await other.askOne("gap.test")).said, "2");
    releaseAll();
    await late;
    assert.equal((await other.askOne("gap.test")).said, "2");
    await cluster.agree({ "gap.test": 2 });
  });

  test("again and again, each after one more change, is not remembered for longer than it is true", async (cluster) => {
    await cluster.say("restless.test", 0);
    const { slow, releaseOnce, releaseAll, askedTimes } = await hold(cluster, "restless.test");
    const state = { isAnswered: false };
    const late = slow.askOne("restless.test").finally(() => (state.isAnswered = true));
    let last = 0;
    while (!state.isAnswered) {
      await Promise.race([askedTimes(last + 1), late]);
      last += 1;
      await cluster.say("restless.test", last);
      await timePasses(100);
      releaseOnce();
    }
    releaseAll();
    await eventually(async () => assert.equal((await slow.askOne("restless.test")).said, String(last)));
    await cluster.agree({ "restless.test": last });
  });
});

clusterSuite(
  "a tracking connection on which nothing comes any more",
  { ...options, settings: () => ({ redis: proxy.url, watch_timeout: 0.6 }) },
  (test) => {
    after(() => proxy.close());

    test("is noticed, and what it did not say is found out", async ({ say, agree, nodes }) => {
      await say("a.test", 1);
      await agree({ "a.test": 1 });
      const lost = await trackingConnection();
      lost.hold();
      await say("a.test", 2);
      await agree({ "a.test": 2 });
      assert.ok(!lost.isOpen());
      assert.match(nodes[0]?.errorLog() ?? "", /nothing was heard for 0\.6 s/);
      await say("a.test", 3);
      await agree({ "a.test": 3 });
    });
  },
);

// Its own script keeps Redis busy for seconds, which must not pass for a loss.
const patient = { ...options, settings: () => ({ redis: proxy.url, redis_read_timeout: 10_000, watch_timeout: 10 }) };

clusterSuite("a Redis that is far away", patient, (test) => {
  after(() => proxy.close());

  test("and says that 400,000 other routes have changed does not keep a node from reading its own", async (cluster) => {
    const hosts = Array.from({ length: 200 }, (_, i) => `held${i}.test`);
    const expected = (text: number) => Object.fromEntries(hosts.map((host) => [host, text]));
    for (const host of hosts) await cluster.say(host, 1);
    await cluster.agree(expected(1));
    proxy.delayBy((connection) => (isTracking(connection) ? 0 : 40));
    const script = `
      for i = 1, 400000 do redis.call("SET", "route:other" .. i, "127.0.0.1:1") end
      for i = 0, 199 do redis.call("SET", "route:held" .. i .. ".test", "return 302 http://said.test/" .. ARGV[1]) end`;
    await cluster.redis.command("EVAL", script, 0, 2);
    await cluster.agree(expected(2), 120_000);
  });
});
