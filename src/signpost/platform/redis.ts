import { Redis, RedisCommand, Reply } from "../ports";
import { Result } from "../result";
import { RedisEndpoint, Settings } from "../settings/settings";
import { newDialer } from "./redis_link";

/** @returns the Redis of the settings, through one pool of connections for each worker. Nothing is connected yet. */
export function connectRedis(endpoint: RedisEndpoint, settings: Settings): Redis {
  const { dial, exchange, connectionsMade, say } = newDialer(endpoint, settings, "look-up");
  return { ask, connectionsMade };

  function ask(
    commands: readonly RedisCommand[],
    passedOverBytes?: number,
  ): Result<readonly Reply[], "redis_down" | "busy"> {
    const [link, err, detail] = dial();
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    const [replies, failure, problem] = exchange(link.client, commands, passedOverBytes);
    if (failure !== undefined) {
      link.client.close(); // dropped: the connection is not used again, whether it closes or not
      // Redis may have closed a pooled connection since its last use. That is no failure: try another.
      if (link.reused && problem !== "timeout") {
        return ask(commands, passedOverBytes);
      }
      return $multi(undefined, "redis_down", say(`no answer: ${problem}`));
    }
    if (replies[replies.length - 1]?.kind === "oversized") {
      // The rest of the replies is not worth reading.
      link.client.close(); // dropped: the connection is not used again, whether it closes or not
    } else {
      // dropped: a connection that cannot be kept is closed, and the next look-up makes another
      link.client.set_keepalive(settings.redis_pool_idle, settings.redis_pool_size);
    }
    return $multi(replies, undefined);
  }
}
