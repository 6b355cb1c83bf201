import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { after } from "node:test";
import { hang, type Handler } from "./support/backend.js";
import { makeAuthority } from "./support/certificates.js";
import { complaintsAbout } from "./support/complaints.js";
import { startDns } from "./support/dns_server.js";
import { eventually, timePasses } from "./support/eventually.js";
import { openRaw, type RawConnection } from "./support/http_client.js";
import { everyWorker, inTurn, sample, SHOW_WORKER, tally } from "./support/load.js";
import { freePort } from "./support/ports.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

const authority = makeAuthority();
const dns = await startDns({ "app.internal": "127.0.0.1" });
after(() => {
  dns.close();
  authority.dispose();
});

const backends = ["red", "blue", "green"] as const;
type TestSite = Site<(typeof backends)[number]>;

/** So long that polling can never be taken for push. */
const settings = { cache_ttl: 3_600 };

/** Writes fields of `pool:<name>`, and the route `<name>.test` that leads there; gives that host. */
async function pool<Name extends string>(
  { redis }: Pick<Site<Name>, "redis">,
  name: string,
  fields: Readonly<Record<string, string | number>>,
): Promise<string> {
  await redis.command("HSET", `pool:${name}`, ...Object.entries(fields).flat());
  await redis.command("SET", `route:${name}.test`, `@${name}`);
  return `${name}.test`;
}

const triesIn = (upstream: string) => upstream.split(", ");

suite("a pool's host option", { settings, backends, resolver: dns.address }, (test) => {
  test("is the Host its members get", async (site) => {
    const { red } = site.backends;
    const host = await pool(site, "host", { [red.address]: 1, host: "App.Internal:8443" });
    assert.equal((await site.get(`${host}:81`)).body, "red");
    assert.equal(red.lastRequest().headers.host, "app.internal:8443");
  });

  test("leaves X-Forwarded-Host what the client asked for", async (site) => {
    const { red } = site.backends;
    const host = await pool(site, "forwarded", { [red.address]: 1, host: "app.internal" });
    assert.equal((await site.get(`${host}:81`)).body, "red");
    assert.equal(red.lastRequest().headers["x-forwarded-host"], `${host}:81`);
  });

  test("holds for members that go by address, too, and no longer than it is there", async (site) => {
    const { red } = site.backends;
    const host = await pool(site, "named", { [`app.internal:${red.port}`]: 1, host: "inner.test" });
    assert.equal((await site.get(host)).body, "red");
    assert.equal(red.lastRequest().headers.host, "inner.test");
    await site.redis.command("HDEL", "pool:named", "host");
    await eventually(async () => {
      await site.get(host);
      assert.equal(red.lastRequest().headers.host, host);
    });
  });

  test("is not that of another pool which has the same members and connections", async (site) => {
    const { red } = site.backends;
    const inner = await pool(site, "inner", { [red.address]: 1, host: "inner.test" });
    const outer = await pool(site, "outer", { [red.address]: 1 });
    for (let i = 0; i < 5; i++) {
      await site.get(inner);
      assert.equal(red.lastRequest().headers.host, "inner.test");
      await site.get(outer);
      assert.equal(red.lastRequest().headers.host, outer);
    }
  });
});

