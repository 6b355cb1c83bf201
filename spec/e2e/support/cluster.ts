import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { signpostConfig, type ConfigOptions, type Settings } from "./config.js";
import { luaErrors, tail } from "./error_log.js";
import { joinCluster, type ClusterNode } from "./cluster_node.js";
import { EVENT_WITHIN_MS, eventually } from "./eventually.js";
import { startNginx, type ConfigWriter, type Place } from "./nginx_server.js";
import { ownerOfPort } from "./processes.js";
import { startRedis, type RedisOptions, type RedisServer } from "./redis_server.js";
import type { TestOptions } from "./suite.js";
import { says } from "./worker_line.js";

/** What the tests about changes run against: several nginx nodes, each with shared dicts of its own, and their Redis. */
export interface Cluster {
  readonly redis: RedisServer;
  readonly nodes: readonly ClusterNode[];
  /** Writes a route that says `text`: see {@link says}. */
  say(host: string, text: string | number): Promise<void>;
  /**
   * Waits until every worker of every node says what is expected, and then makes sure that it stays so: from the first
   * that a node says of the new, none of its workers may say anything else.
   *
   * @param expected what is to be said, by host
   * @param withinMs how long it may take, in milliseconds; {@link EVENT_WITHIN_MS} unless given
   * @throws an AssertionError
   */
  agree(expected: Readonly<Record<string, string | number>>, withinMs?: number): Promise<void>;
  /** The connections on which Redis pushes changes, by the port at nginx' end. */
  trackers(): Promise<number[]>;
  /** Waits until Redis has so many of them: one for each node, unless `count` says otherwise. */
  isTracked(count?: number): Promise<void>;
  /** Waits until each node says that it is tracked, or that it is not: its metric `signpost_tracking`. */
  tracking(expected: 0 | 1): Promise<void>;
  /** Waits until each node has exactly one of them, and gives the workers that hold them, in the order of the nodes. */
  trackingWorkers(): Promise<number[]>;
}

/** What a cluster may differ in. */
export interface ClusterOptions extends Pick<ConfigOptions, "snippet"> {
  /** How many nginx servers; 2 unless given. */
  readonly nodes?: number;
  /** Workers of each; 2 unless given. */
  readonly workers?: number;
  readonly redis?: RedisOptions;
  /** The nodes are told of no Redis: for a `routes_file`. */
  readonly withoutRedis?: boolean;
  /** Added to `redis`, and to a `cache_ttl` so long that polling can never be taken for push. */
  readonly settings?: Settings | ((redis: RedisServer, place: Place) => Settings);
  /** Runs when Redis has been started, and before there is any nginx. */
  readonly prepare?: (redis: RedisServer) => Promise<unknown>;
}

const POLLING_NEVER = 3_600;
const WITHIN_MS = 180_000;

/**
 * Several tests on one cluster, which is started before the first and gone after the last. After each, the nodes' error
 * logs must hold no Lua error.
 */
export function clusterSuite(
  title: string,
  options: ClusterOptions,
  define: (register: (name: string, body: Body, testOptions?: TestOptions) => void) => void,
): void {
  describe(title, () => {
    let cluster: RunningCluster | undefined;
    before(async () => {
      cluster = await startCluster(options);
    });
    after(() => cluster?.dispose());
    define((name, body, testOptions = {}) => {
      test(name, { timeout: testOptions.withinMs ?? WITHIN_MS }, (context) =>
        checked(cluster as RunningCluster, testOptions.allow, context, body),
      );
    });
  });
}

/** Runs `body` on a cluster of its own; the error logs are checked as in a suite. */
export async function withCluster(
  options: ClusterOptions & Pick<TestOptions, "allow">,
  context: TestContext,
  body: Body,
): Promise<void> {
  const cluster = await startCluster(options);
  try {
    await checked(cluster, options.allow, context, body);
  } finally {
    await cluster.dispose();
  }
}

/** Writes the configuration that a cluster's node is started with. */
export function nodeConfig(redis: RedisServer, options: ClusterOptions): ConfigWriter {
  return (place) => {
    const given = typeof options.settings === "function" ? options.settings(redis, place) : options.settings;
    const address: Settings = options.withoutRedis === true ? {} : { redis: redis.url };
    const settings = { ...address, cache_ttl: POLLING_NEVER, ...given };
    const { workers = 2, snippet } = options;
    const config = { settings, workers, server: serverBlock(place) };
    return signpostConfig(snippet === undefined ? config : { ...config, snippet })(place);
  };
}

type Body = (cluster: Cluster, context: TestContext) => Promise<void> | void;

interface RunningCluster extends Cluster {
  dispose(): Promise<void>;
}

async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  const redis = await startRedis(options.redis);
  const nodes: ClusterNode[] = [];
  const dispose = async () => {
    for (const node of nodes) await node.dispose();
    await redis.dispose();
  };
  try {
    await options.prepare?.(redis);
    for (let i = 0; i < (options.nodes ?? 2); i++) {
      nodes.push(joinCluster(await startNginx(nodeConfig(redis, options))));
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { ...assemble(redis, nodes), dispose };
}

function assemble(redis: RedisServer, nodes: readonly ClusterNode[]): Cluster {
  async function trackers(): Promise<number[]> {
    const list = String(await redis.command("CLIENT", "LIST", "TYPE", "pubsub"));
    const found = list.matchAll(/^id=\d+ addr=127\.0\.0\.1:(\d+) .*\bflags=\w*t/gm);
    return [...found].map(([, port]) => Number(port));
  }
  const isTracked = (count = nodes.length) =>
    eventually(async () => assert.equal((await trackers()).length, count, "tracking connections"));
  const tracking = (expected: 0 | 1) =>
    eventually(async () => {
      for (const node of nodes) assert.equal(await node.metric("signpost_tracking"), expected, "signpost_tracking");
    });
  const trackingWorkers = () =>
    eventually(async () => {
      const ports = await trackers();
      const holders = async (node: ClusterNode) =>
        (await Promise.all(ports.map((port) => ownerOfPort(port, node.workers())))).filter((pid) => pid !== undefined);
      const all = await Promise.all(nodes.map(holders));
      return all.map((pids) => {
        assert.equal(pids.length, 1, "tracking connections of one node");
        return pids[0] as number;
      });
    });
  return {
    redis,
    nodes,
    say: async (host, text) => {
      await redis.command("SET", `route:${host}`, says(text));
    },
    agree: async (expected, withinMs = EVENT_WITHIN_MS) => {
      await Promise.all(nodes.map((node) => node.agrees(expected, withinMs)));
    },
    trackers,
    isTracked,
    tracking,
    trackingWorkers,
  };
}

/** No access log, which 100,000 requests would make large; every answer says instead who gave it, and from where. */
function serverBlock(place: Place): string {
  return `    access_log off;
    add_header x-worker $pid always;
    add_header x-cache $signpost_cache always;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    location = /signpost {
      include ${place.directory}/signpost.status.conf;
    }`;
}

async function checked(
  cluster: Cluster,
  allowed: readonly RegExp[] | undefined,
  context: TestContext,
  body: Body,
): Promise<void> {
  const before = cluster.nodes.map((node) => node.errorLog().length);
  try {
    await body(cluster, context);
    const errors = cluster.nodes.map((node, i) => luaErrors(node.errorLog().slice(before[i]), allowed));
    assert.deepEqual(errors.flat(), [], "the nodes' error logs");
  } catch (error) {
    for (const node of cluster.nodes) {
      context.diagnostic(`the end of the error log of the node on port ${node.port}:\n${tail(node.errorLog())}`);
    }
    throw error;
  }
}
