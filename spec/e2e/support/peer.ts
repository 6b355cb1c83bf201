import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startChild, whenReady, type Child } from "./child.js";
import { quietFor } from "./eventually.js";
import { request } from "./http_client.js";
import { freePort, withFreePort } from "./ports.js";

/** A backend in a process of its own, with which all can happen that happens to programs. It answers with its name. */
export interface Peer {
  readonly name: string;
  /** As written in a route: `127.0.0.1:<port>`. */
  readonly address: string;
  /** Ends it by SIGKILL; connections to it are refused then. */
  kill(): Promise<void>;
  /** Starts it again on the same port, and waits until it answers. */
  start(): Promise<void>;
  /** Stops it (SIGSTOP): connections to it are made, by the kernel, and nothing comes back. */
  pause(): void;
  /** Lets it go on. */
  resume(): void;
  /** Ends it for good. */
  close(): Promise<void>;
}

/** Nobody answers here, not even to say no: connecting takes for ever. */
export interface BlackHole {
  readonly address: string;
  close(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL("peer_process.js", import.meta.url));
const BACKLOG = 511;

/** Starts a backend in a process of its own, and waits until it answers. */
export function startPeer(name: string): Promise<Peer> {
  return withFreePort(async (port) => {
    let child = await startProcess(name, port, BACKLOG);
    return {
      name,
      address: `127.0.0.1:${port}`,
      kill: () => child.stop("SIGKILL", 1_000),
      start: async () => {
        child = await startProcess(name, port, BACKLOG);
      },
      pause: () => child.signal("SIGSTOP"),
      resume: () => child.signal("SIGCONT"),
      close: () => child.stop("SIGKILL", 1_000),
    };
  });
}

/**
 * Makes a black hole: a program that is stopped, and whose queue of connections not yet taken is full. The kernel drops
 * what else wants to connect.
 */
export function openBlackHole(): Promise<BlackHole> {
  return withFreePort(async (port) => {
    const child = await startProcess("nobody", port, 1);
    child.signal("SIGSTOP");
    const queue = await fill(port);
    const close = async () => {
      for (const socket of queue) socket.destroy();
      await child.stop("SIGKILL", 1_000);
    };
    return { address: `127.0.0.1:${port}`, close };
  });
}

/** Where nothing listens: connections are refused. */
export async function deadAddress(): Promise<string> {
  return `127.0.0.1:${await freePort()}`;
}

async function startProcess(name: string, port: number, backlog: number): Promise<Child> {
  const child = await startChild(process.execPath, [PROGRAM, name, String(port), String(backlog)]);
  await whenReady(child, () => request(port, { host: "ready.test" }));
  return child;
}

async function fill(port: number): Promise<Socket[]> {
  const queue: Socket[] = [];
  for (;;) {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    queue.push(socket);
    const isMade = new Promise<void>((resolve) => socket.once("connect", resolve));
    await Promise.race([isMade, quietFor(200)]);
    await turn(); // a process that was held up sees its timers before its sockets
    if (socket.connecting) return queue;
    if (queue.length > 20) throw new Error(`port ${port} takes ever more connections`);
  }
}