suite("a pool's tries", { settings, backends, resolver: dns.address }, (test) => {
  const dead = async (count: number) => {
    const addresses: string[] = [];
    while (addresses.length < count) addresses.push(`127.0.0.1:${await freePort()}`);
    return Object.fromEntries(addresses.map((address) => [address, 1]));
  };

  for (const [tries, expected] of [
    [undefined, 3],
    [1, 1],
    [2, 2],
    [10, 5],
  ] as const) {
    const title = tries === undefined ? "3 unless given" : String(tries);
    test(`are how many of 5 dead members one request goes to, none twice: ${title}`, async (site) => {
      const given = tries === undefined ? {} : { tries };
      const host = await pool(site, `tries${tries}`, { ...(await dead(5)), ...given, max_fails: 0 });
      for (let i = 0; i < 5; i++) {
        const answer = await site.get(host);
        assert.equal(answer.status, 502);
        const tried = triesIn((await answer.logged()).upstream);
        assert.deepEqual([tried.length, new Set(tried).size], [expected, expected], tried.join());
      }
    });
  }

  test("end with the first member that answers, whatever it answers", async (site) => {
    const { startBackend, get } = site;
    const handler: Handler = (_, response) => void response.writeHead(503).end("from the backend");
    const sick = await startBackend("sick", { handler });
    const host = await pool(site, "answers", { ...(await dead(2)), [sick.address]: 1, max_fails: 0 });
    for (let i = 0; i < 6; i++) {
      const { status, body } = await get(host);
      assert.deepEqual([status, body], [503, "from the backend"]);
    }
    assert.equal(sick.requests.length, 6);
  });

  test("are one for a pool with a member by name, for it goes by address", async (site) => {
    const { red } = site.backends;
    const [nobody = ""] = Object.keys(await dead(1));
    const fields = { [`app.internal:${red.port}`]: 1, [nobody]: 1, max_fails: 0 };
    const host = await pool(site, "mixed", fields);
    const before = red.connections();
    const outcomes = await inTurn(Array.from({ length: 20 }), () => site.get(host));
    const statuses = outcomes.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [...Array<number>(10).fill(200), ...Array<number>(10).fill(502)]);
    const upstreams = new Set(site.log().flatMap((line) => (line.pool === "mixed" ? line.upstream : [])));
    assert.deepEqual([...upstreams].sort(), [red.address, nobody].sort());
    assert.equal(red.connections() - before, 10, "and each request has a connection of its own");
  });
});

const secure = {
  settings,
  backends,
  resolver: dns.address,
  snippet: authority.trustedIn,
};

suite("a pool with an https member", secure, (test) => {
  test("speaks TLS to it under its own name, and plain HTTP to the others, with the pool's Host", async (site) => {
    const { red } = site.backends;
    const app = await site.startBackend("app", { tls: authority.issue("app.internal") });
    const fields = { [`https://app.internal:${app.port}`]: 1, [red.address]: 1, host: "inner.test" };
    const host = await pool(site, "secure", fields);
    assert.deepEqual(await sample(20, () => site.get(host, "/a%2Fb?c")), { "200 app": 10, "200 red": 10 });
    for (const backend of [app, red]) {
      const { headers, target } = backend.lastRequest();
      assert.deepEqual([headers.host, target], ["inner.test", "/a%2Fb?c"]);
      assert.equal(backend.connections(), 10, "by address: a connection for each request");
    }
  });
});

suite("a pool's read_timeout", { settings, backends }, (test) => {
  test("sends an idempotent request to another member when one is silent, and says 504 of any other", async (site) => {
    const { startBackend, get } = site;
    const silent = await startBackend("silent", { handler: hang });
    const fields = { [silent.address]: 1, [site.backends.red.address]: 1, read_timeout: 1_000, max_fails: 0 };
    const host = await pool(site, "silent", fields);
    const gets = await inTurn(Array.from({ length: 10 }), () => get(host));
    assert.deepEqual(tally(gets), { "200 red": 10 });
    assert.equal(gets.filter(({ tookMs }) => tookMs >= 1_000).length, 5, "each second one waited");
    assert.ok(Math.max(...gets.map(({ tookMs }) => tookMs)) < 10_000);
    const posts = await inTurn(Array.from({ length: 10 }), () => get(host, "/", { method: "POST", body: "x" }));
    const statuses = posts.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [...Array<number>(5).fill(200), ...Array<number>(5).fill(504)]);
  });

  test("is 504 when it is over and there is no other member, and nothing while the member goes on", async (site) => {
    const { startBackend, get } = site;
    const slowly: Handler = async (request, response) => {
      if (request.url === "/silent") return;
      for (let i = 0; i < 8; i++) {
        response.write("x");
        await timePasses(300);
      }
      response.end();
    };
    const slow = await startBackend("slow", { handler: slowly });
    // nginx moves a timer only by 300 ms or more: a shorter timeout would be over in the middle of the pieces.
    const host = await pool(site, "slow", { [slow.address]: 1, read_timeout: 2_000 });
    const pieces = await get(host, "/");
    assert.deepEqual([pieces.status, pieces.body], [200, "x".repeat(8)]);
    const answer = await get(host, "/silent");
    assert.equal(answer.status, 504);
    const { seconds } = await answer.logged();
    assert.ok(seconds >= 1.99 && seconds < 20, `${seconds} s`);
  });
});

