import assert from "node:assert/strict";
import { eventually } from "./support/eventually.js";
import { suite } from "./support/suite.js";

const SETTINGS = { cache_ttl: 0.3 };

suite("a host is looked up in Redis", { settings: SETTINGS, backends: ["red", "blue"] }, (test) => {
  test("a known host is answered by its own backend", async ({ get, route, backends }) => {
    await route("one.test", backends.red.address);
    await route("two.test", backends.blue.address);
    const [one, two] = await Promise.all([get("one.test"), get("two.test")]);
    assert.deepEqual([one.status, one.body], [200, "red"]);
    assert.deepEqual([two.status, two.body], [200, "blue"]);
    const line = await one.logged();
    assert.equal(line.upstream, backends.red.address);
    assert.equal(line.error, "");
  });

  test("an unknown host gets 404 with a short plain-text body and the word no_route in the access log", async ({
    get,
  }) => {
    const answer = await get("unknown.test");
    assert.equal(answer.status, 404);
    assert.match(String(answer.headers["content-type"]), /^text\/plain/);
    assert.ok(answer.body.length > 0 && answer.body.length < 200, answer.body);
    assert.doesNotMatch(answer.body, /</);
    assert.equal((await answer.logged()).error, "no_route");
  });

  test("case, port and trailing dot of the Host header make no difference", async ({ get, route, backends }) => {
    await route("plain.test", backends.red.address);
    for (const host of ["plain.test", "PLAIN.Test", "plain.test:8080", "plain.test.", "Plain.Test.:80"]) {
      assert.equal((await get(host)).body, "red", host);
    }
  });

  test("a new route for a host that was unknown becomes visible", async ({ get, route, backends }) => {
    assert.equal((await get("later.test")).status, 404);
    await route("later.test", backends.red.address);
    await eventually(async () => assert.equal((await get("later.test")).body, "red"));
  });

  test("a changed route becomes visible, and so does a deleted one", async ({ get, route, redis, backends }) => {
    await route("moves.test", backends.red.address);
    assert.equal((await get("moves.test")).body, "red");
    await route("moves.test", backends.blue.address);
    await eventually(async () => assert.equal((await get("moves.test")).body, "blue"));
    await redis.command("DEL", "route:moves.test");
    await eventually(async () => assert.equal((await get("moves.test")).status, 404));
  });

  test("all addresses of one target get requests", async ({ get, route, backends }) => {
    await route("several.test", `${backends.red.address} ${backends.blue.address}`);
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) seen.add((await get("several.test")).body);
    assert.deepEqual([...seen].sort(), ["blue", "red"]);
    await route("comma.test", `${backends.red.address},${backends.blue.address}`);
    assert.equal((await get("comma.test")).status, 200);
  });

  test("an http:// target is the same as the address alone", async ({ get, route, backends }) => {
    await route("scheme.test", `http://${backends.red.address}`);
    assert.equal((await get("scheme.test")).body, "red");
  });

  test("a return target with a URL redirects, the request target kept", async ({ get, route }) => {
    await route("old.test", "return 301 https://www.example.com$request_uri");
    const answer = await get("old.test", "/a%2Fb?c=d");
    assert.equal(answer.status, 301);
    assert.equal(answer.headers.location, "https://www.example.com/a%2Fb?c=d");
    await route("moved.test", "return 302 https://www.example.com/here");
    assert.equal((await get("moved.test", "/there")).headers.location, "https://www.example.com/here");
  });

  test("a return target with a status answers without a backend", async ({ get, route }) => {
    await route("closed.test", "return 503");
    await route("gone.test", "return 410");
    const closed = await get("closed.test");
    assert.equal(closed.status, 503);
    assert.equal((await closed.logged()).upstream, "");
    assert.equal((await get("gone.test")).status, 410);
  });
});

