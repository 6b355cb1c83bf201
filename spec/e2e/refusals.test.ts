import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { requestHttp2, sendRaw } from "./support/http_client.js";
import { freePort } from "./support/ports.js";
import { suite, withSite } from "./support/suite.js";

const settings = { cache_ttl: 3_600, refusals: "nginx", retry_after: 7 };

const http2Port = await freePort();

/** Own pages for three statuses, nginx's for the others; one page is in a location of Signpost's. */
const PAGES = `
    listen 127.0.0.1:${http2Port} http2;
    error_page 404 /own.html;
    error_page 503 =503 @later;
    error_page 400 /by-signpost;
    location = /own.html { internal; default_type text/html; return 200 "own page of $signpost_error\\n"; }
    location @later { default_type text/html; return 503 "later: $signpost_error\\n"; }
    location = /static { return 404; }
`;

const site = { settings, backends: ["red"] as const, server: PAGES };

suite("refusals that nginx writes", site, (test) => {
  test("are sent as error_page says, for an unknown host as for any 404", async ({ get }) => {
    const answer = await get("unknown.test");
    assert.equal(answer.status, 404);
    assert.equal(answer.body, "own page of no_route\n");
    assert.equal(answer.headers["content-type"], "text/html");
    assert.equal((await get("unknown.test", "/static")).body, "own page of \n");
    const { error, route, status } = await answer.logged();
    assert.deepEqual([error, route, status], ["no_route", "", 404]);
  });

  test("say when to come again", async ({ get, route }) => {
    await route("pool.test", "@none");
    const answer = await get("pool.test");
    assert.deepEqual([answer.status, answer.body], [503, "later: no_pool\n"]);
    assert.equal(answer.headers["retry-after"], "7");
    assert.equal((await answer.logged()).error, "no_pool");
  });

  test("are nginx's own pages where there is no error_page", async ({ get, route }) => {
    await route("bad.test", "10.0.0.5:0");
    const answer = await get("bad.test");
    assert.equal(answer.status, 502);
    assert.match(answer.body, /<h1>502 Bad Gateway<\/h1>/);
    assert.equal((await answer.logged()).error, "bad_route");
  });

  test("have the status alone where nginx has no page, as for 508", async ({ get, route, nginx }) => {
    await route("loop.test", `127.0.0.1:${nginx.port}`);
    const answer = await get("loop.test");
    assert.deepEqual([answer.status, answer.body], [508, ""]);
  });

  test("are text the second time: an error page in a location of Signpost's does not lead to itself", async (site) => {
    const head = "GET / HTTP/1.1\r\nHost: a%2e.test\r\nConnection: close\r\n\r\n";
    const answer = await sendRaw(site.nginx.port, head);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.match(answer, /\r\n\r\nthis is no host name\n$/);
  });

  test("have no body for HEAD, and are the same over HTTP/1.0 and HTTP/2", async ({ get, nginx }) => {
    const answer = await get("unknown.test", "/", { method: "HEAD" });
    assert.deepEqual([answer.status, answer.body], [404, ""]);
    assert.equal(answer.headers["content-length"], String("own page of no_route\n".length));
    assert.match(await sendRaw(nginx.port, "GET / HTTP/1.0\r\nHost: unknown.test\r\n\r\n"), /own page of no_route\n$/);
    const two = await requestHttp2(http2Port, "unknown.test", "/");
    assert.deepEqual([two.status, two.body], [404, "own page of no_route\n"]);
  });

  test("take the request's body with them: the next request on the connection is its own", async ({ nginx }) => {
    for (const body of [
      "Content-Length: 5\r\n\r\nhello",
      `Content-Length: 100000\r\n\r\n${"x".repeat(100_000)}`,
      "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ]) {
      const post = `POST / HTTP/1.1\r\nHost: unknown.test\r\n${body}`;
      const next = "GET /static HTTP/1.1\r\nHost: unknown.test\r\nConnection: close\r\n\r\n";
      const answer = await sendRaw(nginx.port, post + next);
      assert.deepEqual(answer.match(/HTTP\/1\.1 \d+|own page of.*/g), [
        "HTTP/1.1 404",
        "own page of no_route",
        "HTTP/1.1 404",
        "own page of ",
      ]);
    }
  });

  test("of a malformed body end the connection", async ({ nginx }) => {
    const post = "POST / HTTP/1.1\r\nHost: unknown.test\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n";
    const next = "GET /next HTTP/1.1\r\nHost: unknown.test\r\nConnection: close\r\n\r\n";
    const statuses = (await sendRaw(nginx.port, post + next)).match(/HTTP\/1\.1 \d+/g);
    assert.equal(statuses?.length, 1);
    assert.match(statuses[0], / 40[04]$/);
  });

  test("leave requests alone that a backend gets, a backend's own errors too", async (site) => {
    await site.route("good.test", site.backends.red.address);
    assert.equal((await site.get("good.test")).body, "red");
    const own = await site.startBackend("own", {
      handler: (_, response) => {
        response.statusCode = 404;
        response.end("the backend's own");
      },
    });
    await site.route("own.test", own.address);
    const answer = await site.get("own.test");
    assert.deepEqual([answer.status, answer.body], [404, "the backend's own"]);
  });
});

describe("refusals that nginx writes", () => {
  test("end with recursive_error_pages, too, when the page is in a location of Signpost's", async (context) => {
    const server = "recursive_error_pages on; error_page 404 /missing.html;";
    await withSite({ settings, server }, context, async ({ get }) => {
      const answer = await get("unknown.test");
      assert.deepEqual([answer.status, answer.body], [404, "no route for this host\n"]);
      assert.equal((await answer.logged()).error, "no_route");
    });
  });
});