suite("the weights of a pool", { settings, backends }, (test) => {
  /** What a weight of 1 gets: so many that by chance nothing is off by a quarter (5 standard deviations and more). */
  const SHARE = 450;

  for (const [balance, slack] of [
    ["round_robin", 0],
    ["least_conn", 0.25],
    ["hash", 0.25],
  ] as const) {
    test(`are the members' shares of the requests: ${balance}`, async (site) => {
      const { red, blue, green } = site.backends;
      const fields = { [red.address]: 1, [blue.address]: 2, [green.address]: 3, balance };
      const host = await pool(site, `weights-${balance}`, {
        ...fields,
        ...(balance === "hash" ? { hash_on: "uri" } : {}),
      });
      const paths = Array.from({ length: 6 * SHARE }, (_, i) => `/${i}`);
      const counts = tally(await oneByOne(paths, (path) => site.get(host, path)));
      for (const [i, name] of ["red", "blue", "green"].entries()) {
        const [count = 0, expected] = [counts[`200 ${name}`], SHARE * (i + 1)];
        assert.ok(Math.abs(count - expected) <= expected * slack, `${name}: ${count}, not ${expected}`);
      }
    });
  }

  test("may change while requests come, and each is followed", async (site) => {
    const { red, blue } = site.backends;
    const host = await pool(site, "reweighed", { [red.address]: 1, [blue.address]: 1 });
    assert.deepEqual(await sample(40, () => site.get(host)), { "200 red": 20, "200 blue": 20 });
    await site.redis.command("HSET", "pool:reweighed", red.address, 1000, blue.address, 250);
    await eventually(
      async () => assert.deepEqual(await sample(100, () => site.get(host)), { "200 red": 80, "200 blue": 20 }),
      3_000,
    );
  });
});

/** Sends one after the other: what is under way at once has no part in what is chosen. */
async function oneByOne<T>(
  items: readonly T[],
  send: (item: T) => ReturnType<Site["get"]>,
): Promise<{ status: number; body: string }[]> {
  const answers: { status: number; body: string }[] = [];
  for (const item of items) answers.push(await send(item));
  return answers;
}

