import assert from "node:assert/strict";
import { eventually } from "./support/eventually.js";
import { sample } from "./support/load.js";
import { suite } from "./support/suite.js";

suite("a backup of a pool", { backends: ["spare"] }, (test) => {
  for (const options of [
    { balance: "round_robin" },
    { balance: "least_conn" },
    { balance: "hash", hash_on: "uri" },
  ] as const) {
    test(`gets requests only while no other member is up, with ${options.balance}`, async (site) => {
      const { get } = site;
      const main = await site.startPeer("main");
      const fields = { ...options, [site.backends.spare.address]: "5 backup", max_fails: 1, fail_timeout: 0.2 };
      const host = await site.pool(options.balance.replace("_", "-"), [main.address], fields);
      assert.deepEqual(await sample(20, () => get(host)), { "200 main": 20 });
      await main.kill();
      assert.deepEqual(await sample(20, () => get(host)), { "200 spare": 20 });
      await main.start();
      await eventually(async () => assert.deepEqual(await sample(10, () => get(host)), { "200 main": 10 }));
    });
  }

  test("gets all requests when the others drain", async (site) => {
    const { get, redis, backends } = site;
    const main = await site.startPeer("main");
    const host = await site.pool("drained", [main.address], { [backends.spare.address]: "1 backup" });
    assert.deepEqual(await sample(5, () => get(host)), { "200 main": 5 });
    await redis.command("HSET", "pool:drained", main.address, "0");
    await eventually(async () => assert.deepEqual(await sample(5, () => get(host)), { "200 spare": 5 }));
  });
});
