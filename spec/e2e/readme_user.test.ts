import assert from "node:assert/strict";
import { metric, STATUS_PAGE } from "./support/complaints.js";
import { signpostConfig } from "./support/config.js";
import { eventually } from "./support/eventually.js";
import type { Place } from "./support/nginx_server.js";
import { readmeRights } from "./support/readme.js";
import type { RedisServer } from "./support/redis_server.js";
import type { Site } from "./support/site.js";
import { linesOf, routesFileOf } from "./support/snapshot_file.js";
import { suite } from "./support/suite.js";

// The user that README grants rights, to the letter, is enough for every form and feature.

type Backends = "red" | "blue";

const redis = { args: ["--user", "signpost", ...readmeRights("secret")] };

const config = (server: RedisServer) => (place: Place) => {
  const url = `redis://signpost:secret@127.0.0.1:${server.port}/2`;
  const settings = { redis: url, cache_ttl: 0.5, snapshot: routesFileOf(place), snapshot_interval: 0.2 };
  return signpostConfig({ settings, workers: 2, server: STATUS_PAGE })(place);
};

type Words = readonly (string | number)[];

/** Writes a route or a pool of each type; each of the hosts leads to this backend then. */
function forms(address: string): Readonly<Record<string, readonly Words[]>> {
  const members = {
    hash: ["HSET", address, 1],
    set: ["SADD", address],
    list: ["RPUSH", address],
    string: ["SET", address],
  };
  const pools = Object.entries(members).map(([type, [verb = "", ...words]]): [string, readonly Words[]] => [
    `pool-${type}.test`,
    [
      ["DEL", `pool:${type}`],
      [verb, `pool:${type}`, ...words],
      ["SET", `route:pool-${type}.test`, `@${type}`],
    ],
  ]);
  return {
    "string.test": [["SET", "route:string.test", address]],
    "any.wild.test": [["SET", "route:*.wild.test", address]],
    "hash.test": [
      ["DEL", "route:hash.test"],
      ["HSET", "route:hash.test", "/", address, "/x", "return 404"],
    ],
    "list.test": [
      ["DEL", "route:list.test"],
      ["RPUSH", "route:list.test", "label", `http://${address}`],
    ],
    "set.test": [
      ["DEL", "route:set.test"],
      ["SADD", "route:set.test", address],
    ],
    ...Object.fromEntries(pools),
  };
}

/** Writes all forms anew, and waits until each is served. */
async function servesAll(site: Site<Backends>, name: Backends): Promise<void> {
  await site.redis.command("SELECT", 2);
  const all = forms(site.backends[name].address);
  for (const commands of Object.values(all)) for (const command of commands) await site.redis.command(...command);
  for (const host of Object.keys(all)) {
    await eventually(async () => assert.equal((await site.get(host)).body, name, host));
  }
  assert.equal((await site.get("none.test")).status, 404);
}

/** The commands and keys that Redis has refused to anybody. */
async function refusedObjects({ redis: server }: Site): Promise<string[]> {
  const entries = (await server.command("ACL", "LOG")) as string[][];
  return entries.map((entry) => String(entry[entry.indexOf("object") + 1]));
}

/** Nothing was asked for that is not granted: neither does Redis say so, nor does Signpost. */
async function nothingWasRefused(site: Site): Promise<void> {
  assert.deepEqual(await refusedObjects(site), []);
  assert.doesNotMatch(site.nginx.errorLog(), /NOPERM|no permissions|grant/);
}

suite<Backends>("README's Redis user", { redis, config, backends: ["red", "blue"] }, (test) => {
  test("is enough for all forms, as they are pushed", async (site) => {
    await eventually(async () => assert.equal(await metric(site, "signpost_tracking"), 1));
    await servesAll(site, "red");
    await servesAll(site, "blue");
    assert.equal(await metric(site, "signpost_tracking"), 1);
    await nothingWasRefused(site);
  });

  test("is enough for a snapshot, that holds all of them", async (site) => {
    const { address } = site.backends.blue;
    await eventually(() => {
      const lines = linesOf(routesFileOf(site.nginx));
      for (const type of ["hash", "set", "list", "string"]) {
        const isIn = (key: string) => lines.some((line) => line.includes(` ${key} `) && line.includes(address));
        assert.ok(isIn(`route:${type}.test`) && isIn(`pool:${type}`), type);
      }
    });
    assert.doesNotMatch(site.nginx.errorLog(), /not in the snapshot|no new snapshot/);
    await nothingWasRefused(site);
  });

  test("writes nothing, and reads no other key", async ({ redis: server }) => {
    const rights = JSON.stringify(await server.command("ACL", "GETUSER", "signpost"));
    assert.match(rights, /-@all/);
    assert.match(rights, /%R~route:\* %R~pool:\*/);
  });

  test("is enough, all but the right to track, where routes are polled", async (site) => {
    await site.redis.command("ACL", "SETUSER", "signpost", "-client|tracking");
    await site.redis.command("CLIENT", "KILL", "USER", "signpost");
    await eventually(async () => assert.equal(await metric(site, "signpost_tracking"), 0));
    await servesAll(site, "red");
    await servesAll(site, "blue");
    for (const refused of await refusedObjects(site)) assert.equal(refused, "client|tracking");
  });
});
