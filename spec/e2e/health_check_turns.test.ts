import assert from "node:assert/strict";
import { eventually, quietFor, timePasses } from "./support/eventually.js";
import { underLoad } from "./support/load.js";
import {
  countChecks,
  INTERVAL_MS,
  isChecked,
  isCheckedNoMore,
  isCheckedOncePerInterval,
  isNotChecked,
  makePool,
  startPatient,
  INTERVAL,
} from "./support/patient.js";
import { footprint } from "./support/processes.js";
import { suite } from "./support/suite.js";

// When active health checks are made: how often, and from when until when. What they ask and what becomes of members is in
// health_checks.test.ts, and which worker makes them in health_check_workers.test.ts.

suite("checks of a pool", { workers: 2 }, (test) => {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"] as const;

  test("are spread evenly over the interval", async ({ redis, get }, context) => {
    const patients = await Promise.all(names.map((name) => startPatient(context, name)));
    const addresses = patients.map(({ address }) => address);
    await makePool(redis, context, "spread", addresses, { health_interval: 1 });
    await get("spread.test");
    await Promise.all(patients.map((patient) => patient.checkedAgain(5)));
    // At which part of a second each has its turn.
    const turns = patients.map(({ checkedAt }) => median(checkedAt.slice(-5).map((at) => at % 1_000)));
    turns.sort((a, b) => a - b);
    const gaps = turns.map((turn, i) => (i === 0 ? turn + 1_000 - Number(turns.at(-1)) : turn - Number(turns[i - 1])));
    const shown = gaps.map(Math.round).join();
    // Evenly, it would be 125 ms each; nginx looks every 100 ms.
    assert.ok(Math.max(...gaps) < 375, `milliseconds between turns: ${shown}`);
    for (const { checkedAt } of patients) {
      const [first, last] = [Number(checkedAt[0]), Number(checkedAt.at(-1))];
      const interval = (last - first) / (checkedAt.length - 1);
      assert.ok(Math.abs(interval - 1_000) < 100, `milliseconds from check to check: ${interval}`);
    }
  });

  test("begin with the first request that uses it, and not before", async ({ redis, get }, context) => {
    const patient = await startPatient(context, "unused");
    await makePool(redis, context, "unused", [patient.address]);
    await isNotChecked(patient);
    await get("unused.test");
    await isChecked(patient);
  });

  test("cease when it is deleted, and begin again when it is back", async ({ redis, get }, context) => {
    const patient = await startPatient(context, "deleted");
    await makePool(redis, context, "deleted", [patient.address]);
    await get("deleted.test");
    await isChecked(patient);
    await redis.command("DEL", "pool:deleted");
    await isCheckedNoMore(patient);
    await makePool(redis, context, "deleted", [patient.address]);
    await isChecked(patient);
  });

  test("cease when its health_path is removed, and a member that was out soon gets requests", async (site, context) => {
    const { redis, get } = site;
    const [well, sick] = [await startPatient(context, "well"), await startPatient(context, "sick")];
    await makePool(redis, context, "unchecked", [well.address, sick.address]);
    sick.health = 500;
    await get("unchecked.test");
    await sick.checkedAgain(4);
    const served = sick.servedAt.length;
    await underLoad(
      () => get("unchecked.test"),
      async () => {
        await quietFor(INTERVAL_MS);
        assert.equal(sick.servedAt.length, served);
        await redis.command("HDEL", "pool:unchecked", "health_path");
        await isCheckedNoMore(sick);
        await eventually(() => assert.ok(sick.servedAt.length > served + 10));
      },
    );
  });

  test("go on for a minute after its last request, and no longer", { withinMs: 240_000 }, async (site, context) => {
    const patient = await startPatient(context, "forgotten");
    await makePool(site.redis, context, "forgotten", [patient.address]);
    await site.get("forgotten.test");
    const count = await countChecks(patient, 58_000);
    assert.ok(count < 58_000 / INTERVAL_MS + 12, `${count} checks in 58 s`);
    const sinceLast = performance.now() - (patient.checkedAt.at(-1) ?? 0);
    assert.ok(sinceLast < 10 * INTERVAL_MS, `none in the last ${Math.round(sinceLast)} ms`);
    await isCheckedNoMore(patient);
    await site.get("forgotten.test");
    await isChecked(patient);
  });

  test("of several pools that ask the same of the same member are made once", async ({ redis, get }, context) => {
    const patient = await startPatient(context, "shared");
    for (const name of ["one", "two", "three"]) {
      await makePool(redis, context, name, [patient.address]);
      await get(`${name}.test`);
    }
    await isCheckedOncePerInterval(patient);
  });

  test("go on, once per interval, while members and weights change all the time", async ({ redis, get }, context) => {
    const [patient, other] = [await startPatient(context, "steady"), await startPatient(context, "other")];
    await makePool(redis, context, "busy", [patient.address]);
    await get("busy.test");
    await isChecked(patient);
    const changes = new AbortController();
    const changing = (async () => {
      for (let i = 0; !changes.signal.aborted; i++) {
        await redis.command("HSET", "pool:busy", patient.address, 1 + (i % 5));
        await redis.command(i % 2 === 0 ? "HSET" : "HDEL", "pool:busy", other.address, ...(i % 2 === 0 ? [1] : []));
        await timePasses(5);
      }
    })();
    try {
      await isCheckedOncePerInterval(patient);
    } finally {
      changes.abort();
      await changing;
    }
  });

  test("after 1,000 changes of how it is checked are as many as before, and nothing is left behind", async (site, context) => {
    const { redis, nginx, get } = site;
    const patient = await startPatient(context, "changed");
    await makePool(redis, context, "changed", [patient.address]);
    await get("changed.test");
    await isChecked(patient);
    const filesOf = () => nginx.workers().map((pid) => footprint(pid).openFiles);
    const before = filesOf();
    for (let i = 0; i < 1_000; i++) {
      const interval = i % 2 === 0 ? 5 : INTERVAL;
      await redis.command("HSET", "pool:changed", "health_interval", interval, "fall", 1 + (i % 7));
      await timePasses(3);
    }
    await isCheckedOncePerInterval(patient);
    await eventually(() => {
      filesOf().forEach((files, i) => {
        assert.ok(files <= Number(before[i]) + 2, `${before[i]} open files became ${files}`);
      });
    });
    assert.doesNotMatch(nginx.errorLog(), /no timer|running_timers|pending_timers|timers? are not enough/);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