suite("a member of weight 0", { settings, backends, workers: 2, location: SHOW_WORKER }, (test) => {
  const KEYS = Array.from({ length: 120 }, (_, i) => `/${i}`);

  for (const balance of ["round_robin", "least_conn", "hash"]) {
    const option = { balance, ...(balance === "hash" ? { hash_on: "uri" } : {}) };

    test(`gets no new request, and all others go elsewhere: ${balance}`, async (site) => {
      const { red, blue, green } = site.backends;
      const name = `drain-${balance}`;
      const weights = { [red.address]: 1, [blue.address]: 1, [green.address]: 1 };
      const host = await pool(site, name, { ...weights, ...option });
      const send = (path: string) => site.get(host, path);
      const before = await inTurn(KEYS, send);
      assert.deepEqual(Object.keys(tally(before)).sort(), ["200 blue", "200 green", "200 red"]);

      await site.redis.command("HSET", `pool:${name}`, blue.address, 0);
      const drained = await eventually(async () => {
        const outcomes = await inTurn(KEYS, send);
        assert.deepEqual(Object.keys(tally(outcomes)).sort(), ["200 green", "200 red"]);
        return outcomes;
      });
      assert.deepEqual(Object.keys(tally(await inTurn(KEYS, send))).sort(), ["200 green", "200 red"]);
      if (balance === "hash") {
        const moved = KEYS.filter((_, i) => drained[i]?.body !== before[i]?.body);
        const were = KEYS.filter((_, i) => before[i]?.body === "blue");
        assert.deepEqual(moved, were, "its keys move, and no others");
      }

      await site.redis.command("HSET", `pool:${name}`, blue.address, 1);
      await eventually(async () => {
        const again = await inTurn(KEYS, send);
        assert.ok(again.some(({ body }) => body === "blue"));
        if (balance === "hash") assert.deepEqual(again.map(bodyOf), before.map(bodyOf), "its keys come back");
      });
    });

    test(`does not come back because there is no other: 503 no_peer_up with Retry-After: ${balance}`, async (site) => {
      const { red, blue } = site.backends;
      const name = `none-${balance}`;
      const host = await pool(site, name, { [red.address]: 1, [blue.address]: 0, ...option });
      await everyWorker(site.nginx, () => site.get(host), { status: 200, body: "red" });
      await site.redis.command("HSET", `pool:${name}`, red.address, 0);
      await everyWorker(site.nginx, () => site.get(host), { status: 503 });
      const answer = await site.get(host);
      assert.equal(answer.status, 503);
      assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/);
      const line = await answer.logged();
      assert.deepEqual([line.error, line.pool], ["no_peer_up", name]);
      await site.redis.command("HSET", `pool:${name}`, blue.address, 1);
      await everyWorker(site.nginx, () => site.get(host), { status: 200, body: "blue" });
    });
  }

  test("ends the requests it has", async (site) => {
    const { startBackend, redis, nginx, get } = site;
    const held: ServerResponse[] = [];
    const handler: Handler = (request, response) => {
      if (request.url === "/held") held.push(response);
      else response.end("slow");
    };
    const slow = await startBackend("slow", { handler });
    const host = await pool(site, "ends", { [slow.address]: 1 });
    const underWay = get(host, "/held");
    await eventually(() => assert.equal(held.length, 1));
    await redis.command("HSET", "pool:ends", slow.address, 0, site.backends.red.address, 1);
    await everyWorker(nginx, () => get(host), { status: 200, body: "red" });
    held[0]?.end("in the end");
    const { status, body } = await underWay;
    assert.deepEqual([status, body], [200, "in the end"]);
  });
});

const bodyOf = ({ body }: { body: string }) => body;

const sticky = { settings, backends: [...backends, "grey", "black"] as const, workers: 2 };

