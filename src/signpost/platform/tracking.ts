import type { Client } from "resty.redis";
import { OpenTracking, RedisCommand, Reply, Tracking } from "../ports";
import { Result } from "../result";
import { RedisEndpoint, Settings } from "../settings/settings";
import { coveringPrefixes } from "../redis/commands";
import { Keys } from "../redis/keys";
import { isError, problemOf } from "../redis/replies";
import { newDialer } from "./redis_link";

type NoTracking = "redis_down" | "busy" | "not_tracked";

/** Where Redis says to a RESP2 connection what has changed. */
const CHANNEL = "__redis__:invalidate";

/** The beginning of Redis' error to a connection beyond `maxclients`; in a cluster it goes on otherwise. */
const TOO_MANY = "ERR max number of clients";

/** How much is read at once: some two hundred keys, which keep the worker from its requests for a millisecond. */
const PIECE = 4_096;

/** Longer than the watcher lets a connection be silent: it is the watcher that ends the wait. */
const READ_TIMEOUT_MS = 86_400_000;

const PING = "*1\r\n$4\r\nPING\r\n";

/**
 * @returns how to open a connection on which Redis says which of the keys have changed: RESP2 tracking in broadcasting mode,
 * redirected to the connection itself, which then subscribes
 * (https://redis.io/docs/latest/commands/client-tracking/). Nothing need be switched on in Redis.
 */
export function trackingOpener(endpoint: RedisEndpoint, settings: Settings, keys: Keys): OpenTracking {
  const { dial, exchange, subscribe, say } = newDialer(endpoint, settings, "watch");
  const prefixes = coveringPrefixes(keys.prefixes);
  return open;

  function open(): Result<Tracking, NoTracking> {
    const [link, err, detail] = dial();
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    const [tracking, word, reason] = track(link.client);
    if (word !== undefined) {
      link.client.close(); // dropped: it is of no more use, whether it closes or not
      return $multi(undefined, word, say(reason));
    }
    return $multi(tracking, undefined);
  }

  function track(client: Client): Result<Tracking, NoTracking> {
    const [id, err, detail] = askOne(client, ["client", "id"]);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    const [, refused, reason] = askOne(client, trackingCommand(id, prefixes));
    if (refused !== undefined) {
      return $multi(undefined, refused, reason);
    }
    const [subscribed, deaf, why] = subscribe(client, ["subscribe", CHANNEL]);
    if (deaf !== undefined) {
      return $multi(undefined, "redis_down", `SUBSCRIBE: ${why}`);
    }
    const [reply] = subscribed.replies;
    if (reply?.kind !== "list") {
      return $multi(undefined, wordFor(reply), `SUBSCRIBE: ${problemOf(reply, "a list")}`);
    }
    return $multi(trackingOn(client, settings, subscribed.rest), undefined);
  }

  /** @returns a command's reply, if it is a text. */
  function askOne(client: Client, command: RedisCommand): Result<string, NoTracking> {
    const [replies, err, detail] = exchange(client, [command]);
    const name = string.upper(`${command[0]} ${command[1]}`);
    if (err !== undefined) {
      return $multi(undefined, "redis_down", `${name}: ${detail}`);
    }
    const [reply] = replies;
    if (reply?.kind !== "text") {
      return $multi(undefined, wordFor(reply), `${name}: ${problemOf(reply, "a text")}`);
    }
    return $multi(reply.text, undefined);
  }
}

/**
 * Tells a Redis that refuses to track, and will go on refusing, from one to be tried again soon. A refusal is an error reply. But
 * `maxclients` is an error that any first command gets, and passes; and what replies with anything else is not Redis.
 */
function wordFor(reply: Reply | undefined): NoTracking {
  return reply?.kind === "error" && !isError(reply, TOO_MANY) ? "not_tracked" : "redis_down";
}

function trackingCommand(id: string, prefixes: readonly string[]): RedisCommand {
  const command: RedisCommand = ["client", "tracking", "on", "redirect", id, "bcast"];
  for (const prefix of prefixes) {
    // Without any prefix, all keys are told of; the empty one cannot be said.
    if (prefix !== "") {
      command.push("prefix");
      command.push(prefix);
    }
  }
  return command;
}

/** @param received what Redis has said already */
function trackingOn(client: Client, settings: Settings, received: string): Tracking {
  let unread = received;
  const socket = client._sock;
  socket.settimeouts(settings.redis_connect_timeout, settings.redis_send_timeout, READ_TIMEOUT_MS);
  return {
    receive: () => {
      if (unread === "") return socket.receiveany(PIECE);
      const bytes = unread;
      unread = "";
      return $multi(bytes, undefined);
    },
    ping: () => {
      socket.send(PING); // dropped: without an answer the silence is noticed
    },
    close: () => {
      client.close(); // dropped: it is of no more use, whether it closes or not
    },
  };
}
