import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { breakOff, hang, sha256, type Handler } from "./support/backend.js";
import { eventually, within } from "./support/eventually.js";
import { openRaw, requestHttp2, sendRaw } from "./support/http_client.js";
import { freePort } from "./support/ports.js";
import { suite } from "./support/suite.js";

const SETTINGS = { cache_ttl: 0.3 };
const MEGABYTE = 1024 * 1024;

suite("what the backend sees", { settings: SETTINGS, backends: ["red"] }, (test) => {
  test("the request target arrives byte for byte", async ({ startRawBackend, nginx, route }) => {
    const backend = await startRawBackend((socket) => {
      // The first line of the request, sent back as the body.
      socket.once("data", (bytes: Buffer) => {
        const line = bytes.subarray(0, bytes.indexOf("\r\n"));
        const head = `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${line.length}\r\n\r\n`;
        socket.end(Buffer.concat([Buffer.from(head), line]));
      });
    });
    await route("bytes.test", backend.address);
    const targets = [
      "/",
      "/a%2Fb",
      "/a%2fb",
      "/a/../b",
      "/a/%2e%2e/b",
      "//x",
      "/a//b/./c/",
      "/?",
      "/x?",
      "/x??y=z?",
      "/x?a=b&c=%20d+e;f",
      "/x#y",
      "/%E2%82%AC",
      "/\u00e2\u0082\u00ac?\u00ff",
      "/;a=b/'\"<>\\^`{|}~",
      "/$request_uri${host}",
      `/${"long/".repeat(1_000)}`,
    ];
    for (const target of targets) {
      const answer = await sendRaw(
        nginx.port,
        `GET ${target} HTTP/1.1\r\nHost: bytes.test\r\nConnection: close\r\n\r\n`,
      );
      assert.equal(answer.slice(answer.indexOf("\r\n\r\n") + 4), `GET ${target} HTTP/1.1`);
    }
  });

  test("Host is passed on unchanged, port and case included", async ({ get, route, backends }) => {
    await route("host.test", backends.red.address);
    for (const host of ["host.test", "Host.TEST", "host.test:8080", "host.test."]) {
      assert.equal((await get(host)).body, "red");
      assert.equal(backends.red.lastRequest().headers.host, host);
    }
  });

  test("the request goes on as HTTP/1.1, with its method", async ({ get, route, backends }) => {
    await route("version.test", backends.red.address);
    await get("version.test", "/", { method: "PATCH", body: "x" });
    const { httpVersion, method } = backends.red.lastRequest();
    assert.deepEqual([httpVersion, method], ["1.1", "PATCH"]);
  });

  test("X-Forwarded-For is appended to; -Proto, -Host and -Port say what the client asked for", async ({
    get,
    route,
    nginx,
    backends,
  }) => {
    await route("forwarded.test", backends.red.address);
    const forged = { "x-forwarded-proto": "https", "x-forwarded-host": "evil.test", "x-forwarded-port": "1" };
    await get("forwarded.test:81", "/", { headers: { "x-forwarded-for": "192.0.2.1", ...forged } });
    const { headers } = backends.red.lastRequest();
    assert.equal(headers["x-forwarded-for"], "192.0.2.1, 127.0.0.1");
    assert.equal(headers["x-forwarded-proto"], "http");
    assert.equal(headers["x-forwarded-host"], "forwarded.test:81");
    assert.equal(headers["x-forwarded-port"], String(nginx.port));
  });

  test("the client's own headers and cookies pass in both directions", async ({ startBackend, get, route }) => {
    const handler: Handler = (request, response) => {
      response.setHeader("set-cookie", ["a=1; Secure", "b=2"]);
      response.setHeader("x-seen", `${request.headers.cookie} ${String(request.headers["x-own"])}`);
      response.writeHead(418, "Teapot").end();
    };
    const backend = await startBackend("headers", { handler });
    await route("headers.test", backend.address);
    const answer = await get("headers.test", "/", { headers: { cookie: "s=1; t=2", "x-own": "mine" } });
    assert.equal(answer.status, 418);
    assert.equal(answer.headers["x-seen"], "s=1; t=2 mine");
    assert.deepEqual(answer.headers["set-cookie"], ["a=1; Secure", "b=2"]);
  });

  test("a redirect of the backend is not rewritten", async ({ startBackend, get, route }) => {
    const handler: Handler = (_, response) => void response.writeHead(302, { location: "http://app.test/x" }).end();
    const backend = await startBackend("redirects", { handler });
    await route("redirects.test", backend.address);
    assert.equal((await get("redirects.test")).headers.location, "http://app.test/x");
  });
});

