import type { Client, ConnectOptions } from "resty.redis";
import { problemOf } from "../redis/replies";
import { NoReplies, Replies } from "../redis/reply_reader";
import { RedisCommand, Reply } from "../ports";
import { Result } from "../result";
import { addressText, RedisEndpoint, Settings } from "../settings/settings";
import { exchangeWithin } from "./redis_exchange";
import { loadRedisModule } from "./redis_module";

/** A connection that is logged in, and whether it has been used before. */
export interface Link {
  readonly client: Client;
  readonly reused: boolean;
}

/**
 * Opens connections to the Redis of the settings.
 * @noSelf
 */
export interface Dialer {
  /** Takes a connection from the pool, or makes one, encrypted and logged in as the settings say. Yields. */
  dial(): Result<Link, "redis_down" | "busy">;
  /**
   * Makes one round trip on a connection. It returns as many replies as `readReplies`. After an error or an oversized
   * reply, the connection must be closed. Yields.
   *
   * @param passedOverBytes see `Redis.ask`
   */
  exchange(
    client: Client,
    commands: readonly RedisCommand[],
    passedOverBytes?: number,
  ): Result<readonly Reply[], NoReplies>;
  /** The same for a command after which Redis goes on sending. What it has sent already is the `rest`. Yields. */
  subscribe(client: Client, command: RedisCommand): Result<Replies, NoReplies>;
  /** @returns how many connections were made and logged in so far. */
  connectionsMade(): number;
  /** @returns the detail with the address before it, as every complaint about Redis begins. */
  say(detail: string): string;
}

/** What `connect` says when pool and backlog are full. */
const NO_ROOM = "too many waiting connect operations";

/** Seconds that a server may take to send strings that are skipped: a string in Redis may have 512 MiB. */
const PASSING_SECONDS = 60;

/** How connections are made. */
interface Dialing {
  readonly endpoint: RedisEndpoint;
  readonly settings: Settings;
  /** How long a server may take to answer, seconds. */
  readonly answerSeconds: number;
  readonly pool: ConnectOptions;
}

/** @param purpose connections of different purposes do not share a pool */
export function newDialer(endpoint: RedisEndpoint, settings: Settings, purpose: string): Dialer {
  const module = loadRedisModule();
  const answerSeconds = (settings.redis_send_timeout + settings.redis_read_timeout) / 1000;
  const dialing: Dialing = { endpoint, settings, answerSeconds, pool: poolOf(endpoint, settings, purpose) };
  let made = 0;
  return { dial, exchange, subscribe, connectionsMade: () => made, say };

  function dial(): Result<Link, "redis_down" | "busy"> {
    const [client, err] = module.new();
    if (err !== undefined) return $multi(undefined, "redis_down", say(err));
    client._sock.settimeouts(settings.redis_connect_timeout, settings.redis_send_timeout, settings.redis_read_timeout);
    const refused = connect(client, dialing);
    if (refused === NO_ROOM) {
      return $multi(undefined, "busy", say(`${refused}: redis_pool_size and redis_backlog are used up`));
    }
    if (refused !== undefined) return $multi(undefined, "redis_down", say(`connect: ${refused}`));
    const [times] = client.get_reused_times();
    if (times !== undefined && times > 0) return $multi({ client, reused: true }, undefined);
    const problem = secure(client, dialing) ?? logIn(client, dialing);
    if (problem !== undefined) {
      client.close(); // dropped: the connection is not used again, whether it closes or not
      return $multi(undefined, "redis_down", say(problem));
    }
    made += 1;
    return $multi({ client, reused: false }, undefined);
  }

  function exchange(
    client: Client,
    commands: readonly RedisCommand[],
    passedOverBytes?: number,
  ): Result<readonly Reply[], NoReplies> {
    return exchangeAll(client, answerSeconds, commands, passedOverBytes);
  }

  function subscribe(client: Client, command: RedisCommand): Result<Replies, NoReplies> {
    return exchangeWithin(answerSeconds, client, [command]);
  }

  function say(detail: string): string {
    return `${addressText(endpoint.address)}: ${detail}`;
  }
}

/** Connections of one pool must be interchangeable: same server, same encryption, same user, same database. */
function poolOf(endpoint: RedisEndpoint, settings: Settings, purpose: string): ConnectOptions {
  const { address, database, user = "" } = endpoint;
  return {
    pool: `signpost ${purpose} ${addressText(address)} ${tostring(address.tls)} ${database} ${user}`,
    pool_size: settings.redis_pool_size,
    backlog: settings.redis_backlog,
  };
}

/** @returns why there is no connection. */
function connect(client: Client, dialing: Dialing): string | undefined {
  const { address } = dialing.endpoint;
  if (address.kind === "unix") {
    const [, err] = client.connect(`unix:${address.socket}`, dialing.pool);
    return err;
  }
  const [, err] = client.connect(address.host, address.port, dialing.pool);
  return err;
}

/**
 * Makes the TLS handshake, if the address requires one. It does not use the client's own `ssl` option: older clients
 * ignore that, and a `rediss://` address must never end in plaintext.
 *
 * @returns why there is no encryption
 */
function secure(client: Client, dialing: Dialing): string | undefined {
  const { address } = dialing.endpoint;
  if (address.kind !== "tcp" || !address.tls) return undefined;
  const [serverName] = string.gsub(address.host, "[%[%]]", "");
  const [, err] = client._sock.sslhandshake(false, serverName, dialing.settings.redis_tls_verify);
  if (err !== undefined) return `TLS: ${err}`;
  // A handshake that never had to wait may return true although the certificate was refused. The socket is then
  // closed.
  const [, closed] = client.get_reused_times();
  if (closed !== undefined) return `TLS: the certificate was refused: ${closed}`;
  return undefined;
}

/** @returns why Redis does not accept the login or the database. */
function logIn(client: Client, dialing: Dialing): string | undefined {
  const commands = loginCommands(dialing.endpoint);
  if (commands.length === 0) return undefined;
  const [replies, err, detail] = exchangeAll(client, dialing.answerSeconds, commands);
  if (err !== undefined) return `log in: ${detail}`;
  for (const reply of replies) {
    if (reply.kind !== "text") return `log in: ${problemOf(reply, "OK")}`;
  }
  return undefined;
}

function loginCommands(endpoint: RedisEndpoint): readonly RedisCommand[] {
  const { user, password, database } = endpoint;
  const commands: RedisCommand[] = [];
  if (password !== undefined) {
    commands.push(user === undefined ? ["auth", password] : ["auth", user, password]);
  }
  if (database !== 0) commands.push(["select", `${database}`]);
  return commands;
}

/** An exchange after which Redis sends nothing more. */
function exchangeAll(
  client: Client,
  answerSeconds: number,
  commands: readonly RedisCommand[],
  passedOverBytes?: number,
): Result<readonly Reply[], NoReplies> {
  const seconds = passedOverBytes === undefined ? answerSeconds : math.max(answerSeconds, PASSING_SECONDS);
  const [answers, err, detail] = exchangeWithin(seconds, client, commands, passedOverBytes);
  if (err !== undefined) return $multi(undefined, err, detail);
  if (answers.rest !== "") return $multi(undefined, "malformed", "not a Redis: it says more than it was asked");
  return $multi(answers.replies, undefined);
}
