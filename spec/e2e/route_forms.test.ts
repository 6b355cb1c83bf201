import assert from "node:assert/strict";
import { complaintsAbout, metric, spoil, STATUS_PAGE } from "./support/complaints.js";
import { eventually } from "./support/eventually.js";
import { everyWorker, sample, SHOW_WORKER, tally, underLoad } from "./support/load.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

const backends = ["red", "blue", "green"] as const;
type TestSite = Site<(typeof backends)[number]>;

/** So long that polling can never be taken for push. */
const settings = { cache_ttl: 3_600 };

/** `HSET route:<host>`: path prefix → target. */
async function paths({ redis }: TestSite, host: string, targets: Readonly<Record<string, string>>): Promise<void> {
  await redis.command("HSET", `route:${host}`, ...Object.entries(targets).flat());
}

/** Several commands as one change. */
async function atomically({ redis }: TestSite, commands: readonly (readonly string[])[]): Promise<void> {
  await redis.command("MULTI");
  for (const command of commands) await redis.command(...command);
  await redis.command("EXEC");
}

suite("a route that is a hash", { settings, backends }, (test) => {
  test("sends a request where the longest prefix of its path says, which ends where a segment ends", async (site) => {
    const { red, blue, green } = site.backends;
    await paths(site, "paths.test", { "/": red.address, "/api": blue.address, "/api/v2": green.address });
    for (const [path, name] of Object.entries({
      "/": "red",
      "/?x=/api": "red",
      "/other": "red",
      "/apix": "red",
      "/api.html": "red",
      "/API": "red",
      "/x/api": "red",
      "/api": "blue",
      "/api/": "blue",
      "/api?x": "blue",
      "/api/x": "blue",
      "/api/v20": "blue",
      "/api/v2": "green",
      "/api/v2/x/y?z": "green",
    })) {
      assert.equal((await site.get("paths.test", path)).body, name, path);
    }
  });

  test("is matched with the path as nginx normalizes it, and the backend gets the one that was sent", async (site) => {
    const { red, blue, green } = site.backends;
    await paths(site, "normal.test", { "/": red.address, "/api": blue.address, "/api/v2": green.address });
    for (const [path, backend] of [
      ["/x/../api", blue],
      ["/api//x", blue],
      ["/%61pi?a%2Fb", blue],
      ["/api/v2/..", blue],
      ["/api%2Fv2", green],
      ["/./api/./v2", green],
      ["/api%2fv2/%2E", green],
      ["/api/../other", red],
      ["/api;x", red],
      ["/api%20", red],
    ] as const) {
      assert.equal((await site.get("normal.test", path)).body, backend.name, path);
      assert.equal(backend.lastRequest().target, path);
    }
    // A backend may keep both slashes, or take what follows them for a host: not even that is /api then.
    assert.equal((await (await site.get("normal.test", "//api")).logged()).error, "bad_path");
  });

  test("may write a prefix with a slash at its end, or with what would be encoded in a URL", async (site) => {
    const { red, blue, green } = site.backends;
    await paths(site, "written.test", { "/api/": red.address, "/a b": blue.address, "/ü": green.address });
    for (const [path, name] of [
      ["/api", "red"],
      ["/api/x", "red"],
      ["/a%20b/c", "blue"],
      ["/%C3%BC", "green"],
    ] as const) {
      assert.equal((await site.get("written.test", path)).body, name, path);
    }
  });

  test("answers 404 no_route where no prefix holds the path, even if a wildcard would have answered", async (site) => {
    await site.route("*.partly.test", site.backends.red.address);
    await paths(site, "a.partly.test", { "/api": site.backends.blue.address });
    assert.equal((await site.get("a.partly.test", "/api")).body, "blue");
    const answer = await site.get("a.partly.test", "/apix");
    assert.equal(answer.status, 404);
    assert.equal((await answer.logged()).error, "no_route");
    assert.equal((await site.get("b.partly.test", "/apix")).body, "red");
  });

  test("leads to any target a string may be", async (site) => {
    const { red, blue } = site.backends;
    await paths(site, "any.test", {
      "/both": `${red.address} ${blue.address}`,
      "/scheme": `http://${red.address}`,
      "/closed": "return 403",
      "/old": "return 301 https://new.test$request_uri",
    });
    assert.deepEqual(await sample(20, () => site.get("any.test", "/both")), { "200 red": 10, "200 blue": 10 });
    assert.equal((await site.get("any.test", "/scheme/x")).body, "red");
    assert.equal((await site.get("any.test", "/closed")).status, 403);
    const { status, headers } = await site.get("any.test", "/old/x%2Fy?z");
    assert.deepEqual([status, headers.location], [301, "https://new.test/old/x%2Fy?z"]);
  });

  test("gives every request of a wildcard its path", async (site) => {
    const { red, blue } = site.backends;
    await paths(site, "*.wild.test", { "/": red.address, "/api": blue.address });
    for (const host of ["a.wild.test", "b.a.wild.test"]) {
      assert.equal((await site.get(host, "/api/x")).body, "blue");
      assert.equal((await site.get(host, "/x")).body, "red");
    }
  });

  test("is followed field by field", async (site) => {
    const { red, blue, green } = site.backends;
    await paths(site, "fields.test", { "/": red.address, "/api": blue.address });
    assert.equal((await site.get("fields.test", "/api")).body, "blue");
    await paths(site, "fields.test", { "/api": green.address });
    await eventually(async () => assert.equal((await site.get("fields.test", "/api")).body, "green"));
    await site.redis.command("HDEL", "route:fields.test", "/api");
    await eventually(async () => assert.equal((await site.get("fields.test", "/api")).body, "red"));
    await site.redis.command("HDEL", "route:fields.test", "/");
    await eventually(async () => assert.equal((await site.get("fields.test", "/api")).status, 404));
  });
});

