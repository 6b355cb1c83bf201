import assert from "node:assert/strict";
import { test as standalone } from "node:test";
import { hang } from "./support/backend.js";
import { eventually } from "./support/eventually.js";
import { requestHttp2, sendRaw } from "./support/http_client.js";
import { atOnce, SHOW_WORKER, tally } from "./support/load.js";
import { deadAddress } from "./support/peer.js";
import { freePort } from "./support/ports.js";
import type { LogLine } from "./support/site.js";
import { suite, withSite } from "./support/suite.js";

const NODE_ID = /^signpost-[0-9a-f]{16}$/;
const http2Port = await freePort();

/** So many headers that nginx' first block of them, of 20, does not hold them all. */
const MANY_HEADERS = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`x-filler-${i}`, "x"]));

const SERVER = `
    listen 127.0.0.1:${http2Port} http2;
    error_page 502 503 /fallback;
    location = /auth { internal; include signpost.location.conf; }
    location /private { auth_request /auth; include signpost.location.conf; }
    location /named { try_files /no-such-file @named; }
    location @named { include signpost.location.conf; }
    location = /signpost { include signpost.status.conf; }`;

const options = {
  workers: 2,
  backends: ["red", "blue"] as const,
  server: SERVER,
  location: `${SHOW_WORKER}
      proxy_set_header X-Own mine;`,
};

const of = (host: string) => (line: LogLine) => line.host === host;

suite("a request that comes back to the node that sent it", options, (test) => {
  test("is answered with 508, after one round", async ({ nginx, route, get, log }) => {
    await route("self.test", `127.0.0.1:${nginx.port}`);
    const answer = await get("self.test");
    assert.deepEqual([answer.status, answer.body], [508, "the route for this host leads back here\n"]);
    const lines = await eventually(() => {
      const found = log().filter(of("self.test"));
      assert.equal(found.length, 2);
      return found;
    });
    // Two workers write them, in either order.
    const said = lines.map(({ status, error, route: matched }) => `${status} ${matched} ${error}`).sort();
    assert.deepEqual(said, ["508 self.test ", "508 self.test loop"]);
  });

  for (const [how, head] of Object.entries({
    "as HTTP/1.0": "GET /ten HTTP/1.0\r\nHost: own.test\r\n",
    "with a body": "POST /body HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\nContent-Length: 5\r\n",
    "with an upgrade": "GET /up HTTP/1.1\r\nHost: own.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
  })) {
    test(`also ${how}`, async ({ nginx, route, log }) => {
      await route("own.test", `127.0.0.1:${nginx.port}`);
      const path = /\/\w+/.exec(head)?.[0];
      assert.match(
        await sendRaw(nginx.port, `${head}Connection: close\r\n\r\n${how === "with a body" ? "12345" : ""}`),
        /^HTTP\/1\.1 508 /,
      );
      await eventually(() => assert.equal(log().filter(({ target }) => target === path).length, 2));
    });
  }

  test("also over HTTP/2, at its first round", async ({ nginx, route, log }) => {
    await route("two.test", `127.0.0.1:${nginx.port}`);
    assert.equal((await requestHttp2(http2Port, "two.test", "/")).status, 508);
    await eventually(() => assert.equal(log().filter(of("two.test")).length, 2));
  });

  test("also by way of a named location", async ({ nginx, route, get, log }) => {
    await route("named.test", `127.0.0.1:${nginx.port}`);
    assert.equal((await get("named.test", "/named")).status, 508);
    await eventually(() => assert.equal(log().filter(of("named.test")).length, 2));
  });

  test("takes nothing from other hosts, though it goes round again and again until it is held", async (site) => {
    const { nginx, pool, route, get, log, backends } = site;
    const hanging = await site.startBackend("hanging", { handler: hang });
    const own = `127.0.0.1:${nginx.port}`;
    // X-Forwarded-For grows with each round: one in some hundred leads to the backend that hangs.
    const options = { balance: "hash", hash_on: "header:X-Forwarded-For", [own]: 300 };
    const host = await pool("held", [own, hanging.address], options);
    await route("other.test", backends.red.address);
    const clients = Array.from({ length: 20 }, (_, i) => `192.0.2.${i + 1}`);
    const held = clients.map((client) =>
      get(host, "/", { headers: { "x-forwarded-for": client }, withinMs: 10_000 }).catch(() => undefined),
    );
    await eventually(() => {
      const refused = log().filter((line) => line.host === host && line.error === "loop");
      assert.equal(refused.length + hanging.openConnections(), clients.length);
    });
    const others = await atOnce(Array.from({ length: 50 }), () => get("other.test"));
    assert.deepEqual(tally(others), { "200 red": 50 });
    await Promise.all(held);
    await eventually(() => {
      const ofClients = log().filter((line) => line.host === host && line.error === "");
      assert.equal(ofClients.length, clients.length);
    });
  });

  test("is known by an id that all workers share, that outlasts a reload, and that is new with each start", async ({
    nginx,
    route,
    get,
    backends,
  }) => {
    await route("id.test", backends.red.address);
    const idOf = async () => {
      const [ids, workers] = [new Set<unknown>(), new Set<unknown>()];
      await eventually(async () => {
        const answer = await get("id.test");
        workers.add(answer.headers["x-worker"]);
        ids.add(backends.red.lastRequest().headers["cdn-loop"]);
        assert.ok(nginx.workers().every((pid) => workers.has(String(pid))));
      });
      assert.equal(ids.size, 1, [...ids].join());
      return String([...ids][0]);
    };
    const first = await idOf();
    assert.match(first, NODE_ID);
    await nginx.reload();
    assert.equal(await idOf(), first);
    await nginx.stop();
    await nginx.start();
    const second = await idOf();
    assert.match(second, NODE_ID);
    assert.notEqual(second, first);
  });
});