const http2Port = await freePort();

suite(
  "forms of a request",
  { settings: SETTINGS, backends: ["red", "blue"], server: `listen 127.0.0.1:${http2Port} http2;` },
  (test) => {
    test("HTTP/1.0 with Host is routed by it", async ({ nginx, route, backends }) => {
      await route("ten.test", backends.red.address);
      const answer = await sendRaw(nginx.port, "GET / HTTP/1.0\r\nHost: ten.test\r\n\r\n");
      assert.match(answer, /^HTTP\/1\.1 200 .*\r\n\r\nred$/s);
    });

    test("HTTP/2 is routed by :authority, which the backend sees as Host", async ({ route, backends }) => {
      await route("two.test", backends.red.address);
      const answer = await requestHttp2(http2Port, "Two.test:8443", "/a%2Fb?c");
      assert.deepEqual([answer.status, answer.body], [200, "red"]);
      const { headers, target, httpVersion } = backends.red.lastRequest();
      assert.deepEqual([headers.host, target, httpVersion], ["Two.test:8443", "/a%2Fb?c", "1.1"]);
      assert.equal((await requestHttp2(http2Port, "unknown.test", "/")).status, 404);
    });

    test("a target in absolute form is routed by its own authority, which the backend sees as Host", async ({
      nginx,
      route,
      backends,
    }) => {
      await route("absolute.test", backends.red.address);
      await route("header.test", backends.blue.address);
      const rest = "HTTP/1.1\r\nHost: header.test\r\nConnection: close\r\n\r\n";
      assert.match(
        await sendRaw(nginx.port, `GET http://Absolute.test:81/x?y ${rest}`),
        /\r\n\r\n3\r\nred|\r\n\r\nred/,
      );
      const { headers, target } = backends.red.lastRequest();
      assert.deepEqual([headers.host, target], ["Absolute.test:81", "/x?y"]);
      assert.equal(headers["x-forwarded-host"], "Absolute.test:81");
      assert.match(await sendRaw(nginx.port, `GET http://nowhere.test/x ${rest}`), /^HTTP\/1\.1 404 /);
      assert.match(await sendRaw(nginx.port, `GET http://absolute.test?q ${rest}`), /^HTTP\/1\.1 200 /);
      assert.equal(backends.red.lastRequest().headers.host, "absolute.test");
      // nginx lets more than one blank go between method and target.
      assert.match(await sendRaw(nginx.port, `GET   http://absolute.test/x ${rest}`), /^HTTP\/1\.1 200 /);
      assert.equal(backends.red.lastRequest().headers.host, "absolute.test");
      assert.deepEqual(backends.blue.requests, []);
    });

    test("what only looks like an absolute form is routed by Host", async ({ nginx, route, backends }) => {
      await route("looks.test", backends.red.address);
      for (const target of ["/x://other.test/", "/?u=http://other.test/", "//other.test/"]) {
        const request = `GET ${target} HTTP/1.1\r\nHost: looks.test\r\nConnection: close\r\n\r\n`;
        assert.match(await sendRaw(nginx.port, request), /^HTTP\/1\.1 200 /);
        const { headers, target: seen } = backends.red.lastRequest();
        assert.deepEqual([headers.host, seen], ["looks.test", target]);
      }
    });

    const HOSTILE_LINES = [
      "GET http://user@absolute.test/",
      "GET http:///",
      "GET http://*/",
      "GET http://[::1/",
      "GET http://a..b/",
      "OPTIONS *",
      "CONNECT absolute.test:80",
      "TRACE /",
      `GET /${"a".repeat(9_000)}`,
    ];
    for (const line of HOSTILE_LINES) {
      test(`${line.slice(0, 30)} is answered with 4xx`, async ({ nginx }) => {
        const answer = await sendRaw(nginx.port, `${line} HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n`);
        assert.match(answer, /^HTTP\/1\.1 4\d\d /);
      });
    }

    test("HEAD has the headers of GET and no body, for a known and for an unknown host", async ({
      nginx,
      route,
      backends,
    }) => {
      await route("head.test", backends.red.address);
      const connection = await openRaw(nginx.port);
      connection.send("HEAD / HTTP/1.1\r\nHost: unknown.test\r\n\r\n");
      assert.match(await connection.receiveUntil(/\r\n\r\n/), /^HTTP\/1\.1 404 .*content-length: [1-9]/is);
      connection.send("HEAD / HTTP/1.1\r\nHost: head.test\r\nConnection: close\r\n\r\n");
      const [, unknown, known, ...rest] = (await connection.receiveAll()).split(/^HTTP\/1\.1 /m);
      assert.match(String(unknown), /^404 .*\r\n\r\n$/s);
      assert.match(String(known), /^200 .*x-backend: red.*\r\n\r\n$/s);
      assert.deepEqual(rest, []);
      assert.equal(backends.red.lastRequest().method, "HEAD");
    });

    const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: victim.test\r\n\r\n";
    const FRAMINGS: Readonly<Record<string, readonly [string, string]>> = {
      "Content-Length": [`Content-Length: ${SMUGGLED.length}`, SMUGGLED],
      chunked: ["Transfer-Encoding: chunked", `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`],
    };
    const REFUSED: Readonly<Record<string, string | undefined>> = {
      "an unknown host": undefined,
      "a bad route": "127.0.0.1:99999",
      "a return with a status": "return 403",
      "a return with a URL": "return 307 https://www.example.com",
    };
    for (const [framing, [header, body]] of Object.entries(FRAMINGS)) {
      for (const [refusal, target] of Object.entries(REFUSED)) {
        test(`a ${framing} body sent to ${refusal} is not taken for a request`, async ({ nginx, route, backends }) => {
          const host = `${framing}-${refusal.replaceAll(" ", "-")}.test`.toLowerCase();
          if (target !== undefined) await route(host, target);
          await route("victim.test", backends.red.address);
          const head = `POST / HTTP/1.1\r\nHost: ${host}\r\n${header}\r\n\r\n`;
          const next = "GET /next HTTP/1.1\r\nHost: victim.test\r\nConnection: close\r\n\r\n";

          const atOnce = await sendRaw(nginx.port, head + body + next);
          assert.match(atOnce, /^HTTP\/1\.1 [345]\d\d .*HTTP\/1\.1 200 /s);

          // And with the body coming when the answer is there already.
          const connection = await openRaw(nginx.port);
          connection.send(head);
          await connection.receiveUntil(/^HTTP\/1\.1 [345]\d\d .*\r\n\r\n/s);
          connection.send(body + next);
          assert.doesNotMatch((await connection.receiveAll(10_000)).slice(9), /HTTP\/1\.1 (?!200)/);
          assert.deepEqual(
            backends.red.requests.filter((seen) => seen.target === "/smuggled"),
            [],
          );
        });
      }
    }

    test("a connection is kept and used again across hosts, refusals and redirects", async ({
      get,
      route,
      backends,
    }) => {
      await route("kept.test", backends.red.address);
      await route("other.test", backends.blue.address);
      await route("away.test", "return 302 https://www.example.com");
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const statuses: number[] = [];
      for (const host of ["kept.test", "unknown.test", "other.test", "away.test", "kept.test"]) {
        statuses.push((await get(host, "/", { agent, method: "POST", body: "some body" })).status);
      }
      assert.deepEqual(statuses, [200, 404, 200, 302, 200]);
      agent.destroy();
    });
  },
);

