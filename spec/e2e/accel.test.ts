import assert from "node:assert/strict";
import type { Handler } from "./support/backend.js";
import { openRaw } from "./support/http_client.js";
import { suite } from "./support/suite.js";

const SERVER = `
    location = /secret { internal; return 200 "secret"; }`;

/** Answers with such headers and 5,000 bytes. */
const answerWith =
  (headers: Readonly<Record<string, string>>): Handler =>
  (_, response) => {
    response.writeHead(200, { "content-type": "text/plain", ...headers });
    response.end("x".repeat(5_000));
  };

suite("a backend", { server: SERVER }, (test) => {
  test("cannot lead nginx to an internal location, nor its clients see that it tried", async (site) => {
    const backend = await site.startBackend("steering", { handler: answerWith({ "X-Accel-Redirect": "/secret" }) });
    await site.route("steering.test", backend.address);
    const { status, body, headers } = await site.get("steering.test");
    assert.deepEqual([status, body.length, headers["x-accel-redirect"]], [200, 5_000, undefined]);
  });
});

suite("where answers are buffered", { location: "      proxy_buffering on;" }, (test) => {
  test("a backend can say by X-Accel-Buffering that its own are not to be", async ({ startBackend, route, nginx }) => {
    const client = await openRaw(nginx.port);
    const backend = await startBackend("streaming", {
      handler: async (_, response) => {
        response.writeHead(200, { "x-accel-buffering": "no" });
        response.write("first");
        await client.receiveUntil(/first/, 10_000);
        response.end("last");
      },
    });
    await route("streaming.test", backend.address);
    client.send("GET / HTTP/1.1\r\nHost: streaming.test\r\nConnection: close\r\n\r\n");
    assert.match(await client.receiveAll(10_000), /first.*last/s);
  });
});

const allowing = {
  server: SERVER,
  location: "      proxy_ignore_headers X-Accel-Charset;",
  backends: ["blue"] as const,
};

suite("in a location that ignores nothing but X-Accel-Charset", allowing, (test) => {
  test("X-Accel-Redirect leads to an internal location", async ({ startBackend, route, get }) => {
    const backend = await startBackend("leading", { handler: answerWith({ "X-Accel-Redirect": "/secret" }) });
    await route("leading.test", backend.address);
    assert.equal((await get("leading.test")).body, "secret");
  });

  test("X-Accel-Redirect leads to another backend: nothing is left of the first but what it said", async (site) => {
    const { redis, backends, get } = site;
    const portal = await site.startBackend("portal", {
      handler: (_, response) => {
        response.setHeader("X-Accel-Redirect", "/files/report");
        response.end();
      },
    });
    await redis.command("HSET", "pool:portal", portal.address, "1", "host", "web.internal");
    await redis.command("HSET", "route:portal.test", "/", "@portal", "/files", backends.blue.address);
    const answer = await get("portal.test");
    assert.equal(answer.body, "blue");
    assert.equal(portal.lastRequest().headers.host, "web.internal");
    const { headers, target } = backends.blue.lastRequest();
    assert.deepEqual(
      [headers.host, headers["x-forwarded-host"], target],
      ["portal.test", "portal.test", "/files/report"],
    );
    const { pool, route, error } = await answer.logged();
    assert.deepEqual([pool, route, error], ["", "portal.test", ""]);
  });
});
