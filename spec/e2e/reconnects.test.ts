import assert from "node:assert/strict";
import { clusterSuite, type Cluster } from "./support/cluster.js";
import { timePasses } from "./support/eventually.js";
import { footprint, type Footprint } from "./support/processes.js";

/** How often each node loses its connection; more with `RECONNECTS`. */
const RECONNECTS = Number(process.env["RECONNECTS"] ?? 30);

/** Small enough that with every loss something left behind would show: a connection's buffers, a timer, a socket. */
const RSS_KIB_PER_LOSS = 20;
const RSS_KIB_SLACK = 1_500;
const FILES_SLACK = 2;

// A connection that lasted no longer than watch_timeout is made again the later, the more often it is lost.
const LASTS_MS = 550;
const settings = { watch_timeout: 0.5 };

async function lose({ redis, isTracked, trackingWorkers }: Cluster, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await isTracked();
    await timePasses(LASTS_MS);
    await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
  }
  await trackingWorkers();
}

const footprints = ({ nodes }: Cluster) =>
  new Map(nodes.flatMap((node) => node.workers()).map((pid) => [pid, footprint(pid)] as const));

clusterSuite(`after ${4 * RECONNECTS} reconnects of four nodes`, { nodes: 4, settings }, (test) => {
  test(
    "their workers have no more memory and no more files open than before",
    async (cluster, context) => {
      await cluster.say("a.test", 1);
      await cluster.agree({ "a.test": 1 });
      await lose(cluster, 5);
      const before = footprints(cluster);
      await lose(cluster, RECONNECTS);
      const after = footprints(cluster);
      for (const [pid, { rssKib, openFiles }] of after) {
        const was = before.get(pid) as Footprint;
        const grown = rssKib - was.rssKib;
        context.diagnostic(
          `worker ${pid}: ${was.rssKib} KiB and ${grown} more; files ${was.openFiles} to ${openFiles}`,
        );
        assert.ok(openFiles <= was.openFiles + FILES_SLACK, `${was.openFiles} open files became ${openFiles}`);
        assert.ok(grown <= RSS_KIB_SLACK + RSS_KIB_PER_LOSS * RECONNECTS, `${was.rssKib} KiB became ${rssKib}`);
      }
      await cluster.say("a.test", 2);
      await cluster.agree({ "a.test": 2 });
    },
    { withinMs: RECONNECTS * 10_000 + 120_000 },
  );
});
