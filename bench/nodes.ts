import { Agent } from "node:http";
import { httpPaths, mainBlock, signpostConfig } from "../spec/e2e/support/config.js";
import { request } from "../spec/e2e/support/http_client.js";
import { startNginx, type NginxServer } from "../spec/e2e/support/nginx_server.js";
import { startRedis, type RedisServer } from "../spec/e2e/support/redis_server.js";

/** A kept connection to one worker of one node. */
export interface Line {
  readonly worker: string;
  /** Asks for a host; gives the body. */
  ask(host: string): Promise<string>;
  close(): void;
}

/** A backend that answers with its name. */
export interface Backend {
  readonly name: string;
  readonly address: string;
}

/** Two nginx nodes of two workers on one Redis, with two backends. */
export interface Nodes {
  readonly redis: RedisServer;
  readonly nginx: readonly NginxServer[];
  readonly backends: readonly [Backend, Backend];
  /** One line to each worker of each node. */
  readonly lines: readonly Line[];
  dispose(): Promise<void>;
}

/** Starts it all; every line has been used. */
export async function startNodes(): Promise<Nodes> {
  const redis = await startRedis();
  const servers = [await startBackend("one"), await startBackend("two")] as const;
  const config = signpostConfig({
    workers: 2,
    settings: { redis: redis.url },
    location: "add_header X-Worker $pid always;",
    http: "keepalive_requests 1000000;",
    server: "access_log off;",
  });
  const nginx = [await startNginx(config), await startNginx(config)];
  const lines = (await Promise.all(nginx.map(linesTo))).flat();
  const backends = [backendAt("one", servers[0]), backendAt("two", servers[1])] as const;
  return { redis, nginx, backends, lines, dispose };

  async function dispose(): Promise<void> {
    for (const line of lines) line.close();
    for (const node of nginx) await node.dispose();
    for (const server of servers) await server.dispose();
    await redis.dispose();
  }
}

/** An nginx of one worker, as it takes the least of the machine; it answers with the name. */
export function startBackend(name: string): Promise<NginxServer> {
  return startNginx(
    (place) => `${mainBlock(place)}http {
${httpPaths(place)}
  access_log off;
  server { listen 127.0.0.1:${place.port}; location / { return 200 "${name}\\n"; } }
}
`,
  );
}

function backendAt(name: string, server: NginxServer): Backend {
  return { name, address: `127.0.0.1:${server.port}` };
}

/** Connects until each of the two workers has taken a connection. */
async function linesTo(node: NginxServer): Promise<Line[]> {
  const lines = new Map<string, Line>();
  for (let attempt = 0; attempt < 200 && lines.size < 2; attempt += 1) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answer = await request(node.port, { host: "nobody.test", agent });
    const worker = String(answer.headers["x-worker"]);
    if (lines.has(worker)) {
      agent.destroy();
      continue;
    }
    const ask = async (host: string) => (await request(node.port, { host, agent })).body;
    lines.set(worker, { worker, ask, close: () => agent.destroy() });
  }
  if (lines.size < 2) throw new Error("one of two workers takes no connection");
  return [...lines.values()];
}