suite("the most specific name wins", { settings: SETTINGS, backends: ["red", "blue", "green", "grey"] }, (test) => {
  test("a wildcard does not cover the name it is made of", async ({ get, route, backends }) => {
    await route("*.apex.test", backends.red.address);
    assert.equal((await get("apex.test")).status, 404);
    assert.equal((await get("www.apex.test")).body, "red");
  });

  test("a wildcard that answers is named in the access log", async ({ get, route, backends }) => {
    await route("*.named.test", backends.red.address);
    const line = await (await get("www.named.test")).logged();
    assert.match(line.route, /\*\.named\.test$/);
  });

  test("an IPv6 address as host has a route of its own", async ({ get, redis, route, backends, nginx }) => {
    const asked = await redis.monitor();
    assert.equal((await get(`[2001:DB8::7]:${nginx.port}`)).status, 404);
    const key = await eventually(() => {
      const found = /"route:(\[?2001:db8::7\]?)"/.exec(asked.lines.join("\n"))?.[1];
      assert.ok(found !== undefined, `no key for the address among:\n${asked.lines.join("\n")}`);
      return found;
    });
    asked.stop();
    await route(key, backends.green.address);
    await eventually(async () => assert.equal((await get(`[2001:db8::7]:${nginx.port}`)).body, "green"));
  });

  test("an IP address as host tries only itself and *", async ({ get, route, redis, backends, nginx }) => {
    await route("*.0.0.1", backends.red.address);
    await route("*.1", backends.red.address);
    assert.equal((await get(`127.0.0.1:${nginx.port}`)).status, 404);
    const asked = await redis.monitor();
    assert.equal((await get(`127.0.0.2:${nginx.port}`)).status, 404);
    assert.equal((await get(`[::1]:${nginx.port}`)).status, 404);
    asked.stop();
    const keys = new Set([...asked.lines.join("\n").matchAll(/"(route:[^"]*)"/g)].map(([, key]) => key));
    assert.ok(keys.has("route:127.0.0.2"), "127.0.0.2 itself is asked for");
    for (const key of keys) assert.match(String(key), /^route:(127\.0\.0\.2|\[?::1\]?|\*)$/);

    await route("127.0.0.3", backends.blue.address);
    assert.equal((await get(`127.0.0.3:${nginx.port}`)).body, "blue");
    await route("*", backends.grey.address);
    await eventually(async () => assert.equal((await get(`127.0.0.1:${nginx.port}`)).body, "grey"));
    await eventually(async () => assert.equal((await get(`[::1]:${nginx.port}`)).body, "grey"));
    await redis.command("DEL", "route:*");
  });

  test("an exact name goes before the longest wildcard, that before a shorter one, and that before *", async ({
    get,
    route,
    redis,
    backends,
  }) => {
    await route("a.b.example.com", backends.red.address);
    await route("*.b.example.com", backends.blue.address);
    await route("*.example.com", backends.green.address);
    await route("*", backends.grey.address);
    assert.equal((await get("a.b.example.com")).body, "red");
    assert.equal((await get("x.b.example.com")).body, "blue");
    assert.equal((await get("x.y.b.example.com")).body, "blue");
    assert.equal((await get("x.example.com")).body, "green");
    assert.equal((await get("elsewhere.test")).body, "grey");

    for (const [key, next] of [
      ["a.b.example.com", "blue"],
      ["*.b.example.com", "green"],
      ["*.example.com", "grey"],
    ]) {
      await redis.command("DEL", `route:${key}`);
      await eventually(async () => assert.equal((await get("a.b.example.com")).body, next));
    }
    await redis.command("DEL", "route:*");
    await eventually(async () => assert.equal((await get("a.b.example.com")).status, 404));
  });
});

/** Strings that are no target; `%` stands for a backend that would answer. */
const MALFORMED: Readonly<Record<string, string | Buffer>> = {
  empty: "",
  blank: "   ",
  "port-zero": "127.0.0.1:0",
  "port-too-large": "127.0.0.1:65536",
  "port-not-a-number": "127.0.0.1:http",
  "port-with-leading-zero": "127.0.0.1:080",
  "port-missing": "127.0.0.1:",
  "octet-too-large": "127.0.0.256:80",
  "ipv6-without-brackets": "::1:8080",
  "ipv6-zone": "[fe80::1%eth0]:80",
  "ipv6-unclosed": "[::1:80",
  variable: "$host:80",
  "variable-in-name": "app.${host}.internal:80",
  "second-directive": "%; return 200 pwned",
  newline: "%\nreturn 200",
  "carriage-return": "%\r\nX-Injected: 1",
  nul: Buffer.from("127.0.0.1\u0000.evil:80"),
  "not-utf-8": Buffer.from([0xff, 0xfe, 0x31]),
  "with-a-query": "http://%/path?query",
  "with-a-user": "http://user@%",
  "another-scheme": "ftp://%",
  "unix-socket": "unix:/tmp/a.sock",
  huge: "a".repeat(1_000_000),
  "empty-among-good": "%,,%",
  "bad-among-good": "% 127.0.0.1:99999",
  "return-without-status": "return",
  "return-200": "return 200",
  "return-301-without-url": "return 301",
  "return-503-with-url": "return 503 https://www.example.com",
  "return-with-other-variable": "return 301 https://www.example.com/$host",
  "return-with-variable-inside": "return 301 https://$request_uri.example.com",
  "return-with-newline": "return 301 https://www.example.com/\r\nSet-Cookie: a=b",
  "return-javascript": "return 301 javascript:alert(1)",
  "pool-without-name": "@",
};

suite("one bad route harms only itself", { settings: SETTINGS, backends: ["red", "blue"] }, (test) => {
  test("every malformed target gets 502 and the word bad_route, and no other host notices", async ({
    get,
    route,
    redis,
    backends,
  }) => {
    await route("healthy.test", backends.red.address);
    for (const [name, malformed] of Object.entries(MALFORMED)) {
      const value = typeof malformed === "string" ? malformed.replaceAll("%", backends.red.address) : malformed;
      await redis.command("SET", `route:${name}.test`, value);
      const answer = await get(`${name}.test`);
      assert.equal(answer.status, 502, name);
      assert.equal((await answer.logged()).error, "bad_route", name);
      assert.equal((await get("healthy.test")).body, "red", `after ${name}`);
    }
    assert.equal(backends.red.requests.length, Object.keys(MALFORMED).length, "no malformed target reached a backend");
  });

  const WRONG_TYPES: readonly (readonly [string, ...string[]])[] = [
    ["zset", "ZADD", "1", "127.0.0.1:80"],
    ["stream", "XADD", "*", "backend", "127.0.0.1:80"],
  ];
  for (const [type, command = "", ...values] of WRONG_TYPES) {
    test(`a route that is a ${type} gets 502, and the error log names the type`, async ({ get, redis, nginx }) => {
      await redis.command(command, `route:${type}.test`, ...values);
      const answer = await get(`${type}.test`);
      assert.equal(answer.status, 502);
      assert.equal((await answer.logged()).error, "bad_route");
      assert.match(nginx.errorLog(), new RegExp(`route:${type}\\.test.*\\b${type}\\b`));
    });
  }

  test("the error log says which route is bad", async ({ get, route, nginx }) => {
    await route("explained.test", "127.0.0.1:99999");
    assert.equal((await get("explained.test")).status, 502);
    assert.match(nginx.errorLog(), /route:explained\.test/);
  });

  test("a bad route works once it is mended", async ({ get, route, backends }) => {
    await route("mended.test", "nonsense nonsense:0");
    assert.equal((await get("mended.test")).status, 502);
    await route("mended.test", backends.blue.address);
    await eventually(async () => assert.equal((await get("mended.test")).body, "blue"));
  });

  test("a good route overwritten with a bad one keeps serving its last good value", async ({
    get,
    route,
    redis,
    nginx,
    backends,
  }) => {
    await route("spoiled.test", backends.blue.address);
    assert.equal((await get("spoiled.test")).body, "blue");
    for (const spoil of [
      () => route("spoiled.test", "127.0.0.1:99999"),
      async () => {
        // In one step: a deletion on the way would end what was good.
        await redis.command("HSET", "spoil", "api", "127.0.0.1:80");
        await redis.command("RENAME", "spoil", "route:spoiled.test");
      },
    ]) {
      const before = nginx.errorLog().length;
      await spoil();
      // The error log tells when the bad value has been read.
      await eventually(async () => {
        assert.equal((await get("spoiled.test")).body, "blue");
        assert.match(nginx.errorLog().slice(before), /spoiled\.test/);
      });
      for (let i = 0; i < 20; i++) assert.equal((await get("spoiled.test")).body, "blue");
    }
    await route("spoiled.test", backends.red.address);
    await eventually(async () => assert.equal((await get("spoiled.test")).body, "red"));
    await redis.command("DEL", "route:spoiled.test");
    await eventually(async () => assert.equal((await get("spoiled.test")).status, 404));
  });

  test("a bad exact route does not fall through to a wildcard", async ({ get, route, backends }) => {
    await route("*.strict.test", backends.red.address);
    await route("bad.strict.test", "127.0.0.1:99999");
    assert.equal((await get("bad.strict.test")).status, 502);
    assert.equal((await get("good.strict.test")).body, "red");
  });
});

suite("an empty route_prefix", { settings: { ...SETTINGS, route_prefix: "" }, backends: ["red"] }, (test) => {
  test("the keys of the 2012 post work as they are", async ({ get, redis, backends }) => {
    await redis.command("SET", "post.test", backends.red.address);
    assert.equal((await get("post.test")).body, "red");
    assert.equal((await get("other.test")).status, 404);
  });
});
