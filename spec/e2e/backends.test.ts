import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { after } from "node:test";
import type { Duplex } from "node:stream";
import { sayName, type Handler } from "./support/backend.js";
import { makeAuthority } from "./support/certificates.js";
import { startDns } from "./support/dns_server.js";
import { suite } from "./support/suite.js";

const authority = makeAuthority();
const stranger = makeAuthority();
const dns = await startDns({ "app.internal": "127.0.0.1", "other.internal": "127.0.0.1" });
after(() => {
  dns.close();
  authority.dispose();
  stranger.dispose();
});

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((network) => network?.address === "::1");

suite("backends by IP address", { backends: ["red"] }, (test) => {
  test("an IPv4 address is reached", async ({ get, route, backends }) => {
    await route("four.test", `127.0.0.1:${backends.red.port}`);
    assert.equal((await get("four.test")).body, "red");
  });

  test("an IPv6 address is reached", async ({ startBackend, get, route }, context) => {
    if (!hasIpv6) {
      context.skip("this machine has no IPv6 loopback");
      return;
    }
    const six = await startBackend("six", { host: "::1" });
    await route("six.test", six.address);
    assert.equal((await get("six.test")).body, "six");
    await route("scheme.test", `http://${six.address}`);
    assert.equal((await get("scheme.test")).body, "six");
    assert.equal(six.lastRequest().headers.host, "scheme.test");
  });
});

suite("backends by host name", { backends: ["red"], resolver: dns.address }, (test) => {
  test("a name that nginx' resolver knows is reached, with the client's Host", async ({ get, route, backends }) => {
    await route("name.test", `app.internal:${backends.red.port}`);
    const answer = await get("name.test:8080");
    assert.equal(answer.body, "red");
    assert.equal(backends.red.lastRequest().headers.host, "name.test:8080");
    assert.equal((await answer.logged()).upstream, backends.red.address);
    assert.ok(dns.questions.includes("app.internal"));
  });

  test("a name that does not exist gives 502, and no other route notices", async ({ get, route, backends }) => {
    await route("nowhere.test", "nowhere.internal:80");
    assert.equal((await get("nowhere.test")).status, 502);
    await route("beside.test", backends.red.address);
    assert.equal((await get("beside.test")).body, "red");
  });
});

/** Says the backend's name, and in a header which name the TLS client asked for (SNI). */
function saySni(name: string): Handler {
  return (request, response) => {
    const { servername } = request.socket as Duplex & { servername?: string };
    response.setHeader("x-sni", String(servername));
    return sayName(name)(request, response);
  };
}

const secure = {
  resolver: dns.address,
  settings: { cache_ttl: 0.3 },
  backends: ["plain"] as const,
  snippet: authority.trustedIn,
};

suite("https backends", secure, (test) => {
  test("a certificate for the backend's own name is accepted; SNI is that name, Host the client's", async ({
    startBackend,
    get,
    route,
  }) => {
    const app = await startBackend("app", { tls: authority.issue("app.internal"), handler: saySni("app") });
    await route("secure.test", `https://app.internal:${app.port}`);
    const answer = await get("secure.test", "/a%2Fb?c");
    assert.equal(answer.body, "app");
    assert.equal(answer.headers["x-sni"], "app.internal");
    const { headers, target } = app.lastRequest();
    assert.deepEqual([headers.host, target], ["secure.test", "/a%2Fb?c"]);
  });

  test("a certificate for another name is refused with 502, and the backend sees no request", async ({
    startBackend,
    get,
    route,
    nginx,
  }) => {
    const wrong = await startBackend("wrong", { tls: authority.issue("else.internal") });
    await route("wrong.test", `https://app.internal:${wrong.port}`);
    assert.equal((await get("wrong.test")).status, 502);
    assert.deepEqual(wrong.requests, []);
    assert.match(nginx.errorLog(), /SSL certificate does not match "app\.internal"/);
  });

  test("a certificate of an unknown authority is refused with 502", async ({ startBackend, get, route }) => {
    const untrusted = await startBackend("untrusted", { tls: stranger.issue("app.internal") });
    await route("untrusted.test", `https://app.internal:${untrusted.port}`);
    assert.equal((await get("untrusted.test")).status, 502);
    assert.deepEqual(untrusted.requests, []);
  });

  test("a connection made for one name never carries a request for another", async ({ startBackend, get, route }) => {
    const app = await startBackend("app", { tls: authority.issue("app.internal"), handler: saySni("app") });
    await route("right.test", `https://app.internal:${app.port}`);
    // The same address, where the certificate is good for the first name alone.
    await route("wrong-name.test", `https://other.internal:${app.port}`);
    for (let i = 0; i < 10; i++) {
      const right = await get("right.test");
      assert.deepEqual([right.status, right.headers["x-sni"]], [200, "app.internal"]);
      assert.equal((await get("wrong-name.test")).status, 502);
    }
    assert.equal(app.requests.length, 10);
  });

  test("TLS is never spoken to an http backend, nor plain HTTP to an https one", async ({
    startBackend,
    get,
    route,
    backends,
  }) => {
    const app = await startBackend("app", { tls: authority.issue("app.internal") });
    await route("tls-to-plain.test", `https://app.internal:${backends.plain.port}`);
    assert.equal((await get("tls-to-plain.test")).status, 502);
    await route("plain-to-tls.test", `http://app.internal:${app.port}`);
    assert.notEqual((await get("plain-to-tls.test")).status, 200);
    assert.deepEqual([app.requests, backends.plain.requests], [[], []]);
  });

  test("64 KB go both ways over TLS", async ({ startBackend, get, route }) => {
    const handler: Handler = (request, response) => void request.pipe(response);
    const echo = await startBackend("echo", { tls: authority.issue("app.internal"), handler });
    await route("echo.test", `https://app.internal:${echo.port}`);
    const body = "0123456789abcdef".repeat(4_096);
    assert.equal((await get("echo.test", "/", { method: "POST", body })).body, body);
  });
});
