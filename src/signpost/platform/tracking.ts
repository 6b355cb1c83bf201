import type { Client } from "resty.redis";
import { OpenTracking, RedisCommand, Reply, Tracking } from "../ports";
import { Result } from "../result";
import { RedisEndpoint, Settings } from "../settings/settings";
import { coveringPrefixes } from "../redis/commands";
import { Keys } from "../redis/keys";
import { isError, problemOf } from "../redis/replies";
import { newDialer } from "./redis_link";

type NoTracking = "redis_down" | "busy" | "not_tracked";

/** The channel on which Redis tells a RESP2 connection what has changed. */
const CHANNEL = "__redis__:invalidate";

/** The beginning of the error that Redis sends to a connection beyond `maxclients`. Its end differs in a cluster. */
const TOO_MANY = "ERR max number of clients";

/** Bytes that are read at once: about two hundred keys, which take the worker a millisecond. */
const PIECE_BYTES = 4_096;

/** A day: the watcher ends the wait long before this timeout. */
const READ_TIMEOUT_MS = 86_400_000;

const PING = "*1\r\n$4\r\nPING\r\n";

/**
 * @returns how to open a connection on which Redis says which keys have changed. It uses RESP2 tracking in broadcasting
 * mode, redirected to the connection itself, which then subscribes to {@link CHANNEL}
 * (https://redis.io/docs/latest/commands/client-tracking/). Nothing has to be switched on in Redis.
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
      link.client.close(); // dropped: the connection is not used again, whether it closes or not
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

  /** @returns the text that Redis replies to a command. */
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
 * Distinguishes a Redis that will go on refusing to track from one that must be tried again soon. A refusal is an
 * error reply. But the error of `maxclients` is temporary, and a server that replies with anything else is not a
 * Redis.
 */
function wordFor(reply: Reply | undefined): NoTracking {
  return reply?.kind === "error" && !isError(reply, TOO_MANY) ? "not_tracked" : "redis_down";
}

function trackingCommand(id: string, prefixes: readonly string[]): RedisCommand {
  const command: RedisCommand = ["client", "tracking", "on", "redirect", id, "bcast"];
  for (const prefix of prefixes) {
    // Without a prefix, Redis tells of all keys. It does not accept an empty prefix.
    if (prefix !== "") {
      command.push("prefix");
      command.push(prefix);
    }
  }
  return command;
}

/** @param received what Redis has sent already */
function trackingOn(client: Client, settings: Settings, received: string): Tracking {
  let unread = received;
  const socket = client._sock;
  socket.settimeouts(settings.redis_connect_timeout, settings.redis_send_timeout, READ_TIMEOUT_MS);
  return {
    receive: () => {
      if (unread === "") return socket.receiveany(PIECE_BYTES);
      const bytes = unread;
      unread = "";
      return $multi(bytes, undefined);
    },
    ping: () => {
      socket.send(PING); // dropped: if it was not sent, no answer comes, and the watcher notices the silence
    },
    close: () => {
      client.close(); // dropped: the connection is not used again, whether it closes or not
    },
  };
}
