import assert from "node:assert/strict";
import type { Handler } from "./support/backend.js";
import { eventually } from "./support/eventually.js";
import { sendRaw } from "./support/http_client.js";
import { isRefusedByNginx } from "./support/nginx_traits.js";
import { seeded } from "./support/random.js";
import type { LogLine, Site } from "./support/site.js";
import { suite } from "./support/suite.js";

const settings = { cache_ttl: 3_600 };

suite("a request with a malformed chunked body", { settings, backends: ["red"] }, (test) => {
  for (const [title, target] of Object.entries({
    "an unknown host": undefined,
    "a bad route": "10.0.0.5:0",
    "a pool that is not there": "@none",
    "a return with a status": "return 403",
    "a redirect": "return 302 https://away.test",
  })) {
    test(`is not answered with an error of Lua's, and ends the connection: ${title}`, async (site) => {
      const { nginx, route } = site;
      const host = `${title.replaceAll(" ", "-")}.test`;
      if (target !== undefined) await route(host, target);
      for (const body of ["zz\r\nhello\r\n0\r\n\r\n", "5\r\nhelloXX\r\n0\r\n\r\n", "fffffffffffffffff\r\n"]) {
        const head = `POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`;
        const next = `GET /next HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
        const answers = (await sendRaw(nginx.port, head + body + next)).match(/HTTP\/1\.1 \d+/g);
        const status = { "return 403": 403, "return 302 https://away.test": 302 }[target ?? ""] ?? 400;
        assert.deepEqual(answers, [`HTTP/1.1 ${status}`], JSON.stringify(body));
      }
      const error = { "10.0.0.5:0": "bad_route", "@none": "no_pool" }[target ?? ""] ?? "";
      const logged = target === undefined ? ["no_route", ""] : [error, host];
      for (const line of await linesOf(site, host, 3)) assert.deepEqual([line.error, line.route], logged);
    });
  }
});

/** Waits until the access log has so many lines for a host. */
async function linesOf({ log }: Pick<Site, "log">, host: string, count: number): Promise<LogLine[]> {
  return await eventually(() => {
    const lines = log().filter((line) => line.host === host);
    assert.equal(lines.length, count);
    return lines;
  });
}

suite("a host that is no host name", { settings, backends: ["red"] }, (test) => {
  const hosts = [
    "evil.com#.wild.test",
    "evil.com?.wild.test",
    "evil.com\\.wild.test",
    "u@x.wild.test",
    "a%2e.wild.test",
  ];

  test("is answered with 400 bad_host, though a wildcard and the default route would have matched", async (site) => {
    const { nginx, route, backends, logged } = site;
    await route("*.wild.test", backends.red.address);
    await route("*", backends.red.address);
    for (const host of [...hosts, "*.wild.test", "[fe80::1%25a]", "@web"]) {
      // As a user who writes such a key may have meant it: it is a route for no request.
      await route(host, backends.red.address);
      for (let i = 0; i < 2; i++) {
        const answer = await sendRaw(nginx.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
        assert.match(answer, /^HTTP\/1\.1 400 /, host);
        if (isRefusedByNginx(host)) {
          assert.match(answer, /<h1>400 Bad Request<\/h1>/, host);
          continue;
        }
        assert.match(answer, /\r\n\r\nthis is no host name\n$/, host);
        const { error, route: matched } = await logged((line) => line.host === host);
        assert.deepEqual([error, matched], ["bad_host", ""], host);
      }
    }
    assert.deepEqual(backends.red.requests, []);
  });

  test("is refused in a request target in absolute form as well", async ({ nginx, route, backends }) => {
    await route("*.form.test", backends.red.address);
    const before = backends.red.requests.length;
    for (const host of ["u@x.form.test", "evil.com\\.form.test"]) {
      const request = `GET http://${host}/ HTTP/1.1\r\nHost: good.form.test\r\nConnection: close\r\n\r\n`;
      assert.match(await sendRaw(nginx.port, request), /^HTTP\/1\.1 400 /, host);
    }
    assert.equal(backends.red.requests.length, before);
  });

  test("is not asked of Redis, nor known to be absent", async ({ nginx, redis }) => {
    const asked = await redis.countCommands(async () => {
      for (const host of hosts) {
        await sendRaw(nginx.port, `GET / HTTP/1.1\r\nHost: new-${host}\r\nConnection: close\r\n\r\n`);
      }
    });
    assert.deepEqual([asked["get"], asked["getrange"], asked["type"]], [undefined, undefined, undefined]);
  });

  test("cannot be smuggled behind a port: what goes on as Host is what was matched", async ({
    nginx,
    route,
    backends,
  }) => {
    await route("*.port.test", backends.red.address);
    for (const host of ["x.port.test:80#.evil.test", "x.port.test:80@evil.test", "x.port.test:evil.test"]) {
      const answer = await sendRaw(nginx.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 (200|400) /, host);
      if (answer.includes(" 200 ")) assert.equal(backends.red.lastRequest().headers.host, "x.port.test", host);
    }
  });

  test("is not: with bytes beyond ASCII, underscores, an IPv6 literal, no Host, more than 253 bytes", async (site) => {
    const { nginx, route, backends } = site;
    await route("*", backends.red.address);
    for (const host of ["b\u00fccher.test", "_a.b-c", "[::1]:80"]) {
      const answer = await sendRaw(nginx.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      assert.match(answer, isRefusedByNginx(host) ? /^HTTP\/1\.1 400 / : /^HTTP\/1\.1 200 /, host);
    }
    assert.match(await sendRaw(nginx.port, "GET / HTTP/1.0\r\nConnection: close\r\n\r\n"), /^HTTP\/1\.1 200 /);
    const long = `${"a".repeat(250)}.test`;
    assert.match(await sendRaw(nginx.port, `GET / HTTP/1.0\r\nHost: ${long}\r\n\r\n`), /^HTTP\/1\.1 200 /);
  });
});

/** Says which path it takes the request target for, as WHATWG's URL parser has it. */
const sayPath: Handler = (request, response) => {
  const target = request.url ?? "/";
  const isUrl = URL.canParse(target, "http://base.test");
  response.writeHead(isUrl ? 200 : 400).end(isUrl ? new URL(target, "http://base.test").pathname : "no URL");
};

const ATTACKS = [
  "//x/admin",
  "/x\\..\\admin",
  "/\\x/admin",
  "/.\\admin",
  "/x#/../admin",
  "/admin/x%2f..%2f..",
  "/\\admin",
];

for (const merging of ["on", "off"]) {
  suite(
    `a path that can be read in two ways, with merge_slashes ${merging}`,
    { settings, server: `merge_slashes ${merging};` },
    (test) => {
      test("is answered with 400 bad_path, where one of them is another entry's", async (site) => {
        const { nginx, redis, startBackend, logged } = site;
        const node = await startBackend("node", { handler: sayPath });
        await redis.command("HSET", "route:paths.test", "/", node.address, "/admin", "return 403");
        for (const target of [...ATTACKS, ...ATTACKS.map((one) => `http://paths.test${one}`)]) {
          const answer = await sendRaw(
            nginx.port,
            `GET ${target} HTTP/1.1\r\nHost: paths.test\r\nConnection: close\r\n\r\n`,
          );
          assert.match(answer, /^HTTP\/1\.1 400 .*more than one way\n$/s, target);
          const { error, route } = await logged((line) => target.endsWith(line.target));
          assert.deepEqual([error, route], ["bad_path", "paths.test"], target);
        }
        assert.deepEqual(node.requests, []);
        for (const target of ["/x//y", "/x\\y", "/x#y", "/x%2fy", "/a?u=//x/admin", "/x/../y", "/.well-known/x"]) {
          const answer = await sendRaw(
            nginx.port,
            `GET ${target} HTTP/1.1\r\nHost: paths.test\r\nConnection: close\r\n\r\n`,
          );
          assert.match(answer, /^HTTP\/1\.1 200 /, target);
        }
        assert.match(
          await sendRaw(nginx.port, "GET /x/../admin HTTP/1.0\r\nHost: paths.test\r\n\r\n"),
          /^HTTP\/1\.1 403 /,
        );
      });

      test("never reaches what a rule closes: 1,000 generated targets", async ({ nginx, redis, startBackend }) => {
        const node = await startBackend("node", { handler: sayPath });
        await redis.command(
          "HSET",
          "route:fuzz.test",
          "/",
          node.address,
          "/admin",
          "return 403",
          "/x/open",
          node.address,
        );
        const { seed, pick, whole } = seeded();
        const bits = [
          "/",
          "//",
          "\\",
          "..",
          "/../",
          ".",
          "x",
          "admin",
          "open",
          "#",
          "%2f",
          "%5C",
          "%2e",
          "%2E%2e",
          "%25",
          "%",
          "\u00ff",
          "?",
        ];
        for (let i = 0; i < 1_000; i += 50) {
          const targets = Array.from(
            { length: 50 },
            () => `/${Array.from({ length: whole(1, 8) }, () => pick(bits)).join("")}`,
          );
          await Promise.all(
            targets.map(async (target) => {
              const answer = await sendRaw(
                nginx.port,
                `GET ${target} HTTP/1.1\r\nHost: fuzz.test\r\nConnection: close\r\n\r\n`,
              );
              assert.match(answer, /^HTTP\/1\.1 (200|400|403) /, `SEED=${seed}: ${target}`);
              assert.doesNotMatch(
                answer,
                /^HTTP\/1\.1 200 .*\r\n\/admin(\/[^\r\n]*)?(\r\n|$)/s,
                `SEED=${seed}: ${target}`,
              );
            }),
          );
        }
      });
    },
  );
}

const rewriting = {
  settings,
  backends: ["red", "blue"] as const,
  server: "rewrite ^/old/(.*)$ /api/$1;",
};

suite("a path that a rewrite of the operator's own has changed", rewriting, (test) => {
  test("is read as nginx sends it on", async ({ nginx, redis, backends }) => {
    const { red, blue } = backends;
    await redis.command("HSET", "route:own.test", "/", red.address, "/api", blue.address);
    const get = async (target: string) =>
      await sendRaw(nginx.port, `GET ${target} HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n\r\n`);
    assert.match(await get("/old/x%2fy"), /^HTTP\/1\.1 200 .*blue/s);
    assert.match(await get("//old//x"), /^HTTP\/1\.1 200 .*blue/s);
    assert.match(await get("/old/..%5c..%5cx"), /^HTTP\/1\.1 400 .*more than one way/s);
  });
});
