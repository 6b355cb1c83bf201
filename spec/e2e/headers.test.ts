import assert from "node:assert/strict";
import type { Backend, Handler } from "./support/backend.js";
import { suite } from "./support/suite.js";

/** A header that a user writes: its value, and what the backend sees when that stands beside the include. */
const HEADERS: Readonly<Record<string, readonly [value: string, seen: readonly string[]]>> = {
  "X-Own": ["own", ["own"]],
  Forwarded: ["for=me", ["for=me"]],
  "X-Forwarded-Ssl": ["on", ["on"]],
  "CDN-Loop": ["own", ["own"]],
  Host: ["own.internal", ["app.test", "own.internal"]],
  Upgrade: ["own", ["own"]],
  Connection: ["own", ["own"]],
  "X-Real-IP": ["10.9.9.9", ["127.0.0.1", "10.9.9.9"]],
  "X-Forwarded-For": ["10.9.9.9", ["127.0.0.1", "10.9.9.9"]],
  "X-Forwarded-Proto": ["own", ["http", "own"]],
  "X-Forwarded-Host": ["own.internal", ["app.test", "own.internal"]],
  "X-Forwarded-Port": ["9", ["PORT", "9"]],
};

/** What the backend sees where the user writes none. */
const SENT: Readonly<Record<string, readonly string[]>> = {
  "CDN-Loop": ["NODE"],
  Host: ["app.test"],
  "X-Real-IP": ["127.0.0.1"],
  "X-Forwarded-For": ["127.0.0.1"],
  "X-Forwarded-Proto": ["http"],
  "X-Forwarded-Host": ["app.test"],
  "X-Forwarded-Port": ["PORT"],
};

/** All that a client can forge. */
const FORGED = Object.fromEntries(
  [
    "Forwarded Front-End-Https Proxy X-Forwarded-For X-Forwarded-Host X-Forwarded-Port X-Forwarded-Prefix",
    "X-Forwarded-Proto X-Forwarded-Scheme X-Forwarded-Ssl X-Original-URL X-Real-IP X-Rewrite-URL X-Url-Scheme",
  ]
    .flatMap((names) => names.split(" "))
    .map((name) => [name, "forged"]),
);

/** The values of all lines of that name, in their order. */
function linesOf({ rawHeaders }: { readonly rawHeaders: readonly string[] }, name: string, port: number): string[] {
  const lines: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name.toLowerCase()) lines.push(rawHeaders[i + 1] ?? "");
  }
  return lines.map((line) => (line === String(port) ? "PORT" : line.replace(/^signpost-[0-9a-f]{16}$/, "NODE")));
}

const line = (name: string) => `proxy_set_header ${name} ${HEADERS[name]?.[0]};\n`;
const LINES = Object.keys(HEADERS).map(line).join("");

const EVERYWHERE = Object.keys(HEADERS)
  .map((name) => `location /${name}/ { include signpost.location.conf; ${line(name)} }\n`)
  .join("");

const LEVELS = { "the http level": { http: LINES }, "the server": { server: LINES } };

suite("a header of a user's beside the include", { server: EVERYWHERE, backends: ["live"] }, (test) => {
  test("nginx has nothing to warn of", async ({ nginx }) => {
    assert.doesNotMatch(nginx.errorLog(), /\[warn\]/);
    return Promise.resolve();
  });

  for (const [name, [, seen]] of Object.entries(HEADERS)) {
    test(`${name} arrives as ${seen.join(", then ")}, and every other as ever`, async (site) => {
      await site.route("app.test", site.backends.live.address);
      await site.get("app.test", `/${name}/`);
      const request = site.backends.live.lastRequest();
      for (const other of Object.keys(HEADERS)) {
        const expected = other === name ? seen : (SENT[other] ?? []);
        assert.deepEqual(linesOf(request, other, site.nginx.port), expected, other);
      }
    });
  }
});

for (const [level, options] of Object.entries(LEVELS)) {
  suite(`headers that a user writes at ${level}`, { ...options, backends: ["live"] }, (test) => {
    test("do not reach Signpost's locations: nginx drops all of them, and none of Signpost's", async (site) => {
      await site.route("app.test", site.backends.live.address);
      await site.get("app.test");
      for (const name of Object.keys(HEADERS)) {
        const lines = linesOf(site.backends.live.lastRequest(), name, site.nginx.port);
        assert.deepEqual(lines, SENT[name] ?? [], name);
      }
    });
  });
}

