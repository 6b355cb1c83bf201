import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, test } from "node:test";
import { startBackend, type Handler } from "./support/backend.js";
import { signpostConfig } from "./support/config.js";
import { eventually } from "./support/eventually.js";
import { atOnce, everyWorker, hostNames, SHOW_WORKER, tally, underLoad } from "./support/load.js";
import { allSettings } from "./support/site.js";
import { suite, withSite } from "./support/suite.js";

const RELOADS = 5;

const options = {
  workers: 2,
  backends: ["red", "blue"] as const,
  settings: { cache_ttl: 0.3 },
  location: SHOW_WORKER,
};

suite("nginx reloads under load", options, (test) => {
  test("known hosts lose no request", async ({ nginx, get, route, backends }) => {
    await route("steady.test", backends.red.address);
    const outcomes = await underLoad(
      () => get("steady.test"),
      async () => {
        for (let i = 0; i < RELOADS; i++) await nginx.reload();
      },
    );
    assert.deepEqual(Object.keys(tally(outcomes)), ["200 red"]);
    assert.ok(outcomes.length > RELOADS, `${outcomes.length} requests`);
  });

  test("cold hosts lose no request", async ({ nginx, get, route, backends }) => {
    const hosts = hostNames("cold", 5_000);
    await Promise.all(hosts.map((host) => route(host, backends.blue.address)));
    const outcomes = await underLoad(
      () => get(hosts.pop() ?? "cold1.test"),
      async () => {
        for (let i = 0; i < RELOADS; i++) await nginx.reload();
      },
    );
    assert.deepEqual(Object.keys(tally(outcomes)), ["200 blue"]);
  });

  test("requests that take longer than the reload are answered in full", async ({ nginx, get, route }) => {
    const held: ServerResponse[] = [];
    const handler: Handler = (_, response) => {
      response.write("first ");
      held.push(response);
    };
    const slow = await startBackend("slow", { handler });
    try {
      await route("slow.test", slow.address);
      const answers = atOnce(Array.from({ length: 20 }), () => get("slow.test"));
      await eventually(() => assert.equal(held.length, 20));
      const old = nginx.workers();
      const reloaded = nginx.reload();
      await eventually(() => assert.ok(nginx.workers().some((pid) => !old.includes(pid))));
      for (const response of held) response.end("last");
      await reloaded;
      assert.deepEqual(tally(await answers), { "200 first last": 20 });
    } finally {
      await slow.close();
    }
  });

  test("what was known before is known after, though Redis is lost", async ({ nginx, get, route, redis, backends }) => {
    await route("lasting.test", backends.red.address);
    assert.equal((await get("lasting.test")).body, "red");
    assert.equal((await get("unknown.test")).status, 404);
    await redis.kill();
    await nginx.reload();
    await everyWorker(nginx, () => get("lasting.test"), { status: 200, body: "red" });
    await everyWorker(nginx, () => get("unknown.test"), { status: 404 });
  });
});

const WATCHED = {
  workers: 4,
  backends: ["red", "blue"] as const,
  // So long that only a push can bring a change.
  settings: { cache_ttl: 86_400 },
  location: SHOW_WORKER,
  server: 'location = /.hold { content_by_lua_block { ngx.shared.signpost_state:set("watcher", 1, 3600) } }',
};

suite("after a reload", WATCHED, (test) => {
  test("new workers watch Redis at once, though an old one does not let go", async (site) => {
    const { nginx, get, route, backends } = site;
    await route("held.test", backends.red.address);
    await everyWorker(nginx, () => get("held.test"), { status: 200, body: "red" });
    assert.equal((await get("any.test", "/.hold")).status, 200);
    await nginx.reload();
    await everyWorker(nginx, () => get("held.test"), { status: 200, body: "red" });
    await route("held.test", backends.blue.address);
    await everyWorker(nginx, () => get("held.test"), { status: 200, body: "blue" });
  });
});

describe("changed settings take effect with a reload", () => {
  test("another route_prefix, within the TTL", async (context) => {
    await withSite(options, context, async ({ nginx, get, route, redis, backends }) => {
      await route("prefix.test", backends.red.address);
      await redis.command("SET", "other:prefix.test", backends.blue.address);
      assert.equal((await get("prefix.test")).body, "red");
      const settings = allSettings({ settings: { ...options.settings, route_prefix: "other:" } }, redis);
      nginx.configure(signpostConfig({ ...options, settings }));
      await nginx.reload();
      await everyWorker(nginx, () => get("prefix.test"), { status: 200, body: "blue" });
    });
  });

  test("another retry_after, at once", async (context) => {
    await withSite(options, context, async ({ nginx, get, redis }) => {
      await redis.kill();
      assert.equal((await get("cold.test")).headers["retry-after"], "5");
      const settings = allSettings({ settings: { ...options.settings, retry_after: 42 } }, redis);
      nginx.configure(signpostConfig({ ...options, settings }));
      await nginx.reload();
      assert.equal((await get("cold.test")).headers["retry-after"], "42");
    });
  });
});
