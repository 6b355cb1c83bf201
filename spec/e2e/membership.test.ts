import assert from "node:assert/strict";
import { sayName, type Backend, type Handler } from "./support/backend.js";
import { eventually, timePasses } from "./support/eventually.js";
import { everyWorker, SHOW_WORKER, steadily, tally, underLoad } from "./support/load.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

/** Changes come by push, and are never taken for polling. */
const SETTINGS = { cache_ttl: 3_600 };

type AnySite = Pick<Site, "get" | "pool" | "redis" | "route" | "startBackend" | "startPeer">;

suite(
  "with two workers, a pool changes under load",
  { workers: 2, location: SHOW_WORKER, settings: SETTINGS, backends: ["red", "green", "guest"] },
  (test) => {
    test("a member that joins and leaves again and again fails no request, and is used while it is there", async (site) => {
      const { red, green, guest } = site.backends;
      const host = await site.pool("guests", [red.address, green.address]);
      const outcomes = await underLoad(
        () => site.get(host),
        async () => {
          for (let i = 0; i < 40; i++) {
            await site.redis.command("HSET", "pool:guests", guest.address, 1);
            await eventually(async () => assert.equal((await site.get(host)).body, "guest"));
            await site.redis.command("HDEL", "pool:guests", guest.address);
            await timePasses(20);
          }
        },
      );
      assert.deepEqual(Object.keys(tally(outcomes)).toSorted(), ["200 green", "200 guest", "200 red"]);
    });

    test("a member that leaves, finishes and only then ends fails no request, not even a POST", async (site) => {
      const { red, green } = site.backends;
      const host = await site.pool("rolling", [red.address, green.address]);
      const outcomes = await underLoad(
        () => site.get(host, "/", { method: "POST", body: "x" }),
        async ({ answers }) => {
          for (let i = 0; i < 4; i++) {
            const peer = await site.startPeer("instance");
            await site.redis.command("HSET", "pool:rolling", peer.address, 1);
            await eventually(async () => assert.equal((await site.get(host)).body, "instance"));
            await site.redis.command("HDEL", "pool:rolling", peer.address);
            await changesAreSeen(site);
            await answers(10); // its last requests are done
            await peer.kill();
          }
        },
      );
      assert.deepEqual(Object.keys(tally(outcomes)).toSorted(), ["200 green", "200 instance", "200 red"]);
    });

    test("a member of weight 0 gets no new request, and finishes those that it has", async (site) => {
      const held = holding("drained");
      const drained = await site.startBackend("drained", { handler: held.handler });
      const steady = await site.startBackend("steady", {});
      const host = await site.pool("drain", [steady.address, drained.address]);
      const underWay = Array.from({ length: 20 }, () => site.get(host));
      await eventually(() => assert.equal(held.count() + steady.requests.length, 20));
      const { length: seen } = drained.requests;
      assert.ok(seen >= 8);
      await site.redis.command("HSET", "pool:drain", drained.address, 0);
      await changesAreSeen(site);
      await everyWorker(site.nginx, () => site.get(host), { status: 200, body: "steady" });
      const outcomes = await steadily(100, () => site.get(host));
      assert.deepEqual(Object.keys(tally(outcomes)), ["200 steady"]);
      assert.deepEqual([held.count(), drained.requests.length], [seen, seen]);
      held.open();
      assert.deepEqual(tally(await Promise.all(underWay)), { "200 drained": seen, "200 steady": 20 - seen });
    });

    test("when all members drain there is none to be had: 503", async (site) => {
      const { red } = site.backends;
      const host = await site.pool("empty", [red.address]);
      assert.equal((await site.get(host)).body, "red");
      await site.redis.command("HSET", "pool:empty", red.address, 0);
      const answer = await eventually(async () => {
        const last = await site.get(host);
        assert.equal(last.status, 503);
        return last;
      });
      assert.equal((await answer.logged()).error, "no_peer_up");
    });
  },
);