suite("the CDN-Loop header of a request", options, (test) => {
  test("goes on with the node added at its end, beside what a location sets itself", async ({
    nginx,
    route,
    get,
    backends,
  }) => {
    await route("headers.test", backends.red.address);
    await get("headers.test");
    const { headers } = backends.red.lastRequest();
    assert.equal(headers["x-own"], "mine");
    const own = String(headers["cdn-loop"]);
    const others = 'foo123.foocdn.example, barcdn.example; trace="abcdef", AnotherCDN; abc=123; def="456"';
    await get("headers.test", "/", { headers: { "cdn-loop": others } });
    assert.equal(backends.red.lastRequest().headers["cdn-loop"], `${others}, ${own}`);
    await sendRaw(
      nginx.port,
      "GET / HTTP/1.1\r\nHost: headers.test\r\nCDN-Loop: a\r\nX-Between: 1\r\ncdn-loop: b;c=d\r\nCdn-Loop: e\r\nConnection: close\r\n\r\n",
    );
    const { rawHeaders } = backends.red.lastRequest();
    const values = rawHeaders.filter((_, i) => rawHeaders[i - 1]?.toLowerCase() === "cdn-loop");
    assert.deepEqual(values.join(", "), `a, b;c=d, e, ${own}`);
  });

  test("may be long, and empty", async ({ nginx, route, get, backends }) => {
    await route("long.test", backends.red.address);
    const long = "x".repeat(7_900);
    const line = `CDN-Loop: ${long}\r\n`;
    const answer = await sendRaw(
      nginx.port,
      `GET / HTTP/1.1\r\nHost: long.test\r\n${line.repeat(2)}Connection: close\r\n\r\n`,
    );
    // Node.js as backend takes 16 KiB of headers; what matters is that nginx has sent it on.
    assert.match(answer, /^HTTP\/1\.1 (200|431) /);
    await get("long.test", "/", { headers: { "cdn-loop": long } });
    const own = String(backends.red.lastRequest().headers["cdn-loop"]).slice(long.length + 2);
    assert.match(own, NODE_ID);
    await get("long.test", "/", { headers: { "cdn-loop": "" } });
    assert.equal(backends.red.lastRequest().headers["cdn-loop"], own);
  });

  test("with nine Signpost nodes in it is sent on, and with ten it is refused", async ({ route, get, backends }) => {
    await route("hops.test", backends.red.address);
    const hops = (count: number) => Array.from({ length: count }, (_, i) => `signpost-${i}; a=b`).join(", ");
    assert.equal((await get("hops.test", "/", { headers: { "cdn-loop": hops(9) } })).status, 200);
    const refused = await get("hops.test", "/", { headers: { "cdn-loop": `x, ${hops(10)}` } });
    assert.equal(refused.status, 508);
    assert.equal((await refused.logged()).error, "loop");
  });

  test("does not refuse a request that nginx has led on from one Signpost location to another", async (site) => {
    const { redis, backends, get } = site;
    await redis.command("HSET", "route:dead.test", "/", await deadAddress(), "/fallback", backends.blue.address);
    await redis.command("HSET", "route:gone.test", "/", "return 503", "/fallback", backends.blue.address);
    for (const host of ["dead.test", "gone.test"]) {
      for (const headers of [{}, MANY_HEADERS, { "cdn-loop": "a, signpost-1" }]) {
        const answer = await get(host, "/", { headers });
        assert.equal(answer.body, "blue");
        const { headers: seen } = backends.blue.lastRequest();
        const before = "cdn-loop" in headers ? `${headers["cdn-loop"]}, ` : "";
        assert.match(String(seen["cdn-loop"]).replace(before, ""), NODE_ID);
      }
    }
    assert.equal((await requestHttp2(http2Port, "dead.test", "/")).body, "blue");
  });

  test("does not refuse a subrequest, nor the request that it was made for", async ({ route, get, backends }) => {
    await route("guarded.test", backends.red.address);
    for (const headers of [{}, MANY_HEADERS, { "cdn-loop": "a, signpost-1" }]) {
      const answer = await get("guarded.test", "/private", { headers });
      assert.deepEqual([answer.status, answer.body], [200, "red"]);
    }
  });

  test("keeps the status page from everybody who comes by a route", async ({ nginx, route, get }) => {
    await route("status.test", `127.0.0.1:${nginx.port}`);
    assert.match((await get("127.0.0.1", "/signpost")).body, /^signpost_/m);
    // Another node has sent this.
    const answer = await get("127.0.0.1", "/signpost", { headers: { "cdn-loop": "signpost-1" } });
    assert.deepEqual([answer.status, answer.body.includes("signpost_")], [403, false]);
  });
});

standalone("a request that goes round over two nodes is answered with 508 by the first", async (context) => {
  await withSite({}, context, async (first) => {
    await withSite({ backends: ["red"] }, context, async (second) => {
      await first.route("round.test", `127.0.0.1:${second.nginx.port}`);
      await second.route("round.test", `127.0.0.1:${first.nginx.port}`);
      await first.route("through.test", `127.0.0.1:${second.nginx.port}`);
      await second.route("through.test", second.backends.red.address);
      const answer = await first.get("round.test");
      assert.equal(answer.status, 508);
      await eventually(() => {
        const errors = (lines: LogLine[]) => lines.filter(of("round.test")).map(({ error }) => error);
        assert.deepEqual([errors(first.log()), errors(second.log())], [["loop", ""], [""]]);
      });
      assert.equal((await first.get("through.test")).body, "red");
      assert.match(String(second.backends.red.lastRequest().headers["cdn-loop"]), /^signpost-\w+, signpost-\w+$/);
    });
  });
});
