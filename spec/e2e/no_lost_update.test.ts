import assert from "node:assert/strict";
import { after, type TestContext } from "node:test";
import { clusterSuite, type Cluster, type ClusterOptions } from "./support/cluster.js";
import { timePasses } from "./support/eventually.js";
import { newHistory, textOf, type History } from "./support/history.js";
import { startRedisProxy, type RedisProxy } from "./support/redis_proxy.js";
import { says, type WorkerLine } from "./support/worker_line.js";

/** How long routes are flipped: longer when there is time, with `SOAK_SECONDS`. */
const SOAK_SECONDS = Number(process.env["SOAK_SECONDS"] ?? 12);
const ROUTES = 200;
const LINES_PER_WORKER = 3;

const HOSTS = Array.from({ length: ROUTES }, (_, i) => `flips${i}.test`);
const chance = (probability: number) => Math.random() < probability;
const anyHost = () => HOSTS[Math.floor(Math.random() * ROUTES)] as string;

/** What goes on at once, and when it ends. */
interface Soak {
  readonly cluster: Cluster;
  readonly history: History;
  /** The route changed last: half of all requests ask for it. */
  hot: string;
  /** How likely a write is to be a FLUSHALL, after which all is read anew. */
  readonly flushing: number;
  isOver(): boolean;
}

/** Changes routes, mostly one at a time, sometimes several within the time one takes to be seen, sometimes all. */
async function write(soak: Soak): Promise<void> {
  while (!soak.isOver()) {
    soak.hot = anyHost();
    if (chance(soak.flushing)) {
      await flush(soak);
    } else {
      const hosts = Array.from({ length: chance(0.2) ? 4 : 1 }, () => (chance(0.7) ? soak.hot : anyHost()));
      await Promise.all(hosts.map((host) => flip(soak, host)));
    }
    if (chance(0.7)) await timePasses(Math.random() * 10);
  }
}

async function flip({ history, cluster: { redis } }: Soak, host: string): Promise<void> {
  const isRemoval = chance(0.2);
  const version = history.writing(host, isRemoval ? "removal" : "text");
  const command = isRemoval ? ["DEL", `route:${host}`] : ["SET", `route:${host}`, says(textOf(version))];
  await redis.command(...command);
  history.written(host, version);
}

async function flush({ history, cluster: { redis } }: Soak): Promise<void> {
  const versions = HOSTS.map((host) => [host, history.writing(host, "removal")] as const);
  await redis.command("FLUSHALL");
  for (const [host, version] of versions) history.written(host, version);
}

async function read(soak: Soak, node: number, line: WorkerLine): Promise<void> {
  while (!soak.isOver()) {
    const host = chance(0.5) ? soak.hot : anyHost();
    const question = soak.history.asking(node, host);
    soak.history.answered(question, await line.askOne(host));
  }
}

async function soak(
  cluster: Cluster,
  context: TestContext,
  options: Pick<Soak, "flushing"> & { readonly boundMs: number; readonly disturb?: (soak: Soak) => Promise<void> },
): Promise<void> {
  const history = newHistory(options.boundMs);
  const until = performance.now() + SOAK_SECONDS * 1_000;
  const isOver = () => performance.now() > until || history.violations.length > 0;
  const all: Soak = { cluster, history, hot: anyHost(), flushing: options.flushing, isOver };
  const readers = cluster.nodes.map(async (node, i) => {
    await Promise.all((await node.lines(LINES_PER_WORKER)).map((line) => read(all, i, line)));
  });
  await Promise.all([write(all), options.disturb?.(all), ...readers]);
  context.diagnostic(`${history.answers()} answers`);
  assert.deepEqual(history.violations, []);
  const last = Object.fromEntries(HOSTS.map((host) => [host, history.last(host)]));
  await cluster.agree(last, options.boundMs);
}

const timing = { withinMs: SOAK_SECONDS * 1_000 + 120_000 };

clusterSuite("while 200 routes change at random, on two nodes of two workers", {}, (test) => {
  test(
    "no answer is older than one before it, and every change is seen",
    (cluster, context) => soak(cluster, context, { boundMs: 6_000, flushing: 0.002 }),
    timing,
  );
});

// While there is no tracking, what is known is believed for cache_ttl: that, and the pause before the next try, is how late
// a change may be seen then.
const lossy = { settings: { watch_timeout: 0.5, cache_ttl: 1 } };

clusterSuite("while, besides, the tracking connections are lost", lossy, (test) => {
  test(
    "no answer is older than one before it, and every change is seen",
    async (cluster, context) => {
      let losses = 0;
      const disturb = async ({ isOver }: Soak) => {
        while (!isOver()) {
          await timePasses(100 + Math.random() * 1_500);
          losses += Number(await cluster.redis.command("CLIENT", "KILL", "TYPE", "pubsub"));
        }
      };
      await soak(cluster, context, { boundMs: 9_000, flushing: 0.002, disturb });
      context.diagnostic(`${losses} connections lost`);
      assert.ok(losses > 0);
    },
    timing,
  );
});

let proxy: RedisProxy;
const throughProxy: ClusterOptions = {
  prepare: async (redis) => {
    proxy = await startRedisProxy(redis.port);
  },
  settings: () => ({ redis: proxy.url }),
};

clusterSuite(
  "while, besides, all that Redis says is late, and not in the order in which it was said",
  throughProxy,
  (test) => {
    after(() => proxy.close());

    test(
      "no answer is older than one before it, and every change is seen",
      (cluster, context) => {
        proxy.delayBy(() => (chance(0.5) ? Math.random() * 20 : 0));
        return soak(cluster, context, { boundMs: 6_000, flushing: 0.03 });
      },
      timing,
    );
  },
);
