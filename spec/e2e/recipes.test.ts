import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Handler } from "./support/backend.js";
import { signpostConfig } from "./support/config.js";
import { checkout } from "./support/environment.js";
import { eventually } from "./support/eventually.js";
import { openRaw } from "./support/http_client.js";
import { freePort } from "./support/ports.js";
import type { RedisServer } from "./support/redis_server.js";
import type { Site } from "./support/site.js";
import { withSite } from "./support/suite.js";

const PAGE = readFileSync(join(checkout, "docs", "RECIPES.md"), "utf8");

/** What Debian has in /etc/nginx/proxy_params. */
const PROXY_PARAMS = `proxy_set_header Host $host;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
`;

/** The configuration in a section of the page, by the place that each block begins with. */
function recipe(title: string): { http: string; server: string } {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`docs/RECIPES.md has no section "${title}"`);
  const blocks = { http: "", server: "" };
  let place: "http" | "server" | undefined;
  for (const line of section.split("\n")) {
    if (/^\S/.test(line)) place = undefined;
    const begins = /^ {4}# (http|server)$/.exec(line)?.[1];
    if (begins !== undefined) place = begins as "http" | "server";
    else if (place !== undefined) blocks[place] += `${line}\n`;
  }
  return blocks;
}

/** Runs a section of the page: its addresses, directories and rates replaced, one of everything else as it stands. */
function tries(
  title: string,
  replaced: Readonly<Record<string, string>>,
  body: (site: Site<"live">) => Promise<void>,
): void {
  const titleOfTest = `recipe: ${title}`;
  test(titleOfTest, { timeout: 180_000 }, async (context: TestContext) => {
    const { http, server } = recipe(title);
    const config = (redis: RedisServer) => (place: { port: number; directory: string }) => {
      writeFileSync(join(place.directory, "proxy_params"), PROXY_PARAMS);
      const adapt = (text: string) => {
        let adapted = text.replaceAll("signpost/signpost.", `${place.directory}/signpost.`);
        for (const [from, to] of Object.entries({ "/srv/www": `${place.directory}/www`, ...replaced })) {
          adapted = adapted.replaceAll(from, to.replace("PLACE", place.directory));
        }
        return adapted;
      };
      const options = { settings: { redis: redis.url }, http: adapt(http), server: adapt(server) };
      // The recipe has the locations.
      return signpostConfig(options)(place).replace(
        / {4}location \/ \{\n.*signpost\.location\.conf;\n\s*\}\n(?= {2}\})/,
        "",
      );
    };
    await withSite({ config, backends: ["live"] }, context, async (site) => {
      await site.route("app.test", site.backends.live.address);
      await body(site);
    });
  });
}

