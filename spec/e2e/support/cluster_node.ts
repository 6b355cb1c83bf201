import assert from "node:assert/strict";
import { eventually } from "./eventually.js";
import { request } from "./http_client.js";
import type { NginxServer } from "./nginx_server.js";
import { openLine, type Said, type WorkerLine } from "./worker_line.js";

/** One nginx of a cluster, whose workers can be asked one by one. */
export interface ClusterNode extends NginxServer {
  /** Kept-alive connections to each worker that runs now: one, or as many as `each` says. The node closes them. */
  lines(each?: number): Promise<WorkerLine[]>;
  /**
   * Waits until all workers say what is expected, and makes sure that none then says otherwise again.
   *
   * @param expected what is to be said, by host
   * @throws an AssertionError when it takes longer than `withinMs` milliseconds, or what was seen is un-seen
   */
  agrees(expected: Readonly<Record<string, string | number>>, withinMs: number): Promise<void>;
  /** Ends a worker by SIGKILL, and waits until nginx has started another. */
  killWorker(pid: number): Promise<void>;
  /** A number from the status page, such as `signpost_tracking`. */
  metric(name: string): Promise<number>;
}

/** How long what was seen is watched for being un-seen, in milliseconds. */
const WATCHED_MS = 60;

/** @param nginx one started with `nodeConfig` */
export function joinCluster(nginx: NginxServer): ClusterNode {
  let open: WorkerLine[] = [];

  async function lines(each = 1): Promise<WorkerLine[]> {
    open = choose(open, nginx.workers(), each);
    return await eventually(async () => {
      const workers = nginx.workers();
      // A burst: while one worker is busy with accepting, the others get their share.
      if (open.length < workers.length * each) open.push(...(await Promise.all(Array.from({ length: 8 }, connect))));
      open = choose(open, workers, each);
      assert.equal(open.length, workers.length * each, "connections to each worker");
      return open;
    });
  }

  async function metric(name: string): Promise<number> {
    const page = await request(nginx.port, { host: "status.test", path: "/signpost" });
    const value = new RegExp(`^${name} (\\S+)$`, "m").exec(page.body)?.[1];
    assert.ok(value !== undefined, `no ${name} in:\n${page.body}`);
    return Number(value);
  }

  async function killWorker(pid: number): Promise<void> {
    const before = nginx.workers().length;
    process.kill(pid, "SIGKILL");
    await eventually(() => {
      assert.ok(!nginx.workers().includes(pid));
      assert.equal(nginx.workers().length, before);
    });
  }

  const connect = () => openLine(nginx.port);
  const dispose = async () => {
    for (const line of open) line.close();
    await nginx.dispose();
  };
  const agrees: ClusterNode["agrees"] = async (expected, withinMs) => {
    await settle(await lines(), expected, withinMs);
  };
  return { ...nginx, lines, agrees, killWorker, metric, dispose };
}

/** So many open lines to each of the workers; the others are closed. */
function choose(lines: readonly WorkerLine[], workers: readonly number[], each: number): WorkerLine[] {
  const useful = lines.filter((line) => line.isOpen());
  const kept = workers.flatMap((worker) => useful.filter((line) => line.worker === worker).slice(0, each));
  for (const line of lines) if (!kept.includes(line)) line.close();
  return kept;
}

async function settle(
  lines: readonly WorkerLine[],
  expected: Readonly<Record<string, string | number>>,
  withinMs: number,
): Promise<void> {
  const hosts = Object.keys(expected);
  const deadline = performance.now() + withinMs;
  const seen = new Set<string>();
  let settledAt: number | undefined;
  for (;;) {
    const known = new Set(seen);
    const answers = (await Promise.all(lines.map((line) => line.ask(hosts)))).flatMap((all) =>
      all.map((answer, i) => ({ host: hosts[i] as string, ...answer })),
    );
    const isRight = (answer: Said & { host: string }) => answer.said === String(expected[answer.host]);
    const wrong = answers.filter((answer) => !isRight(answer));
    const unseen = wrong.filter(({ host }) => known.has(host));
    assert.deepEqual(unseen, [], "seen, and then un-seen");
    for (const { host } of answers.filter(isRight)) seen.add(host);
    const now = performance.now();
    if (wrong.length === 0) settledAt ??= now;
    if (settledAt !== undefined && now - settledAt > WATCHED_MS) return;
    if (settledAt === undefined && now > deadline) {
      const shown = wrong.slice(0, 10);
      assert.fail(`after ${withinMs} ms, of ${JSON.stringify(expected).slice(0, 500)}: ${JSON.stringify(shown)}`);
    }
  }
}