suite("requests without a Host", { settings: SETTINGS, backends: ["red"] }, (test) => {
  const OLD = "GET /old HTTP/1.0\r\n\r\n";

  test("in HTTP/1.0 they are answered with 404, and by the default route once there is one", async ({
    nginx,
    route,
    backends,
  }) => {
    assert.match(await sendRaw(nginx.port, OLD), /^HTTP\/1\.1 404 /);
    await route("*", backends.red.address);
    await eventually(async () => assert.doesNotMatch(await sendRaw(nginx.port, OLD), /^HTTP\/1\.1 404 /));
    assert.match(await sendRaw(nginx.port, OLD), /^HTTP\/1\.1 200 .*\r\n\r\nred$/s);
    assert.equal(backends.red.lastRequest().target, "/old");
  });

  test("in HTTP/1.1 they are answered with 400", async ({ nginx }) => {
    assert.match(await sendRaw(nginx.port, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), /^HTTP\/1\.1 400 /);
  });
});

/** Host headers no browser sends. */
const HOSTILE_HOSTS: Readonly<Record<string, string>> = {
  nothing: "",
  blank: " ",
  star: "*",
  wildcard: "*.example.com",
  "two dots": "a..b",
  "a dot": ".",
  "dots only": "...",
  "a dot first": ".example.com",
  "a NUL": "a\u0000b",
  "control bytes": "a\u0001\u001f\u007fb",
  "a tab": "a\tb",
  "a blank inside": "a b",
  "high bytes": "\u00ff\u00fe\u0080",
  "UTF-8": "m\u00c3\u00bcnchen.test",
  "a slash": "a/b",
  "a backslash": "a\\b",
  "up the tree": "../../etc/passwd",
  "a percent escape": "a%00b",
  quotes: "'\"`",
  "Redis protocol": "*1\\r\\n$8\\r\\nFLUSHALL",
  "glob characters": "[a-z]?*",
  "an unclosed IPv6 address": "[::1",
  "an empty IPv6 address": "[]",
  "an IPv6 address with a zone": "[fe80::1%25eth0]",
  "a negative port": "a.test:-1",
  "a huge port": "a.test:99999999999999999999",
  "a user": "user:password@a.test",
  "a variable": "$upstream",
  "a URL": "http://a.test/",
  "8 kB": "a".repeat(8_192),
  "7 kB of labels": "a.".repeat(3_500),
  "a label of 300 bytes": `${"a".repeat(300)}.test`,
};