suite("a route that is a set", { settings, backends }, (test) => {
  test("shares requests evenly among its members, which come and go", async (site) => {
    const { redis, get } = site;
    const { red, blue, green } = site.backends;
    await redis.command("SADD", "route:set.test", red.address, `http://${blue.address}`);
    assert.deepEqual(await sample(40, () => get("set.test")), { "200 red": 20, "200 blue": 20 });
    await redis.command("SADD", "route:set.test", green.address);
    await eventually(async () => assert.equal((await get("set.test")).body, "green"));
    assert.deepEqual(await sample(60, () => get("set.test")), { "200 red": 20, "200 blue": 20, "200 green": 20 });
    await redis.command("SREM", "route:set.test", red.address, green.address);
    await eventually(async () => assert.deepEqual(await sample(10, () => get("set.test")), { "200 blue": 10 }));
  });
});

suite("Hipache's database", { settings: { ...settings, route_prefix: "frontend:" }, backends }, (test) => {
  test("works as it is: a label, then URLs", async ({ redis, get, backends }) => {
    const { red, blue, green } = backends;
    const urls = [red, blue].map(({ address }) => `http://${address}`);
    await redis.command("RPUSH", "frontend:www.shop.test", "shop", ...urls);
    await redis.command("RPUSH", "frontend:*.shop.test", "others", `http://${green.address}/`);
    const answers = await sample(40, () => get("www.shop.test"));
    assert.deepEqual(answers, { "200 red": 20, "200 blue": 20 });
    assert.equal((await get("any.shop.test")).body, "green");
    assert.equal((await get("other.test")).status, 404);
  });

  test("is followed when Hipache's users add a backend, and take one out", async ({ redis, get, backends }) => {
    const { red, blue } = backends;
    await redis.command("RPUSH", "frontend:moves.test", "moves", `http://${red.address}`);
    assert.equal((await get("moves.test")).body, "red");
    await redis.command("RPUSH", "frontend:moves.test", `http://${blue.address}`);
    await eventually(async () => assert.equal((await get("moves.test")).body, "blue"));
    assert.deepEqual(await sample(20, () => get("moves.test")), { "200 red": 10, "200 blue": 10 });
    await redis.command("LREM", "frontend:moves.test", 0, `http://${red.address}`);
    const onlyBlue = async () => assert.deepEqual(await sample(10, () => get("moves.test")), { "200 blue": 10 });
    await eventually(onlyBlue);
  });

  test("may name a backend twice, for twice the share", async ({ redis, get, backends }) => {
    const { red, blue } = backends;
    await redis.command("RPUSH", "frontend:twice.test", "", red.address, blue.address, red.address);
    assert.deepEqual(await sample(60, () => get("twice.test")), { "200 red": 40, "200 blue": 20 });
  });

  test("has a host without a backend, also when it has just lost the last one: 503 no_peer_up", async (site) => {
    const { redis, get, backends } = site;
    await redis.command("RPUSH", "frontend:empty.test", "empty");
    const answer = await get("empty.test");
    assert.deepEqual([answer.status, (await answer.logged()).error], [503, "no_peer_up"]);
    assert.deepEqual(complaintsAbout(site, "frontend:empty.test"), []);
    await redis.command("RPUSH", "frontend:empty.test", `http://${backends.red.address}`);
    await eventually(async () => assert.equal((await get("empty.test")).body, "red"));
    await redis.command("LREM", "frontend:empty.test", 0, `http://${backends.red.address}`);
    await eventually(async () => assert.equal((await get("empty.test")).status, 503));
  });

  test("sends nothing to a label that is there twice", async ({ redis, get, backends }) => {
    await redis.command("RPUSH", "frontend:label.test", "label.test", "label.test", `http://${backends.red.address}/`);
    assert.deepEqual(await sample(10, () => get("label.test")), { "200 red": 10 });
  });
});

