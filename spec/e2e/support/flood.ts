import { openRaw } from "./http_client.js";

/** How many requests nginx takes on one connection, unless told otherwise (`keepalive_requests`). */
const PER_CONNECTION = 1_000;

/**
 * Sends very many GETs, pipelined on eight connections at a time: as fast as they are answered.
 *
 * @param hosts the Host of each
 * @returns how often each status was answered
 * @throws an Error when a thousand answers take longer than a minute
 */
export async function flood(port: number, hosts: readonly string[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  let next = 0;
  const client = async () => {
    while (next < hosts.length) {
      const part = hosts.slice(next, (next += PER_CONNECTION));
      for (const status of await pipeline(port, part)) counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return counts;
}

async function pipeline(port: number, hosts: readonly string[]): Promise<number[]> {
  const connection = await openRaw(port);
  try {
    const requests = hosts.map((host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    connection.send(
      `${requests.slice(0, -1).join("")}GET / HTTP/1.1\r\nHost: ${hosts.at(-1)}\r\nConnection: close\r\n\r\n`,
    );
    const answers = await connection.receiveAll(60_000);
    // Not only where a line begins: a body may end without one.
    return [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  } finally {
    connection.close();
  }
}
