import assert from "node:assert/strict";
import { after, test } from "node:test";
import { hang, type Handler } from "./support/backend.js";
import { makeAuthority } from "./support/certificates.js";
import { eventually } from "./support/eventually.js";
import { openRaw } from "./support/http_client.js";
import { usualBlock } from "./support/nginx_traits.js";
import { freePort } from "./support/ports.js";
import { startSite } from "./support/site.js";
import { suite } from "./support/suite.js";

const authority = makeAuthority();
const authPort = await freePort();
after(() => authority.dispose());

/** A location with the include and lines of a user's beside it. */
const location = (name: string, lines: string) => `    location ${name} { include signpost.location.conf; ${lines} }\n`;

/** What users write beside the include, each where nginx starts with it. Effects are tested below where they can be seen. */
const DIRECTIVES = `
proxy_connect_timeout 5s|proxy_send_timeout 5s|proxy_read_timeout 5s|send_timeout 5s
proxy_buffering on|proxy_request_buffering on|client_max_body_size 10m|client_body_buffer_size 128k
proxy_buffer_size 8k|proxy_buffer_size 32k|proxy_buffer_size 64k|proxy_busy_buffers_size 32k
proxy_buffers 4 32k|proxy_buffers 8 8k|proxy_buffers 16 16k|proxy_buffers 32 4k|proxy_buffers 4 256k
proxy_buffer_size 16k; proxy_buffers 4 16k|proxy_buffer_size 4k; proxy_buffers 8 4k
proxy_buffer_size 128k; proxy_buffers 4 256k; proxy_busy_buffers_size 256k
proxy_buffer_size 4k; proxy_buffers 4 32k; proxy_busy_buffers_size 64k; proxy_temp_file_write_size 64k
proxy_buffer_size 64k; proxy_buffers 8 32k|proxy_buffer_size 2k; proxy_buffers 16 4k|proxy_max_temp_file_size 0
proxy_redirect off|proxy_redirect http://internal/ /|proxy_cookie_path / /app/|proxy_cookie_domain off
proxy_ssl_verify off|proxy_ssl_verify_depth 2|proxy_ssl_protocols TLSv1.3|proxy_ssl_session_reuse off
proxy_ssl_server_name off|proxy_ssl_name app.internal|proxy_ssl_ciphers HIGH
proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt
proxy_http_version 1.0|proxy_http_version 1.1|proxy_method GET|proxy_set_body x|proxy_bind 127.0.0.1
proxy_cache_key $host$request_uri|proxy_cache off|proxy_no_cache 1|proxy_cache_bypass 1|proxy_store off
proxy_ignore_headers X-Accel-Charset|proxy_ignore_headers Set-Cookie Cache-Control|proxy_hide_header X-Powered-By
proxy_pass_header Server|proxy_pass_request_headers on|proxy_pass_request_body off|proxy_set_header X-Own own
proxy_intercept_errors on|proxy_next_upstream error timeout http_503|proxy_next_upstream_tries 2
proxy_next_upstream_timeout 5s|proxy_limit_rate 1m|proxy_socket_keepalive on|proxy_ignore_client_abort on
add_header X-Own own always|expires 1h|gzip on|auth_basic off|satisfy any|allow all
error_page 502 /502.html|limit_rate 1m|access_log off|default_type text/plain|charset utf-8
`
  .trim()
  .split(/[|\n]/);

suite(
  "beside the include of signpost.location.conf",
  {
    backends: ["live"],
    server: DIRECTIVES.map((line, i) => location(`/${i}/`, `${line};`)).join(""),
  },
  (test) => {
    test("nginx starts with each directive that users write there, and the request is served", async (site) => {
      await site.route("any.test", site.backends.live.address);
      for (const [i, line] of DIRECTIVES.entries()) {
        assert.equal((await site.get("any.test", `/${i}/`)).status, 200, line);
      }
    });
  },
);

const effects = {
  server: [
    location("/read_timeout", "proxy_read_timeout 200ms;"),
    location("/body", "client_max_body_size 1k;"),
    location("/request_buffering", "proxy_request_buffering on;"),
    location("/redirect", "proxy_redirect http://internal.test/ /outside/;"),
    location("/http10", "proxy_http_version 1.0;"),
    location("/unverified", "proxy_ssl_verify off;"),
    location("/own_header", "proxy_set_header X-Own own;"),
    location("/intercepted", "proxy_intercept_errors on; error_page 503 /own-page;"),
    `    location = /own-page { internal; return 503 "own page"; }\n`,
  ].join(""),
  backends: ["live"] as const,
};

