import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { KeyPair } from "./certificates.js";

/** One request as a backend saw it. */
export interface SeenRequest {
  readonly method: string;
  /** The request target, byte for byte as latin1 text. */
  readonly target: string;
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, in the order and case they came in. */
  readonly rawHeaders: readonly string[];
  /** Resolves when the body has come whole. Rejects when it broke off. */
  readonly body: Promise<{ readonly length: number; readonly sha256: string }>;
  /** Resolves when the connection the request came on has been closed. */
  readonly closed: Promise<void>;
}

/** What a backend does with a request; the default says the backend's name. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** How a backend is started. */
export interface BackendOptions {
  /** Where it listens: `127.0.0.1` unless given. */
  readonly host?: "127.0.0.1" | "::1";
  /** Any that is free unless given. */
  readonly port?: number;
  /** Speak TLS, with this certificate. */
  readonly tls?: KeyPair;
  readonly handler?: Handler;
}

/** A server that stands behind nginx. */
export interface RawBackend {
  readonly port: number;
  /** As written in a route: `127.0.0.1:<port>` or `[::1]:<port>`. */
  readonly address: string;
  /** How many connections it has accepted. */
  connections(): number;
  /** How many connections are open. */
  openConnections(): number;
  /** Closes it and every connection. */
  close(): Promise<void>;
}

/** An HTTP server that stands behind nginx, and remembers what it saw. */
export interface Backend extends RawBackend {
  readonly name: string;
  /** The last 1,000 requests it saw, oldest first. */
  readonly requests: readonly SeenRequest[];
  /** The request it saw last. Throws when there was none. */
  lastRequest(): SeenRequest;
}

/**
 * Starts a backend. It answers every request with its name, as body and in the header `x-backend`, and a WebSocket
 * handshake by sending back every byte that comes after it.
 */
export async function startBackend(name: string, options: BackendOptions = {}): Promise<Backend> {
  const requests: SeenRequest[] = [];
  const handler = options.handler ?? sayName(name);
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(seen(request));
    if (requests.length > 1_000) requests.shift();
    // A test that breaks a connection on purpose makes the handler's writes fail.
    response.on("error", () => {});
    void Promise.resolve(handler(request, response)).catch(() => response.destroy());
  };
  const server: Server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.on("request", onRequest);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    requests.push(seen(request));
    echoWebSocket(request, socket);
  });
  return { name, requests, lastRequest: () => last(requests), ...(await listen(server, options)) };
}

/** Starts a TCP server that gives every connection to `serve`: for backends that do not behave. */
export async function startRawBackend(serve: (socket: Socket) => void): Promise<RawBackend> {
  return await listen(createTcpServer(serve));
}

/** Answers with the backend's name, once the request's body has come whole. */
export function sayName(name: string): Handler {
  return async (request, response) => {
    if (!request.complete) await once(request.resume(), "end");
    response.setHeader("content-type", "text/plain");
    response.setHeader("x-backend", name);
    response.end(name);
  };
}

/** Never answers. */
export const hang: Handler = (request) => void request.resume();

/** Announces 1,000 bytes, sends 100 and breaks the connection. */
export const breakOff: Handler = (_, response) => {
  response.writeHead(200, { "content-length": 1_000 });
  response.write("x".repeat(100), () => response.destroy());
};

/** SHA-256 of some bytes, in hexadecimal. */
export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function seen(request: IncomingMessage): SeenRequest {
  const { method = "", url: target = "", httpVersion, headers, rawHeaders } = request;
  const body = digest(request);
  // Most tests never look at the body; one that broke off must not end the process.
  body.catch(() => {});
  return { method, target, httpVersion, headers, rawHeaders, body, closed: closeOf(request.socket) };
}

const closes = new WeakMap<Socket, Promise<void>>();

/** One promise for all the requests that come on a kept connection. */
function closeOf(socket: Socket): Promise<void> {
  const closed = closes.get(socket) ?? new Promise<void>((resolve) => socket.once("close", () => resolve()));
  closes.set(socket, closed);
  return closed;
}

function digest(request: IncomingMessage): Promise<{ length: number; sha256: string }> {
  const hash = createHash("sha256");
  let length = 0;
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      length += chunk.length;
    });
    request.on("end", () => resolve({ length, sha256: hash.digest("hex") }));
    request.on("error", reject);
  });
}

function echoWebSocket(request: IncomingMessage, socket: Duplex): void {
  const key = String(request.headers["sec-websocket-key"]);
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on("error", () => {});
  socket.pipe(socket);
}

function last(requests: readonly SeenRequest[]): SeenRequest {
  const request = requests.at(-1);
  if (request === undefined) throw new Error("the backend has seen no request");
  return request;
}

async function listen(
  server: TcpServer,
  { host = "127.0.0.1", port: wanted = 0 }: Pick<BackendOptions, "host" | "port"> = {},
): Promise<RawBackend> {
  const open = new Set<Socket>();
  let accepted = 0;
  server.on("connection", (socket: Socket) => {
    accepted += 1;
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
  });
  server.listen(wanted, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  async function close(): Promise<void> {
    if (!server.listening) return;
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, "close");
  }

  const address = host === "::1" ? `[::1]:${port}` : `127.0.0.1:${port}`;
  return { port, address, connections: () => accepted, openConnections: () => open.size, close };
}
