import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { signpostConfig, type ConfigOptions, type Settings } from "./support/config.js";
import { startDns } from "./support/dns_server.js";
import { eventually } from "./support/eventually.js";
import { startNginx, type NginxServer, type Place } from "./support/nginx_server.js";
import { readmeRights } from "./support/readme.js";
import type { RedisServer } from "./support/redis_server.js";
import { allSettings, type SiteOptions } from "./support/site.js";
import { suite, withSite } from "./support/suite.js";

// Nothing listens there, and nothing needs to.
const REDIS = "redis://127.0.0.1:1/0";
const dns = await startDns({ "redis.internal": "127.0.0.1" });
after(() => dns.close());

/** The rights that the documentation says are enough. */
const READ_ONLY = readmeRights("secret");

/** What nginx printed when it refused to start. */
async function refusal(options: ConfigOptions): Promise<string> {
  let nginx: NginxServer;
  try {
    nginx = await startNginx(signpostConfig(options));
  } catch (error) {
    return String(error);
  }
  await nginx.dispose();
  return assert.fail(`nginx has started with ${JSON.stringify(options.settings)}`);
}

async function assertRefused(settings: Settings, ...patterns: readonly RegExp[]): Promise<string> {
  const message = await refusal({ settings });
  for (const pattern of patterns) assert.match(message, pattern);
  return message;
}

async function assertAccepted(settings: Settings): Promise<void> {
  const nginx = await startNginx(signpostConfig({ settings }));
  const log = nginx.errorLog();
  await nginx.dispose();
  // That Redis is not there may be said; nothing else.
  const complaints = log
    .split("\n")
    .filter((line) => /\[(error|warn)\]/.test(line) && !/connect\(\)|connect:/.test(line));
  assert.deepEqual(complaints, []);
}

describe("nginx starts with settings that are right", () => {
  test("the address of Redis is enough, and Redis need not be there", () => assertAccepted({ redis: REDIS }));

  test("every setting may be given", () =>
    assertAccepted({
      redis: "unix:/run/redis/redis.sock",
      redis_user: "signpost",
      redis_password: "secret",
      redis_database: 3,
      redis_connect_timeout: 100,
      redis_send_timeout: 100,
      redis_read_timeout: 100,
      redis_pool_size: 10,
      redis_backlog: 10,
      cache_ttl: 0.5,
      memory_size: 1_000,
      max_lookups: 10,
      breaker_failures: 5,
      breaker_pause: 0.5,
      retry_after: 30,
      route_prefix: "frontend:",
      pool_prefix: "members:",
    }));
});

// `nginx -t` checks no settings: since version 0.10.14 the Lua module does not run init_by_lua then.
describe("nginx refuses to start with settings that are wrong", () => {
  test("an unknown name is refused, and the nearest known one named", async () => {
    await assertRefused({ redis: REDIS, cache_tll: 10 }, /cache_tll/, /cache_ttl/);
    await assertRefused({ redis: REDIS, redis_pasword: "x" }, /redis_pasword/, /redis_password/);
  });

  test("all problems are in one message", async () => {
    const wrong = {
      redis: 6379,
      cache_tll: 10,
      max_lookups: "many",
      retry_after: 0,
      memory_size: 1.5,
      route_prefix: true,
    };
    const message = (await assertRefused(wrong)).split("stack traceback")[0] ?? "";
    for (const name of Object.keys(wrong)) assert.match(message, new RegExp(`\\b${name}\\b`));
  });

  test("no settings at all are refused: Redis has no default", async () => {
    await assertRefused({}, /redis: must be given/);
  });

  const WRONG: readonly Settings[] = [
    { redis: "" },
    { redis: "127.0.0.1:6379" },
    { redis: "http://127.0.0.1:6379" },
    { redis: "redis://127.0.0.1:0" },
    { redis: "redis://127.0.0.1:65536" },
    { redis: "redis://127.0.0.1/first" },
    { redis: "redis://" },
    { redis: "unix:" },
    { redis: "unix:relative.sock" },
    { redis_database: -1 },
    { redis_database: 1.5 },
    { redis_database: "0" },
    { redis_user: "signpost" },
    { redis_connect_timeout: 0 },
    { redis_read_timeout: "1s" },
    { redis_pool_size: 0 },
    { cache_ttl: 0 },
    { cache_ttl: -1 },
    { cache_ttl: 1e9 },
    { cache_ttl: { seconds: 10 } },
    { memory_size: 0 },
    { max_lookups: 0 },
    { breaker_failures: 0 },
    { breaker_pause: -0.5 },
    { retry_after: true },
    { route_prefix: 5 },
    { route_prefix: "same:", pool_prefix: "same:" },
  ];
  for (const wrong of WRONG) {
    test(`${JSON.stringify(wrong)} is refused by name`, async () => {
      const [name = ""] = Object.keys(wrong);
      await assertRefused({ redis: REDIS, ...wrong }, new RegExp(`\\b${name}\\b`));
    });
  }

  test("what is in the address may not be given a second time", async () => {
    const twice = { redis_user: "b", redis_password: "b", redis_database: 2 };
    await assertRefused(
      { redis: "redis://a:a@127.0.0.1/1", ...twice },
      /redis_user/,
      /redis_password/,
      /redis_database/,
    );
  });

  test("no message shows a password", async () => {
    const outputs = [
      await assertRefused({ redis: "redis://signpost:hunter2@127.0.0.1:99999/0" }),
      await assertRefused({ redis: "redis://:hunter2@127.0.0.1/x", cache_tll: 1 }),
      await assertRefused({ redis: REDIS, redis_password: "hunter2", redis_database: -1 }),
      await assertRefused({ redis: REDIS, redis_password: ["hunter2"] }),
    ];
    for (const output of outputs) assert.doesNotMatch(output, /hunter2/);
  });

  for (const dict of ["signpost_records", "signpost_absent", "signpost_state"]) {
    test(`without the shared dict ${dict}, the message names it`, async () => {
      const snippet = (text: string) => text.replace(new RegExp(`^lua_shared_dict +${dict} .*$`, "m"), "");
      const message = await refusal({ settings: { redis: REDIS }, snippet });
      assert.match(message, new RegExp(`signpost: .*\\b${dict}\\b`));
    });
  }
});

