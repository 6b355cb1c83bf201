import assert from "node:assert/strict";
import { after, type TestContext } from "node:test";
import { makeAuthority } from "./support/certificates.js";
import { startDns } from "./support/dns_server.js";
import { eventually, quietFor, within } from "./support/eventually.js";
import { outcomeOf, tally, underLoad } from "./support/load.js";
import { HEALTH_PATH, INTERVAL, makePool, startPatient, TIMEOUT, type PoolOptions } from "./support/patient.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

// What active health checks ask of members, and what becomes of those that fail. Which worker makes them, and when, is in
// health_check_turns.test.ts.

/** How many checks in a row decide, in either direction: the defaults. */
const FALL = 3;
const RISE = 2;

/** Longer than a failed check keeps a member out, in milliseconds: three intervals and the timeout. */
const HELD_MS = (3 * INTERVAL + TIMEOUT) * 1_000 + 500;

const NO_FAILURE = { fail_timeout: 60, max_fails: 1 };

/** A pool of two members, one of which will be ill; nothing but checks ever takes a member out unless options say so. */
async function twoMembers({ redis, get }: Site, context: TestContext, pool: string, options: PoolOptions = {}) {
  const well = await startPatient(context, "well");
  const sick = await startPatient(context, "sick");
  await makePool(redis, context, pool, [well.address, sick.address], { max_fails: 0, ...options });
  const ask = () => get(`${pool}.test`);
  await ask();
  await sick.checkedAgain();
  return { well, sick, ask };
}

/** Waits until the error log says that a member's checks fail, and why. */
async function fails({ nginx }: Site, address: string, reason: string): Promise<void> {
  const said = `health check of ${address} (GET ${HEALTH_PATH}) fails, and the peer is out: ${reason}`;
  await eventually(() => {
    const lines = nginx.errorLog().split("\n");
    assert.ok(
      lines.some((line) => line.includes("[warn]") && line.includes(said)),
      `not in the error log: ${said}`,
    );
  });
}

/** Sends a few requests, and tells who answered them. */
async function sample(send: () => ReturnType<Site["get"]>): Promise<Record<string, number>> {
  const outcomes = [];
  for (let i = 0; i < 12; i++) outcomes.push(await outcomeOf(send));
  return tally(outcomes);
}

suite("a member of a pool with health_path", { workers: 2 }, (test) => {
  test("goes out after `fall` wrong statuses and comes back after `rise` right ones, and no request fails", async (site, context) => {
    const { well, sick, ask } = await twoMembers(site, context, "wrong");
    let [bad, good] = [0, 0];
    const outcomes = await underLoad(ask, async () => {
      bad = sick.checkedAt.length;
      sick.health = 500;
      await sick.checkedAgain(FALL + 4);
      good = sick.checkedAt.length;
      sick.health = 204;
      await sick.checkedAgain(RISE + 2);
    });
    assert.deepEqual(Object.keys(tally(outcomes)).sort(), ["200 sick", "200 well"]);
    const checkAt = (i: number) => sick.checkedAt[i] as number;
    const served = (from: number, to: number) => sick.servedAt.filter((at) => at > from && at < to).length;
    const [decided, back] = [checkAt(bad + FALL - 1), checkAt(good + RISE - 1)];
    assert.ok(served(checkAt(bad + FALL - 2), decided) > 0, `it is out before check ${FALL}`);
    // When the next check comes, the effect of the last one is there, and requests that were under way have been answered.
    assert.equal(served(checkAt(bad + FALL), back), 0, "requests while it is out");
    assert.ok(served(back, Infinity) > 0, `it is not back after check ${RISE}`);
    assert.ok(well.servedAt.length > sick.servedAt.length);
    await fails(site, sick.address, "it answered 500");
    assert.match(site.nginx.errorLog(), new RegExp(`health check of ${sick.address} .* passes again`));
  });

  test("that has died goes out, no request fails, none tries it any longer, and it comes back when it lives", async (site, context) => {
    const { sick, ask } = await twoMembers(site, context, "dead");
    const tried = () => site.log().filter(({ upstream }) => upstream.includes(sick.address)).length;
    const outcomes = await underLoad(ask, async () => {
      await sick.die();
      await fails(site, sick.address, "connect: connection refused");
      await eventually(async () => {
        const before = tried();
        await quietFor(HELD_MS);
        assert.equal(tried() - before, 0, "requests that tried it");
      });
      await sick.revive();
      await sick.checkedAgain(RISE);
      const served = sick.servedAt.length;
      await eventually(() => assert.ok(sick.servedAt.length > served));
    });
    assert.deepEqual(Object.keys(tally(outcomes)).sort(), ["200 sick", "200 well"]);
  });

  test("that hangs goes out by health_timeout, before any request has to wait for it", async (site, context) => {
    const { sick, ask } = await twoMembers(site, context, "hung");
    sick.hangs = true;
    await sick.checkedAgain();
    await within(sick.lastCheck().closed, "the end of a check that gets no answer");
    await eventually(() => assert.match(site.nginx.errorLog(), outFor(sick.address, "(receive: )?timeout")));
    const outcomes = await underLoad(ask, () => quietFor(HELD_MS));
    assert.deepEqual(Object.keys(tally(outcomes)), ["200 well"]);
    sick.hangs = false;
    await sick.checkedAgain(RISE);
    await eventually(async () => assert.ok("200 sick" in (await sample(ask))));
  });

  test("gets no trial request while its checks fail, whatever fail_timeout says", async (site, context) => {
    const rules = { ...NO_FAILURE, fail_timeout: 0.1 };
    const { sick, ask } = await twoMembers(site, context, "trial", rules);
    sick.health = 503;
    await fails(site, sick.address, "it answered 503");
    const served = sick.servedAt.length;
    const outcomes = await underLoad(ask, () => quietFor(2 * HELD_MS));
    assert.deepEqual(Object.keys(tally(outcomes)), ["200 well"]);
    assert.equal(sick.servedAt.length, served);
  });

  test("that requests took out is brought back by checks, long before fail_timeout is over", async (site, context) => {
    const { sick, ask } = await twoMembers(site, context, "passive", { ...NO_FAILURE, fall: 100 });
    await sick.die();
    assert.deepEqual(await sample(ask), { "200 well": 12 });
    await sick.revive();
    assert.deepEqual(await sample(ask), { "200 well": 12 });
    await sick.checkedAgain(RISE);
    await eventually(async () => assert.ok("200 sick" in (await sample(ask))));
  });

  test("is asked for health_path, as signpost, on a connection of its own that is closed then", async (site, context) => {
    const { sick } = await twoMembers(site, context, "asked");
    const check = sick.lastCheck();
    const { method, target, httpVersion, rawHeaders } = check;
    assert.deepEqual({ method, target, httpVersion }, { method: "GET", target: HEALTH_PATH, httpVersion: "1.1" });
    const headers = ["Host", sick.address, "User-Agent", "signpost", "Connection", "close"];
    assert.deepEqual(rawHeaders, headers);
    await within(check.closed, "the end of a check's connection");
  });

  test("is sent the pool's `host`", async (site, context) => {
    const { sick } = await twoMembers(site, context, "named", { host: "app.example.test:8443" });
    assert.equal(sick.lastCheck().headers.host, "app.example.test:8443");
  });

  test("is well with any status of 2xx and 3xx, unless health_status says otherwise", async (site, context) => {
    const { sick, well, ask } = await twoMembers(site, context, "statuses");
    sick.health = 302;
    await sick.checkedAgain(FALL + 1);
    assert.ok("200 sick" in (await sample(ask)));

    await site.redis.command("HSET", "pool:statuses", "health_status", "404 5xx");
    sick.health = 503;
    await fails(site, well.address, "it answered 204");
    assert.deepEqual(await sample(ask), { "200 sick": 12 });
    well.health = 404;
    await well.checkedAgain(RISE);
    await eventually(async () => assert.ok("200 well" in (await sample(ask))));
  });

  test("is not checked while its weight is 0", async (site, context) => {
    const { sick, well } = await twoMembers(site, context, "drained");
    const weight = (value: number) => site.redis.command("HSET", "pool:drained", sick.address, value);
    await weight(0);
    await eventually(async () => {
      const before = sick.checkedAt.length;
      await well.checkedAgain(4);
      assert.equal(sick.checkedAt.length, before);
    });
    await weight(2);
    await sick.checkedAgain(2);
  });
});