suite("balance hash", sticky, (test) => {
  /** So many that by chance no member has half or less of its fifth (6 standard deviations). */
  const KEYS = Array.from({ length: 600 }, (_, i) => i);
  const membersOf = ({ backends }: Site<(typeof sticky.backends)[number]>) =>
    Object.fromEntries(Object.values(backends).map(({ address }) => [address, 1]));

  for (const [hashOn, send] of [
    ["ip", ({ get }, host, key) => get(host, `/${Math.random()}`, { from: `127.0.${key >> 7}.${(key & 127) + 1}` })],
    ["uri", ({ get }, host, key) => get(host, `/${key}?${Math.random()}`)],
    ["header:X-User-Id", ({ get }, host, key) => get(host, "/", { headers: { "x-user-id": `user-${key}` } })],
    ["cookie:session", ({ get }, host, key) => get(host, "/", { headers: { cookie: `a=b; session=s${key}; c=d` } })],
    [
      "cookie:J-SESSION.id",
      ({ get }, host, key) => get(host, "/", { headers: { cookie: `J-SESSION.id=${key}; c=d` } }),
    ],
  ] as const satisfies readonly (readonly [
    string,
    (site: Pick<Site, "get">, host: string, key: number) => ReturnType<Site["get"]>,
  ])[]) {
    test(`sends the same ${hashOn} to the same member, from each worker, and uses all members`, async (site) => {
      const name = `on-${hashOn.replaceAll(/\W/g, "-").toLowerCase()}`;
      const host = await pool(site, name, { ...membersOf(site), balance: "hash", hash_on: hashOn });
      const first = await inTurn(KEYS, (key) => send(site, host, key));
      for (let i = 0; i < 2; i++) {
        assert.deepEqual((await inTurn(KEYS, (key) => send(site, host, key))).map(bodyOf), first.map(bodyOf));
      }
      const counts = tally(first);
      assert.equal(Object.keys(counts).length, 5, JSON.stringify(counts));
      for (const count of Object.values(counts)) assert.ok(count >= 60 && count <= 200, JSON.stringify(counts));
    });
  }

  test("moves the keys of a member that leaves, about a fifth of 5, and no others; they come back with it", async (site) => {
    const { redis, get, backends } = site;
    const host = await pool(site, "leaves", { ...membersOf(site), balance: "hash", hash_on: "header:x-key" });
    const ask = async () =>
      (await inTurn(KEYS, (key) => get(host, "/", { headers: { "x-key": String(key) } }))).map(bodyOf);
    const before = await ask();
    await redis.command("HDEL", "pool:leaves", backends.grey.address);
    const without = await eventually(async () => {
      const now = await ask();
      assert.ok(!now.includes("grey"));
      return now;
    });
    const moved = KEYS.filter((key) => without[key] !== before[key]);
    assert.deepEqual(
      moved,
      KEYS.filter((key) => before[key] === "grey"),
    );
    assert.ok(moved.length >= 60 && moved.length <= 200, `${moved.length} of 600`);
    assert.equal(new Set(moved.map((key) => without[key])).size, 4, "shared among all the others");

    await redis.command("HSET", "pool:leaves", backends.grey.address, 1);
    await eventually(async () => assert.deepEqual(await ask(), before));
  });

  test("goes by the client's address when the header or cookie is not there", async (site) => {
    const { get } = site;
    const clients = Array.from({ length: 40 }, (_, i) => `127.0.0.${i + 1}`);
    const byAddress = await pool(site, "address", { ...membersOf(site), balance: "hash", hash_on: "ip" });
    const expected = (await inTurn(clients, (from) => get(byAddress, "/", { from }))).map(bodyOf);
    assert.ok(new Set(expected).size > 1);
    for (const hashOn of ["header:x-absent", "cookie:absent"]) {
      const name = hashOn.replace(":", "-");
      const host = await pool(site, name, { ...membersOf(site), balance: "hash", hash_on: hashOn });
      const seen = (await inTurn(clients, (from) => get(host, "/", { from, headers: { cookie: "x=y" } }))).map(bodyOf);
      assert.deepEqual(seen, expected, hashOn);
    }
  });
});