/** Debian's file, as it was for years, and as it is since it warns of `$http_host`. */
const PROXY_PARAMS = ["$http_host", "$host"].map(
  (host) => `
proxy_set_header Host ${host};
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
`,
);

const own = {
  server: PROXY_PARAMS.map((lines, i) => `location /params${i}/ { include signpost.pass.conf; ${lines} }`).join("\n"),
  location: "      proxy_set_header X-Own own;",
  backends: ["live"] as const,
};

suite("signpost.pass.conf and proxy_params", own, (test) => {
  for (const i of PROXY_PARAMS.keys()) {
    test(`send each header once, and none that the client forged (${i})`, async ({ nginx, backends, route, get }) => {
      await route("app.test", backends.live.address);
      assert.equal((await get("app.test", `/params${i}/`, { headers: FORGED })).status, 200);
      const request = backends.live.lastRequest();
      const expected: Record<string, string[]> = {
        Host: ["app.test"],
        "X-Real-IP": ["127.0.0.1"],
        "X-Forwarded-For": ["forged, 127.0.0.1"],
        "X-Forwarded-Proto": ["http"],
      };
      for (const name of ["Host", ...Object.keys(FORGED)]) {
        assert.deepEqual(linesOf(request, name, nginx.port), expected[name] ?? [], name);
      }
      assert.equal(request.headers.connection, "keep-alive" in request.headers ? "" : undefined);
      await get("app.test", `/params${i}/`);
      await get("app.test", `/params${i}/`);
      assert.equal(backends.live.connections(), 1, "kept");
    });
  }
});

suite("what clients forge", { backends: ["live"] }, (test) => {
  test("does not pass, but for X-Forwarded-For, which is appended to", async ({ nginx, backends, route, get }) => {
    await route("app.test", backends.live.address);
    await get("app.test", "/", { headers: FORGED });
    for (const name of Object.keys(FORGED)) {
      const expected = name === "X-Forwarded-For" ? ["forged, 127.0.0.1"] : (SENT[name] ?? []);
      assert.deepEqual(linesOf(backends.live.lastRequest(), name, nginx.port), expected, name);
    }
  });
});

/** A response's headers that nginx's own buffer of 4 kB has no room for. */
const LARGE: Readonly<Record<string, Readonly<Record<string, string | string[]>>>> = {
  "12 cookies of 1 kB": { "set-cookie": Array.from({ length: 12 }, (_, i) => `c${i}=${"x".repeat(1_024)}; Path=/`) },
  "one of 7,000 bytes": { "x-large": "x".repeat(7_000) },
};

suite("a response with large headers", {}, (test) => {
  for (const [what, headers] of Object.entries(LARGE)) {
    test(`${what}: passes whole`, async ({ startBackend, route, get }) => {
      const handler: Handler = (_, response) => void response.writeHead(200, { ...headers }).end("body");
      const backend: Backend = await startBackend("large", { handler });
      const host = `large${backend.port}.test`;
      await route(host, backend.address);
      const answer = await get(host);
      assert.deepEqual([answer.status, answer.body], [200, "body"]);
      for (const [name, value] of Object.entries(headers)) {
        assert.equal(String(answer.headers[name]).length, String(value).length);
      }
    });
  }
});

const forwarding = {
  server: `
    set $signpost_forwarded_host outside.test;
    set $signpost_forwarded_proto https;
    location /first { include signpost.location.conf; proxy_intercept_errors on; error_page 503 /second; }
`,
  backends: ["live"] as const,
};

suite("what a server sets of X-Forwarded-…", forwarding, (test) => {
  test("is sent, after an internal redirect too, though the pool before had a Host of its own", async (site) => {
    const handler: Handler = (_, response) => void response.writeHead(503).end();
    const busy = await site.startBackend("busy", { handler });
    await site.pool("busy", [busy.address], { host: "busy.internal" });
    await site.redis.command("HSET", "route:app.test", "/first", "@busy", "/", site.backends.live.address);
    await site.get("app.test", "/first");
    const sent = ({ headers }: { headers: Readonly<Record<string, unknown>> }) =>
      ["host", "x-forwarded-host", "x-forwarded-proto"].map((name) => headers[name]);
    assert.deepEqual(sent(busy.lastRequest()), ["busy.internal", "outside.test", "https"]);
    assert.deepEqual(sent(site.backends.live.lastRequest()), ["app.test", "outside.test", "https"]);
  });
});
