import { new as newLru } from "resty.lrucache";
import { coalesce, KnownByName, ReadThrough } from "./cache/flights";
import { Answer, Found, lookUpThrough } from "./cache/lookup";
import { refresher } from "./cache/refresh";
import { SharedLevel, sharedLevel } from "./cache/shared";
import { newBreaker } from "./origin/breaker";
import { guarded } from "./origin/guard";
import { ReadRoutes, routeReader } from "./origin/read_routes";
import { backgroundRunner } from "./platform/background";
import { newGate } from "./platform/gate";
import { log } from "./platform/log";
import { connectRedis } from "./platform/redis";
import { Zones } from "./platform/shared_dict";
import { Clock } from "./ports";
import { Settings } from "./settings";
import { complaints } from "./telemetry/complaints";
import { Count, counting } from "./telemetry/counters";

/** The parts of one nginx worker, built once: settings and the real world in, the way of a request out. */
export interface Worker {
  readonly lookUp: (this: void, host: string) => Found;
  readonly retryAfter: number;
}

/** Builds a worker's parts. Raises when the memory for its cache cannot be had; nginx then logs it and the worker ends. */
export function buildWorker(settings: Settings, zones: Zones): Worker {
  const count = counting(zones.state);
  const shared = sharedLevel(
    zones.records,
    zones.absent,
    complaints(zones.state, log, count, settings.route_prefix),
    count,
  );
  const readRedis = coalesce(readAndKeep(guardedReader(settings, count), shared, ngx.now), {
    newGate,
    now: ngx.now,
    count,
    maxLookups: settings.max_lookups,
    patience: patienceOf(settings),
  });
  const isDue = (name: string) => {
    const known = shared.find(name);
    return known === undefined || known.checked < ngx.now() - settings.cache_ttl;
  };
  const [memory, err] = newLru<Answer>(settings.memory_size);
  if (err !== undefined) {
    error(`resty.lrucache: ${err}`);
  }
  const lookUp = lookUpThrough({
    memory,
    findShared: shared.find,
    readRedis,
    refreshSoon: refresher(readRedis, isDue, backgroundRunner(log)),
    now: ngx.now,
    ttl: settings.cache_ttl,
  });
  return { lookUp, retryAfter: settings.retry_after };
}

function guardedReader(settings: Settings, count: Count): ReadRoutes {
  const breaker = newBreaker(ngx.now, settings.breaker_failures, settings.breaker_pause);
  return guarded(routeReader(connectRedis(settings), settings.route_prefix), { breaker, log, count });
}

/** What Redis said counts from when it was asked: an answer may be as old as the question. */
function readAndKeep(read: ReadRoutes, shared: SharedLevel, now: Clock): ReadThrough {
  return (names) => {
    const asked = now();
    const [readings, err, detail] = read(names);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    const found: KnownByName = new LuaMap();
    for (const i of $range(1, names.length)) {
      const [name, reading] = [names[i - 1], readings[i - 1]];
      if (name !== undefined && reading !== undefined) {
        found.set(name, shared.keep(name, reading, asked));
      }
    }
    return $multi(found, undefined);
  };
}

/** As long as a read can take that still succeeds: a pooled connection that turns out dead, and a new one. Seconds. */
function patienceOf(settings: Settings): number {
  const once = settings.redis_connect_timeout + settings.redis_send_timeout + settings.redis_read_timeout;
  return (2 * once) / 1000;
}