suite("hostile Host headers", { settings: SETTINGS, backends: ["red", "blue"] }, (test) => {
  for (const [what, host] of Object.entries(HOSTILE_HOSTS)) {
    test(`a Host of ${what} is answered with 4xx`, async ({ nginx }) => {
      const answer = await sendRaw(nginx.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 4\d\d /);
    });
  }

  test("every byte there is may stand in a Host", async ({ nginx }) => {
    for (let byte = 0; byte < 256; byte++) {
      const host = `a${String.fromCharCode(byte)}b.test`;
      const answer = await sendRaw(nginx.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      // A line feed ends the header; what comes after it is a header of its own.
      assert.match(answer, /^HTTP\/1\.1 4\d\d /, `byte ${byte}`);
    }
  });

  test("with several Host headers, the backend sees only the one the request was routed by", async ({
    nginx,
    route,
    backends,
  }) => {
    await route("first.test", backends.red.address);
    await route("second.test", backends.blue.address);
    const hosts = "Host: first.test\r\nHost: second.test\r\n";
    const answer = await sendRaw(nginx.port, `GET / HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
    if (answer.startsWith("HTTP/1.1 400 ")) return;
    assert.match(answer, /^HTTP\/1\.1 200 /);
    for (const [backend, host] of [
      [backends.red, "first.test"],
      [backends.blue, "second.test"],
    ] as const) {
      for (const { rawHeaders } of backend.requests) {
        const seen = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === "host");
        assert.deepEqual(seen, [host]);
      }
    }
  });

  test("hostile hosts ask Redis for keys of the route prefix and for nothing else", async ({ nginx, redis }) => {
    const monitor = await redis.monitor();
    for (const [i, host] of Object.values(HOSTILE_HOSTS).entries()) {
      await sendRaw(nginx.port, `GET / HTTP/1.1\r\nHost: x${i}${host}\r\nConnection: close\r\n\r\n`);
    }
    monitor.stop();
    assert.ok(monitor.lines.length > 0);
    for (const line of monitor.lines)
      assert.match(line, /\] "(getrange|type)" "route:[^"]*("| )|\] "(ping|select|auth)"/i);
  });
});

suite("bodies and streams", { settings: SETTINGS, backends: ["red"] }, (test) => {
  const bytes = randomBytes(64 * MEGABYTE);

  test("64 MB go up whole", async ({ get, route, backends }) => {
    await route("up.test", backends.red.address);
    assert.equal((await get("up.test", "/", { method: "PUT", body: bytes })).status, 200);
    assert.deepEqual(await backends.red.lastRequest().body, { length: bytes.length, sha256: sha256(bytes) });
  });

  test("64 MB go down whole, with a length and in chunks", async ({ startBackend, get, route }) => {
    const handler: Handler = (request, response) => {
      if (request.url === "/length") response.setHeader("content-length", bytes.length);
      for (let at = 0; at < bytes.length; at += MEGABYTE) response.write(bytes.subarray(at, at + MEGABYTE));
      response.end();
    };
    const backend = await startBackend("large", { handler });
    await route("down.test", backend.address);
    for (const path of ["/length", "/chunks"]) {
      const answer = await get("down.test", path);
      assert.equal(sha256(answer.bytes), sha256(bytes), path);
    }
  });

  test("an upload in chunks reaches the backend while the client is still sending", async ({
    nginx,
    route,
    backends,
  }) => {
    await route("chunks.test", backends.red.address);
    const headers = { host: "chunks.test", "transfer-encoding": "chunked" };
    const upload = httpRequest({ host: "127.0.0.1", port: nginx.port, method: "POST", headers, agent: false });
    upload.write("first ");
    await eventually(() => assert.equal(backends.red.lastRequest().headers.host, "chunks.test"));
    upload.end("second");
    const [response] = (await once(upload, "response")) as [IncomingMessage];
    response.resume();
    assert.equal(response.statusCode, 200);
    assert.deepEqual(await backends.red.lastRequest().body, {
      length: 12,
      sha256: sha256(Buffer.from("first second")),
    });
  });

  test("a request that asks with Expect: 100-continue is told to go on", async ({ nginx, route, backends }) => {
    await route("expect.test", backends.red.address);
    const connection = await openRaw(nginx.port);
    const head = "Content-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
    connection.send(`POST / HTTP/1.1\r\nHost: expect.test\r\n${head}`);
    await connection.receiveUntil(/^HTTP\/1\.1 100 /);
    connection.send("body");
    assert.match(await connection.receiveAll(), /HTTP\/1\.1 200 /);
    assert.equal((await backends.red.lastRequest().body).length, 4);
  });

  test("server-sent events arrive one by one, as they are sent", async ({ startBackend, nginx, route }) => {
    let stream: ServerResponse | undefined;
    const backend = await startBackend("events", {
      handler: (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: 0\n\n");
        stream = response;
      },
    });
    await route("events.test", backend.address);
    const client = await openRaw(nginx.port);
    client.send("GET / HTTP/1.1\r\nHost: events.test\r\nAccept: text/event-stream\r\n\r\n");
    // Each event is sent only when the one before has arrived: held back anywhere, the next would never come.
    for (let i = 0; i < 20; i++) {
      await client.receiveUntil(new RegExp(`data: ${i}\n\n`), 2_000);
      stream?.write(`data: ${i + 1}\n\n`);
    }
    client.close();
    await eventually(() => assert.equal(backend.openConnections(), 0));
  });

  test("a WebSocket is opened, and every byte after the handshake passes in both directions", async ({
    nginx,
    route,
    backends,
  }) => {
    await route("socket.test", backends.red.address);
    const client = await openRaw(nginx.port);
    client.send(
      "GET /chat HTTP/1.1\r\nHost: socket.test\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const handshake = await client.receiveUntil(/\r\n\r\n/);
    assert.match(handshake, /^HTTP\/1\.1 101 /);
    assert.match(handshake, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
    const text = Buffer.from([0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    const frames = [text, randomBytes(100_000), text];
    for (const frame of frames) client.send(frame);
    const start = handshake.length;
    const expected = Buffer.concat(frames);
    await eventually(() => assert.equal(client.received().length, start + expected.length));
    assert.ok(client.received().subarray(start).equals(expected));
    client.close();
    await eventually(() => assert.equal(backends.red.openConnections(), 0));
  });

  test("a client that sends data before its handshake is answered cannot write the route into the log", async (site) => {
    const { startRawBackend, nginx, get, route } = site;
    const gate = new EventEmitter();
    const backend = await startRawBackend((socket) => {
      socket.once("data", () => gate.emit("asked"));
      gate.once("answer", () => socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nready"));
    });
    await route("early.test", backend.address);
    const asked = once(gate, "asked");
    const client = await openRaw(nginx.port);
    client.send("GET / HTTP/1.1\r\nHost: early.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nearly");
    await asked;
    client.send("forged ".repeat(100));
    // nginx has seen it when it has answered another: then it reads it into the buffer of the request's own head.
    await get("none.test");
    gate.emit("answer");
    await client.receiveUntil(/ready$/);
    client.close();
    const line = await site.logged(({ upstream }) => upstream === backend.address);
    assert.match(line.host, /forged/, "nginx' own $http_host is gone");
    assert.equal(line.route, "early.test");
  });

  test("a client that asks for no upgrade sends the backend no Connection or Upgrade header", async ({
    get,
    route,
    backends,
  }) => {
    await route("plain.test", backends.red.address);
    await get("plain.test");
    const { headers } = backends.red.lastRequest();
    assert.equal(headers.upgrade, undefined);
    assert.notEqual(headers.connection, "upgrade");
  });

  test("an upgrade to HTTP/2 in clear text does not reach the backend", async ({ get, route, backends }) => {
    await route("h2c.test", backends.red.address);
    for (const upgrade of ["h2c", "websocket, H2C"]) {
      await get("h2c.test", "/", { headers: { connection: "Upgrade, HTTP2-Settings", upgrade } });
      const { headers } = backends.red.lastRequest();
      assert.deepEqual([headers.upgrade, headers.connection], [undefined, undefined]);
    }
  });
});

suite("connections that break", { settings: SETTINGS, backends: ["red"] }, (test) => {
  test("a client that leaves while the backend works ends the backend's connection too", async ({
    startBackend,
    nginx,
    get,
    route,
    backends,
  }) => {
    const backend = await startBackend("slow", { handler: hang });
    await route("slow.test", backend.address);
    await route("next.test", backends.red.address);
    for (let i = 0; i < 20; i++) {
      const client = await openRaw(nginx.port);
      client.send("GET / HTTP/1.1\r\nHost: slow.test\r\n\r\n");
      await eventually(() => assert.equal(backend.requests.length, i + 1));
      client.close();
      await within(backend.lastRequest().closed, "the backend's connection is closed");
    }
    assert.equal(backend.openConnections(), 0);
    assert.equal((await get("next.test")).body, "red");
  });

  test("a client that leaves while sending its body harms nobody", async ({ nginx, get, route, backends }) => {
    await route("next.test", backends.red.address);
    for (const host of ["next.test", "unknown.test"]) {
      for (let i = 0; i < 20; i++) {
        const client = await openRaw(nginx.port);
        client.send(`POST /half HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000\r\n\r\nonly a part`);
        if (host === "next.test") await eventually(() => assert.equal(backends.red.lastRequest().target, "/half"));
        client.close();
      }
    }
    await eventually(() => assert.equal(backends.red.openConnections(), 0));
    assert.equal((await get("next.test")).body, "red");
  });

  test("a backend that breaks off in the middle of its answer ends the client's answer as broken", async ({
    startBackend,
    get,
    route,
    backends,
  }) => {
    const backend = await startBackend("breaks", { handler: breakOff });
    await route("breaks.test", backend.address);
    await route("next.test", backends.red.address);
    for (let i = 0; i < 5; i++) await assert.rejects(get("breaks.test"), /aborted|ECONNRESET|socket hang up/);
    assert.equal((await get("next.test")).body, "red");
  });

  test("a backend that closes without an answer gives 502, and so does one that is not there", async ({
    startRawBackend,
    get,
    route,
    backends,
  }) => {
    const backend = await startRawBackend((socket) => socket.destroy());
    await route("silent.test", backend.address);
    assert.equal((await get("silent.test")).status, 502);
    await backend.close();
    assert.equal((await get("silent.test")).status, 502);
    await route("next.test", backends.red.address);
    assert.equal((await get("next.test")).body, "red");
  });

  test("what is no HTTP from a backend gives 502", async ({ startRawBackend, get, route }) => {
    const backend = await startRawBackend((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
    await route("ssh.test", backend.address);
    // nginx takes it for HTTP/0.9 or refuses it, as its version has it; it is never a Lua error.
    await get("ssh.test").catch(() => undefined);
  });
});
