import assert from "node:assert/strict";
import { join } from "node:path";
import { after } from "node:test";
import { eventually, timePasses } from "./support/eventually.js";
import { makeDirectory, removeDirectory } from "./support/leftovers.js";
import { INTERVAL, makePool, startPatient } from "./support/patient.js";
import type { Site } from "./support/site.js";
import { generation } from "./support/snapshot_file.js";
import { suite } from "./support/suite.js";

// When the time of a timer comes and the worker already runs as many as nginx lets it (256, whoever's they are), nginx
// logs so and forgets the timer: it was accepted, and is never heard of again.

/** For how long other Lua code of the same nginx has all the timers there are, in milliseconds. */
const STORM_MS = 2_000;

const STORM = `
    location = /storm {
      content_by_lua_block {
        for _ = 1, 300 do
          assert(ngx.timer.at(0, function() ngx.sleep(${STORM_MS / 1_000}) end))
        end
      }
    }`;

/** What nginx logs for each timer that it forgets. */
const allow = [/lua_max_running_timers are not enough/];

/** Takes all timers there are; nginx forgets every timer whose time comes while `during` runs, and for a while after. */
async function storm({ get, nginx }: Site, during: () => Promise<void>): Promise<void> {
  const before = nginx.errorLog().length;
  assert.equal((await get("other.test", "/storm")).status, 200);
  await eventually(() => assert.match(nginx.errorLog().slice(before), allow[0] as RegExp));
  await during();
  await timePasses(STORM_MS);
}

const directory = makeDirectory("timers");
const snapshot = join(directory, "routes.redis");
after(() => removeDirectory(directory));

const settings = { snapshot, snapshot_interval: 0.2 };

suite("after nginx has had no timer for two seconds", { server: STORM, settings, backends: ["one", "two"] }, (test) => {
  test("a route that was changed meanwhile, and again, is served as it is", { allow }, async (site) => {
    const { one, two } = site.backends;
    const answers = async (name: string) => assert.equal((await site.get("a.test")).body, name);
    await site.route("a.test", one.address);
    await eventually(() => answers("one"));
    await storm(site, async () => {
      for (const { address } of [two, one, two]) {
        await site.route("a.test", address);
        await timePasses(50);
        await site.get("a.test");
      }
    });
    await eventually(() => answers("two"));
    await site.route("a.test", one.address);
    await eventually(() => answers("one"));
  });

  test("snapshots are written", { allow }, async (site) => {
    await storm(site, () => site.route("b.test", site.backends.one.address));
    for (const name of ["one", "two"] as const) {
      const before = generation(snapshot);
      await site.route("b.test", site.backends[name].address);
      await eventually(() => assert.notEqual(generation(snapshot), before));
    }
  });

  test("members of pools are checked", { allow }, async (site, context) => {
    const patient = await startPatient(context, "patient");
    await makePool(site.redis, context, "checked", [patient.address]);
    await site.get("checked.test");
    await patient.checkedAgain();
    await storm(site, () => timePasses(3_000 * INTERVAL));
    await site.get("checked.test");
    await patient.checkedAgain();
  });
});