suite("balance least_conn", { settings, backends }, (test) => {
  /** A backend that holds each request until it is told to let go. */
  async function startHolding(site: TestSite): Promise<{ address: string; held: ServerResponse[]; letGo(): void }> {
    const held: ServerResponse[] = [];
    const { address } = await site.startBackend("busy", { handler: (_, response) => void held.push(response) });
    const letGo = () => {
      for (const response of held.splice(0)) response.end("busy");
    };
    return { address, held, letGo };
  }

  /** Sends requests one after the other until the backend holds one more: of members equally idle, chance takes one. */
  async function untilHeld({ held }: { held: ServerResponse[] }, send: () => Promise<unknown>): Promise<void> {
    const before = held.length;
    while (held.length === before) {
      let isAnswered = false;
      void send().then(
        () => (isAnswered = true),
        () => undefined,
      );
      await eventually(() => assert.ok(isAnswered || held.length > before, "a request that no member has"));
    }
  }

  test("prefers the member that is idle while the other is busy, until that is done", async (site) => {
    const { get } = site;
    const busy = await startHolding(site);
    const host = await pool(site, "busy", { [busy.address]: 1, [site.backends.red.address]: 1, balance: "least_conn" });
    const underWay: Promise<unknown>[] = [];
    const send = () => {
      const request = get(host);
      underWay.push(request);
      return request;
    };
    await untilHeld(busy, send);
    for (let i = 0; i < 30; i++) assert.equal((await get(host)).body, "red");
    busy.letGo();
    await Promise.all(underWay);
    await untilHeld(busy, send);
    busy.letGo();
    await Promise.all(underWay);
  });

  test("shares out what is under way by weight", async (site) => {
    const [light, heavy] = [await startHolding(site), await startHolding(site)];
    const host = await pool(site, "share", { [light.address]: 1, [heavy.address]: 3, balance: "least_conn" });
    const underWay: Promise<unknown>[] = [];
    for (let i = 1; i <= 40; i++) {
      underWay.push(site.get(host));
      await eventually(() => assert.equal(light.held.length + heavy.held.length, i));
    }
    const counts = [light.held.length, heavy.held.length];
    assert.ok(Math.abs(light.held.length - 10) <= 2, counts.join());
    light.letGo();
    heavy.letGo();
    await Promise.all(underWay);
  });

  test("forgets the requests of clients that have gone away, and those that failed", async (site) => {
    const { nginx, get } = site;
    const busy = await startHolding(site);
    const fields = { [busy.address]: 1, [site.backends.red.address]: 1, balance: "least_conn", max_fails: 0 };
    const host = await pool(site, "forgets", fields);
    for (let i = 0; i < 10; i++) {
      let client: RawConnection | undefined;
      await untilHeld(busy, async () => {
        client = await openRaw(nginx.port);
        client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
        await client.receiveUntil(/ 200 /);
      });
      const response = busy.held.at(-1);
      if (i % 2 === 0) {
        client?.close();
        await eventually(() => assert.ok(response?.closed === true, "nginx gives up a request as its client does"));
      } else {
        response?.destroy();
        await client?.receiveUntil(/ 200 /); // from the other member
        client?.close();
      }
    }
    busy.held.splice(0);
    const letGo = setInterval(busy.letGo, 5);
    // One after the other: both are idle, so chance decides, unless one only looks busy.
    const counts = tally(await oneByOne(Array.from({ length: 30 }), () => get(host, "/", { method: "POST" })));
    clearInterval(letGo);
    assert.ok((counts["200 busy"] ?? 0) >= 4, JSON.stringify(counts));
  });
});

suite("options that cannot be", { settings, backends: ["red"] }, (test) => {
  for (const [field, value, complaint] of [
    ["balanse", "least_conn", /field "balanse": no such option; did you mean balance\?/],
    ["read_timeut", "100", /did you mean read_timeout\?/],
    ["app1", "1", /field "app1": no such option; a member whose name has no dot needs its port/],
    ["balance", "fastest", /field "balance": expected round_robin, least_conn or hash, got "fastest"/],
    ["balance", "hash", /expected hash_on beside hash, got nothing/],
    ["hash_on", "ip", /field "hash_on": expected balance hash beside it/],
    ["tries", "0", /field "tries": expected an integer from 1 to 10, got "0"/],
    ["read_timeout", "1.5", /field "read_timeout": expected an integer from 1 to 3600000 ms, got "1\.5"/],
    ["host", "http://app.test/", /field "host": expected a host name or an IP address/],
    ["host", "a.test\r\nX-Evil: 1", /field "host": expected .*got "a\.test\\x0D\\x0AX-Evil: 1"/],
    ["all_down", "", /field "all_down": expected try or fail, got (nothing|"")/],
    ["127.0.0.1:1", "-1", /expected a weight, an integer from 0 to 1000, got "-1"/],
    ["127.0.0.1:1", "1001", /expected a weight, an integer from 0 to 1000, got "1001"/],
  ] as const) {
    test(`make a pool bad, and the log says what is expected: ${field} ${JSON.stringify(value)}`, async (site) => {
      const name = `bad${Buffer.from(`${field} ${value}`).toString("hex").slice(0, 60)}`;
      const host = await pool(site, name, { [site.backends.red.address]: 1, [field]: value });
      assert.equal((await site.get(host)).status, 502);
      assert.match(String(complaintsAbout(site, `pool:${name}`)[0]), complaint);
    });
  }
});