suite("a value with more around its addresses than must be", { settings, backends }, (test) => {
  test("is good: line ends and blanks after it, HTTP://, a slash at the end", async (site) => {
    const { redis, get } = site;
    const { red, blue } = site.backends;
    await redis.command("SET", "route:line.test", `${red.address} \r\n`);
    await redis.command("SET", "route:upper.test", `HTTP://${red.address}/`);
    await redis.command("SADD", "route:set.test", `${red.address}/`, `${blue.address}\n`);
    await redis.command("HSET", "route:hash.test", "/", `@slashes\n`);
    await redis.command("SADD", "pool:slashes", `http://${red.address}/`, `${blue.address} `);
    for (const host of ["line.test", "upper.test"]) assert.equal((await get(host, "/x")).body, "red", host);
    for (const host of ["set.test", "hash.test"]) {
      assert.deepEqual(await sample(10, () => get(host)), { "200 red": 5, "200 blue": 5 }, host);
    }
  });

  test("is bad where a word may be meant for something else: no request goes to it", async (site) => {
    const { red } = site.backends;
    for (const [host, word, problem] of [
      ["backup.test", "backup", "a port after a name without a dot, where there are several addresses"],
      ["mirror.test", "mirrors.example.edu", "a port after a name, where another address has one"],
    ] as const) {
      await site.route(host, `${red.address} ${word}`);
      assert.equal((await (await site.get(host)).logged()).error, "bad_route");
      const [complaint] = complaintsAbout(site, `route:${host}`);
      assert.ok(String(complaint).includes(`expected ${problem}, got "${word}"`), complaint);
    }
  });
});

suite("a key that no request can match", { settings, backends }, (test) => {
  test("is said in the log as soon as it is written, with the key that is meant", async (site) => {
    const line =
      "route:App.Example.test:80: no request matches this key, because hosts are looked up as route:app.example.test";
    // Again and again: what is written before Redis pushes is not seen.
    await eventually(async () => {
      await site.route("App.Example.test:80", site.backends.red.address);
      assert.ok(site.nginx.errorLog().includes(line));
    });
    assert.equal((await site.get("app.example.test")).status, 404);
  });
});

const everyForm = { settings, backends, workers: 2, location: SHOW_WORKER };

suite("a route that becomes another type", everyForm, (test) => {
  test("is followed from each type to each, and answers nothing but the old or the new meanwhile", async (site) => {
    const { get, nginx } = site;
    const { red, blue } = site.backends;
    const key = "route:types.test";
    const writes = (address: string) => [
      [["SET", key, address]],
      [
        ["DEL", key],
        ["HSET", key, "/", address],
      ],
      [
        ["DEL", key],
        ["RPUSH", key, "label", address],
      ],
      [
        ["DEL", key],
        ["SADD", key, address],
      ],
    ];
    await site.route("types.test", red.address);
    await everyWorker(nginx, () => get("types.test"), { status: 200, body: "red" });
    const outcomes = await underLoad(
      () => get("types.test"),
      async () => {
        for (const from of writes(red.address)) {
          for (const to of writes(blue.address)) {
            await atomically(site, from);
            await everyWorker(nginx, () => get("types.test"), { status: 200, body: "red" });
            await atomically(site, to);
            await everyWorker(nginx, () => get("types.test"), { status: 200, body: "blue" });
          }
        }
      },
    );
    assert.deepEqual(Object.keys(tally(outcomes)).sort(), ["200 blue", "200 red"]);
    assert.deepEqual(complaintsAbout(site, key), []);
  });

  test("is 404 between DEL and the next command, when these are two changes", async (site) => {
    const { get, nginx, redis } = site;
    await paths(site, "del.test", { "/": site.backends.red.address });
    await everyWorker(nginx, () => get("del.test"), { status: 200, body: "red" });
    await redis.command("DEL", "route:del.test");
    await everyWorker(nginx, () => get("del.test"), { status: 404 });
    await site.route("del.test", site.backends.blue.address);
    await everyWorker(nginx, () => get("del.test"), { status: 200, body: "blue" });
  });

  test("is followed when a hash is written over by SET, which needs no DEL", async (site) => {
    const { get, nginx } = site;
    await paths(site, "over.test", { "/": site.backends.red.address, "/api": "return 403" });
    await everyWorker(nginx, () => get("over.test", "/api"), { status: 403 });
    await site.route("over.test", site.backends.blue.address);
    await everyWorker(nginx, () => get("over.test", "/api"), { status: 200, body: "blue" });
  });
});

