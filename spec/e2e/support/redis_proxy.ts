import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { timePasses } from "./eventually.js";

/** Stands between nginx and Redis, and lets a test decide when what Redis says arrives. */
export interface RedisProxy {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string;
  readonly connections: readonly ProxiedConnection[];
  /**
   * How late what Redis says is from now on, in milliseconds: asked for each piece of it. The order on a connection
   * stays as it is. Commands to Redis are never late.
   */
  delayBy(milliseconds: (connection: ProxiedConnection) => number): void;
  /** Closes it and every connection. */
  close(): Promise<void>;
}

/** One connection of nginx through the proxy. */
export interface ProxiedConnection {
  /** The port at nginx' end. */
  readonly port: number;
  /** All that nginx has said on it, as latin1 text. */
  said(): string;
  /** Whether Redis has answered what nginx said last, be it held or not. */
  isAnswered(): boolean;
  /** Keeps back what Redis says on it, until `release`. */
  hold(): void;
  release(): void;
  isOpen(): boolean;
}

/** Starts a proxy to a Redis on loopback. */
export async function startRedisProxy(redisPort: number): Promise<RedisProxy> {
  const connections: ProxiedConnection[] = [];
  const sockets = new Set<Socket>();
  let delay: (connection: ProxiedConnection) => number = () => 0;
  const server = createServer((nginx) => {
    const redis = connect(redisPort, "127.0.0.1");
    for (const socket of [nginx, redis]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        nginx.destroy();
        redis.destroy();
      });
    }
    connections.push(relay(nginx, redis, (connection) => delay(connection)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  async function close(): Promise<void> {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
  }

  const { port } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${port}`,
    connections,
    delayBy: (milliseconds) => (delay = milliseconds),
    close,
  };
}

function relay(nginx: Socket, redis: Socket, delay: (connection: ProxiedConnection) => number): ProxiedConnection {
  let said = "";
  let isAnswered = false;
  let released: Promise<void> | undefined;
  let release = () => {};
  let last: Promise<unknown> = Promise.resolve();

  nginx.on("data", (bytes: Buffer) => {
    said = (said + bytes.toString("latin1")).slice(-10_000);
    isAnswered = false;
    redis.write(bytes);
  });
  redis.on("data", (bytes: Buffer) => {
    isAnswered = true;
    const milliseconds = delay(connection);
    const due = milliseconds > 0 ? timePasses(milliseconds) : undefined;
    last = Promise.all([last, due, released]).then(() => nginx.write(bytes));
  });

  const connection: ProxiedConnection = {
    port: nginx.remotePort ?? 0,
    said: () => said,
    isAnswered: () => isAnswered,
    hold: () => {
      released ??= new Promise((resolve) => (release = resolve));
    },
    release: () => {
      released = undefined;
      release();
    },
    isOpen: () => !nginx.destroyed,
  };
  return connection;
}
