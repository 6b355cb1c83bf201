import assert from "node:assert/strict";
import { eventually } from "./support/eventually.js";
import { everyWorker, inTurn, SHOW_WORKER, tally, underLoad } from "./support/load.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

type TestSite = Site<"red" | "blue">;

const options = {
  workers: 2,
  backends: ["red", "blue"] as const,
  settings: { cache_ttl: 1 },
  location: SHOW_WORKER,
};

/** Makes a change while a host that both workers know is asked for, and waits until all answers are as expected. */
async function changed(
  { nginx, get }: TestSite,
  host: string,
  change: () => Promise<unknown>,
  expected: Readonly<Record<string, number>>,
): Promise<void> {
  const ask = () => get(host);
  await everyWorker(nginx, ask, { status: 200, body: "red" });
  await underLoad(ask, async () => {
    await change();
    await eventually(async () => assert.deepEqual(tally(await inTurn(Array.from({ length: 100 }), ask)), expected));
  });
  assert.deepEqual(tally(await inTurn(Array.from({ length: 100 }), ask)), expected, "and it stays so");
}

suite("with two workers, what changes in Redis is seen by both", options, (test) => {
  test("a changed route", async (site) => {
    await site.route("moves.test", site.backends.red.address);
    await changed(site, "moves.test", () => site.route("moves.test", site.backends.blue.address), { "200 blue": 100 });
  });

  test("a deleted route", async (site) => {
    await site.route("goes.test", site.backends.red.address);
    await changed(site, "goes.test", () => site.redis.command("DEL", "route:goes.test"), {
      "404 no route for this host": 100,
    });
  });

  test("an expired route", async (site) => {
    await site.route("expires.test", site.backends.red.address);
    await changed(site, "expires.test", () => site.redis.command("PEXPIRE", "route:expires.test", 1), {
      "404 no route for this host": 100,
    });
  });

  test("a new exact route before a wildcard that answered", async (site) => {
    await site.route("*.special.test", site.backends.red.address);
    const change = () => site.route("a.special.test", site.backends.blue.address);
    await changed(site, "a.special.test", change, { "200 blue": 100 });
  });

  test("a deleted exact route before a wildcard that answers then", async (site) => {
    await site.route("*.general.test", site.backends.blue.address);
    await site.route("a.general.test", site.backends.red.address);
    await changed(site, "a.general.test", () => site.redis.command("DEL", "route:a.general.test"), { "200 blue": 100 });
  });
});