suite("a directive in a location comes before the one of signpost.server.conf", effects, (test) => {
  test("proxy_read_timeout", async ({ startBackend, route, get }) => {
    await route("hangs.test", (await startBackend("hangs", { handler: hang })).address);
    assert.equal((await get("hangs.test", "/read_timeout")).status, 504);
  });

  test("client_max_body_size; without it, a body may have any size", async ({ backends, route, get }) => {
    await route("body.test", backends.live.address);
    const post = { method: "POST", body: "x".repeat(2_000_000) };
    assert.equal((await get("body.test", "/body", post)).status, 413);
    assert.equal((await get("body.test", "/", post)).status, 200);
  });

  test("proxy_request_buffering on: nothing reaches the backend before the body is there", async (site) => {
    const { live } = site.backends;
    await site.route("buffered.test", live.address);
    const send = async (path: string) => {
      const client = await openRaw(site.nginx.port);
      const head = `POST ${path} HTTP/1.1\r\nHost: buffered.test\r\nContent-Length: 200000\r\nConnection: close\r\n\r\n`;
      client.send(head + "x".repeat(100_000));
      return client;
    };
    const seen = live.requests.length;
    const buffered = await send("/request_buffering");
    const streamed = await send("/streamed");
    // The second came later, and is there.
    await eventually(() => assert.equal(live.requests.length, seen + 1));
    assert.equal(live.lastRequest().target, "/streamed");
    for (const client of [streamed, buffered]) client.send("x".repeat(100_000));
    assert.match(await buffered.receiveAll(), /^HTTP\/1.1 200 /);
    assert.match(await streamed.receiveAll(), /^HTTP\/1.1 200 /);
  });

  test("proxy_redirect; without it, a Location goes on as it is", async ({ nginx, startBackend, route, get }) => {
    const handler: Handler = (_, response) =>
      void response.writeHead(302, { location: "http://internal.test/x" }).end();
    await route("redirects.test", (await startBackend("redirects", { handler })).address);
    const { headers } = await get("redirects.test", "/redirect");
    assert.equal(headers.location, `http://redirects.test:${nginx.port}/outside/x`);
    assert.equal((await get("redirects.test", "/")).headers.location, "http://internal.test/x");
  });

  test("proxy_http_version; without it, 1.1", async ({ backends, route, get }) => {
    await route("version.test", backends.live.address);
    await get("version.test", "/http10");
    assert.equal(backends.live.lastRequest().httpVersion, "1.0");
    await get("version.test", "/");
    assert.equal(backends.live.lastRequest().httpVersion, "1.1");
  });

  test("proxy_ssl_verify off; without it, an unknown certificate is refused", async (site) => {
    const secure = await site.startBackend("secure", { tls: authority.issue("app.internal") });
    await site.route("secure.test", `https://127.0.0.1:${secure.port}`);
    assert.equal((await site.get("secure.test", "/unverified")).body, "secure");
    assert.equal((await site.get("secure.test", "/")).status, 502);
  });

  test("proxy_set_header of a name that Signpost does not send adds to it", async ({ backends, route, get }) => {
    await route("own.test", backends.live.address);
    await get("own.test", "/own_header");
    const { headers } = backends.live.lastRequest();
    assert.equal(headers["x-own"], "own");
    assert.equal(headers.host, "own.test");
    assert.equal(headers["x-real-ip"], "127.0.0.1");
  });

  test("proxy_intercept_errors with an error_page of one's own", async ({ startBackend, route, get }) => {
    const handler: Handler = (_, response) => void response.writeHead(503).end("the backend's");
    await route("fails.test", (await startBackend("fails", { handler })).address);
    assert.equal((await get("fails.test", "/intercepted")).body, "own page");
    assert.equal((await get("fails.test", "/")).body, "the backend's");
  });
});

suite("with signpost.location.conf alone", { snippet: withoutServerSnippet, backends: ["live"] }, (test) => {
  test("http is served, https is refused, and the log says once what is missing", async (site) => {
    await site.route("http.test", site.backends.live.address);
    await site.route("https.test", "https://app.internal:1");
    assert.equal((await site.get("http.test")).body, "live");
    const { status, logged } = await site.get("https.test");
    assert.deepEqual([status, (await logged()).error], [502, "bad_route"]);
    await site.get("http.test");
    const said = site.nginx.errorLog().match(/signpost\.server\.conf is not included: .*/g) ?? [];
    assert.equal(said.length, 1);
  });
});

function withoutServerSnippet(text: string, name: string): string {
  return name === "signpost.server.conf" ? "" : text;
}

const others = {
  server: `
    location /stripped/ { rewrite ^/stripped/(.*)$ /$1 break; include signpost.location.conf; }
    location /broken/ { if (-d /) { break; } include signpost.location.conf; }
    location /guarded/ { auth_request /auth; include signpost.location.conf; }
    location = /auth { internal; set $upstream 127.0.0.1:${authPort}; proxy_pass http://$upstream; }
    location /logged/ { add_header X-Upstream $upstream always; include signpost.location.conf; }
    location /classic/ { include signpost.location.conf; add_header X-Upstream $upstream always; }
`,
  backends: ["live"] as const,
};

suite("a `break` before the include", others, (test) => {
  for (const [path, target] of [
    ["/stripped/x?y", "/x?y"],
    ["/broken/x", "/broken/x"],
  ] as const) {
    test(`${path} is served`, async ({ backends, route, get }) => {
      await route("broken.test", backends.live.address);
      const { body, logged } = await get("broken.test", path);
      assert.equal(body, "live");
      assert.equal(backends.live.lastRequest().target, target);
      const { error, route: name } = await logged();
      assert.deepEqual([error, name], ["", "broken.test"]);
      const missing = await get("missing.test", path);
      assert.deepEqual([missing.status, (await missing.logged()).error], [404, "no_route"]);
    });
  }

  test("$upstream stands in headers, whether they are written above the include or below", async (site) => {
    await site.route("named.test", site.backends.live.address);
    for (const path of ["/logged/", "/classic/"]) {
      assert.equal((await site.get("named.test", path)).headers["x-upstream"], usualBlock);
    }
  });
});

