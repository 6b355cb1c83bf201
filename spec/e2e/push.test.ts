import assert from "node:assert/strict";
import { clusterSuite, type Cluster } from "./support/cluster.js";
import { eventually, quietFor } from "./support/eventually.js";
import { says } from "./support/worker_line.js";

/** What is done to Redis, while `a.test` and `b.test` say 1 and 2; and what they say afterwards. */
interface Change {
  readonly commands: readonly (readonly (string | number)[])[];
  readonly a: string | number;
  readonly b: string | number;
}

const A = "route:a.test";
const B = "route:b.test";
const RESTORE = "redis.call('RESTORE', KEYS[2], 0, redis.call('DUMP', KEYS[1]), 'REPLACE')";

const CHANGES: Readonly<Record<string, Change>> = {
  "a SET over another value": { commands: [["SET", A, says("new")]], a: "new", b: 2 },
  "an MSET of both": { commands: [["MSET", A, says("x"), B, says("y")]], a: "x", b: "y" },
  "a GETSET": { commands: [["GETSET", A, says("new")]], a: "new", b: 2 },
  "an APPEND": { commands: [["APPEND", A, "/more"]], a: "1/more", b: 2 },
  "a DEL": { commands: [["DEL", A]], a: 404, b: 2 },
  "an UNLINK of both": { commands: [["UNLINK", A, B]], a: 404, b: 404 },
  "a RENAME over the other": { commands: [["RENAME", A, B]], a: 404, b: 1 },
  "a COPY over the other": { commands: [["COPY", A, B, "REPLACE"]], a: 1, b: 1 },
  "a MOVE to another database": { commands: [["MOVE", A, 1]], a: 404, b: 2 },
  "a RESTORE over the other": { commands: [["EVAL", RESTORE, 2, A, B]], a: 1, b: 1 },
  "an expiry set with EXPIRE": { commands: [["PEXPIRE", A, 50]], a: 404, b: 2 },
  "an expiry set with SET": { commands: [["SET", A, says("lease"), "PX", 50]], a: 404, b: 2 },
  "a FLUSHDB": { commands: [["FLUSHDB"]], a: 404, b: 404 },
  "a FLUSHALL": { commands: [["FLUSHALL"]], a: 404, b: 404 },
  "a FLUSHALL ASYNC": { commands: [["FLUSHALL", "ASYNC"]], a: 404, b: 404 },
  "a FLUSHALL and what is written right after it": {
    commands: [["FLUSHALL"], ["SET", B, says("after")]],
    a: 404,
    b: "after",
  },
  "a transaction, as its end has it": {
    commands: [["MULTI"], ["DEL", A], ["SET", A, says("new")], ["SET", B, says("n")], ["DEL", B], ["EXEC"]],
    a: "new",
    b: 404,
  },
};

async function begin({ redis, say, agree }: Cluster): Promise<void> {
  await redis.command("FLUSHALL");
  await say("a.test", 1);
  await say("b.test", 2);
  await agree({ "a.test": 1, "b.test": 2 });
}

