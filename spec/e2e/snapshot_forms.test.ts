import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { signpostConfig } from "./support/config.js";
import { eventually } from "./support/eventually.js";
import { sample } from "./support/load.js";
import { startRedis } from "./support/redis_server.js";
import type { Site } from "./support/site.js";
import { fingerprints, restore, routesFileOf } from "./support/snapshot_file.js";
import { suite } from "./support/suite.js";

const backends = ["red", "blue", "green"] as const;
type TestSite = Site<(typeof backends)[number]>;

/** Addresses of backends that are not there: nothing listens on port 1. */
const addresses = (count: number) => Array.from({ length: count }, (_, i) => `127.1.${i >> 8}.${i & 255}:1`);

/** Every form there is, as the commands that write it; some take several. */
function forms({ red, blue, green }: TestSite["backends"]): (string | number)[][] {
  const pools = ["weighted", "set", "list", "string", "large", "missing"];
  return [
    ["SET", "route:string.test", `${red.address} ${blue.address}`],
    ["HSET", "route:hash.test", "/", red.address, "/api", blue.address, "/pool", "@weighted"],
    ["HSET", "route:hash.test", "/old", "return 301 https://new.test$request_uri", "/a b", green.address],
    ["HSET", "route:*.wild.test", "/", "@set", "/api", green.address],
    ["RPUSH", "route:list.test", "label", `http://${red.address}`, blue.address],
    ["RPUSH", "route:list.test", green.address],
    ["SADD", "route:set.test", red.address, blue.address],
    ["HSET", "pool:weighted", red.address, 3, blue.address, 1, green.address, 0, "host", "inner.test"],
    ["SADD", "pool:set", red.address, green.address],
    ["RPUSH", "pool:list", blue.address, green.address],
    ["SET", "pool:string", `${blue.address}, ${red.address}`],
    ["HSET", "pool:large", ...addresses(1_000).flatMap((address) => [address, 0]), green.address, 1, "tries", 1],
    ...pools.map((name) => ["SET", `route:pool-${name}.test`, `@${name}`]),
  ];
}

/** Which backends serve what {@link forms} say. */
const SERVED = [
  ["string.test", "/", "blue red"],
  ["hash.test", "/apix", "red"],
  ["hash.test", "/api/x", "blue"],
  ["hash.test", "/a%20b", "green"],
  ["hash.test", "/pool/x", "blue red"],
  ["a.wild.test", "/", "green red"],
  ["b.a.wild.test", "/api", "green"],
  ["list.test", "/", "blue green red"],
  ["set.test", "/", "blue red"],
  ["pool-weighted.test", "/", "blue red"],
  ["pool-set.test", "/", "green red"],
  ["pool-list.test", "/", "blue green"],
  ["pool-string.test", "/", "blue red"],
  ["pool-large.test", "/", "green"],
] as const;

/** @param ofMissing the failure word of a route whose pool is not there */
async function areServed({ get, backends }: TestSite, ofMissing: string): Promise<void> {
  for (const [host, path, names] of SERVED) {
    const answers = Object.keys(await sample(20, () => get(host, path))).sort();
    const expected = names.split(" ").map((name) => `200 ${name}`);
    assert.deepEqual(answers, expected, `${host}${path}`);
  }
  await sample(20, () => get("hash.test", "/pool"));
  assert.equal(backends.red.lastRequest().headers.host, "inner.test");
  const { status, headers } = await get("hash.test", "/old/x?y");
  assert.deepEqual([status, headers.location], [301, "https://new.test/old/x?y"]);
  const missing = await get("pool-missing.test");
  assert.equal(missing.status, 503);
  assert.equal((await missing.logged()).error, ofMissing);
}

const following = {
  backends,
  redis: { persistent: true },
  config:
    ({ url }: { url: string }) =>
    (place: { port: number; directory: string }) => {
      const snapshot = { snapshot: routesFileOf(place), snapshot_interval: 0.3 };
      const settings = { redis: url, cache_ttl: 3_600, watch_timeout: 0.6, ...snapshot };
      return signpostConfig({ workers: 2, settings })(place);
    },
};