const put = (site: Site, name: string, text: string) => {
  const path = join(site.nginx.directory, "www", name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
};

tries("Own time-outs, buffering and body size", { "20m": "1k" }, async ({ get }) => {
  assert.equal((await get("app.test")).body, "live");
  assert.equal((await get("app.test", "/", { method: "POST", body: "x".repeat(2_000) })).status, 413);
});

tries("Own headers, proxy_params", {}, async ({ get, backends }) => {
  await get("app.test", "/tenant/");
  const { headers } = backends.live.lastRequest();
  assert.deepEqual([headers["x-tenant"], headers["x-forwarded-port"] !== undefined], ["acme", true]);
  await get("app.test", "/", { headers: { "x-forwarded-host": "forged" } });
  const { rawHeaders } = backends.live.lastRequest();
  const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  for (const name of ["host", "x-real-ip", "x-forwarded-for", "x-forwarded-proto"]) {
    assert.equal(names.filter((other) => other === name).length, 1, name);
  }
  assert.ok(!names.includes("x-forwarded-host"));
});

tries("Behind a load balancer", { "10.0.0.0/8": "127.0.0.2" }, async ({ get, backends, nginx }) => {
  const headers = { "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https", "x-forwarded-port": "443" };
  const seen = async (from: string) => {
    await get("app.test", "/", { from, headers });
    const sent = backends.live.lastRequest().headers;
    return ["x-real-ip", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-port"].map((name) => sent[name]);
  };
  assert.deepEqual(await seen("127.0.0.2"), ["192.0.2.7", "192.0.2.7, 192.0.2.7", "https", "443"]);
  assert.deepEqual(await seen("127.0.0.3"), ["127.0.0.3", "192.0.2.7, 127.0.0.3", "http", String(nginx.port)]);
});

tries("Access rules", { "10.0.0.0/8": "127.0.0.2" }, async ({ get, route, backends }) => {
  await route("moved.test", "return 301 https://secret.test/");
  assert.equal((await get("app.test", "/x?y", { from: "127.0.0.2" })).body, "live");
  assert.equal(backends.live.lastRequest().target, "/x?y");
  assert.equal((await get("moved.test", "/", { from: "127.0.0.2" })).status, 301);
  for (const host of ["app.test", "moved.test", "unknown.test"]) {
    assert.equal((await get(host, "/", { from: "127.0.0.3" })).status, 403, host);
  }
  assert.equal(backends.live.requests.length, 1);
});

const authPort = await freePort();

tries("auth_request", { "127.0.0.1:9001": `127.0.0.1:${authPort}` }, async ({ get, backends, startBackend }) => {
  const handler: Handler = ({ headers }, response) =>
    void response.writeHead(headers.cookie === "in=1" ? 204 : 401).end();
  const auth = await startBackend("auth", { port: authPort, handler });
  const out = await get("app.test", "/private");
  assert.deepEqual([out.status, out.headers.location], [302, "https://login.example.com/"]);
  assert.equal(backends.live.requests.length, 0);
  assert.equal((await get("app.test", "/private", { headers: { cookie: "in=1" } })).body, "live");
  assert.equal(auth.lastRequest().headers["x-original-uri"], "/private");
});

const SLOW = { "rate=100r/s": "rate=1r/m", "burst=200": "burst=1" };

tries("Rate limits for each host", SLOW, async ({ get, route, backends }) => {
  await route("other.test", backends.live.address);
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) statuses.push((await get("app.test")).status);
  assert.deepEqual(statuses, [200, 200, 429, 429]);
  assert.equal((await get("other.test")).status, 200);
  assert.equal((await get("unknown.test")).status, 404);
});

tries("proxy_cache", { "/var/cache/nginx/pages": "PLACE/pages" }, async ({ get, route, backends, startBackend }) => {
  const other = await startBackend("other", {});
  await route("other.test", other.address);
  for (let i = 0; i < 3; i++) {
    assert.equal((await get("app.test", "/page")).body, "live");
    assert.equal((await get("other.test", "/page")).body, "other");
  }
  assert.deepEqual([backends.live.requests.length, other.requests.length], [1, 1]);
});

tries("Error pages", {}, async (site) => {
  put(site, "errors/down.html", "own page");
  await site.route("dead.test", `127.0.0.1:${await freePort()}`);
  const handler: Handler = (_, response) => void response.writeHead(503).end("the backend's");
  await site.route("busy.test", (await site.startBackend("busy", { handler })).address);
  const dead = await site.get("dead.test");
  assert.deepEqual([dead.status, dead.body], [502, "own page"]);
  const busy = await site.get("busy.test");
  assert.deepEqual([busy.status, busy.body], [503, "own page"]);
});

tries("ACME challenges from files", {}, async (site) => {
  put(site, ".well-known/acme-challenge/token", "proof");
  assert.equal((await site.get("unknown.test", "/.well-known/acme-challenge/token")).body, "proof");
  assert.equal((await site.get("app.test", "/.well-known/acme-challenge/none")).status, 404);
  assert.equal((await site.get("app.test")).body, "live");
});

tries("Static files beside", {}, async (site) => {
  put(site, "file.txt", "a file");
  assert.equal((await site.get("app.test", "/file.txt")).body, "a file");
  assert.equal((await site.get("app.test", "/page?a=b")).body, "live");
  assert.equal(site.backends.live.lastRequest().target, "/page?a=b");
});

tries("WebSockets", {}, async ({ nginx }) => {
  for (const path of ["/socket/", "/elsewhere"]) {
    const client = await openRaw(nginx.port);
    client.send(
      `GET ${path} HTTP/1.1\r\nHost: app.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    assert.match(await client.receiveUntil(/\r\n\r\n/), /^HTTP\/1\.1 101 /);
    client.send("echo");
    await client.receiveUntil(/echo$/);
    client.close();
  }
});

tries("Stripping a prefix", {}, async ({ get, redis, backends }) => {
  const [, fields = ""] = /HSET route:shop\.example\.com (.*)$/m.exec(PAGE) ?? [];
  await redis.command("SADD", "pool:web", backends.live.address);
  await redis.command("SADD", "pool:api", backends.live.address);
  await redis.command("HSET", "route:shop.example.com", ...fields.split(" "));
  const sent = async (path: string) => {
    await get("shop.example.com", path);
    return backends.live.lastRequest().target;
  };
  assert.deepEqual(
    [await sent("/api/users?a=b"), await sent("/old/users"), await sent("/users")],
    ["/users?a=b", "/v2/users", "/users"],
  );
});

tries("Own Lua in the same phases", {}, async (site) => {
  await site.get("app.test", "/?tenant=acme");
  assert.equal(site.backends.live.lastRequest().headers["x-tenant"], "acme");
  await eventually(async () => assert.ok(Number((await site.get("app.test")).headers["x-hits"]) >= 1));
  // Signpost's own log phase runs: a member that fails is out.
  const dead = `127.0.0.1:${await freePort()}`;
  const host = await site.pool("dead", [dead], { max_fails: 1, all_down: "fail" });
  assert.equal((await site.get(host)).status, 502);
  await eventually(async () => assert.equal((await site.get(host)).status, 503));
});

test("every section of the page is run", () => {
  const source = readFileSync(join(checkout, "spec", "e2e", "recipes.test.ts"), "utf8");
  const titles = [...PAGE.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  for (const title of titles) assert.ok(source.includes(`tries("${title}"`), title);
});
