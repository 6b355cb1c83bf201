import assert from "node:assert/strict";
import { sayName } from "./support/backend.js";
import { eventually, timePasses } from "./support/eventually.js";
import { atOnce, everyWorker, SHOW_WORKER, tally, underLoad, type Outcome } from "./support/load.js";
import { deadAddress, type Peer } from "./support/peer.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";
import { linesOf, timesTried, triesAt } from "./support/tries.js";

type TestSite = Pick<Site, "get" | "pool" | "startPeer" | "startBackend" | "log" | "nginx">;

/** How long a backend is out the first time, milliseconds. */
const OUT_MS = 1_000;
/** Comes back soon. */
const SOON = { max_fails: 2, fail_window: 5, fail_timeout: OUT_MS / 1_000 };
/** Stays out for the rest of the test. */
const LONG = { max_fails: 2, fail_window: 60, fail_timeout: 60 };
/**
 * How long a stopped backend is waited for: longer than one that runs ever takes; and so much less than it is out that what
 * was under way when it went out has ended long before its first trial.
 */
const READ_TIMEOUT_MS = 500;
/** How many requests `underLoad` has under way at once. */
const CLIENTS = 4;
/** Times are those of log lines: when another backend had answered, not when this one had failed. */
const SLACK_MS = 400;

const options = { workers: 2, location: SHOW_WORKER, settings: { retry_after: 7 } };

/** Each way of losing a backend, and of getting it back. */
const LOSSES: Readonly<Record<string, { lose: (peer: Peer) => unknown; restore: (peer: Peer) => unknown }>> = {
  "is killed": { lose: (peer) => peer.kill(), restore: (peer) => peer.start() },
  "is stopped": {
    lose: (peer) => {
      peer.pause();
    },
    restore: (peer) => {
      peer.resume();
    },
  },
};

/**
 * Tries at the same time are one trial. It is one request, but that a worker which the machine stops for over 50 ms while
 * it holds the lock may let one more through.
 */
function roundsOf(times: readonly number[]): { readonly at: number; tries: number }[] {
  const rounds: { readonly at: number; tries: number }[] = [];
  for (const at of times.toSorted((a, b) => a - b)) {
    const last = rounds.at(-1);
    if (last !== undefined && at - last.at < SLACK_MS) last.tries += 1;
    else rounds.push({ at, tries: 1 });
  }
  return rounds;
}

suite("with two workers, one of three backends is lost under load", options, (test) => {
  for (const [how, { lose, restore }] of Object.entries(LOSSES)) {
    const slug = how.split(" ").at(1) ?? "";

    test(`it ${how}: no GET fails; it is tried ever less often; and when it is back it is used again`, async (site) => {
      const peers = await startThree(site);
      const [lost] = peers;
      const host = await site.pool(`lost-${slug}`, addressesOf(peers), { ...SOON, read_timeout: READ_TIMEOUT_MS });
      let lostAt = 0;
      let restoredAt = 0;
      const outcomes = await underLoad(
        () => site.get(host),
        async ({ answers }) => {
          await answers(100);
          lostAt = Date.now();
          await lose(lost);
          await eventually(() => assert.ok(trialsOf(site, host, lost, lostAt).length >= 3), 60_000);
          restoredAt = Date.now();
          await restore(lost);
          await eventually(async () => assert.equal((await site.get(host)).body, lost.name));
          await answers(100);
        },
      );
      const answers = tally(outcomes);
      assert.deepEqual(Object.keys(answers).toSorted(), ["200 one", "200 three", "200 two"]);

      const tried = timesTried(site, host, lost.address).filter((time) => time > lostAt && time < restoredAt);
      const [first = 0] = trialsOf(site, host, lost, lostAt);
      const before = tried.filter((time) => time < first).length;
      assert.ok(before <= SOON.max_fails + 2 * CLIENTS, `tried ${before} times before it was out`);
      const trials = roundsOf(tried.filter((time) => time >= first));
      for (let i = 1; i < trials.length; i++) {
        const pauseMs = (trials[i]?.at ?? 0) - (trials[i - 1]?.at ?? 0);
        assert.ok(pauseMs >= OUT_MS * 2 ** i - SLACK_MS, `trial ${i + 1} came ${pauseMs} ms after the one before`);
      }
      assert.ok(trials.every(({ tries }) => tries <= 2));
      assertShared(outcomes.slice(-60), peers);
    });
  }

  test("what it had under way when it was killed goes to another", async (site) => {
    const peers = await startThree(site);
    const [lost] = peers;
    const host = await site.pool("busy", addressesOf(peers), LONG);
    lost.pause();
    let answered = 0;
    const answers = atOnce([...Array(30).keys()], () => site.get(host).finally(() => (answered += 1)));
    // Each worker gives each backend in turn a third of its requests.
    await eventually(() => assert.ok(answered >= 18));
    await lost.kill();
    assert.deepEqual(Object.keys(tally(await answers)).toSorted(), ["200 three", "200 two"]);
  });
});

