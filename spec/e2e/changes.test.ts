import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { atOnce, everyWorker, SHOW_WORKER, tally, underLoad } from "./support/load.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

const TTL_MS = 1_000;
/** For the refresh in the background, and a busy machine. */
const SLACK_MS = 1_000;

type TestSite = Site<"red" | "blue">;

const options = {
  workers: 2,
  backends: ["red", "blue"] as const,
  settings: { cache_ttl: TTL_MS / 1_000 },
  location: SHOW_WORKER,
};

/** Makes a change while a host that both workers know is asked for; and what they answer when the TTL is over. */
async function changed({ nginx, get }: TestSite, host: string, change: () => Promise<unknown>): Promise<object> {
  await everyWorker(nginx, () => get(host), { status: 200, body: "red" });
  await underLoad(
    () => get(host),
    async () => {
      await change();
      await sleep(TTL_MS + SLACK_MS);
    },
  );
  return tally(await atOnce(Array.from({ length: 100 }), () => get(host)));
}

suite("with two workers, what changes in Redis is visible within the TTL", options, (test) => {
  test("a changed route", async (site) => {
    await site.route("moves.test", site.backends.red.address);
    const answers = await changed(site, "moves.test", () => site.route("moves.test", site.backends.blue.address));
    assert.deepEqual(answers, { "200 blue": 100 });
  });

  test("a deleted route", async (site) => {
    await site.route("goes.test", site.backends.red.address);
    const answers = await changed(site, "goes.test", () => site.redis.command("DEL", "route:goes.test"));
    assert.deepEqual(answers, { "404 no route for this host": 100 });
  });

  test("an expired route", async (site) => {
    await site.route("expires.test", site.backends.red.address);
    const answers = await changed(site, "expires.test", () => site.redis.command("PEXPIRE", "route:expires.test", 1));
    assert.deepEqual(answers, { "404 no route for this host": 100 });
  });

  test("a new exact route before a wildcard that answered", async (site) => {
    await site.route("*.special.test", site.backends.red.address);
    const answers = await changed(site, "a.special.test", () =>
      site.route("a.special.test", site.backends.blue.address),
    );
    assert.deepEqual(answers, { "200 blue": 100 });
  });

  test("a deleted exact route before a wildcard that answers then", async (site) => {
    await site.route("*.general.test", site.backends.blue.address);
    await site.route("a.general.test", site.backends.red.address);
    const answers = await changed(site, "a.general.test", () => site.redis.command("DEL", "route:a.general.test"));
    assert.deepEqual(answers, { "200 blue": 100 });
  });
});
