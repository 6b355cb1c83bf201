import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { hang, type Handler } from "./support/backend.js";
import { signpostConfig } from "./support/config.js";
import { checkout } from "./support/environment.js";
import { eventually } from "./support/eventually.js";
import { openRaw, request } from "./support/http_client.js";
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

/** The places of the configuration that a block can belong to. */
const PLACES = ["init", "http", "server"] as const;

/** What a section of the page says: configuration, by the place that each block begins with, and commands for redis-cli. */
interface Recipe extends Record<(typeof PLACES)[number], string> {
  readonly commands: readonly (readonly string[])[];
}

function recipe(title: string): Recipe {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`docs/RECIPES.md has no section "${title}"`);
  const blocks = { init: "", http: "", server: "" };
  let place: (typeof PLACES)[number] | undefined;
  for (const line of section.split("\n")) {
    if (/^\S| {4}redis-cli /.test(line)) place = undefined;
    const begins = PLACES.find((name) => line === `    # ${name}`);
    if (begins !== undefined) place = begins;
    else if (place !== undefined) blocks[place] += `${line}\n`;
  }
  const commands = [...section.matchAll(/^ {4}redis-cli (.*)$/gm)].map(([, words = ""]) => words.split(" "));
  return { ...blocks, commands };
}

/** The sections that are run, in their order. */
const ranTitles: string[] = [];