/** Addresses that differ, of backends that are not there: nothing listens on port 1. */
const addresses = (count: number) => Array.from({ length: count }, (_, i) => `127.1.${i >> 8}.${i & 255}:1`);
const fields = (count: number, target: string) =>
  Array.from({ length: count }, (_, i) => [`/path${i}`, target] as const).flat();

suite("a route that is too large", { settings, backends: ["red"] }, (test) => {
  for (const [what, command, limit] of [
    ["a hash of 257 paths", ["HSET", ...fields(257, "return 403")], /expected 1 to 256 paths, got 257/],
    [
      "a hash of 80,000 bytes",
      ["HSET", ...fields(20, "10.0.0.1:80 ".repeat(333))],
      /no more than 65536 bytes, got \d+/,
    ],
    ["a list of 1,025 backends", ["RPUSH", "label", ...addresses(1_025)], /no more than 1024, got 1025 backends/],
    ["a set of 60,000 backends", ["SADD", ...addresses(60_000)], /no more than 1024, got 60000 backends/],
    ["a string of 5,000 bytes", ["SET", "10.0.0.1:80 ".repeat(417)], /no more than 4096 bytes/],
  ] as const) {
    test(`is bad, and the log says the limit: ${what}`, async (site) => {
      const [name, ...values] = command;
      const host = `${what.replaceAll(/[^a-z0-9]+/g, "-")}.test`;
      await site.redis.command(name, `route:${host}`, ...values);
      const answer = await site.get(host);
      assert.equal(answer.status, 502);
      assert.equal((await answer.logged()).error, "bad_route");
      assert.match(String(complaintsAbout(site, `route:${host}`)[0]), limit);
    });
  }

  test("is not one of 256 paths, nor of 1,024 backends", async (site) => {
    const { redis, get, backends } = site;
    await redis.command("HSET", "route:many.test", ...fields(255, "return 403"), "/last", backends.red.address);
    assert.equal((await get("many.test", "/last/x")).body, "red");
    assert.equal((await get("many.test", "/path254")).status, 403);
    await redis.command("SADD", "route:thousand.test", ...addresses(1_024));
    const answer = await get("thousand.test");
    assert.deepEqual([answer.status, (await answer.logged()).error], [502, ""], "tried, and none is there");
    assert.deepEqual(complaintsAbout(site, "route:thousand.test"), []);
  });
});

suite("a route of a type that means nothing", { settings, backends: ["red"] }, (test) => {
  for (const [type, command, ...values] of [
    ["zset", "ZADD", "1", "127.0.0.1:80"],
    ["stream", "XADD", "*", "backend", "127.0.0.1:80"],
  ] as const) {
    test(`is bad, and the log names it: ${type}`, async (site) => {
      const key = `route:${type}.test`;
      await site.redis.command(command, key, ...values);
      const answer = await site.get(`${type}.test`);
      assert.equal(answer.status, 502);
      assert.equal((await answer.logged()).error, "bad_route");
      const [complaint] = complaintsAbout(site, key);
      assert.match(String(complaint), new RegExp(`expected a string, a hash, a list or a set, found a ${type}; `));
    });
  }
});

const watched = { settings, backends, workers: 2, location: SHOW_WORKER, server: STATUS_PAGE };

