import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { startBackend, type Backend } from "./support/backend.js";
import { signpostConfig } from "./support/config.js";
import { luaErrors, tail, WORKER_KILLED } from "./support/error_log.js";
import { eventually } from "./support/eventually.js";
import { request, type Answer } from "./support/http_client.js";
import { atOnce, everyWorker, outcomeOf, SHOW_WORKER, tally, type Outcome } from "./support/load.js";
import { startNginx, type NginxServer } from "./support/nginx_server.js";
import { layOutOldVersion, type OldVersion } from "./support/old_version.js";
import { deadAddress, startPeer, type Peer } from "./support/peer.js";
import { startRedis, type RedisServer } from "./support/redis_server.js";

// An nginx that runs Signpost 0.1.0, and gets the Lua under test over it by a reload, its snippets as they were. For a
// while old and new workers have the same shared dicts. Meanwhile requests, changes and failures go on.

/** One node on its way from 0.1.0 to the Lua under test, with a Redis and backends. */
interface Upgrade {
  readonly redis: RedisServer;
  readonly nginx: NginxServer;
  readonly old: OldVersion;
  readonly red: Backend;
  readonly blue: Backend;
  /** A backend that can be killed, and that is checked. */
  readonly peer: Peer;
  /** Refuses connections. */
  readonly dead: string;
  get(host: string, path?: string): Promise<Answer>;
  dispose(): Promise<void>;
}

async function startUpgrade(settings: Readonly<Record<string, string | number>> = {}): Promise<Upgrade> {
  const old = layOutOldVersion();
  const redis = await startRedis();
  const [red, blue] = [await startBackend("red"), await startBackend("blue")];
  const peer = await startPeer("peer");
  const dead = await deadAddress();
  const nginx = await startNginx((place) =>
    signpostConfig({
      workers: 2,
      // A cache_ttl so long that a change can only be seen because it was pushed.
      settings: {
        redis: redis.url,
        cache_ttl: 3_600,
        snapshot: snapshotIn(place),
        snapshot_interval: 0.2,
        ...settings,
      },
      location: `${SHOW_WORKER}
      add_header x-cache $signpost_cache always;`,
      luaDirectory: old.luaDirectory,
      snippet: (_, name) => old.snippet(name),
    })(place),
  );
  const get = (host: string, path = "/") => request(nginx.port, { host, path });
  const dispose = async () => {
    await nginx.dispose();
    await peer.close();
    await Promise.all([red.close(), blue.close()]);
    await redis.dispose();
    old.dispose();
  };
  return { redis, nginx, old, red, blue, peer, dead, get, dispose };
}

const snapshotIn = ({ directory }: { directory: string }) => join(directory, "routes");

/** Hosts with every form of route and pool, by what is right for each: one or several of the backends' names. */
async function writeEveryForm({ redis, red, blue, peer, dead }: Upgrade): Promise<Record<string, readonly string[]>> {
  const write = (...command: (string | number)[]) => redis.command(...command);
  await write("SET", "route:string.test", red.address);
  await write("SET", "route:*.wild.test", `${red.address} ${blue.address}`);
  await write("HSET", "route:hash.test", "/", blue.address, "/sub", "return 403");
  await write("RPUSH", "route:list.test", "a label", red.address, blue.address);
  await write("SADD", "route:set.test", red.address, blue.address);
  await write("SADD", "pool:set", red.address);
  await write("SET", "route:set-pool.test", "@set");
  await write("HSET", "pool:failing", dead, 1, red.address, 1, "max_fails", 1, "fail_timeout", 0.3);
  await write("SET", "route:failing.test", "@failing");
  const checks = ["health_path", "/health", "health_interval", 0.5, "rise", 1, "fall", 1];
  await write("HSET", "pool:checked", peer.address, 1, red.address, 1, ...checks);
  await write("SET", "route:checked.test", "@checked");
  await write("HSET", "pool:hash", red.address, 1, blue.address, 2, "balance", "hash", "hash_on", "uri");
  await write("SET", "route:hash-pool.test", "@hash");
  await write("HSET", "pool:least", red.address, 1, blue.address, 0, "balance", "least_conn", "host", "web.internal");
  await write("SET", "route:least.test", "@least");
  return {
    "string.test": ["200 red"],
    "any.wild.test": ["200 red", "200 blue"],
    "hash.test": ["200 blue"],
    "list.test": ["200 red", "200 blue"],
    "set.test": ["200 red", "200 blue"],
    "set-pool.test": ["200 red"],
    "failing.test": ["200 red"],
    "checked.test": ["200 peer", "200 red"],
    "hash-pool.test": ["200 red", "200 blue"],
    "least.test": ["200 red"],
    "unknown.test": ["404 no route for this host"],
  };
}

/** What came that was not right, by host. */
type Wrong = Record<string, Record<string, number>>;

/** What ends the loads of the test under way, should it fail. */
const enders = new Set<() => void>();

