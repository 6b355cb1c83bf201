import assert from "node:assert/strict";
import { eventually } from "./support/eventually.js";
import { suite } from "./support/suite.js";

const WRITES = 3_000;

suite("a key that is rewritten all the time", { workers: 2, backends: ["red", "blue"] }, (test) => {
  test("is read a bounded number of times, and its last value is served", async ({ redis, backends, get }) => {
    const { red, blue } = backends;
    await redis.command("HSET", "pool:busy", red.address, 1);
    await redis.command("SET", "route:busy.test", "@busy");
    await eventually(async () => assert.equal((await get("busy.test")).body, "red"));

    const began = performance.now();
    const commands = await redis.countCommands(async () => {
      for (let i = 0; i < WRITES; i++) await redis.command("HSET", "pool:busy", red.address, 1 + (i % 2));
      await redis.command("HSET", "pool:busy", red.address, 0, blue.address, 1);
      await eventually(async () => assert.equal((await get("busy.test")).body, "blue"));
    });
    const tookMs = performance.now() - began;
    const reads = commands["hgetall"] ?? 0;
    // A read may be made again, because the key was written meanwhile.
    assert.ok(reads <= 2 * (tookMs / 20) + 5, `${reads} reads in ${Math.round(tookMs)} ms`);
    assert.ok(reads >= 2, `${reads} reads`);
  });

  test("is served with newer values all the time, not only when it rests", async ({ redis, backends, get }) => {
    await redis.command("SET", "route:steps.test", "return 410");
    await eventually(async () => assert.equal((await get("steps.test")).status, 410));
    const writes = new AbortController();
    const writing = (async () => {
      const targets = [backends.red.address, backends.blue.address];
      for (let i = 0; !writes.signal.aborted; i++) {
        await redis.command("SET", "route:steps.test", targets[i % 2] as string);
      }
    })();
    for (const body of ["red", "blue", "red", "blue"]) {
      await eventually(async () => assert.equal((await get("steps.test")).body, body));
    }
    writes.abort();
    await writing;
    await redis.command("SET", "route:steps.test", "return 404");
    await eventually(async () => assert.equal((await get("steps.test")).status, 404));
  });
});
