import assert from "node:assert/strict";
import { flood } from "./support/flood.js";
import { hostNames, inTurn } from "./support/load.js";
import type { NginxServer } from "./support/nginx_server.js";
import { footprint } from "./support/processes.js";
import { suite } from "./support/suite.js";

/** As many addresses as a target may hold. Nobody asks for their path: what counts is that each is compiled. */
const ADDRESSES = Array.from({ length: 290 }, (_, i) => `10.0.${i >> 8}.${i & 255}:80`).join(" ");

/** A route of 290 addresses that answers for `/` itself. */
const HEAVY = ["/", "return 410", "/backends", ADDRESSES] as const;

/** `host1.<domain>` … `host<count>.<domain>`. */
function below(domain: string, count: number): string[] {
  return hostNames("host", count).map((host) => host.replace(/test$/, domain));
}

/** The memory that all workers have together, MB. */
function memoryOf(nginx: NginxServer): number {
  return nginx.workers().reduce((sum, pid) => sum + footprint(pid).rssKib, 0) / 1_024;
}

suite("hosts under one wildcard", { workers: 2, settings: { cache_ttl: 60 } }, (test) => {
  test("take no more memory, however many are invented, than their names do", async ({ nginx, redis, get }) => {
    await redis.command("HSET", "route:*.heavy.test", ...HEAVY);
    assert.equal((await get("first.heavy.test")).status, 410);
    const before = memoryOf(nginx);
    assert.deepEqual(await flood(nginx.port, below("heavy.test", 5_000)), { 410: 5_000 });
    const grown = memoryOf(nginx) - before;
    assert.ok(grown < 100, `${Math.round(grown)} MB more`);
  });
});

suite("hosts under one wildcard, in one worker", { workers: 1, backends: ["red", "blue"] }, (test) => {
  test("share one rotation", async ({ backends, route, get }) => {
    await route("*.turns.test", `${backends.red.address} ${backends.blue.address}`);
    const bodies: string[] = [];
    for (const host of below("turns.test", 40)) bodies.push((await get(host)).body);
    const [first = "", second = ""] = bodies;
    assert.deepEqual([first, second].sort(), ["blue", "red"]);
    assert.deepEqual(
      bodies,
      bodies.map((_, i) => (i % 2 === 0 ? first : second)),
    );
  });

  test("are all moved by one change of it", async ({ backends, route, get }) => {
    const hosts = below("moved.test", 40);
    await route("*.moved.test", backends.red.address);
    for (const { body } of await inTurn(hosts, get)) assert.equal(body, "red");
    await route("*.moved.test", backends.blue.address);
    await route("host3.moved.test", backends.red.address);
    await inTurn(hosts, get);
    const bodies = (await inTurn(hosts, get)).map(({ body }) => body);
    assert.deepEqual(
      bodies,
      hosts.map((host) => (host === "host3.moved.test" ? "red" : "blue")),
    );
  });
});

suite("routes that take more memory than there is room for", { settings: { memory_size: 500 } }, (test) => {
  test("are all answered, and take no more than the room", async ({ nginx, redis, get }) => {
    const hosts = hostNames("heavy", 400);
    for (const host of hosts) await redis.command("HSET", `route:${host}`, ...HEAVY);
    assert.equal((await get("heavy1.test")).status, 410);
    const before = memoryOf(nginx);
    for (let round = 0; round < 2; round++) assert.deepEqual(await flood(nginx.port, hosts), { 410: 400 });
    const grown = memoryOf(nginx) - before;
    assert.ok(grown < 60, `${Math.round(grown)} MB more`);
  });
});
