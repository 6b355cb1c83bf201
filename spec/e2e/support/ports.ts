import { once } from "node:events";
import { createServer } from "node:net";

// Below the range the kernel takes for outgoing connections (32768 and up): a client can never be given the port of
// a server that a test has stopped and is about to start again.
const LOWEST = 12_000;
const HIGHEST = 32_000;

const handedOut = new Set<number>();

/** A TCP port free on loopback at this moment, and never given by this process before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (handedOut.has(port) || !(await isFree(port))) continue;
    handedOut.add(port);
    return port;
  }
}

/**
 * Starts something that needs a free port, again with another port when a process beside this one was faster.
 *
 * @param start starts it; rejects when it does not come up
 * @throws what `start` threw, when the reason was not the port or all attempts failed
 */
export async function withFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 5 || !/address already in use|EADDRINUSE/i.test(String(error))) throw error;
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