/** Waits until nginx' snapshot holds all that Redis does. */
async function isWritten({ redis, nginx }: TestSite): Promise<void> {
  const wanted = await fingerprints(redis, "*");
  const empty = await startRedis();
  try {
    await eventually(async () => {
      await empty.command("FLUSHALL");
      await restore(routesFileOf(nginx), empty);
      assert.deepEqual(await fingerprints(empty, "*"), wanted);
    });
  } finally {
    await empty.dispose();
  }
}

suite("a node that was started anew while Redis is down", following, (test) => {
  test("serves routes and pools of every form from its snapshot, and follows Redis when it returns", async (site) => {
    const { redis, nginx, get } = site;
    const { red, blue, green } = site.backends;
    for (const command of forms(site.backends)) await redis.command(...command);
    await areServed(site, "no_pool");
    await isWritten(site);
    await nginx.stop();
    await redis.kill();
    await nginx.start();
    await areServed(site, "redis_down");
    await nginx.reload();
    await areServed(site, "redis_down");

    await redis.start();
    await redis.command("SADD", "pool:missing", green.address);
    await redis.command("HSET", "pool:weighted", red.address, 0, blue.address, 0, green.address, 1);
    await redis.command("HDEL", "route:hash.test", "/api");
    await eventually(async () => {
      assert.deepEqual(await sample(20, () => get("hash.test", "/pool")), { "200 green": 20 });
      assert.deepEqual(await sample(20, () => get("hash.test", "/api")), { "200 red": 20 });
      assert.deepEqual(await sample(20, () => get("pool-missing.test")), { "200 green": 20 });
    });
  });

  test("soon says what Redis says, when pools and paths have changed while it was away", async (site) => {
    const { redis, nginx, get } = site;
    const { red, blue } = site.backends;
    await redis.command("FLUSHALL");
    await redis.command("HSET", "pool:away", red.address, 1);
    await redis.command("HSET", "route:away.test", "/", "@away", "/api", red.address, "/goes", red.address);
    assert.equal((await get("away.test")).body, "red");
    await isWritten(site);
    await nginx.stop();
    await redis.command("HSET", "pool:away", red.address, 0, blue.address, 1);
    await redis.command("HSET", "route:away.test", "/api", blue.address);
    await redis.command("HDEL", "route:away.test", "/goes", "/");
    await nginx.start();
    await eventually(async () => {
      assert.deepEqual(await sample(20, () => get("away.test", "/api")), { "200 blue": 20 });
      assert.deepEqual(Object.keys(await sample(20, () => get("away.test", "/goes"))), ["404 no route for this host"]);
    });
    await redis.command("SET", "route:away.test", "@away");
    await eventually(async () => {
      assert.deepEqual(await sample(20, () => get("away.test", "/goes")), { "200 blue": 20 });
    });
  });
});

const fromFile = {
  backends,
  config: () => (place: { port: number; directory: string }) => {
    writeFileSync(routesFileOf(place), "");
    return signpostConfig({ workers: 2, settings: { routes_file: routesFileOf(place) } })(place);
  },
};

suite("a routes file, without Redis", fromFile, (test) => {
  test("may hold routes and pools of every form", async (site) => {
    const lines = forms(site.backends).map((command) => command.map((word) => JSON.stringify(String(word))).join(" "));
    writeFileSync(routesFileOf(site.nginx), `${lines.join("\n")}\n`);
    await eventually(() => areServed(site, "no_pool"));
    writeFileSync(routesFileOf(site.nginx), `${lines.join("\n")}\nDEL pool:set\n`);
    await eventually(async () => assert.equal((await site.get("a.wild.test")).status, 503));
    assert.equal((await site.get("a.wild.test", "/api")).body, "green");
  });
});
