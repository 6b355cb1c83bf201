import assert from "node:assert/strict";
import { suite } from "./support/suite.js";

/** A load balancer in front, which says what scheme the client speaks. */
const SERVER = `
    set $client_proto $http_x_forwarded_proto;
    if ($client_proto = "") { set $client_proto http; }
    set $signpost_forwarded_proto $client_proto;`;

const HTTPS = { headers: { "x-forwarded-proto": "https" } };

suite("a target for https only", { backends: ["red"], server: SERVER }, (test) => {
  test("redirects requests by http to https, and serves the others", async ({ redis, get, backends }) => {
    await redis.command("SET", "pool:red", backends.red.address);
    await redis.command(
      "HSET",
      "route:only.test",
      "/",
      "https_only @red",
      "/api",
      "https_only @red/v2",
      "/open",
      "@red",
    );
    for (const [path, method, status] of [
      ["/x%2Fy?z", "GET", 301],
      ["/api/x", "HEAD", 301],
      ["/api/x", "POST", 308],
    ] as const) {
      const { headers, ...answer } = await get("only.test", path, { method });
      assert.deepEqual([answer.status, headers.location], [status, `https://only.test${path}`]);
    }
    assert.equal((await get("only.test", "/open")).body, "red");
    assert.equal((await get("only.test", "/x", HTTPS)).body, "red");
    assert.equal(backends.red.lastRequest().target, "/x");
    assert.equal((await get("only.test", "/api/x", HTTPS)).body, "red");
    assert.equal(backends.red.lastRequest().target, "/v2/x");
  });
});

suite("a redirect with $host", { server: SERVER }, (test) => {
  test("leads to the host that was asked for, without its port", async ({ route, get }) => {
    await route("*.host.test", "return 301 https://$host:8443/x$request_uri");
    await route("bare.test", "return 302 http://www.$host");
    const answer = await get("A.host.test:8080", "/y%2F?z");
    assert.deepEqual([answer.status, answer.headers.location], [301, "https://a.host.test:8443/x/y%2F?z"]);
    assert.equal((await get("bare.test", "/y")).headers.location, "http://www.bare.test");
  });
});

suite("a redirect to the very URL that was asked for", { server: SERVER }, (test) => {
  test("is 508 loop, and any other is sent", async ({ route, get }) => {
    await route("self.test", "return 301 https://Self.test:443$request_uri");
    await route("host.test", "return 301 https://$host$request_uri");
    await route("login.test", "return 302 /login");
    await route("root.test", "return 302 http://root.test");
    for (const [host, path, options] of [
      ["self.test", "/x?y", HTTPS],
      ["host.test", "/x?y", HTTPS],
      ["host.test:443", "/x?y", HTTPS],
      ["login.test", "/login", {}],
      ["root.test", "/", {}],
    ] as const) {
      const answer = await get(host, path, options);
      assert.deepEqual([answer.status, (await answer.logged()).error], [508, "loop"], `${host}${path}`);
    }
    for (const [host, path, options, location] of [
      ["self.test", "/x?y", {}, "https://Self.test:443/x?y"],
      ["host.test", "/x?y", {}, "https://host.test/x?y"],
      ["host.test:8443", "/", HTTPS, "https://host.test/"],
      ["login.test", "/login?x", {}, undefined],
      ["root.test", "/x", {}, "http://root.test"],
    ] as const) {
      const { status, headers } = await get(host, path, options);
      assert.ok(status === 301 || status === 302, `${status} ${host}${path}`);
      if (location !== undefined) assert.equal(headers.location, location);
    }
  });
});