suite(
  "what a pool has counted survives a change of its members",
  { settings: SETTINGS, backends: ["one", "two", "three", "four"] },
  (test) => {
    test("a new member does not restart the rotation, and comes last", async (site) => {
      const { one, two, three, four } = site.backends;
      const host = await site.pool("turns", [one.address, two.address, three.address]);
      const turns: string[] = [];
      for (let i = 0; i < 4; i++) turns.push((await site.get(host)).body);
      assert.equal(new Set(turns).size, 3);
      const [first, second, third] = turns;
      assert.equal(turns[3], first);
      await site.redis.command("HSET", "pool:turns", four.address, 1);
      await changesAreSeen(site);
      const after: string[] = [];
      for (let i = 0; i < 8; i++) after.push((await site.get(host)).body);
      const round = [second, third, first, "four"];
      assert.deepEqual(after, [...round, ...round]);
    });

    test("a change at every request takes no turn from those that stay", async (site) => {
      const { one, two, three, four } = site.backends;
      const host = await site.pool("restless", [one.address, two.address, three.address]);
      const names: string[] = [];
      for (let i = 0; i < 60; i++) {
        names.push((await site.get(host)).body);
        const change =
          i % 2 === 0 ? ["HSET", "pool:restless", four.address, 1] : ["HDEL", "pool:restless", four.address];
        await site.redis.command(...change);
        await changesAreSeen(site);
      }
      const stayed = names.filter((name) => name !== "four");
      assert.equal(new Set(stayed.slice(0, 3)).size, 3);
      assert.deepEqual(stayed.slice(3), stayed.slice(0, -3), "those that stay go on in their order");
    });

    test("`least_conn` knows how many requests each member has, those from before the change too", async (site) => {
      const busy = holding("busy");
      const idle = holding("idle");
      const fresh = holding("fresh");
      const start = (name: string, handler: Handler) => site.startBackend(name, { handler });
      const busyBackend = await start("busy", busy.handler);
      const idleBackend = await start("idle", idle.handler);
      const freshBackend = await start("fresh", fresh.handler);
      const members = [busyBackend.address, idleBackend.address];
      const host = await site.pool("least", members, { balance: "least_conn" });
      const before = await hold(site, host, 16, [busyBackend, idleBackend]);
      assert.deepEqual([busy.count(), idle.count()], [8, 8]);
      idle.release();

      await site.redis.command("HSET", "pool:least", freshBackend.address, 1);
      await changesAreSeen(site);
      const after = await hold(site, host, 8, [busyBackend, idleBackend, freshBackend]);
      assert.equal(busy.count(), 8, "none went to the busy one");
      assert.equal(idle.count() + fresh.count(), 8);
      for (const held of [busy, idle, fresh]) held.open();
      const answers = tally(await Promise.all([...before, ...after]));
      assert.equal(answers["200 busy"], 8);
      // All done: now it gets its share again.
      const later = [];
      for (let i = 0; i < 60; i++) later.push(await site.get(host));
      const counts = tally(later);
      for (const name of ["busy", "idle", "fresh"])
        assert.ok((counts[`200 ${name}`] ?? 0) >= 8, JSON.stringify(counts));
    });
  },
);

let markers = 0;

/**
 * Waits until nginx has handled all that was pushed so far. Pushes come in order, and this is one more; but one that comes
 * within 20 ms of the last of its name is put off for the rest of them. So it is done again until it has been put off itself.
 */
async function changesAreSeen({ route, get }: AnySite): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const url = `http://marker.test/${++markers}`;
    await route("marker.test", `return 302 ${url}`);
    await eventually(async () => assert.equal((await get("marker.test")).headers.location, url));
  }
}

/** Sends requests one after the other, each when a backend has the one before, and none is answered yet. */
async function hold(site: AnySite, host: string, count: number, backends: readonly Backend[]) {
  const seen = () => backends.reduce((sum, { requests }) => sum + requests.length, 0);
  const answers = [];
  for (let i = 0; i < count; i++) {
    const before = seen();
    answers.push(site.get(host));
    await eventually(() => assert.equal(seen(), before + 1));
  }
  return answers;
}

/** A handler that keeps requests waiting. */
function holding(name: string) {
  const answer = sayName(name);
  let held: (() => void)[] = [];
  let isOpen = false;
  const handler: Handler = (request, response) => {
    if (isOpen) return answer(request, response);
    held.push(() => void answer(request, response));
  };
  /** Answers those that wait. */
  const release = () => {
    for (const go of held) go();
    held = [];
  };
  /** Answers those that wait, and from now on at once. */
  const open = () => {
    isOpen = true;
    release();
  };
  return { handler, count: () => held.length, release, open };
}