suite("what is known of a backend", options, (test) => {
  test("two workers share it: so many failures, and none tries it any more", async (site) => {
    const [dead, live] = [await deadAddress(), await site.startBackend("live", {})];
    const host = await site.pool("workers", [dead, live.address], LONG);
    await everyWorker(site.nginx, () => site.get(host), { status: 200, body: "live" });
    const sent = site.log().filter((line) => line.host === host).length;
    await linesOf(site, host, sent);
    const before = timesTried(site, host, dead).length;
    await everyWorker(site.nginx, () => site.get(host), { status: 200, body: "live" });
    for (let i = 0; i < 50; i++) assert.equal((await site.get(host)).body, "live");
    assert.equal(timesTried(site, host, dead).length, before, "tries since it was out");
  });

  test("one failure at a time, exactly `max_fails` are needed", async (site) => {
    const [dead, live] = [await deadAddress(), await site.startBackend("live", {})];
    const host = await site.pool("exactly", [dead, live.address], { ...LONG, max_fails: 5 });
    for (let i = 0; i < 40; i++) assert.equal((await site.get(host)).body, "live");
    assert.deepEqual(await triesAt(site, host, 40), { [live.address]: 40, [dead]: 5 });
  });

  test("failures count only when they happen within `fail_window`", async (site) => {
    const [dead, live] = [await deadAddress(), await site.startBackend("live", {})];
    const host = await site.pool("window", [dead, live.address], { ...LONG, fail_window: 0.1 });
    let failures = 0;
    for (let i = 0; i < 12; i++) {
      const answer = await site.get(host);
      assert.equal(answer.body, "live");
      if ((await answer.logged()).upstream.includes(dead)) {
        failures += 1;
        await timePasses(150);
      }
    }
    assert.ok(failures >= 6, `${failures} failures`);
  });

  test("`max_fails 0`: it is never out", async (site) => {
    const [dead, live] = [await deadAddress(), await site.startBackend("live", {})];
    const host = await site.pool("never", [dead, live.address], { max_fails: 0 });
    for (let i = 0; i < 20; i++) assert.equal((await site.get(host)).body, "live");
    assert.ok(((await triesAt(site, host, 20))[dead] ?? 0) >= 10);
  });

  test("two pools with the same rules share it", async (site) => {
    const [dead, live] = [await deadAddress(), await site.startBackend("live", {})];
    const first = await site.pool("first", [dead, live.address], LONG);
    for (let i = 0; i < 10; i++) assert.equal((await site.get(first)).body, "live");
    assert.equal((await triesAt(site, first, 10))[dead], LONG.max_fails);
    const second = await site.pool("second", [dead, live.address], LONG);
    for (let i = 0; i < 10; i++) assert.equal((await site.get(second)).body, "live");
    assert.deepEqual(await triesAt(site, second, 10), { [live.address]: 10 });
  });

  test("it outlives a change of the pool, and leaving it and coming back", async (site) => {
    const [dead, live] = [await deadAddress(), await site.startBackend("live", {})];
    const host = await site.pool("changed", [dead, live.address], LONG);
    for (let i = 0; i < 10; i++) assert.equal((await site.get(host)).body, "live");
    await site.redis.command("HDEL", "pool:changed", dead);
    for (let i = 0; i < 10; i++) assert.equal((await site.get(host)).body, "live");
    await site.redis.command("HSET", "pool:changed", dead, 5, "balance", "least_conn");
    for (let i = 0; i < 10; i++) assert.equal((await site.get(host)).body, "live");
    assert.deepEqual(await triesAt(site, host, 30), { [live.address]: 30, [dead]: LONG.max_fails });
  });
});

