import type { Client, Commands, Reply as RawReply } from "resty.redis";
import { Redis, RedisCommand, Reply } from "../ports";
import { Result } from "../result";
import { addressText, Settings } from "../settings";
import { loadRedisModule } from "./redis_module";

type RedisSettings = Pick<
  Settings,
  | "endpoint"
  | "redis_connect_timeout"
  | "redis_send_timeout"
  | "redis_read_timeout"
  | "redis_pool_size"
  | "redis_pool_idle"
  | "redis_backlog"
  | "redis_tls_verify"
>;

/** A connection that is logged in, and whether it has been used before. */
interface Link {
  readonly client: Client;
  readonly reused: boolean;
}

const NIL: Reply = { kind: "nil" };

/** What `connect` says when pool and backlog are full. */
const NO_ROOM = "too many waiting connect operations";

/** @returns the Redis of the settings, through one pool of connections for each worker. Nothing is connected yet. */
export function connectRedis(settings: RedisSettings): Redis {
  const { endpoint } = settings;
  const { address } = endpoint;
  const where = addressText(address);
  const module = loadRedisModule();
  // Connections of one pool must be interchangeable: same server, same encryption, same user, same database.
  const pool = {
    pool: `signpost ${where} ${tostring(address.tls)} ${endpoint.database} ${endpoint.user ?? ""}`,
    pool_size: settings.redis_pool_size,
    backlog: settings.redis_backlog,
  };
  const answerSeconds = (settings.redis_send_timeout + settings.redis_read_timeout) / 1000;
  return { ask };

  function ask(commands: readonly RedisCommand[]): Result<readonly Reply[], "redis_down" | "busy"> {
    const [link, err, detail] = open();
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    const [replies, problem] = exchange(link.client, commands, answerSeconds);
    if (problem === undefined) {
      // dropped: a connection that cannot be kept is closed, and the next look-up makes another
      link.client.set_keepalive(settings.redis_pool_idle, settings.redis_pool_size);
      return $multi(replies, undefined);
    }
    link.client.close(); // dropped: it is of no more use, whether it closes or not
    // Redis may have closed a pooled connection since it was last used: that says nothing of Redis now.
    if (link.reused && problem !== "timeout") {
      return ask(commands);
    }
    return down(`no answer: ${problem}`);
  }

  function open(): Result<Link, "redis_down" | "busy"> {
    const [client, err] = module.new();
    if (err !== undefined) {
      return down(err);
    }
    client._sock.settimeouts(settings.redis_connect_timeout, settings.redis_send_timeout, settings.redis_read_timeout);
    const refused = reach(client);
    if (refused === NO_ROOM) {
      return $multi(undefined, "busy", `${where}: ${refused}: redis_pool_size and redis_backlog are used up`);
    }
    if (refused !== undefined) {
      return down(`connect: ${refused}`);
    }
    const [times] = client.get_reused_times();
    if (times !== undefined && times > 0) {
      return $multi({ client, reused: true }, undefined);
    }
    const problem = secure(client) ?? logIn(client);
    if (problem !== undefined) {
      client.close(); // dropped: it is of no more use, whether it closes or not
      return down(problem);
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
    const [, err] = client._sock.sslhandshake(false, address.host, settings.redis_tls_verify);
    return err === undefined ? undefined : `TLS: ${err}`;
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
    const [replies, err] = exchange(client, commands, answerSeconds);
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

  function down(detail: string): Result<never, "redis_down"> {
    return $multi(undefined, "redis_down", `${where}: ${detail}`);
  }
}

/**
 * One round trip, which ends within `seconds`: the client's own timeouts bound each silence, and a server that sends
 * byte after byte but never a whole reply is not silent. One that does not speak Redis can make the client raise: that,
 * too, is only a failure.
 */
function exchange(client: Client, commands: readonly RedisCommand[], seconds: number): Result<Reply[]> {
  client.init_pipeline(commands.length);
  for (const command of commands) {
    const queue = (client as unknown as Commands)[command[0]];
    queue?.(client, ...unpack(command, 2));
  }
  let answered: readonly RawReply[] | undefined;
  let problem = "timeout";
  const reader = ngx.thread.spawn(() => {
    const [spoken, trouble] = pcall(() => {
      let err: string | undefined;
      [answered, err] = client.commit_pipeline();
      problem = err ?? "not a reply of Redis";
    });
    if (!spoken) {
      problem = `not a reply of Redis: ${tostring(trouble)}`;
    }
  });
  const alarm = ngx.thread.spawn(() => {
    ngx.sleep(seconds);
  });
  ngx.thread.wait(reader, alarm);
  ngx.thread.kill(reader); // dropped: the one that ended first cannot be killed, nor need it be
  ngx.thread.kill(alarm); // dropped: as above
  if (answered === undefined) {
    return $multi(undefined, problem, "");
  }
  const told: Reply[] = [];
  for (const reply of answered) {
    told.push(tell(reply));
  }
  return $multi(told, undefined);
}

function tell(reply: RawReply): Reply {
  if (reply === ngx.null) {
    return NIL;
  }
  if (type(reply) === "table") {
    const [failed, message] = reply as readonly [unknown, unknown];
    return { kind: "error", message: failed === false ? tostring(message) : "expected a text, got a list" };
  }
  return { kind: "text", text: tostring(reply) };
}