suite("an auth server by `set $upstream`", others, (test) => {
  test("gets the subrequest, and the request goes where its route says", async (site) => {
    const auth = await site.startBackend("auth", { port: authPort });
    await site.route("guarded.test", site.backends.live.address);
    for (let i = 0; i < 5; i++) assert.equal((await site.get("guarded.test", "/guarded/")).body, "live");
    assert.equal(auth.requests.length, 5);
    await auth.close();
    assert.equal((await site.get("guarded.test", "/guarded/")).status, 500);
  });
});

const MAP = `  map $host $upstream { default 127.0.0.1:9; other.test 127.0.0.1:8; }\n`;

for (const [where, options] of Object.entries({ before: { beforeHttp: MAP }, after: { http: MAP } })) {
  suite(`a \`map $host $upstream\` ${where} the include`, { ...options, backends: ["live"] }, (test) => {
    test("moves no request", async ({ backends, route, get }) => {
      await route("mapped.test", backends.live.address);
      assert.equal((await get("mapped.test")).body, "live");
      assert.equal((await get("other.test")).status, 404);
    });
  });
}

const HASH_SIZES = `  map_hash_bucket_size 256;
  map_hash_max_size 4096;
  variables_hash_bucket_size 256;
  variables_hash_max_size 4096;
`;

suite("hash sizes above the include of signpost.http.conf", { beforeHttp: HASH_SIZES, backends: ["live"] }, (test) => {
  test("are taken", async ({ backends, route, get }) => {
    await route("sizes.test", backends.live.address);
    assert.equal((await get("sizes.test")).body, "live");
  });
});

/** Mistakes that nginx itself refuses, so that none goes wrong silently; README says what to write. */
const REFUSED = {
  "map_hash_bucket_size below the include": [
    { http: "  map_hash_bucket_size 256;" },
    /map_hash_bucket_size" directive is dup/,
  ],
  "proxy_http_version at http level": [
    { http: "  proxy_http_version 1.1;" },
    /proxy_http_version" directive is duplicate/,
  ],
  "log_by_lua at http level": [{ http: "  log_by_lua_block { }" }, /is duplicate/],
  "a server's line beside signpost.server.conf": [
    { server: "    client_max_body_size 1m;" },
    /client_max_body_size" directive is duplicate/,
  ],
} as const;

for (const [what, [options, says]] of Object.entries(REFUSED)) {
  test(`${what} is a duplicate, and nginx does not start`, async () => {
    await assert.rejects(startSite(options), says);
  });
}

const steeringCache = {
  http: "  proxy_cache_path pages keys_zone=pages:1m;",
  server: `
    location /unedited/ { include signpost.location.conf; proxy_cache pages; proxy_cache_valid 1m; }
    location /own/ {
      include signpost.location.conf;
      proxy_buffering on; proxy_cache pages; proxy_cache_valid 1m; proxy_cache_key $http_x_key;
    }
    location /plain/ { proxy_buffering on; proxy_cache pages; proxy_cache_valid 1m; proxy_pass http://127.0.0.1:${authPort}; }
`,
};

suite("proxy_cache", steeringCache, (test) => {
  const asking: Handler = ({ headers }, response) => {
    response.writeHead(200, { "x-accel-buffering": "yes", "content-length": headers.host?.length });
    response.end(headers.host);
  };

  test("gives no host the pages of another, though a backend has them buffered", async (site) => {
    const backend = await site.startBackend("asking", { handler: asking });
    await site.route("*.cached.test", backend.address);
    for (let i = 0; i < 3; i++) {
      for (const host of ["one.cached.test", "two.cached.test"]) {
        assert.equal((await site.get(host, "/unedited/")).body, host);
      }
    }
    assert.equal(backend.requests.length, 2, "they were cached");
  });

  test("has the key that the user writes", async (site) => {
    const backend = await site.startBackend("asking", { handler: asking });
    await site.route("*.keyed.test", backend.address);
    const get = (host: string, key: string) => site.get(host, "/own/", { headers: { "x-key": key } });
    assert.equal((await get("one.keyed.test", "a")).body, "one.keyed.test");
    assert.equal((await get("two.keyed.test", "a")).body, "one.keyed.test");
    assert.equal((await get("two.keyed.test", "b")).body, "two.keyed.test");
  });

  test("has nginx's own key in locations that are not Signpost's", async (site) => {
    const backend = await site.startBackend("plain", { port: authPort });
    for (const host of ["one.plain.test", "two.plain.test"]) {
      assert.equal((await site.get(host, "/plain/")).body, "plain");
    }
    assert.equal(backend.requests.length, 1);
    await backend.close();
  });
});