clusterSuite("every worker of two nodes sees", {}, (test) => {
  for (const [what, { commands, a, b }] of Object.entries(CHANGES)) {
    test(what, async (cluster) => {
      await begin(cluster);
      await Promise.all(commands.map((command) => cluster.redis.command(...command)));
      await cluster.agree({ "a.test": a, "b.test": b });
    });
  }

  test("a value of another type: one that is bad leaves the last good value, and is complained of", async (cluster) => {
    await begin(cluster);
    await cluster.redis.command(
      "EVAL",
      "redis.call('DEL', KEYS[1]); redis.call('HSET', KEYS[1], 'no path', '?')",
      1,
      A,
    );
    await eventually(() => {
      for (const node of cluster.nodes) assert.match(node.errorLog(), /bad_route route:a\.test/);
    });
    await cluster.agree({ "a.test": 1 });
    await cluster.say("a.test", "mended");
    await cluster.agree({ "a.test": "mended" });
  });

  test("a name that was asked for before it existed, and again when it has gone", async (cluster) => {
    await begin(cluster);
    await cluster.agree({ "later.test": 404 });
    await cluster.say("later.test", "here");
    await cluster.agree({ "later.test": "here" });
    await cluster.redis.command("DEL", "route:later.test");
    await cluster.agree({ "later.test": 404 });
  });

  test("a wildcard that comes, changes and goes, below a default that does", async (cluster) => {
    await begin(cluster);
    const agreeOn = (deep: string | number, other: string | number) =>
      cluster.agree({ "deep.in.wild.test": deep, "other.test": other, "a.test": 1 });
    await agreeOn(404, 404);
    await cluster.say("*.wild.test", "wild");
    await agreeOn("wild", 404);
    await cluster.say("*", "any");
    await agreeOn("wild", "any");
    await cluster.say("*.in.wild.test", "nearer");
    await agreeOn("nearer", "any");
    await cluster.redis.command("DEL", "route:*.in.wild.test", "route:*.wild.test");
    await agreeOn("any", "any");
    await cluster.say("*", "changed");
    await agreeOn("changed", "changed");
    await cluster.redis.command("DEL", "route:*");
    await agreeOn(404, 404);
  });

  test("a SWAPDB, of which Redis says nothing, as soon as the tracking connections have been killed", async (cluster) => {
    await begin(cluster);
    await cluster.redis.command("SELECT", 1);
    await cluster.say("a.test", "swapped");
    await cluster.redis.command("SELECT", 0);
    await cluster.redis.command("SWAPDB", 0, 1);
    await cluster.redis.command("CLIENT", "KILL", "TYPE", "pubsub");
    await cluster.agree({ "a.test": "swapped", "b.test": 404 });
  });

  test("the last of many changes in a row", async (cluster) => {
    await begin(cluster);
    for (let round = 0; round < 20; round++) {
      const last = 50 + Math.floor(Math.random() * 50);
      await Promise.all(Array.from({ length: last + 1 }, (_, i) => cluster.say("a.test", `${round}.${i}`)));
      await cluster.agree({ "a.test": `${round}.${last}` });
    }
  });
});

clusterSuite(
  "a route_prefix that the pool_prefix begins with",
  { settings: { route_prefix: "r:", pool_prefix: "r:p:" } },
  (test) => {
    test("is pushed as any other, over one connection a node", async ({ redis, agree, trackingWorkers }) => {
      await redis.command("MSET", "r:a.test", says(1), "r:*.wild.test", says("wild"));
      await agree({ "a.test": 1, "x.wild.test": "wild", "later.test": 404 });
      await redis.command("MSET", "r:a.test", says(2), "r:*.wild.test", says("w"), "r:later.test", says("here"));
      await agree({ "a.test": 2, "x.wild.test": "w", "later.test": "here" });
      await redis.command("FLUSHALL");
      await agree({ "a.test": 404, "x.wild.test": 404, "later.test": 404 });
      await trackingWorkers();
    });
  },
);

clusterSuite("an empty route_prefix", { settings: { route_prefix: "" } }, (test) => {
  test("takes any key for a route, and sees its changes", async ({ redis, agree, trackingWorkers }) => {
    await redis.command("MSET", "a.test", says(1), "*", says("any"));
    await agree({ "a.test": 1, "b.test": "any" });
    await redis.command("MSET", "a.test", says(2), "b.test", says("own"), "pool:web", "127.0.0.1:1");
    await agree({ "a.test": 2, "b.test": "own" });
    await redis.command("DEL", "*", "a.test");
    await agree({ "a.test": 404, "b.test": "own" });
    await trackingWorkers();
  });
});

clusterSuite("a database other than 0", { settings: { redis_database: 5 } }, (test) => {
  test("has its own routes; the same names in other databases change nothing", async ({ redis, say, agree }) => {
    await redis.command("SELECT", 5);
    await say("a.test", "five");
    await agree({ "a.test": "five" });
    await redis.command("SELECT", 0);
    await say("a.test", "zero");
    await redis.command("FLUSHDB");
    await quietFor(200);
    await agree({ "a.test": "five" });
    await redis.command("SELECT", 5);
    await redis.command("DEL", A);
    await agree({ "a.test": 404 });
  });
});
