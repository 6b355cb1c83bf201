import type { Client, Commands, ConnectOptions, Reply as RawReply } from "resty.redis";
import { RedisCommand, Reply } from "../ports";
import { Result } from "../result";
import { addressText, RedisEndpoint, Settings } from "../settings";
import { runWithin } from "./background";
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
  /** One round trip on a connection. The error is the client's own word, such as `timeout`. Yields. */
  exchange(client: Client, commands: readonly RedisCommand[]): Result<readonly Reply[]>;
  /** @returns the detail with the address before it, as every complaint about Redis begins. */
  say(detail: string): string;
}

/** What `connect` says when pool and backlog are full. */
const NO_ROOM = "too many waiting connect operations";

const NIL: Reply = { kind: "nil" };

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
  return { dial, exchange, say };

  function say(detail: string): string {
    return `${where}: ${detail}`;
  }

  function exchange(client: Client, commands: readonly RedisCommand[]): Result<readonly Reply[]> {
    return exchangeWithin(answerSeconds, client, commands);
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
    const [replies, err] = exchange(client, commands);
    if (err !== undefined) {
      return `log in: ${err}`;
    }
    for (const reply of replies) {
      if (reply.kind === "error") {
        return `log in: ${reply.message}`;
      }
    }
    return undefined;
  }
}

/**
 * One round trip, which ends within `seconds`: the client's own timeouts bound each silence, and a server that sends
 * byte after byte but never a whole reply is not silent. One that does not speak Redis can make the client raise: that,
 * too, is only a failure.
 */
function exchangeWithin(seconds: number, client: Client, commands: readonly RedisCommand[]): Result<readonly Reply[]> {
  client.init_pipeline(commands.length);
  for (const command of commands) {
    const queue = (client as unknown as Commands)[command[0]];
    queue?.(client, ...unpack(command, 2));
  }
  let answered: readonly RawReply[] | undefined;
  let problem = "timeout";
  const read = () => {
    let err: string | undefined;
    [answered, err] = client.commit_pipeline();
    problem = err ?? "not a reply of Redis";
  };
  runWithin(seconds, () => {
    const [spoken, trouble] = pcall(read);
    if (!spoken) {
      problem = `not a reply of Redis: ${tostring(trouble)}`;
    }
  });
  if (answered === undefined) {
    return $multi(undefined, problem, "");
  }
  return $multi(tellAll(answered), undefined);
}

function tellAll(replies: readonly RawReply[]): readonly Reply[] {
  const told: Reply[] = [];
  for (const reply of replies) {
    told.push(tell(reply));
  }
  return told;
}

function tell(reply: RawReply): Reply {
  if (reply === ngx.null) {
    return NIL;
  }
  if (type(reply) !== "table") {
    return { kind: "text", text: tostring(reply) };
  }
  const [failed, message] = reply as readonly [unknown, unknown];
  return failed === false
    ? { kind: "error", message: tostring(message) }
    : { kind: "list", items: tellAll(reply as readonly RawReply[]) };
}
