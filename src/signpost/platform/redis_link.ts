import type { Client, ConnectOptions } from "resty.redis";
import { encodeCommands } from "../redis/commands";
import { problemOf } from "../redis/replies";
import { limitsPassingOver } from "../redis/reply_limits";
import { NoReplies, readReplies, Replies } from "../redis/reply_reader";
import { RedisCommand, Reply } from "../ports";
import { Result } from "../result";
import { addressText, RedisEndpoint, Settings } from "../settings/settings";
import { breathe, runWithin } from "./background";
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
   * One round trip on a connection: as many replies as `readReplies` gives. After an error or an oversized reply the
   * connection is of no more use. Yields.
   *
   * @param passedOverBytes see `Redis.ask`
   */
  exchange(
    client: Client,
    commands: readonly RedisCommand[],
    passedOverBytes?: number,
  ): Result<readonly Reply[], NoReplies>;
  /** The same for a command after which Redis goes on to speak: what it has said already is the `rest`. Yields. */
  subscribe(client: Client, command: RedisCommand): Result<Replies, NoReplies>;
  /** How many connections were made so far, and logged in. */
  connectionsMade(): number;
  /** @returns the detail with the address before it, as every complaint about Redis begins. */
  say(detail: string): string;
}

/** What `connect` says when pool and backlog are full. */
const NO_ROOM = "too many waiting connect operations";

/** How much is received at once, bytes. */
const PIECE = 16_384;

/** How long a server may take to say what is passed over, seconds: a string in Redis may have 512 MiB. */
const PASSING_SECONDS = 60;

/** @param purpose connections of different purposes do not share a pool */
export function newDialer(endpoint: RedisEndpoint, settings: Settings, purpose: string): Dialer {
  const { address } = endpoint;
  const where = addressText(address);
  const module = loadRedisModule();
  // Connections of one pool must be interchangeable: same server, same encryption, same user, same database.
  const pool: ConnectOptions = {
    pool: `signpost ${purpose} ${where} ${tostring(address.tls)} ${endpoint.database} ${endpoint.user ?? ""}`,
    pool_size: settings.redis_pool_size,
    backlog: settings.redis_backlog,
  };
  const answerSeconds = (settings.redis_send_timeout + settings.redis_read_timeout) / 1000;
  let made = 0;
  return { dial, exchange, subscribe, connectionsMade: () => made, say };

  function say(detail: string): string {
    return `${where}: ${detail}`;
  }

  function exchange(
    client: Client,
    commands: readonly RedisCommand[],
    passedOverBytes?: number,
  ): Result<readonly Reply[], NoReplies> {
    const seconds = passedOverBytes === undefined ? answerSeconds : math.max(answerSeconds, PASSING_SECONDS);
    const [answers, err, detail] = exchangeWithin(seconds, client, commands, passedOverBytes);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    if (answers.rest !== "") {
      return $multi(undefined, "malformed", "not a Redis: it says more than it was asked");
    }
    return $multi(answers.replies, undefined);
  }

  function subscribe(client: Client, command: RedisCommand): Result<Replies, NoReplies> {
    return exchangeWithin(answerSeconds, client, [command]);
  }

  function dial(): Result<Link, "redis_down" | "busy"> {
    const [client, err] = module.new();
    if (err !== undefined) {
      return $multi(undefined, "redis_down", say(err));
    }
    client._sock.settimeouts(settings.redis_connect_timeout, settings.redis_send_timeout, settings.redis_read_timeout);
    const refused = reach(client);
    if (refused === NO_ROOM) {
      return $multi(undefined, "busy", say(`${refused}: redis_pool_size and redis_backlog are used up`));
    }
    if (refused !== undefined) {
      return $multi(undefined, "redis_down", say(`connect: ${refused}`));
    }
    const [times] = client.get_reused_times();
    if (times !== undefined && times > 0) {
      return $multi({ client, reused: true }, undefined);
    }
    const problem = secure(client) ?? logIn(client);
    if (problem !== undefined) {
      client.close(); // dropped: it is of no more use, whether it closes or not
      return $multi(undefined, "redis_down", say(problem));
    }
    made += 1;
    return $multi({ client, reused: false }, undefined);
  }

  function reach(client: Client): string | undefined {
    if (address.kind === "unix") {
      const [, err] = client.connect(`unix:${address.socket}`, pool);
      return err;
    }
    const [, err] = client.connect(address.host, address.port, pool);
    return err;
  }

  /** The clients' own `ssl` option is silently ignored by older ones: the handshake is made here, or there is no link. */
  function secure(client: Client): string | undefined {
    if (address.kind !== "tcp" || !address.tls) {
      return undefined;
    }
    const [serverName] = string.gsub(address.host, "[%[%]]", "");
    const [, err] = client._sock.sslhandshake(false, serverName, settings.redis_tls_verify);
    if (err !== undefined) {
      return `TLS: ${err}`;
    }
    // A handshake that never had to wait may return true though the certificate was refused; the socket is closed then.
    const [, gone] = client.get_reused_times();
    return gone === undefined ? undefined : `TLS: the certificate was refused: ${gone}`;
  }

  function logIn(client: Client): string | undefined {
    const commands: RedisCommand[] = [];
    if (endpoint.password !== undefined) {
      const user = endpoint.user;
      commands.push(user === undefined ? ["auth", endpoint.password] : ["auth", user, endpoint.password]);
    }
    if (endpoint.database !== 0) {
      commands.push(["select", `${endpoint.database}`]);
    }
    if (commands.length === 0) {
      return undefined;
    }
    const [replies, err, detail] = exchange(client, commands);
    if (err !== undefined) {
      return `log in: ${detail}`;
    }
    for (const reply of replies) {
      if (reply.kind !== "text") {
        return `log in: ${problemOf(reply, "OK")}`;
      }
    }
    return undefined;
  }
}

/**
 * One round trip, which ends within `seconds`: the socket's own timeouts bound each silence, and a server that sends
 * byte after byte but never a whole reply is not silent.
 */
function exchangeWithin(
  seconds: number,
  client: Client,
  commands: readonly RedisCommand[],
  passedOverBytes?: number,
): Result<Replies, NoReplies> {
  const socket = client._sock;
  let answers: Replies | undefined;
  let failure: NoReplies = "lost";
  let problem = "timeout";
  runWithin(seconds, () => {
    const [replies, err, detail] = ask(socket, commands, passedOverBytes);
    if (err === undefined) {
      answers = replies;
    } else {
      failure = err;
      problem = detail;
    }
  });
  if (answers === undefined) {
    return $multi(undefined, failure, problem);
  }
  return $multi(answers, undefined);
}

function ask(
  socket: NgxTcpSocket,
  commands: readonly RedisCommand[],
  passedOverBytes: number | undefined,
): Result<Replies, NoReplies> {
  const [, unsent] = socket.send(encodeCommands(commands));
  if (unsent !== undefined) {
    return $multi(undefined, "lost", unsent);
  }
  return readReplies(commands.length, () => receivePiece(socket), breathe, limitsPassingOver(passedOverBytes));
}

function receivePiece(socket: NgxTcpSocket): Result<string, "lost"> {
  const [bytes, err] = socket.receiveany(PIECE);
  if (err !== undefined) {
    return $multi(undefined, "lost", err);
  }
  return $multi(bytes, undefined);
}