/** Requests to all the hosts in turn, in several clients, until it is stopped. */
function startLoad(get: Upgrade["get"], right: Readonly<Record<string, readonly string[]>>) {
  const outcomes = new Map<string, Outcome[]>(Object.keys(right).map((host) => [host, []]));
  let isOver = false;
  enders.add(() => (isOver = true));
  const client = async () => {
    while (!isOver) {
      for (const [host, list] of outcomes) list.push(await outcomeOf(() => get(host)));
    }
  };
  const clients = Array.from({ length: 6 }, client);
  return {
    count: () => [...outcomes.values()].reduce((sum, list) => sum + list.length, 0),
    stop: async (): Promise<Wrong> => {
      isOver = true;
      await Promise.all(clients);
      const wrong: Wrong = {};
      for (const [host, list] of outcomes) {
        const others = Object.entries(tally(list)).filter(([answer]) => right[host]?.includes(answer) !== true);
        if (others.length > 0) wrong[host] = Object.fromEntries(others);
      }
      return wrong;
    },
  };
}

/** Waits until so many more requests of a load have been answered. */
async function more(load: { count(): number }, count: number): Promise<void> {
  const before = load.count();
  await eventually(() => assert.ok(load.count() >= before + count), 120_000);
}

/** Changes a route again and again, and waits each time until every worker of the moment serves the new value. */
async function changeRoutes({ redis, get, red, blue }: Upgrade, isOver: () => boolean): Promise<number> {
  let changes = 0;
  // Hosts that no round has asked for before: they are looked up, whatever was pushed by then.
  const round = randomUUID();
  await redis.command("SET", "route:changing-pool.test", "@changing");
  while (!isOver() || changes < 5) {
    const [next, name] = changes % 2 === 0 ? [blue.address, "blue"] : [red.address, "red"];
    await redis.command("SET", "route:changing.test", next);
    await redis.command("SET", "pool:changing", next);
    await redis.command("SET", `route:new${changes}-${round}.test`, next);
    for (const host of ["changing.test", "changing-pool.test"]) {
      await eventually(async () => assert.equal((await get(host)).body, name));
      // Once served, it is never un-seen, whichever worker answers, old or new.
      for (let i = 0; i < 10; i++) assert.equal((await get(host)).body, name, `${host}, change ${changes}`);
    }
    assert.equal((await get(`new${changes}-${round}.test`)).body, name);
    await redis.command("DEL", `route:new${changes}-${round}.test`);
    await eventually(async () => assert.equal((await get(`new${changes}-${round}.test`)).status, 404));
    changes += 1;
  }
  return changes;
}

/** Runs `reload` while routes change all the time; at the end every worker serves the last of them. */
async function whileRoutesChange(upgrade: Upgrade, reload: () => Promise<void>): Promise<void> {
  let isOver = false;
  const changing = changeRoutes(upgrade, () => isOver);
  try {
    await reload();
  } finally {
    isOver = true;
  }
  const name = (await changing) % 2 === 1 ? "blue" : "red";
  await everyWorker(upgrade.nginx, () => upgrade.get("changing.test"), { status: 200, body: name });
}

/** Begins requests that old workers have in their hands until `release`. */
async function hold({ redis, get }: Upgrade) {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const backend = await startBackend("held", {
    handler: async (_, response) => {
      response.write("first ");
      await released;
      response.end("last");
    },
  });
  await redis.command("SET", "route:held.test", backend.address);
  const outcomes = atOnce(Array.from({ length: 4 }), () => get("held.test")).finally(() => backend.close());
  await eventually(() => assert.equal(backend.requests.length, 4));
  return { release, outcomes };
}

/** The new Lua says in the log what the old snippets lack; 0.1.0 does not. */
const saysWhatLacks = (nginx: NginxServer) => nginx.errorLog().includes("signpost.location.conf is of version 0.1.0");

/** @param allowed lines of the error log that the test provokes */
function onUpgrade(title: string, body: (upgrade: Upgrade) => Promise<void>, allowed: readonly RegExp[] = []): void {
  test(title, { timeout: 300_000 }, async (context) => {
    const upgrade = await startUpgrade();
    try {
      await body(upgrade);
      assert.deepEqual(luaErrors(upgrade.nginx.errorLog(), allowed), [], "nginx' error log");
    } catch (error) {
      context.diagnostic(`the end of nginx' error log:\n${tail(upgrade.nginx.errorLog())}`);
      throw error;
    } finally {
      for (const end of enders) end();
      enders.clear();
      await upgrade.dispose();
    }
  });
}