suite("a bad field among good ones", watched, (test) => {
  test("leaves the last good value serving, on every path and worker, until it is mended", async (site) => {
    const { get, nginx } = site;
    const { red, blue, green } = site.backends;
    await paths(site, "spoiled.test", { "/": red.address, "/api": blue.address });
    await everyWorker(nginx, () => get("spoiled.test", "/api"), { status: 200, body: "blue" });
    await spoil(site, "route:spoiled.test", () =>
      paths(site, "spoiled.test", { "/": green.address, "/bad": "127.0.0.1:99999" }),
    );
    assert.deepEqual(await sample(40, () => get("spoiled.test")), { "200 red": 40 });
    assert.deepEqual(await sample(40, () => get("spoiled.test", "/api")), { "200 blue": 40 });
    await site.redis.command("HDEL", "route:spoiled.test", "/bad");
    await everyWorker(nginx, () => get("spoiled.test"), { status: 200, body: "green" });
  });

  test("is said in the log with key, field, what was expected and the value, cut short", async (site) => {
    await paths(site, "said.test", { "/": site.backends.red.address });
    assert.equal((await site.get("said.test")).body, "red");
    const long = await spoil(site, "route:said.test", () => paths(site, "said.test", { "/api": "x".repeat(500) }));
    assert.match(long, /bad_route route:said\.test: field "\/api": byte \d+: expected [^;]*, got "x+"\.\.\.; /);
    assert.doesNotMatch(long, /x{41}/);
    assert.ok(long.includes(`its last good value serves: / ${site.backends.red.address}`), long);

    const odd = await spoil(site, "route:said.test", () =>
      paths(site, "said.test", { "/api": '10.0.0.1:80\r\nevil "x"' }),
    );
    assert.ok(odd.includes(String.raw`got "\x0D\x0Aevil \x22x\x22"`), odd);

    const path = await spoil(site, "route:said.test", async () => {
      await site.redis.command("HDEL", "route:said.test", "/api");
      await paths(site, "said.test", { "api?x": "return 403" });
    });
    assert.match(path, /bad_route route:said\.test: field "api\?x", byte 1: expected a path that begins with \/, got/);
  });

  test("is said once for each change, however many requests and workers there are, and counted as often", async (site) => {
    const { get, nginx } = site;
    const { red } = site.backends;
    const before = await metric(site, "signpost_bad_routes_total");
    const counts = async () => [
      complaintsAbout(site, "route:once.test").length,
      (await metric(site, "signpost_bad_routes_total")) - before,
    ];
    await paths(site, "once.test", { "/": red.address });
    await everyWorker(nginx, () => get("once.test"), { status: 200, body: "red" });
    assert.deepEqual(await counts(), [0, 0]);

    await spoil(site, "route:once.test", () => paths(site, "once.test", { "/api": "first:0" }));
    await sample(40, () => get("once.test"));
    await paths(site, "once.test", { "/api": "first:0" });
    await sample(40, () => get("once.test"));
    assert.deepEqual(await counts(), [1, 1], "the same again is no change");

    await spoil(site, "route:once.test", () => paths(site, "once.test", { "/api": "second:0" }));
    await sample(40, () => get("once.test"));
    assert.deepEqual(await counts(), [2, 2]);

    await paths(site, "once.test", { "/api": "return 403" });
    await everyWorker(nginx, () => get("once.test", "/api"), { status: 403 });
    await spoil(site, "route:once.test", () => paths(site, "once.test", { "/api": "second:0" }));
    assert.deepEqual(await counts(), [3, 3], "after it was good, the same mistake is a new one");
  });

  test("makes a route that never was good 502 bad_route, on its good paths too, and no other route notices", async (site) => {
    const { get, nginx } = site;
    await paths(site, "never.test", { "/": site.backends.red.address, "/bad": "unix:/tmp/a.sock" });
    await site.route("beside.test", site.backends.blue.address);
    for (const path of ["/", "/bad", "/other"]) {
      const answer = await get("never.test", path);
      assert.equal(answer.status, 502);
      assert.equal((await answer.logged()).error, "bad_route");
      assert.equal((await get("beside.test")).body, "blue");
    }
    await site.redis.command("HDEL", "route:never.test", "/bad");
    await everyWorker(nginx, () => get("never.test"), { status: 200, body: "red" });
  });

  test("harms a set and a list as little: the last good members go on", async (site) => {
    const { get, redis } = site;
    const { red, blue } = site.backends;
    await redis.command("SADD", "route:set.test", red.address, blue.address);
    await redis.command("RPUSH", "route:list.test", "label", red.address, blue.address);
    for (const host of ["set.test", "list.test"]) await sample(20, () => get(host));
    const member = await spoil(site, "route:set.test", () => redis.command("SADD", "route:set.test", "10.0.0.1:0"));
    const item = await spoil(site, "route:list.test", () => redis.command("RPUSH", "route:list.test", "10.0.0.1:0"));
    assert.match(member, /member "10\.0\.0\.1:0": .*expected a port from 1 to 65535, got "0"/);
    assert.match(item, /item 3: .*expected a port from 1 to 65535, got "0"/);
    for (const host of ["set.test", "list.test"]) {
      const answers = Object.keys(await sample(40, () => get(host))).sort();
      assert.deepEqual(answers, ["200 blue", "200 red"], host);
    }
  });
});
