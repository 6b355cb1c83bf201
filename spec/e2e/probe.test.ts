import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { hang, startBackend, startRawBackend, type Backend, type RawBackend } from "./support/backend.js";
import { makeAuthority, type Authority } from "./support/certificates.js";
import { luaPackagePath } from "./support/config.js";
import { startDns, type DnsServer } from "./support/dns_server.js";
import { luaErrors } from "./support/error_log.js";
import { eventually } from "./support/eventually.js";
import { luaLiteral } from "./support/lua_literal.js";
import { freePort } from "./support/ports.js";
import { startWitness, type LuaWitness } from "./support/witness.js";

// What a health check makes of a peer, without all that decides when one is made: the probe by itself, in a real nginx.

const NAME = "peer.example.test";
const TIMEOUT_SECONDS = 1.5;

let authority: Authority;
let dns: DnsServer;
let witness: LuaWitness;

before(async () => {
  authority = makeAuthority();
  dns = await startDns({ [NAME]: "127.0.0.1", "other.example.test": "127.0.0.1" });
  witness = await startWitness({
    http: `lua_package_path "${luaPackagePath()}"; lua_socket_log_errors off; resolver ${dns.address} ipv6=off;
      lua_ssl_trusted_certificate ${authority.certificateFile};`,
  });
});

after(async () => {
  await witness.nginx.stop();
  const errors = luaErrors(witness.nginx.errorLog());
  await witness.dispose();
  dns.close();
  authority.dispose();
  assert.deepEqual(errors, [], "nginx' error log, at the end");
});

/** What is asked of whom; the rest is as in most tests. */
interface Question {
  /** An address as in a pool. */
  readonly peer: string;
  readonly path?: string;
  readonly host?: string;
  /** Seconds; `TIMEOUT_SECONDS` unless given. */
  readonly timeout?: number;
  /** Whether it is stopped after a tenth of a second. */
  readonly stopped?: boolean;
}

/** @returns what the probe gives: the status, or the error and its detail. */
async function probe(question: Question): Promise<string> {
  const { peer, path = "/up", host = "host.test", timeout = TIMEOUT_SECONDS, stopped = false } = question;
  const said = await witness.run(`
    local stop = require("signpost.platform.gate").newGate()
    ${stopped ? "ngx.timer.at(0.1, stop.open)" : ""}
    local address = assert(require("signpost.format.address").parseAddress(${luaLiteral(peer)}))
    local began = ngx.now()
    local status, err, detail = require("signpost.platform.probe").probe({
      address = address, path = ${luaLiteral(path)}, hostHeader = ${luaLiteral(host)}, timeout = ${timeout},
    }, stop)
    ngx.update_time()
    assert(ngx.now() - began < ${2 * TIMEOUT_SECONDS}, "it took too long")
    ngx.print(status or err .. ": " .. detail, " ")
  `);
  return said.replace(/ 0:$/, "");
}

async function withRaw(serve: (socket: Socket) => void, body: (backend: RawBackend) => Promise<void>): Promise<void> {
  const backend = await startRawBackend(serve);
  try {
    await body(backend);
    await closed(backend);
  } finally {
    await backend.close();
  }
}

async function closed(backend: RawBackend): Promise<void> {
  await eventually(() => assert.equal(backend.openConnections(), 0));
}

/** A peer that says this to whoever asks, and does not close. */
const saying = (text: string) => (socket: Socket) => {
  socket.on("error", () => {});
  socket.once("data", () => socket.write(text));
};