suite("what counts as a failure", options, (test) => {
  test("an answer with a status that `fail_on` lists", async (site) => {
    const { sick, live } = await sickAndLive(site);
    const host = await site.pool("listed", [sick.address, live.address], { ...LONG, fail_on: "connect 503" });
    const answers = [];
    for (let i = 0; i < 30; i++) answers.push(await site.get(host));
    assert.deepEqual(tally(answers), { "503 sick": 2, "200 live": 28 });
  });

  test("not one that it does not list", async (site) => {
    const { sick, live } = await sickAndLive(site);
    const host = await site.pool("unlisted", [sick.address, live.address], { ...LONG, fail_on: "connect timeout 500" });
    // Two by two, for each worker has a rotation of its own.
    const answers = tally(await atOnce([...Array(60).keys()], () => site.get(host)));
    assert.deepEqual(Object.keys(answers).toSorted(), ["200 live", "503 sick"]);
    assert.ok((answers["503 sick"] ?? 0) >= 28, JSON.stringify(answers));
  });

  test("a refused connection does not, when `fail_on` lists only statuses", async (site) => {
    const [dead, live] = [await deadAddress(), await site.startBackend("live", {})];
    const host = await site.pool("statuses", [dead, live.address], { ...LONG, fail_on: "503" });
    for (let i = 0; i < 20; i++) assert.equal((await site.get(host)).body, "live");
    assert.ok(((await triesAt(site, host, 20))[dead] ?? 0) >= 10);
  });

  test("a backend that gave such answers is used again when its trial goes well", async (site) => {
    let isSick = true;
    const sick = await site.startBackend("sick", {
      handler: (request, response) => {
        if (isSick) response.statusCode = 500;
        return sayName("sick")(request, response);
      },
    });
    const live = await site.startBackend("live", {});
    const host = await site.pool("recovers", [sick.address, live.address], { ...SOON, fail_on: "500" });
    await eventually(async () => {
      await site.get(host);
      assert.ok(sick.requests.length >= SOON.max_fails + 1, "requests until its first trial");
    });
    isSick = false;
    await eventually(async () => assert.deepEqual((await site.get(host)).body, "sick"));
    const answers = tally(await atOnce([...Array(40).keys()], () => site.get(host)));
    assert.deepEqual(Object.keys(answers).toSorted(), ["200 live", "200 sick"]);
    assert.ok((answers["200 sick"] ?? 0) >= 15, JSON.stringify(answers));
  });
});

suite("all backends are out", options, (test) => {
  test("`all_down try`, which is the default: they are tried, and serve the moment one is back", async (site) => {
    const peers = await startThree(site);
    const host = await site.pool("try", addressesOf(peers), LONG);
    for (const peer of peers) await peer.kill();
    for (let i = 0; i < 20; i++) assert.equal((await site.get(host)).status, 502);
    await peers[1].start();
    for (let i = 0; i < 20; i++) assert.equal((await site.get(host)).body, "two");
  });

  test("`all_down fail`: 503 at once, without a try; and after `fail_timeout` they are back", async (site) => {
    const peers = await startThree(site);
    const host = await site.pool("fail", addressesOf(peers), { ...SOON, fail_timeout: 3, all_down: "fail" });
    for (const peer of peers) await peer.kill();
    await eventually(async () => assert.equal((await site.get(host)).status, 503));
    const answer = await site.get(host);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers["retry-after"], "7");
    const line = await answer.logged();
    assert.deepEqual([line.error, line.upstream], ["no_peer_up", ""]);
    for (const peer of peers) await peer.start();
    await eventually(async () => {
      assertShared(await atOnce([...Array(30).keys()], () => site.get(host)), peers);
    });
  });

  test("the only backend of a route is tried all the same", async (site) => {
    const peer = await site.startPeer("only");
    await site.route("only.test", peer.address);
    await peer.kill();
    for (let i = 0; i < 10; i++) assert.equal((await site.get("only.test")).status, 502);
    await peer.start();
    for (let i = 0; i < 10; i++) assert.equal((await site.get("only.test")).body, "only");
  });
});

type Three = [Peer, Peer, Peer];

async function startThree({ startPeer }: TestSite): Promise<Three> {
  return await Promise.all([startPeer("one"), startPeer("two"), startPeer("three")]);
}

async function sickAndLive({ startBackend }: TestSite) {
  const sick = await startBackend("sick", { handler: (_, response) => void response.writeHead(503).end("sick") });
  return { sick, live: await startBackend("live", {}) };
}

function addressesOf(peers: readonly { readonly address: string }[]): string[] {
  return peers.map(({ address }) => address);
}

/** The tries, among all since the backend was lost, before which there was none for about as long as it is out. */
function trialsOf(site: TestSite, host: string, peer: Peer, lostAt: number): number[] {
  const times = timesTried(site, host, peer.address).filter((time) => time > lostAt);
  return times.filter((time, i) => i > 0 && time - (times[i - 1] ?? 0) >= OUT_MS - SLACK_MS);
}

/** Each has about its third: no less than a sixth. */
function assertShared(outcomes: readonly Outcome[], peers: readonly Peer[]): void {
  const answers = tally(outcomes);
  for (const { name } of peers) {
    assert.ok((answers[`200 ${name}`] ?? 0) >= outcomes.length / 6, JSON.stringify(answers));
  }
}
