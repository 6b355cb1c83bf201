import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { sayName } from "./support/backend.js";
import { eventually } from "./support/eventually.js";
import { atOnce, SHOW_WORKER, tally } from "./support/load.js";
import { deadAddress } from "./support/peer.js";
import { isCheckedOncePerInterval, makePool, startPatient } from "./support/patient.js";
import { freePort } from "./support/ports.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";
import { triesAt } from "./support/tries.js";

// Who writes one pool must not be able to harm another's: neither with rules that take a shared member out, nor with
// members that keep the node's checks busy.

/** As with 0.1.0: no dict for health alone. */
const withoutHealthDict = (text: string) => text.replace(/^lua_shared_dict +signpost_health .*$/m, "");

const SITES = {
  "with the snippets as they are": { workers: 2, location: SHOW_WORKER },
  "with snippets that declare no signpost_health": { workers: 2, location: SHOW_WORKER, snippet: withoutHealthDict },
};

for (const [how, options] of Object.entries(SITES)) {
  suite(`what one pool makes of a backend, ${how},`, options, (test) => {
    test("is no other's by a health check that always fails", async (site, context) => {
      const { addresses } = await twoBackends(site);
      const victim = await site.pool("a-checked", addresses, { all_down: "fail" });
      await makePool(site.redis, context, "b-checked", addresses, {
        health_path: "/nope",
        health_status: 418,
        fall: 1,
        all_down: "fail",
      });
      await eventually(async () => assert.equal((await site.get("b-checked.test")).status, 503));
      await servedByBoth(site, victim);
    });

    test("is no other's by a check of its own, either", async (site, context) => {
      const { addresses } = await twoBackends(site);
      await makePool(site.redis, context, "a-both", addresses, { all_down: "fail" });
      await makePool(site.redis, context, "b-both", addresses, { health_status: 418, fall: 1, all_down: "fail" });
      await eventually(async () => assert.equal((await site.get("b-both.test")).status, 503));
      await servedByBoth(site, "a-both.test");
    });

    test("is no other's by statuses, though both pools are written alike", async (site) => {
      const { addresses, setIll } = await twoBackends(site);
      const rules = { max_fails: 1, fail_on: "500 503", fail_timeout: 3_600, all_down: "fail" };
      const victim = await site.pool("a-status", addresses, rules);
      const route = "a-route-status.test";
      await site.route(route, addresses.join(" "));
      const attacker = await site.pool("b-status", addresses, rules);
      setIll(true);
      await eventually(async () => assert.equal((await site.get(attacker)).status, 503));
      setIll(false);
      await servedByBoth(site, victim);
      await servedByBoth(site, route);
      // Nor when its keys are gone.
      await site.redis.command("DEL", "pool:b-status", "route:b-status.test");
      await servedByBoth(site, victim);
    });

    test("ends when the pool's rules change", async (site) => {
      const { addresses, setIll } = await twoBackends(site);
      const rules = { max_fails: 1, fail_on: "500", fail_timeout: 3_600, all_down: "fail" };
      const host = await site.pool("changing", addresses, rules);
      setIll(true);
      await eventually(async () => assert.equal((await site.get(host)).status, 503));
      setIll(false);
      assert.equal((await site.get(host)).status, 503);
      await site.redis.command("HSET", "pool:changing", "fail_timeout", 10);
      await eventually(async () => assert.equal((await site.get(host)).status, 200));
    });

    test("is every other's that has the same rules, and every route's that names it", async (site) => {
      const [dead, live] = [await deadAddress(), await site.startBackend("live", {})];
      await site.route("first.test", `${dead} ${live.address}`);
      for (let i = 0; i < 20; i++) assert.equal((await site.get("first.test")).body, "live");
      assert.equal((await triesAt(site, "first.test", 20))[dead], 3);
      const pool = await site.pool("like-a-route", [dead, live.address], { balance: "least_conn" });
      await site.route("second.test", `${live.address} ${dead}`);
      for (const host of [pool, "second.test"]) {
        for (let i = 0; i < 10; i++) assert.equal((await site.get(host)).body, "live");
        assert.deepEqual(await triesAt(site, host, 10), { [live.address]: 10 });
      }
    });

    test("needs exactly `max_fails` failures of requests, whichever workers saw them", async (site) => {
      const [dead, live] = [await deadAddress(), await site.startBackend("live", {})];
      const host = await site.pool("known", [dead, live.address], { max_fails: 20, fail_window: 60, fail_timeout: 60 });
      for (let i = 0; i < 80; i++) assert.equal((await site.get(host)).body, "live");
      assert.equal((await triesAt(site, host, 80))[dead], 20);
    });
  });
}

suite(
  "a pool of 600 members that accept and never answer, each check of which may take a minute,",
  { workers: 2 },
  (test) => {
    test("does not keep another pool's checks from their interval; and when it is gone, so are its checks, at once", async (site, context) => {
      const hanging = await startHanging(context, 600);
      const patient = await startPatient(context, "patient");
      await makePool(site.redis, context, "greedy", hanging.addresses, { health_timeout: 60 });
      await assert.rejects(site.get("greedy.test", "/", { withinMs: 2_000 }));
      await eventually(() => assert.ok(hanging.open() >= 40, `${hanging.open()} checks under way`));
      await makePool(site.redis, context, "modest", [patient.address]);
      await site.get("modest.test");
      await patient.checkedAgain(2);
      await isCheckedOncePerInterval(patient);
      assert.ok(hanging.open() >= 40, `${hanging.open()} checks under way`);
      await site.redis.command("DEL", "pool:greedy");
      await eventually(() => assert.equal(hanging.open(), 0));
      await patient.checkedAgain(2);
    });
  },
);

/** Two backends that answer everything with 200, or with 500 while they are told to be ill. */
async function twoBackends({ startBackend }: Site) {
  let status = 200;
  const start = (name: string) =>
    startBackend(name, {
      handler: (request, response) => {
        response.statusCode = status;
        return sayName(name)(request, response);
      },
    });
  const backends = [await start("one"), await start("two")];
  return {
    addresses: backends.map(({ address }) => address),
    setIll: (isIll: boolean) => {
      status = isIll ? 500 : 200;
    },
  };
}

/** Each of the two has about half of the requests. */
async function servedByBoth(site: Site, host: string): Promise<void> {
  const answers = tally(await atOnce([...Array(40).keys()], () => site.get(host)));
  assert.deepEqual(Object.keys(answers).toSorted(), ["200 one", "200 two"]);
  assert.ok(Math.min(...Object.values(answers)) >= 10, JSON.stringify(answers));
}

/** Many addresses of this machine that accept connections and say nothing. */
async function startHanging(context: TestContext, count: number) {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    socket.resume();
  };
  const hosts = Array.from({ length: count }, (_, i) => `127.7.${Math.floor(i / 250)}.${1 + (i % 250)}`);
  const servers: Server[] = await Promise.all(
    hosts.map(
      (host) =>
        new Promise<Server>((resolve, reject) => {
          const server = createServer(accept).on("error", reject);
          server.listen(port, host, () => {
            resolve(server);
          });
        }),
    ),
  );
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
  });
  return { addresses: hosts.map((host) => `${host}:${port}`), open: () => sockets.size };
}