function outFor(address: string, reason: string): RegExp {
  return new RegExp(`health check of ${address} .* fails, and the peer is out: ${reason}`);
}

const NAMES = ["peer.example.test", "other.example.test"] as const;
const authority = makeAuthority();
const dns = await startDns(Object.fromEntries(NAMES.map((name) => [name, "127.0.0.1"])));
after(() => {
  dns.close();
  authority.dispose();
});

const trusting = {
  workers: 2,
  resolver: dns.address,
  http: `  lua_ssl_trusted_certificate ${authority.certificateFile};`,
  snippet: authority.trustedIn,
};

suite("an https member of a pool with health_path", trusting, (test) => {
  const [name, another] = NAMES;

  test("is asked by TLS, and is out while what it shows is no certificate for its name", async (site, context) => {
    const good = await startPatient(context, "good", { tls: authority.issue(name) });
    const bad = await startPatient(context, "bad", { tls: authority.issue(name) });
    const members = [`https://${name}:${good.port}`, `https://${another}:${bad.port}`];
    await makePool(site.redis, context, "tls", members);
    const ask = () => site.get("tls.test");
    await ask();
    const out = outFor(`https://${another}:${bad.port}`, "(TLS|send): ");
    await eventually(() => assert.match(site.nginx.errorLog(), out));
    await good.checkedAgain();
    assert.equal(good.lastCheck().headers.host, `${name}:${good.port}`);
    assert.deepEqual(bad.checkedAt, []);
    const outcomes = await underLoad(ask, () => quietFor(HELD_MS));
    assert.deepEqual(Object.keys(tally(outcomes)), ["200 good"]);
  });

  test("goes out after wrong statuses, and comes back", async (site, context) => {
    const [one, two] = [
      await startPatient(context, "one", { tls: authority.issue(name) }),
      await startPatient(context, "two", { tls: authority.issue(another) }),
    ];
    await makePool(site.redis, context, "ill", [`https://${name}:${one.port}`, `https://${another}:${two.port}`]);
    const ask = () => site.get("ill.test");
    assert.deepEqual(await sampleNames(ask), ["200 one", "200 two"]);
    two.health = 500;
    const out = outFor(`https://${another}:${two.port}`, "it answered 500");
    await eventually(() => assert.match(site.nginx.errorLog(), out));
    assert.deepEqual(await sampleNames(ask), ["200 one"]);
    two.health = 204;
    await two.checkedAgain(RISE);
    await eventually(async () => assert.deepEqual(await sampleNames(ask), ["200 one", "200 two"]));
  });
});

async function sampleNames(send: () => ReturnType<Site["get"]>): Promise<string[]> {
  return Object.keys(await sample(send)).sort();
}