describe("a health check", () => {
  const backends: Backend[] = [];
  const start = async (...options: Parameters<typeof startBackend>) => {
    const backend = await startBackend(...options);
    backends.push(backend);
    return backend;
  };
  after(() => Promise.all(backends.map((backend) => backend.close())));

  test("is one GET of the path with the host it is given, on a connection that is closed then", async () => {
    const backend = await start("well");
    assert.equal(await probe({ peer: backend.address, path: "/up?a=%2F", host: "shop.test:81" }), "200");
    const { method, target, httpVersion, rawHeaders } = backend.lastRequest();
    assert.deepEqual([method, target, httpVersion], ["GET", "/up?a=%2F", "1.1"]);
    assert.deepEqual(rawHeaders, ["Host", "shop.test:81", "User-Agent", "signpost", "Connection", "close"]);
    await closed(backend);
    await probe({ peer: backend.address });
    assert.equal(backend.connections(), 2);
  });

  test("gives the status, whatever it is", async () => {
    const backend = await start("ill", {
      handler: (request, response) => void response.writeHead(Number(request.url?.slice(1))).end(),
    });
    for (const status of ["204", "302", "404", "503"]) {
      assert.equal(await probe({ peer: backend.address, path: `/${status}` }), status);
    }
  });

  test("reaches IPv6 addresses and names", async () => {
    const ipv6 = await start("IPv6", { host: "::1" });
    assert.equal(await probe({ peer: ipv6.address }), "200");
    const named = await start("named");
    assert.equal(await probe({ peer: `${NAME}:${named.port}` }), "200");
    assert.match(await probe({ peer: "no-such.example.test:80" }), /^failed: connect: .*could not be resolved/);
  });

  test("does not wait for the end of an answer", async () => {
    await withRaw(saying("HTTP/1.0 200 OK\r\nContent-Len"), async ({ address }) => {
      assert.equal(await probe({ peer: address }), "200");
    });
  });

  test("takes an answer without words for the status", async () => {
    await withRaw(saying("HTTP/1.1 200\r\n\r\n"), async ({ address }) => {
      assert.equal(await probe({ peer: address }), "200");
    });
  });

  test("fails where nobody listens", async () => {
    assert.equal(await probe({ peer: `127.0.0.1:${await freePort()}` }), "failed: connect: connection refused");
  });

  test("fails when the answer does not come in time", async () => {
    const backend = await start("hanging", { handler: hang });
    assert.match(await probe({ peer: backend.address }), /^failed: (receive: )?timeout$/);
    await closed(backend);
  });

  test("ends as soon as it is stopped, and closes its connection", async () => {
    const backend = await start("stopped", { handler: hang });
    // Were it not stopped, it would take too long for this.
    await probe({ peer: backend.address, timeout: 60, stopped: true });
    await closed(backend);
  });

  test("fails in time though bytes go on coming, one by one", async () => {
    const drip = (socket: Socket) => {
      let count = 0;
      const timer = setInterval(() => socket.write("HTTP/1.1 200 OK"[count++] ?? "x"), (TIMEOUT_SECONDS * 1000) / 4);
      socket.on("error", () => {}).on("close", () => clearInterval(timer));
    };
    await withRaw(drip, async ({ address }) => {
      assert.equal(await probe({ peer: address }), "failed: timeout");
    });
  });

  test("fails when the peer closes without an answer", async () => {
    await withRaw(
      (socket) => void socket.once("data", () => socket.end()),
      async ({ address }) => {
        assert.equal(await probe({ peer: address }), "failed: receive: closed");
      },
    );
  });

  test("fails when the answer is not HTTP", async () => {
    for (const text of ["+OK I am a mail server\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 999 OK\r\n"]) {
      await withRaw(saying(text), async ({ address }) => {
        assert.equal(await probe({ peer: address }), "failed: receive: not an answer in HTTP/1");
      });
    }
  });

  describe("of an https peer", () => {
    test("asks a peer whose certificate is for its own name", async () => {
      const backend = await start("encrypted", { tls: authority.issue(NAME) });
      assert.equal(await probe({ peer: `https://${NAME}:${backend.port}` }), "200");
      assert.equal(backend.lastRequest().headers.host, "host.test");
      await closed(backend);
    });

    test("asks nothing of a peer whose certificate is for another name", async () => {
      const backend = await start("another", { tls: authority.issue(NAME) });
      for (let i = 0; i < 10; i += 1) {
        const peer = `https://other.example.test:${backend.port}`;
        assert.match(await probe({ peer, host: NAME }), /^failed: (TLS|send): /);
      }
      assert.deepEqual(backend.requests, []);
      await closed(backend);
    });

    test("asks nothing of a peer whose certificate nobody vouches for", async () => {
      const strangers = makeAuthority();
      const backend = await start("stranger", { tls: strangers.issue(NAME) });
      assert.match(await probe({ peer: `https://${NAME}:${backend.port}` }), /^failed: (TLS|send): /);
      assert.deepEqual(backend.requests, []);
      strangers.dispose();
    });

    test("fails where the peer does not speak TLS, and in time where it says nothing", async () => {
      const plain = await start("plain");
      assert.match(await probe({ peer: `https://127.0.0.1:${plain.port}` }), /^failed: TLS: /);
      await withRaw(
        (socket) => void socket.on("error", () => {}).resume(),
        async ({ address }) => {
          assert.match(await probe({ peer: `https://${address}` }), /^failed: (TLS: )?timeout$/);
        },
      );
    });
  });
});