describe("from 0.1.0 to this Lua, by a reload, with the snippets kept", () => {
  onUpgrade(
    "no request fails, and every change is served, while old and new workers run side by side",
    async (upgrade) => {
      const { nginx, old, get } = upgrade;
      const right = await writeEveryForm(upgrade);
      for (const host of Object.keys(right)) await get(host);
      const load = startLoad(get, right);
      await more(load, 200);
      assert.ok(!saysWhatLacks(nginx), "0.1.0 says nothing of versions");
      old.installNew();
      const held = await hold(upgrade);
      await whileRoutesChange(upgrade, async () => {
        const reloaded = nginx.reload();
        await eventually(() => assert.ok(saysWhatLacks(nginx)));
        held.release();
        await reloaded;
      });
      assert.deepEqual(tally(await held.outcomes), { "200 first last": 4 });
      await more(load, 500);
      assert.deepEqual(await load.stop(), {});
      assert.ok(saysWhatLacks(nginx), "the new Lua runs");
    },
  );

  onUpgrade("no request fails on the way back either, nor when it is done again and again", async (upgrade) => {
    const { nginx, old, get } = upgrade;
    const right = await writeEveryForm(upgrade);
    const load = startLoad(get, right);
    for (const install of [old.installNew, old.installOld, old.installNew]) {
      install();
      await whileRoutesChange(upgrade, () => nginx.reload());
      await more(load, 200);
    }
    assert.deepEqual(await load.stop(), {});
  });

  onUpgrade("what old workers knew is known to the new ones, though Redis is lost", async (upgrade) => {
    const { nginx, old, get, redis } = upgrade;
    const right = await writeEveryForm(upgrade);
    for (const host of Object.keys(right))
      await everyWorker(nginx, () => get(host), { status: (await get(host)).status });
    await redis.kill();
    old.installNew();
    await nginx.reload();
    for (const [host, answers] of Object.entries(right)) {
      const { status, body } = await get(host);
      assert.ok(answers.includes(`${status} ${body.trim()}`), `${host}: ${status} ${body}`);
    }
  });

  onUpgrade(
    "the snapshot that 0.1.0 wrote is what nginx starts from while Redis is down, and the other way round",
    async (upgrade) => {
      const { nginx, old, get, redis } = upgrade;
      const { "unknown.test": _, ...right } = await writeEveryForm(upgrade);
      /** Waits until the snapshot has every key. */
      const isWritten = async () => {
        const keys = (await redis.command("KEYS", "*")) as string[];
        const path = snapshotIn(nginx);
        await eventually(() => {
          const text = existsSync(path) ? readFileSync(path, "latin1") : "";
          assert.deepEqual(
            keys.filter((key) => !text.includes(` ${key} `)),
            [],
          );
        });
      };
      const startsFromIt = async () => {
        await redis.kill();
        await nginx.stop();
        await nginx.start();
        for (const [host, answers] of Object.entries(right)) {
          const { status, body } = await get(host);
          assert.ok(answers.includes(`${status} ${body.trim()}`), `${host}: ${status} ${body}`);
        }
        await redis.start();
      };
      await isWritten();
      old.installNew();
      await startsFromIt();
      // Redis came back empty.
      await writeEveryForm(upgrade);
      await redis.command("SET", "route:later.test", "return 410");
      await isWritten();
      old.installOld();
      await startsFromIt();
      assert.ok(saysWhatLacks(nginx), "the new Lua ran");
    },
  );

  onUpgrade("a backend that old workers have taken out stays out, and comes back when it is well", async (upgrade) => {
    const { nginx, old, get, redis, peer, red } = upgrade;
    const options = ["max_fails", 1, "fail_timeout", 3_600, "all_down", "fail"];
    await redis.command("HSET", "pool:out", peer.address, 1, ...options);
    await redis.command("SET", "route:out.test", "@out");
    const checks = ["health_path", "/health", "health_interval", 0.5, "rise", 1, "fall", 1];
    await redis.command("HSET", "pool:checked", peer.address, 1, red.address, 1, ...checks);
    await redis.command("SET", "route:checked.test", "@checked");
    assert.equal((await get("out.test")).body, "peer");
    await get("checked.test");
    await peer.kill();
    await get("out.test");
    await everyWorker(nginx, () => get("out.test"), { status: 503 });
    old.installNew();
    const load = startLoad(get, { "checked.test": ["200 red", "200 peer"] });
    await nginx.reload();
    await more(load, 100);
    await peer.start();
    // Its checks, by whichever worker, find that it is well: everybody uses it again.
    await everyWorker(nginx, () => get("checked.test"), { status: 200, body: "peer" });
    assert.deepEqual(await load.stop(), {});
  });

  onUpgrade(
    "a worker that dies before the reload is followed by one that works, though new files lie where old ones were",
    async (upgrade) => {
      const { nginx, old, get } = upgrade;
      const right = await writeEveryForm(upgrade);
      old.installNew();
      const [first = 0] = nginx.workers();
      process.kill(first, "SIGKILL");
      await eventually(() => {
        assert.ok(!nginx.workers().includes(first));
        assert.equal(nginx.workers().length, 2);
      });
      await everyWorker(nginx, () => get("string.test"), { status: 200, body: "red" });
      const load = startLoad(get, right);
      await more(load, 100);
      await nginx.reload();
      assert.deepEqual(await load.stop(), {});
    },
    WORKER_KILLED,
  );
});
