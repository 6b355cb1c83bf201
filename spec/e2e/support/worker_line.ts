import { once } from "node:events";
import { connect } from "node:net";

/** What a worker answered, as far as the tests about changes need it. */
export interface Said {
  /**
   * What the route says: for a route written by {@link says}, its text; for anything else the status, such as `404`.
   */
  readonly said: string;
  /** The process id of the worker. */
  readonly worker: number;
  /** `$signpost_cache`: which level answered. */
  readonly cache: string;
}

/** One kept-alive connection to nginx: as long as it lasts, the same worker answers on it. */
export interface WorkerLine {
  /** The worker at the other end. */
  readonly worker: number;
  /**
   * Sends a HEAD request for each host, all at once, and gives the answers in their order.
   *
   * @throws an Error when the connection is lost before the last of them
   */
  ask(hosts: readonly string[]): Promise<Said[]>;
  /** As {@link ask}, for one host. */
  askOne(host: string): Promise<Said>;
  isOpen(): boolean;
  close(): void;
}

interface Waiter {
  resolve(said: Said): void;
  reject(error: Error): void;
}

/** The target of a route that nginx answers itself, so that what it says can be read without a backend. */
export function says(text: string | number): string {
  return `return 302 http://said.test/${text}`;
}

/**
 * Connects to a node of a cluster, to whichever worker is the first to accept.
 *
 * @throws an Error when nobody listens there, or the connection is lost before the first answer
 */
export async function openLine(port: number): Promise<WorkerLine> {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  socket.on("error", () => {});
  await once(socket, "connect");
  const waiters: Waiter[] = [];
  let unread = "";
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    unread += text;
    let from = 0;
    for (let end = unread.indexOf("\r\n\r\n"); end >= 0; end = unread.indexOf("\r\n\r\n", from)) {
      waiters.shift()?.resolve(read(unread.slice(from, end)));
      from = end + 4;
    }
    unread = unread.slice(from);
  });
  socket.on("close", () => {
    for (const waiter of waiters.splice(0)) waiter.reject(new Error("nginx: connection closed"));
  });

  function askOne(host: string): Promise<Said> {
    if (!isOpen()) return Promise.reject(new Error("nginx: connection closed"));
    socket.write(`HEAD / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, "latin1");
    return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
  }

  function ask(hosts: readonly string[]): Promise<Said[]> {
    socket.cork();
    const answers = Promise.all(hosts.map(askOne));
    socket.uncork();
    return answers;
  }

  const isOpen = () => !socket.destroyed && !socket.readableEnded && socket.writable;
  const { worker } = await askOne("who.is.there.test");
  return { worker, ask, askOne, isOpen, close: () => socket.destroy() };
}

function read(head: string): Said {
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim() ?? "";
  const status = head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
  const said = /^http:\/\/said\.test\/(.*)$/.exec(header("location"))?.[1] ?? status;
  return { said, worker: Number(header("x-worker")), cache: header("x-cache") };
}
