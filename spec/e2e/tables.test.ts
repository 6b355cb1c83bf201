import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "./support/eventually.js";
import { request } from "./support/http_client.js";
import { makeDirectory, removeDirectory } from "./support/leftovers.js";
import { freePort } from "./support/ports.js";
import { allSettings, type LogLine, type Site } from "./support/site.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { signpostConfig } from "./support/config.js";
import { suite, withSite } from "./support/suite.js";

const internalPort = await freePort();
const strayPort = await freePort();

const tables = { internal: { route_prefix: "internal:route:", pool_prefix: "internal:pool:" } };

/** README, "Several tables": a server for each. The harness' own, which is the first, has the default table. */
const SERVERS = `
  server {
    listen 127.0.0.1:${internalPort};
    include signpost.server.conf;
    location / {
      set $signpost_table internal;
      include signpost.location.conf;
    }
  }
  server {
    listen 127.0.0.1:${strayPort};
    include signpost.server.conf;
    location / {
      set $signpost_table interna;
      include signpost.location.conf;
    }
  }
`;

const settings = { cache_ttl: 3_600, tables };
const options = { settings, http: SERVERS, backends: ["red", "blue"] as const };

const internally = (host: string, path = "/") => request(internalPort, { host, path });

/** Waits for the line of the access log of the last request for a host. */
async function lastLine(site: Pick<Site, "log">, host: string, count: number): Promise<LogLine> {
  return await eventually(() => {
    const lines = site.log().filter((line) => line.host === host);
    const last = lines[count - 1];
    if (last === undefined) throw new Error(`${lines.length} lines for ${host}`);
    return last;
  });
}

suite("two tables in one nginx", options, (test) => {
  test("have the same host for themselves", async (site) => {
    const { get, route, redis, backends } = site;
    await route("same.test", backends.red.address);
    await redis.command("SET", "internal:route:same.test", backends.blue.address);
    for (let i = 0; i < 3; i++) {
      assert.equal((await get("same.test")).body, "red");
      assert.equal((await internally("same.test")).body, "blue");
    }
    const line = await lastLine(site, "same.test", 6);
    assert.deepEqual([line.route, line.pool, line.error, line.cache], ["same.test", "", "", "memory"]);
  });

  test("do not know each other's hosts, wildcards and default routes", async ({ get, route, redis, backends }) => {
    await redis.command("SET", "internal:route:secret.test", backends.blue.address);
    await redis.command("SET", "internal:route:*.secret.test", backends.blue.address);
    await route("public.test", backends.red.address);
    for (const host of ["secret.test", "a.secret.test"]) {
      assert.equal((await internally(host)).body, "blue");
      assert.equal((await get(host)).status, 404);
    }
    assert.equal((await internally("public.test")).status, 404);
    await redis.command("SET", "internal:route:*", backends.blue.address);
    assert.equal((await get("nowhere.test")).status, 404);
    await eventually(async () => assert.equal((await internally("nowhere.test")).body, "blue"));
    await redis.command("DEL", "internal:route:*");
  });

  test("cannot be reached by a host that looks like the name of another's", async ({ get, redis, backends, nginx }) => {
    await redis.command("SET", "internal:route:inner.test", backends.blue.address);
    assert.equal((await internally("inner.test")).body, "blue");
    for (const host of ["internal/inner.test", "internal:inner.test", "@internal/web"]) {
      assert.notEqual((await request(nginx.port, { host })).body, "blue", host);
    }
    await redis.command("SET", "route:internal/inner.test", backends.red.address);
    assert.equal((await internally("inner.test")).body, "blue");
    assert.equal((await get("internal.test")).status, 404);
  });

  test("name pools of their own only", async (site) => {
    const { get, route, redis, backends } = site;
    await redis.command("SADD", "pool:web", backends.red.address);
    await redis.command("SADD", "internal:pool:web", backends.blue.address);
    await redis.command("SADD", "internal:pool:hidden", backends.blue.address);
    await route("pooled.test", "@web");
    await redis.command("SET", "internal:route:pooled.test", "@web");
    assert.equal((await get("pooled.test")).body, "red");
    assert.equal((await internally("pooled.test")).body, "blue");
    const line = await lastLine(site, "pooled.test", 2);
    assert.deepEqual([line.route, line.pool], ["pooled.test", "web"]);

    await route("hidden.test", "@hidden");
    await route("slash.test", "@internal/hidden");
    assert.equal((await get("hidden.test")).status, 503);
    // The pool `internal` of its own table, and a path: there is none.
    const slash = await get("slash.test");
    assert.deepEqual([slash.status, (await slash.logged()).error], [503, "no_pool"]);
    await route("colon.test", "@internal:hidden");
    assert.equal((await get("colon.test")).status, 503);
  });

  test("are both followed: changes of routes and pools are pushed", async ({ get, route, redis, backends }) => {
    await route("moves.test", backends.red.address);
    await redis.command("SET", "internal:route:moves.test", "@moves");
    await redis.command("SADD", "internal:pool:moves", backends.red.address);
    assert.equal((await get("moves.test")).body, "red");
    assert.equal((await internally("moves.test")).body, "red");
    await redis.command("DEL", "internal:pool:moves");
    await redis.command("SADD", "internal:pool:moves", backends.blue.address);
    await eventually(async () => assert.equal((await internally("moves.test")).body, "blue"));
    await redis.command("DEL", "internal:route:moves.test");
    await eventually(async () => assert.equal((await internally("moves.test")).status, 404));
    assert.equal((await get("moves.test")).body, "red");
  });

  test("say in the log which key is bad", async ({ redis, nginx }) => {
    await redis.command("SET", "internal:route:bad.test", "10.0.0.5:0");
    assert.equal((await internally("bad.test")).status, 502);
    await eventually(() => assert.match(nginx.errorLog(), /signpost: bad_route internal:route:bad\.test: /));
  });

  test("have health checks of their pools", async (site) => {
    const { redis, backends } = site;
    const before = backends.blue.requests.length;
    await redis.command(
      "HSET",
      "internal:pool:checked",
      backends.blue.address,
      "1",
      "health_path",
      "/health-of-internal",
    );
    await redis.command("HSET", "internal:pool:checked", "health_interval", "0.5");
    await redis.command("SET", "internal:route:checked.test", "@checked");
    assert.equal((await internally("checked.test")).body, "blue");
    await eventually(() => {
      const checks = backends.blue.requests.slice(before).filter(({ target }) => target === "/health-of-internal");
      assert.ok(checks.length > 1);
    });
  });

  test("are refused by a name that init does not know, and the log says so", async (site) => {
    await site.route("stray.test", site.backends.red.address);
    for (let i = 1; i <= 3; i++) {
      const answer = await request(strayPort, { host: "stray.test" });
      assert.deepEqual([answer.status, answer.body], [502, "the route for this host cannot be used\n"]);
      const line = await lastLine(site, "stray.test", i);
      assert.deepEqual([line.error, line.route], ["bad_route", ""]);
    }
    const lines = site.nginx.errorLog().match(/\$signpost_table is "interna", and init has no such table/g);
    assert.equal(lines?.length, 1);
  });
});