/** Runs a section of the page: its addresses, directories and rates replaced, one of everything else as it stands. */
function tries(
  title: string,
  replaced: Readonly<Record<string, string>>,
  body: (site: Site<"live">) => Promise<void>,
): void {
  ranTitles.push(title);
  const titleOfTest = `recipe: ${title}`;
  test(titleOfTest, { timeout: 180_000 }, async (context: TestContext) => {
    const { init, http, server } = recipe(title);
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
      return (
        signpostConfig(options)(place)
          // The recipe has the locations.
          .replace(/ {4}location \/ \{\n.*signpost\.location\.conf;\n\s*\}\n(?= {2}\})/, "")
          .replace('require("signpost").init {', (begin) => begin + init)
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

const oldPort = await freePort();

tries(
  "proxy_set_header at http or server level",
  { "127.0.0.1:9001": `127.0.0.1:${oldPort}` },
  async ({ get, backends, startBackend }) => {
    const old = await startBackend("old", { port: oldPort });
    assert.equal((await get("app.test")).body, "live");
    assert.equal((await get("app.test", "/old/")).body, "old");
    const sent = [backends.live, old].map((backend) => backend.lastRequest().headers["x-tenant"]);
    assert.deepEqual(sent, ["acme", "acme"]);
    assert.equal(backends.live.lastRequest().headers.host, "app.test");
  },
);

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

const CACHE = { "/var/cache/nginx/pages": "PLACE/pages" };

tries("proxy_cache", CACHE, async ({ get, route, backends, startBackend }) => {
  const other = await startBackend("other", {});
  await route("other.test", other.address);
  for (let i = 0; i < 3; i++) {
    assert.equal((await get("app.test", "/page")).body, "live");
    assert.equal((await get("other.test", "/page")).body, "other");
  }
  assert.deepEqual([backends.live.requests.length, other.requests.length], [1, 1]);
});

const FAST = { ...CACHE, "200 1m": "200 1s" };

tries("Refreshing cached pages in the background", FAST, async ({ get, route, startBackend }) => {
  const gate = new EventEmitter();
  let version = 1;
  const handler: Handler = async (_, response) => {
    if (version > 1) await once(gate, "open");
    response.end(`version ${version}`);
  };
  const pages = await startBackend("pages", { handler });
  await route("pages.test", pages.address);
  assert.equal((await get("pages.test")).body, "version 1");
  version = 2;
  // The backend keeps the new page back, and all the same everybody is answered.
  await eventually(async () => {
    assert.equal((await get("pages.test")).body, "version 1");
    assert.equal(pages.requests.length, 2);
  });
  assert.equal((await get("pages.test")).body, "version 1");
  gate.emit("open");
  await eventually(async () => assert.equal((await get("pages.test")).body, "version 2"));
});

const SMALL = { "/var/cache/nginx/slices": "PLACE/slices", "slice             1m": "slice 4" };

tries("Caching large files in slices", SMALL, async ({ get, pool, startBackend }) => {
  const films = await startBackend("films", {
    handler: ({ headers: { range = "" } }, response) => {
      const [, from = "0", to = "9"] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
      const part = "0123456789".slice(Number(from), Number(to) + 1);
      const length = part.length;
      const sent = `bytes ${from}-${Number(from) + length - 1}/10`;
      response.writeHead(206, { "content-range": sent, etag: '"a"', "content-length": length }).end(part);
    },
  });
  const host = await pool("films", [films.address]);
  const end = { headers: { range: "bytes=8-9" } };
  const last = await get(host, "/films/a", end);
  assert.deepEqual([last.status, last.body], [206, "89"]);
  assert.deepEqual([films.requests.length, films.lastRequest().headers.range], [1, "bytes=8-11"]);
  for (let i = 0; i < 2; i++) {
    const whole = await get(host, "/films/a");
    assert.deepEqual([whole.status, whole.body], [200, "0123456789"]);
  }
  assert.equal(films.requests.length, 3, "the last part came from the cache");
});

const mirrorPort = await freePort();

tries("Mirroring requests", { "127.0.0.1:9002": `127.0.0.1:${mirrorPort}`, "   5s": " 1s" }, async (site) => {
  const { get, pool, backends, startBackend } = site;
  const host = await pool("copied", [backends.live.address], { max_fails: 1, all_down: "fail" });
  for (let i = 0; i < 3; i++)
    assert.equal((await get(host, "/dead")).body, "live", "a mirror that is down harms nobody");

  const mirror = await startBackend("mirror", { port: mirrorPort, handler: hang });
  const answer = await get(host, "/path?a=b", { method: "POST", body: "hello" });
  assert.equal(answer.body, "live", "nor does one that never answers");
  await eventually(() => assert.equal(mirror.requests.length, 1));
  for (const { method, target, headers, body } of [backends.live.lastRequest(), mirror.lastRequest()]) {
    assert.deepEqual([method, target, headers.host], ["POST", "/path?a=b", host]);
    assert.equal((await body).length, 5);
  }
  assert.equal((await get("unknown.test")).status, 404);
  await get(host, "/last");
  await eventually(() => assert.equal(mirror.lastRequest().target, "/last"));
  assert.equal(mirror.requests.length, 2, "what has no backend has no copy");
  assert.equal((await answer.logged()).upstream, backends.live.address);
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

tries("Error pages for unknown hosts, too", {}, async (site) => {
  const { get, route, startBackend } = site;
  put(site, "errors/unknown.html", "who is that?");
  put(site, "errors/down.html", "come again");
  await route("dead.test", `127.0.0.1:${await freePort()}`);
  await route("none.test", "@none");
  const handler: Handler = (_, response) => void response.writeHead(404).end("the backend's");
  await route("lacks.test", (await startBackend("lacks", { handler })).address);
  const expected = {
    "unknown.test": [404, "who is that?", "no_route"],
    "dead.test": [502, "come again", ""],
    "none.test": [503, "come again", "no_pool"],
    "lacks.test": [404, "the backend's", ""],
  };
  for (const [host, result] of Object.entries(expected)) {
    const answer = await get(host);
    assert.deepEqual([answer.status, answer.body, (await answer.logged()).error], result, host);
  }
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
  await redis.command("SADD", "pool:web", backends.live.address);
  await redis.command("SADD", "pool:api", backends.live.address);
  for (const command of recipe("Stripping a prefix").commands) await redis.command(...command);
  const sent = async (path: string) => {
    await get("shop.example.com", path);
    return backends.live.lastRequest().target;
  };
  assert.deepEqual(
    [await sent("/api/users?a=b"), await sent("/old/users"), await sent("/users")],
    ["/users?a=b", "/v2/users", "/users"],
  );
});

const internalPort = await freePort();

tries(
  "Several tables",
  { "10.0.0.1:80": `127.0.0.1:${internalPort}` },
  async ({ get, redis, backends, startBackend }) => {
    const wiki = await startBackend("wiki", {});
    const addresses: Record<string, string> = { "10.0.0.5:8080": backends.live.address, "10.0.0.9:8080": wiki.address };
    for (const command of recipe("Several tables").commands) {
      await redis.command(...command.map((word) => addresses[word] ?? word));
    }
    const inside = (host: string) => request(internalPort, { host });
    assert.equal((await get("www.example.com")).body, "live");
    assert.equal((await inside("wiki.example.com")).body, "wiki");
    assert.equal((await get("wiki.example.com")).status, 404);
    assert.equal((await inside("www.example.com")).status, 404);
  },
);

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
  assert.deepEqual(
    [...PAGE.matchAll(/^## (.*)$/gm)].map(([, title]) => title),
    ranTitles,
  );
});
