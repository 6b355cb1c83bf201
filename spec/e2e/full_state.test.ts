import assert from "node:assert/strict";
import { flood } from "./support/flood.js";
import { eventually } from "./support/eventually.js";
import { everyWorker, hostNames, SHOW_WORKER } from "./support/load.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

type TestSite = Site<"red" | "blue">;

/** A quarter of the shipped size, so that a quarter of the failures fills it. */
function smallState(text: string): string {
  return text.replace(/(lua_shared_dict signpost_state +)\w+;/, "$12m;").replace(/(signpost_health +)\w+;/, "$12m;");
}

/** Takes the dict for health out of the shipped snippet: version 0.1.0 had none, and users keep their snippets. */
function withoutHealth(text: string): string {
  return smallState(text).replace(/^lua_shared_dict signpost_health .*\n/m, "");
}

/** Writes into the state dict as version 0.1.0 did of each failure, whose workers run on for a while after a reload. */
const OLD_WORKER = `
  location = /old-worker {
    content_by_lua_block {
      for i = 1, 100000 do ngx.shared.signpost_state:set("fail:127.0.0.1:" .. i, 1, 3600) end
      ngx.say("full")
    }
  }`;

const common = {
  workers: 2,
  backends: ["red", "blue"] as const,
  location: SHOW_WORKER,
  server: `location = /signpost { include signpost.status.conf; }${OLD_WORKER}`,
};

/** Waits until changes are pushed. */
async function tracking({ get }: TestSite): Promise<void> {
  await eventually(async () => assert.match((await get("status.test", "/signpost")).body, /^signpost_tracking 1$/m));
}

/** Notes tens of thousands of failures: requests for a pool of a thousand members, none of which listens. */
async function failOften({ redis, nginx }: TestSite): Promise<void> {
  const members = Array.from({ length: 1_000 }, (_, i) => [`127.7.${i >> 8}.${i & 255}:9`, "1"]);
  const options = ["tries", "10", "max_fails", "1000", "fail_window", "3600"];
  await redis.command("HSET", "pool:refusing", ...members.flat(), ...options);
  await redis.command("SET", "route:refusing.test", "@refusing");
  const counts = await flood(nginx.port, Array<string>(3_000).fill("refusing.test"));
  assert.deepEqual(counts, { 502: 3_000 });
}

/** Fills the state dict as no worker of this version does. */
async function overwrite({ get }: TestSite): Promise<void> {
  assert.equal((await get("status.test", "/old-worker")).body, "full\n");
}

/** Has Redis forget the watching worker, and change something before it is back: nobody is told of that. */
async function changeUnseen({ redis }: TestSite, ...command: readonly string[]): Promise<void> {
  await Promise.all([redis.command("CLIENT", "KILL", "TYPE", "pubsub"), redis.command(...command)]);
}

/** What was noted of failures lasts for an hour. */
async function stillFull(): Promise<void> {}

const failures = { fill: failOften, fillAgain: stillFull };
const fillings = [
  { title: "failures fill their own dict", snippet: smallState, ...failures },
  { title: "failures fill the state dict, where no other is declared", snippet: withoutHealth, ...failures },
  {
    title: "workers of version 0.1.0 fill the state dict",
    snippet: withoutHealth,
    fill: overwrite,
    fillAgain: overwrite,
  },
];

for (const { title, snippet, fill, fillAgain } of fillings) {
  suite(title, { ...common, snippet }, (test) => {
    test("a change while the tracking connection was lost is seen", async (site) => {
      const { nginx, get, route, backends } = site;
      await route("held.test", backends.red.address);
      await everyWorker(nginx, () => get("held.test"), { status: 200, body: "red" });
      // Several times, so that the numbers of the first ones are known to be used up.
      for (let i = 0; i < 3; i++) {
        await changeUnseen(site, "SET", "route:held.test", backends.red.address);
        await eventually(async () => assert.equal((await get("held.test")).body, "red"));
        await tracking(site);
      }
      await everyWorker(nginx, () => get("held.test"), { status: 200, body: "red" });
      await fill(site);
      for (const [host, color] of [
        ["held.test", "blue"],
        ["held.test", "red"],
      ] as const) {
        await changeUnseen(site, "SET", `route:${host}`, backends[color].address);
        await everyWorker(nginx, () => get(host), { status: 200, body: color });
        await tracking(site);
      }
    });

    test("a route that is deleted during a reload is gone", async (site) => {
      const { nginx, get, route, backends } = site;
      await route("*", backends.red.address);
      const hosts = hostNames("any", 20);
      for (const host of hosts) assert.equal((await get(host)).body, "red");
      await tracking(site);
      await fillAgain(site);
      await Promise.all([nginx.reload(), changeUnseen(site, "DEL", "route:*")]);
      for (const host of hosts) await everyWorker(nginx, () => get(host), { status: 404 });
    });

    test("a change is pushed as before", async (site) => {
      const { nginx, get, route, backends } = site;
      await tracking(site);
      await fillAgain(site);
      for (const color of ["red", "blue", "red"] as const) {
        await route("pushed.test", backends[color].address);
        await everyWorker(nginx, () => get("pushed.test"), { status: 200, body: color });
      }
      await tracking(site);
    });
  });
}
