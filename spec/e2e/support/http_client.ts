import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { Agent, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { EVENT_WITHIN_MS, eventually, within } from "./eventually.js";

/** One request, over HTTP/1.1 unless said otherwise. */
export interface Request {
  /** The Host header, as it is to be sent. */
  readonly host: string;
  /** The request target, byte for byte; `/` unless given. */
  readonly path?: string;
  /** `GET` unless given. */
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** A pool of kept-alive connections; unless given, every request has a connection of its own. */
  readonly agent?: Agent;
  /** The client's address, of 127.0.0.0/8; `127.0.0.1` unless given. */
  readonly from?: string;
  /** How long the answer may take, in milliseconds; {@link EVENT_WITHIN_MS} unless given. */
  readonly withinMs?: number;
}

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
}

/**
 * Sends a request to a port of 127.0.0.1 and reads the whole answer.
 *
 * @throws an Error when the connection fails, ends too early or takes too long
 */
export async function request(port: number, options: Request): Promise<Answer> {
  const outgoing = httpRequest({
    host: "127.0.0.1",
    port,
    path: options.path ?? "/",
    method: options.method ?? "GET",
    headers: { host: options.host, ...options.headers },
    agent: options.agent ?? false,
    localAddress: options.from ?? "127.0.0.1",
    signal: AbortSignal.timeout(options.withinMs ?? EVENT_WITHIN_MS),
  });
  outgoing.on("error", () => {});
  outgoing.end(options.body);
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: bytes.toString(), bytes };
}

/** A plain TCP connection, for bytes that no HTTP client would send. */
export interface RawConnection {
  send(bytes: string | Buffer): void;
  /** All that has come so far. */
  received(): Buffer;
  /**
   * Waits until what has come matches, as latin1 text.
   *
   * @throws an Error with what has come, when it does not match within `withinMs` milliseconds
   */
  receiveUntil(pattern: RegExp, withinMs?: number): Promise<string>;
  /** Waits until the other side has closed, and gives all that has come, as latin1 text. */
  receiveAll(withinMs?: number): Promise<string>;
  /** Whether the other side has closed. */
  hasEnded(): boolean;
  /** Closes at once, without a farewell. */
  close(): void;
}

/** Opens a TCP connection to a port of 127.0.0.1. Strings are sent as latin1: one character, one byte. */
export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  let ended = false;
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => {});
  socket.on("close", () => (ended = true));
  socket.on("end", () => (ended = true));
  await once(socket, "connect");
  const received = () => Buffer.concat(chunks);
  const text = () => received().toString("latin1");

  async function receiveUntil(pattern: RegExp, withinMs?: number): Promise<string> {
    return await eventually(() => {
      if (!pattern.test(text())) throw new Error(`${String(pattern)} does not match what came: ${text()}`);
      return text();
    }, withinMs);
  }

  async function receiveAll(withinMs?: number): Promise<string> {
    return await eventually(() => {
      if (!ended) throw new Error(`the connection is still open; so far came: ${text()}`);
      return text();
    }, withinMs);
  }

  return {
    send: (bytes) => void socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes),
    received,
    receiveUntil,
    receiveAll,
    hasEnded: () => ended,
    close: () => socket.destroy(),
  };
}

/** Sends bytes on a connection of their own and gives all that comes until the other side closes, as latin1 text. */
export async function sendRaw(port: number, bytes: string | Buffer, withinMs?: number): Promise<string> {
  const connection = await openRaw(port);
  try {
    connection.send(bytes);
    return await connection.receiveAll(withinMs);
  } finally {
    connection.close();
  }
}

/** One GET over cleartext HTTP/2, without an upgrade before ("prior knowledge"). */
export async function requestHttp2(port: number, authority: string, path: string): Promise<Answer> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  try {
    const stream = session.request({ ":authority": authority, ":path": path });
    const [headers] = (await within(once(stream, "response"), `h2 ${authority}${path}`)) as [
      IncomingHttpHeaders & { ":status": number },
    ];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    return { status: headers[":status"], headers, body: bytes.toString(), bytes };
  } finally {
    session.destroy();
  }
}
