import { timePasses } from "./eventually.js";
import { request } from "./http_client.js";
import type { NginxServer } from "./nginx_server.js";

/** Requests to hosts that are known, which go on while something else happens. */
export interface Traffic {
  /** Ends it. */
  stop(): Promise<TrafficReport>;
}

/** What became of the requests. */
export interface TrafficReport {
  /** How many were answered as they should. */
  readonly answered: number;
  /** The others, each with the host, what came instead, and when. */
  readonly failures: readonly string[];
  /** How long the slowest answer took, in milliseconds. */
  readonly slowestMs: number;
}

/** What traffic is about. */
export interface TrafficOptions {
  /** By host, the places a redirect may name; the host's route is one of {@link says}. */
  readonly hosts: Readonly<Record<string, readonly (string | number)[]>>;
  /** Connections that break are no failure: a worker is killed, and takes its connections with it. */
  readonly mayBreak?: boolean;
}

/** How many requests are under way on each node at once, and how long each pauses after an answer, in milliseconds. */
const AT_ONCE = 2;
const PAUSE_MS = 2;

/** Begins requests to every node, each on a connection of its own. */
export function startTraffic(nodes: readonly NginxServer[], options: TrafficOptions): Traffic {
  const failures: string[] = [];
  let answered = 0;
  let slowestMs = 0;
  let running = true;

  async function ask(node: NginxServer, host: string, allowed: readonly (string | number)[]): Promise<void> {
    const asked = performance.now();
    let came: string;
    try {
      const { status, headers } = await request(node.port, { host, method: "HEAD" });
      came = headers.location?.replace("http://said.test/", "") ?? `status ${status}`;
    } catch (error) {
      came = `no answer (${String(error)})`;
      if (options.mayBreak === true) return;
    }
    slowestMs = Math.max(slowestMs, performance.now() - asked);
    if (allowed.some((text) => String(text) === came)) answered += 1;
    else failures.push(`${new Date().toISOString()} ${host} on port ${node.port}: ${came}`);
  }

  async function loop(node: NginxServer): Promise<void> {
    while (running) {
      for (const [host, allowed] of Object.entries(options.hosts)) await ask(node, host, allowed);
      await timePasses(PAUSE_MS);
    }
  }

  const loops = nodes.flatMap((node) => Array.from({ length: AT_ONCE }, () => loop(node)));
  return {
    stop: async () => {
      running = false;
      await Promise.all(loops);
      return { answered, failures, slowestMs };
    },
  };
}