describe("several tables", () => {
  test("go into the snapshot, and serve from it while Redis is down", async (context) => {
    const directory = makeDirectory("tables");
    const snapshot = join(directory, "routes");
    try {
      const all = { ...options, settings: { ...settings, snapshot, snapshot_interval: 0.1 } };
      await withSite(all, context, async ({ nginx, redis, route, get, backends }) => {
        await route("kept.test", backends.red.address);
        await redis.command("SET", "internal:route:kept.test", "@kept");
        await redis.command("SADD", "internal:pool:kept", backends.blue.address);
        await eventually(() => {
          const text = readFileSync(snapshot, "utf8");
          for (const key of ["route:kept.test", "internal:route:kept.test", "internal:pool:kept"]) {
            assert.match(text, new RegExp(`^[A-Z]+ ${key} `, "m"));
          }
        });
        await redis.kill();
        await nginx.stop();
        await nginx.start();
        assert.equal((await get("kept.test")).body, "red");
        assert.equal((await internally("kept.test")).body, "blue");
      });
    } finally {
      removeDirectory(directory);
    }
  });

  test("that init does not have are not chosen in silence", async (context) => {
    await withSite({ ...options, settings: { cache_ttl: 3_600 } }, context, async ({ nginx }) => {
      assert.equal((await internally("any.test")).status, 404);
      await eventually(() =>
        assert.match(
          nginx.errorLog(),
          /\$signpost_table is "internal", and init has no tables: the default one is used/,
        ),
      );
    });
  });

  test("come and go with a reload", async (context) => {
    await withSite(options, context, async ({ nginx, redis, get, route, backends }) => {
      await route("both.test", backends.red.address);
      await redis.command("SET", "internal:route:both.test", backends.blue.address);
      assert.equal((await internally("both.test")).body, "blue");
      const configured = (given: object) => {
        nginx.configure(signpostConfig({ ...options, settings: allSettings({ settings: { ...given } }, redis) }));
      };
      configured({ cache_ttl: 3_600, tables: { other: { route_prefix: "o:", pool_prefix: "op:" } } });
      await nginx.reload();
      assert.equal((await internally("both.test")).status, 502);
      assert.equal((await get("both.test")).body, "red");
      configured(settings);
      await nginx.reload();
      assert.equal((await internally("both.test")).body, "blue");
    });
  });
});
