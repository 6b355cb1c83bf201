import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { after } from "node:test";
import { sayName, type Handler } from "./support/backend.js";
import { makeAuthority } from "./support/certificates.js";
import { startDns } from "./support/dns_server.js";
import { eventually } from "./support/eventually.js";
import { flood } from "./support/flood.js";
import { atOnce, inTurn, steadily, tally } from "./support/load.js";
import { suite } from "./support/suite.js";
import { triesAt } from "./support/tries.js";

const authority = makeAuthority();
const dns = await startDns({ "a.apps.internal": "127.0.0.1", "b.apps.internal": "127.0.0.1" });
after(() => {
  dns.close();
  authority.dispose();
});

const KEPT = 32;
/** How many connections `flood` has: so many requests are under way at once. */
const CLIENTS = 8;

const options = {
  snippet: (text: string) => text.replace(/keepalive +320;/, `keepalive ${KEPT};`),
  backends: ["red", "green", "blue"] as const,
};

suite("connections to backends are kept", options, (test) => {
  test("10,000 requests over 3 backends open no more connections than may be kept", async ({
    nginx,
    startBackend,
    route,
  }) => {
    // The line's end is for `flood`, which looks for answers at the beginning of lines.
    const names = ["one\n", "two\n", "three\n"];
    const seen = [0, 0, 0];
    const backends = await Promise.all(
      names.map((name, i) =>
        startBackend(name, {
          handler: (_, response) => {
            seen[i] = (seen[i] ?? 0) + 1;
            response.end(name);
          },
        }),
      ),
    );
    await route("many.test", backends.map(({ address }) => address).join(" "));
    assert.deepEqual(await flood(nginx.port, times(10_000, ["many.test"])), { 200: 10_000 });
    assert.deepEqual(seen.toSorted(), [3_333, 3_333, 3_334], "each in turn");
    const opened = backends.map((backend) => backend.connections()).reduce((sum, count) => sum + count);
    assert.ok(opened <= CLIENTS * backends.length, `${opened} connections`);
    assert.ok(opened <= KEPT, `${opened} connections`);
  });

  test("hosts that share a backend share its connections, and every request has its own Host", async ({
    get,
    route,
    startBackend,
  }) => {
    const shared = await startBackend("shared", {});
    await route("first.test", shared.address);
    await route("second.test", shared.address);
    for (let i = 0; i < 10; i++) {
      await get("first.test");
      await get("second.test");
    }
    const hosts = shared.requests.map(({ headers }) => headers.host);
    assert.deepEqual(hosts, times(10, ["first.test", "second.test"]));
    assert.equal(shared.connections(), 1);
  });

  test("a changed route leads to the new backend at once, however many connections are kept to the old one", async ({
    get,
    route,
    backends,
  }) => {
    await route("moves.test", backends.red.address);
    await atOnce(times(10, ["moves.test"]), get);
    assert.ok(backends.red.openConnections() > 1);
    await route("moves.test", backends.blue.address);
    await eventually(async () => assert.equal((await get("moves.test")).body, "blue"));
    const answers = await atOnce(times(50, ["moves.test"]), get);
    assert.deepEqual(tally(answers), { "200 blue": 50 });
  });
});

/** The hosts, so many times over. */
function times(count: number, hosts: readonly string[]): string[] {
  return Array.from({ length: count }, () => hosts).flat();
}

interface TlsConnection {
  /** The name that the client asked for (SNI). */
  readonly name: string;
  readonly hosts: Set<string>;
}

const secure = {
  resolver: dns.address,
  snippet: authority.trustedIn,
};

suite("TLS connections to backends", secure, (test) => {
  test("two names on one address never share a connection, whether routes or pools name them", async ({
    get,
    route,
    pool,
    startBackend,
  }) => {
    const connections = new Map<Socket, TlsConnection>();
    const handler: Handler = (request, response) => {
      const socket = request.socket as Socket & { servername?: string };
      const connection = connections.get(socket) ?? { name: String(socket.servername), hosts: new Set() };
      connection.hosts.add(String(request.headers.host));
      connections.set(socket, connection);
      return sayName("secure")(request, response);
    };
    const { port } = await startBackend("secure", { tls: authority.issue("*.apps.internal"), handler });
    const [a, b] = [`https://a.apps.internal:${port}`, `https://b.apps.internal:${port}`];
    await route("a-route.test", a);
    await route("b-route.test", b);
    await pool("a-pool", [a]);
    await pool("b-pool", [b]);
    await pool("both", [a, b], { host: "both.internal" });
    const hosts = times(20, ["a-route.test", "b-route.test", "a-pool.test", "b-pool.test", "both.test"]);
    assert.deepEqual(tally(await inTurn(hosts, get)), { "200 secure": hosts.length });
    for (const host of hosts) assert.equal((await get(host)).status, 200);

    const hostsOf = (name: string) => {
      const those = [...connections.values()].filter((connection) => connection.name === name);
      return [...new Set(those.flatMap((connection) => [...connection.hosts]))].toSorted();
    };
    assert.deepEqual(new Set([...connections.values()].map(({ name }) => name)).size, 2);
    assert.deepEqual(hostsOf("a.apps.internal"), ["a-pool.test", "a-route.test", "both.internal"]);
    assert.deepEqual(hostsOf("b.apps.internal"), ["b-pool.test", "b-route.test", "both.internal"]);
  });
});

