import { refresher } from "../cache/refresh";
import { coveringPrefixes } from "../redis/commands";
import { valueReader } from "../redis/read_values";
import { newRights } from "../redis/rights";
import { RedisEndpoint } from "../settings/settings";
import { follower } from "../snapshot/follower";
import { Keeper, keeper } from "../snapshot/keeper";
import { checker } from "../health/checker";
import { Pool } from "../balance/pool";
import { wantedPools } from "../health/wanted_checks";
import { newBackoff } from "../watch/backoff";
import { watcher } from "../watch/watcher";
import { breathe, race, runSoon } from "../platform/background";
import { files } from "../platform/files";
import { newGate } from "../platform/gate";
import { log } from "../platform/log";
import { reachOf, SharedParts, tellRights } from "./shared_parts";
import { probe } from "../platform/probe";
import { connectRedis } from "../platform/redis";
import { trackingOpener } from "../platform/tracking";

/** A background task. It returns the seconds until its next call; nothing when the worker exits. */
export type PeriodicTask = (this: void) => number | undefined;

/** Seconds between two looks for a snapshot that is due. */
const SNAPSHOT_LOOK = 0.25;

/** @returns a pool by its name in the cache, without its sign; nothing if there is none. May yield. */
export type FindPool = (this: void, name: string) => Pool | undefined;

/** @returns the background tasks of one worker. */
export function periodicTasksOf(sharedParts: SharedParts, findPool: FindPool): readonly PeriodicTask[] {
  const { endpoint } = sharedParts.settings;
  const periodicTasks: PeriodicTask[] =
    endpoint === undefined ? [followFile(sharedParts)] : watchRedis(sharedParts, endpoint);
  periodicTasks.push(checkPeers(sharedParts, findPool));
  return periodicTasks;
}

function watchRedis(sharedParts: SharedParts, endpoint: RedisEndpoint): PeriodicTask[] {
  const { settings, keys, nodeState, cache, lease } = sharedParts;
  const snapshot =
    settings.snapshot !== undefined ? snapshotKeeper(sharedParts, endpoint, settings.snapshot) : undefined;
  const periodicTasks: PeriodicTask[] = [];
  periodicTasks.push(
    watcher({
      open: trackingOpener(endpoint, settings, keys),
      lease,
      backoff: newBackoff(jitter),
      nodeState,
      log,
      now: ngx.now,
      holds: (name) => cache.shared.find(name) !== undefined,
      newReread: (failed) =>
        refresher({ read: cache.flights.readUnlimited, isDue: () => true, runSoon, breathe, failed }),
      runSoon,
      pause: ngx.sleep,
      breathe,
      race,
      isExiting: ngx.worker.exiting,
      changed: () => snapshot?.changed(),
      keys,
      timeout: settings.watch_timeout,
    }),
  );
  if (snapshot !== undefined) {
    periodicTasks.push(() => {
      snapshot.tick();
      return !ngx.worker.exiting() ? SNAPSHOT_LOOK : undefined;
    });
  }
  return periodicTasks;
}

function snapshotKeeper(sharedParts: SharedParts, endpoint: RedisEndpoint, path: string): Keeper {
  const { settings, zones, nodeState, lease } = sharedParts;
  const redis = connectRedis(endpoint, settings);
  return keeper({
    path,
    me: ngx.worker.pid(),
    state: zones.state,
    interval: settings.snapshot_interval,
    files,
    writing: {
      redis,
      readValues: valueReader(
        redis,
        newRights(redis.connectionsMade, () => {
          tellRights(zones);
        }),
      ),
      log,
      prefixes: coveringPrefixes(sharedParts.keys.prefixes),
      breathe: () => {
        breathe();
        return lease.isMine() && !ngx.worker.exiting();
      },
    },
    isMine: lease.isMine,
    isTracked: () => nodeState.epochs.current() !== 0,
    runSoon,
    now: ngx.now,
    log,
  });
}

function followFile(sharedParts: SharedParts): PeriodicTask {
  const { settings, zones, keys, cache, nodeState, lease } = sharedParts;
  return follower({
    path: settings.routes_file ?? "",
    reading: { files, log, keys, hash: ngx.crc32_short, reach: reachOf(settings) },
    state: zones.state,
    shared: cache.shared,
    nodeState,
    lease,
    now: ngx.now,
    pause: ngx.sleep,
    breathe,
    isExiting: ngx.worker.exiting,
  });
}

function checkPeers(sharedParts: SharedParts, findPool: FindPool): PeriodicTask {
  const { zones, nodeState, lease, health } = sharedParts;
  return checker({
    isMine: lease.isMine,
    wanted: wantedPools(zones.state, ngx.now),
    changeClock: nodeState.changeClock.value,
    findPool,
    health,
    start: runSoon,
    probe,
    newGate,
    log,
    now: ngx.now,
    isExiting: ngx.worker.exiting,
  });
}

/**
 * A number from 0 to 1, from the clock's milliseconds and the process id: it differs enough between nodes, and needs
 * no seed.
 */
function jitter(): number {
  return ((ngx.now() * 1000 + ngx.worker.pid()) % 97) / 97;
}