describe("ways to reach Redis", () => {
  const WAYS: Readonly<Record<string, Pick<SiteOptions, "redis" | "settings" | "resolver"> & { database?: number }>> = {
    "an address and a port": {},
    "a host name that nginx' resolver knows": {
      settings: (redis) => ({ redis: `redis://redis.internal:${redis.port}` }),
      resolver: dns.address,
    },
    "a unix socket": {
      redis: { unixSocket: true },
      settings: (redis) => ({ redis: `unix:${redis.unixSocket}` }),
    },
    "a password": {
      redis: { args: ["--requirepass", "p@ss:word/"], password: "p@ss:word/" },
      settings: { redis_password: "p@ss:word/" },
    },
    "a password in the address": {
      redis: { args: ["--requirepass", "p@ss:word/"], password: "p@ss:word/" },
      settings: (redis) => ({ redis: `redis://:p%40ss%3Aword%2F@127.0.0.1:${redis.port}` }),
    },
    "a user who may only read": {
      redis: { args: ["--user", "signpost", ...READ_ONLY] },
      settings: { redis_user: "signpost", redis_password: "secret" },
    },
    "a user who may only read, in the address, on a database of its own": {
      redis: { args: ["--user", "signpost", ...READ_ONLY] },
      settings: (redis) => ({ redis: `redis://signpost:secret@127.0.0.1:${redis.port}/5` }),
      database: 5,
    },
    "a database number": { settings: { redis_database: 3 }, database: 3 },
    "a unix socket with a password and a database number": {
      redis: { unixSocket: true, args: ["--requirepass", "secret"], password: "secret" },
      settings: (redis) => ({ redis: `unix:${redis.unixSocket}`, redis_password: "secret", redis_database: 2 }),
      database: 2,
    },
  };
  for (const [way, { database = 0, ...options }] of Object.entries(WAYS)) {
    test(`${way}: routes are found, absent ones are absent, changes become visible`, async (context) => {
      const settings = (redis: RedisServer) => ({ ...allSettings(options, redis), cache_ttl: 0.2 });
      const backends = ["red", "blue"] as const;
      await withSite({ ...options, settings, backends }, context, async ({ redis, get, route, backends }) => {
        await redis.command("SELECT", database);
        await route("known.test", backends.red.address);
        assert.equal((await get("known.test")).body, "red");
        assert.equal((await get("unknown.test")).status, 404);
        await route("known.test", backends.blue.address);
        await eventually(async () => assert.equal((await get("known.test")).body, "blue"));
      });
    });
  }

  test("another database's routes are not seen", async (context) => {
    await withSite(
      { settings: { redis_database: 4 }, backends: ["red"] },
      context,
      async ({ get, route, backends }) => {
        await route("other.test", backends.red.address);
        assert.equal((await get("other.test")).status, 404);
      },
    );
  });

  test("a wrong password is redis_down, and the error log says why, without the password", async (context) => {
    const options = {
      redis: { args: ["--requirepass", "right"], password: "right" },
      settings: { redis_password: "wrong-hunter2" },
    };
    await withSite(options, context, async ({ get, nginx }) => {
      const answer = await get("any.test");
      assert.equal(answer.status, 503);
      assert.equal((await answer.logged()).error, "redis_down");
      assert.match(nginx.errorLog(), /WRONGPASS/);
      assert.doesNotMatch(nginx.errorLog(), /hunter2/);
    });
  });
});

suite("a reload with settings that are wrong", { backends: ["red"] }, (test) => {
  const refused = { allow: [/stack traceback/] };
  test("is refused, and the old settings go on serving", refused, async ({ nginx, redis, get, route, backends }) => {
    await route("steady.test", backends.red.address);
    assert.equal((await get("steady.test")).body, "red");
    nginx.configure(signpostConfig({ settings: { redis: redis.url, cache_tll: 1 } }));
    await assert.rejects(nginx.reload(), /cache_tll/);
    assert.equal((await get("steady.test")).body, "red");
  });
});

describe("a log_format that names none of Signpost's variables", () => {
  test("is as good as any", async (context) => {
    const config = (redis: RedisServer) => (place: Place) =>
      signpostConfig({ settings: { redis: redis.url } })(place).replace(
        /log_format e2e[^;]*;/,
        "log_format e2e $status;",
      );
    await withSite({ config }, context, async ({ get, route }) => {
      await route("*.plain.test", "return 418");
      assert.equal((await get("a.plain.test")).status, 418);
      assert.equal((await get("a.plain.test")).status, 418);
      assert.equal((await get("unknown.test")).status, 404);
    });
  });
});
