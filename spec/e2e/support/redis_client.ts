import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** What Redis answers; bulk strings are read as UTF-8. */
export type Reply = string | number | null | Reply[];

/** One connection to Redis, speaking RESP2. */
export interface RedisClient {
  /**
   * Sends one command; commands sent without waiting travel as a pipeline.
   *
   * @throws an Error with Redis' own words, or when the connection is lost
   */
  command(...args: readonly (string | number | Buffer)[]): Promise<Reply>;
  close(): void;
}

interface Waiter {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/**
 * Connects to Redis.
 *
 * @param onPush called with every reply that no command waits for: what MONITOR and SUBSCRIBE bring
 * @throws an Error when nothing listens there
 */
export async function connectRedis(port: number, onPush: (reply: Reply) => void = () => {}): Promise<RedisClient> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const waiters: Waiter[] = [];
  deliverReplies(socket, (reply) => {
    const waiter = waiters.shift();
    if (waiter === undefined) return onPush(reply as Reply);
    if (reply instanceof Error) waiter.reject(reply);
    else waiter.resolve(reply);
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    for (const waiter of waiters.splice(0)) waiter.reject(new Error("redis: connection closed"));
  });

  function command(...args: readonly (string | number | Buffer)[]): Promise<Reply> {
    if (socket.destroyed) return Promise.reject(new Error("redis: connection closed"));
    socket.write(encode(args));
    return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
  }

  return { command, close: () => socket.destroy() };
}

/** A command as an array of bulk strings, safe for any bytes. */
function encode(args: readonly (string | number | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}

function deliverReplies(socket: Socket, deliver: (reply: Reply | Error) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const parsed = parse(pending, 0);
      if (parsed === undefined) return;
      pending = pending.subarray(parsed.end);
      deliver(parsed.reply);
    }
  });
}

/** Reads one reply that begins at `start`; nothing while it has not arrived as a whole. */
function parse(bytes: Buffer, start: number): { reply: Reply | Error; end: number } | undefined {
  const lineEnd = bytes.indexOf("\r\n", start);
  if (lineEnd < 0) return undefined;
  const line = bytes.toString("utf8", start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (bytes.toString("latin1", start, start + 1)) {
    case "+":
      return { reply: line, end };
    case "-":
      return { reply: new Error(line), end };
    case ":":
      return { reply: Number(line), end };
    case "$":
      return parseBulk(bytes, end, Number(line));
    case "*":
      return parseArray(bytes, end, Number(line));
    default:
      throw new Error(`redis: not RESP2: ${JSON.stringify(line)}`);
  }
}

function parseBulk(bytes: Buffer, start: number, length: number): { reply: Reply; end: number } | undefined {
  if (length < 0) return { reply: null, end: start };
  const end = start + length + 2;
  return bytes.length < end ? undefined : { reply: bytes.toString("utf8", start, end - 2), end };
}

function parseArray(bytes: Buffer, start: number, length: number): { reply: Reply; end: number } | undefined {
  if (length < 0) return { reply: null, end: start };
  const items: Reply[] = [];
  let end = start;
  while (items.length < length) {
    const item = parse(bytes, end);
    if (item === undefined) return undefined;
    items.push(item.reply instanceof Error ? item.reply.message : item.reply);
    end = item.end;
  }
  return { reply: items, end };
}