/** What a backend does with a connection beside answering; `requests` says how many came on it so far. */
interface Manners {
  /** Before it answers. False: it does not. */
  readonly onRequest?: (socket: Socket, requests: number) => boolean;
  readonly onAnswered?: (socket: Socket) => void;
}

/** Each way in which a healthy backend closes connections that nginx wants to keep. */
const CLOSERS: Readonly<Record<string, Manners>> = {
  "after each answer, though it did not say so": { onAnswered: (socket) => void socket.end() },
  "when it was idle for five milliseconds": {
    onAnswered: (socket) => void socket.setTimeout(5, () => void socket.end()),
  },
  "when the next request comes on it": {
    onRequest: (socket, requests) => {
      if (requests > 1) socket.destroy();
      return requests === 1;
    },
  },
  "by a reset, when the next request comes on it": {
    onRequest: (socket, requests) => {
      if (requests > 1) socket.resetAndDestroy();
      return requests === 1;
    },
  },
};

/** Whoever fails once is out for the rest of the test. */
const NO_MERCY = { max_fails: 1, fail_window: 60, fail_timeout: 60 };

/** Serves GETs. */
function serve(name: string, { onRequest, onAnswered }: Manners): (socket: Socket) => void {
  return (socket) => {
    let requests = 0;
    let head = "";
    socket.on("data", (bytes: Buffer) => {
      head += bytes.toString("latin1");
      if (!head.endsWith("\r\n\r\n")) return;
      head = "";
      requests += 1;
      if (onRequest?.(socket, requests) === false) return;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`);
      onAnswered?.(socket);
    });
  };
}

suite("a backend closes a kept connection", { workers: 2 }, (test) => {
  let count = 0;

  for (const [when, manners] of Object.entries(CLOSERS)) {
    test(`${when}: no GET fails, and it is tried as often as the others, who do not`, async (site) => {
      const closer = await site.startRawBackend(serve("closer", manners));
      const keepers = [await site.startBackend("keeper", {}), await site.startBackend("keeper", {})];
      const members = [closer, ...keepers].map(({ address }) => address);
      const host = await site.pool(`closer${++count}`, members, NO_MERCY);
      const outcomes = await steadily(300, () => site.get(host));
      assert.deepEqual(Object.keys(tally(outcomes)).toSorted(), ["200 closer", "200 keeper"]);
      const tries = await triesAt(site, host, outcomes.length);
      assert.ok((tries[closer.address] ?? 0) > outcomes.length / 6, JSON.stringify(tries));
    });

    test(`${when}: no GET fails, though the others do the same`, async (site) => {
      const names = ["one", "two", "three"];
      const backends = await Promise.all(names.map((name) => site.startRawBackend(serve(name, manners))));
      const members = backends.map(({ address }) => address);
      const host = await site.pool(`closers${++count}`, members, NO_MERCY);
      const outcomes = await steadily(200, () => site.get(host));
      assert.deepEqual(Object.keys(tally(outcomes)).toSorted(), ["200 one", "200 three", "200 two"]);
    });

    test(`${when}: no GET fails, though there is no other backend`, async (site) => {
      const backend = await site.startRawBackend(serve("alone", manners));
      const host = `alone${++count}.test`;
      await site.route(host, backend.address);
      const outcomes = await steadily(200, () => site.get(host));
      assert.deepEqual(Object.keys(tally(outcomes)), ["200 alone"]);
      assert.ok(backend.connections() > 1);
    });
  }

  test("while it was idle: a POST that comes later has a new connection", async ({ get, route, startBackend }) => {
    const backend = await startBackend("patient", { handler: closingSayName("patient") });
    await route("later.test", backend.address);
    for (let i = 0; i < 10; i++) {
      assert.equal((await get("later.test", "/", { method: "POST", body: "x" })).body, "patient");
      // Closed on both sides: so nginx knows.
      await eventually(() => assert.equal(backend.openConnections(), 0));
    }
    assert.equal(backend.requests.length, 10);
  });
});

/** Says the name, keeps the connection, and closes it when the answer has gone. */
function closingSayName(name: string): Handler {
  return (request, response) => {
    response.on("finish", () => setTimeout(() => request.socket.end(), 5));
    return sayName(name)(request, response);
  };
}
