import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { startRawBackend } from "./support/backend.js";
import { makeAuthority, type Authority, type KeyPair } from "./support/certificates.js";
import type { Settings } from "./support/config.js";
import { startDns, type DnsServer } from "./support/dns_server.js";
import { eventually } from "./support/eventually.js";
import { makeDirectory, removeDirectory } from "./support/leftovers.js";
import { freePort } from "./support/ports.js";
import type { RedisServer } from "./support/redis_server.js";
import type { Site } from "./support/site.js";
import { withSite } from "./support/suite.js";
import { says } from "./support/worker_line.js";

// nginx knows only the TLS port of these Redis servers; the plain one is the harness' own.

/** A Redis that speaks TLS, and how nginx is told of it. */
interface Encrypted {
  /** What Redis shows as its certificate. */
  readonly shows: () => KeyPair;
  /** The host in the `rediss://` address; `127.0.0.1` unless given. */
  readonly host?: string;
  readonly settings?: Settings;
  /** The protocols that Redis speaks; its own default unless given. */
  readonly protocols?: string;
  /** Further nginx configuration, in the http block. */
  readonly http?: string;
}

interface EncryptedSite extends Site {
  readonly tlsPort: number;
}

const NAME = "redis.example.test";
const PASSWORD = "s3cret-of-the-tests";
/** nginx' own words for a handshake that fails, at whichever level. */
const HANDSHAKE_FAILED = /SSL_do_handshake\(\) failed/;

let ours: Authority;
let others: Authority;
let dns: DnsServer;
let directory: string;

before(async () => {
  ours = makeAuthority();
  others = makeAuthority();
  dns = await startDns({ [NAME]: "127.0.0.1" });
  directory = makeDirectory("tls");
});

after(() => {
  removeDirectory(directory);
  dns.close();
  others.dispose();
  ours.dispose();
});

/** What is trusted is `ours`, and what it has signed itself. */
function trust(): string {
  return `lua_ssl_trusted_certificate ${ours.certificateFile}; lua_ssl_verify_depth 1;`;
}

/** Runs `body` on a site whose Redis asks for a password, and whose nginx reaches it by TLS only. */
async function withEncrypted(
  context: TestContext,
  { shows, host = "127.0.0.1", settings, protocols, http = trust() }: Encrypted,
  body: (site: EncryptedSite) => Promise<void>,
): Promise<void> {
  const tlsPort = await freePort();
  const options = {
    allow: [HANDSHAKE_FAILED],
    redis: { password: PASSWORD, args: ["--requirepass", PASSWORD, ...tlsArguments(tlsPort, shows(), protocols)] },
    settings: { redis: `rediss://:${PASSWORD}@${host}:${tlsPort}`, redis_connect_timeout: 500, ...settings },
    resolver: dns.address,
    http,
  };
  await withSite(options, context, (site) => body({ ...site, tlsPort }));
}

function tlsArguments(port: number, { key, cert }: KeyPair, protocols?: string): string[] {
  const [keyFile, certificateFile] = [join(directory, `${port}.key`), join(directory, `${port}.pem`)];
  writeFileSync(keyFile, key);
  writeFileSync(certificateFile, cert);
  const files = ["--tls-key-file", keyFile, "--tls-cert-file", certificateFile];
  const spoken = protocols === undefined ? [] : ["--tls-protocols", protocols];
  return ["--tls-port", String(port), ...files, "--tls-auth-clients", "no", ...spoken];
}

function selfSigned(name: string): KeyPair {
  const [key, cert] = [join(directory, "self.key"), join(directory, "self.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-days", "2", "-keyout", key, "-out", cert], {
    stdio: "pipe",
  });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

async function assertRoutes({ route, get }: Site): Promise<void> {
  await route("a.test", says("here"));
  const answer = await get("a.test");
  assert.equal(answer.status, 302);
  assert.equal(answer.headers.location, "http://said.test/here");
}

async function assertRefused({ nginx, get }: Site): Promise<void> {
  const answer = await get("a.test");
  assert.equal(answer.status, 503);
  assert.equal((await answer.logged()).error, "redis_down");
  assert.match(nginx.errorLog(), /signpost: redis_down: .* TLS: /);
}

/** Every connection to Redis but the harness' own, as `CLIENT LIST` tells them. */
async function connections(redis: RedisServer): Promise<string[]> {
  const own = `laddr=127.0.0.1:${redis.port} `;
  return String(await redis.command("CLIENT", "LIST"))
    .trim()
    .split("\n")
    .filter((line) => !line.includes(own));
}

describe("a rediss:// address whose certificate is good is a Redis like any other", () => {
  const GOOD: Readonly<Record<string, Encrypted>> = {
    "a host name": { shows: () => ours.issue(NAME), host: NAME },
    "one that speaks TLS 1.3 only": { shows: () => ours.issue(NAME), host: NAME, protocols: "TLSv1.3" },
    "one that speaks TLS 1.2 only": { shows: () => ours.issue(NAME), host: NAME, protocols: "TLSv1.2" },
    "an address that the certificate has as a name": { shows: () => ours.issue("DNS:127.0.0.1") },
  };
  for (const [what, how] of Object.entries(GOOD)) {
    test(what, (context) => withEncrypted(context, how, assertRoutes));
  }

  test("look-ups and tracking go over TLS, and a change is pushed", async (context) => {
    const how = { ...GOOD["a host name"], settings: { cache_ttl: 600 } } as Encrypted;
    await withEncrypted(context, how, async (site) => {
      await assertRoutes(site);
      const tracker = await eventually(async () => {
        const line = (await connections(site.redis)).find((line) => / flags=\S*t/.test(line));
        return line ?? assert.fail("nobody tracks");
      });
      assert.match(tracker, new RegExp(` laddr=127\\.0\\.0\\.1:${site.tlsPort} `));
      await site.route("a.test", says("changed"));
      await eventually(async () => {
        assert.equal((await site.get("a.test")).headers.location, "http://said.test/changed");
      });
    });
  });
});

describe("a rediss:// address whose certificate is bad is a Redis that is down, and is told nothing", () => {
  const BAD: Readonly<Record<string, Encrypted>> = {
    "signed by another authority": { shows: () => others.issue(NAME), host: NAME },
    "for another name": { shows: () => ours.issue("other.example.test"), host: NAME },
    // nginx's Lua module compares names only: the IP addresses of a certificate are nothing to it.
    "for the address, but not as a name": { shows: () => ours.issue("IP:127.0.0.1") },
    "signed by itself": { shows: () => selfSigned(NAME), host: NAME },
    "good, but nginx trusts no authority": { shows: () => ours.issue(NAME), host: NAME, http: "" },
  };
  for (const [what, how] of Object.entries(BAD)) {
    test(what, async (context) => {
      await withEncrypted(context, how, async (site) => {
        await site.route("a.test", says("here"));
        assert.deepEqual(await site.redis.countCommands(() => assertRefused(site)), {});
      });
    });
  }
});

describe("with redis_tls_verify = false", () => {
  const settings = { redis_tls_verify: false };
  const UNVERIFIED: Readonly<Record<string, Encrypted>> = {
    "a certificate signed by itself will do": { shows: () => selfSigned(NAME), host: NAME, settings, http: "" },
    "a certificate for another name will do": { shows: () => ours.issue("other.example.test"), settings },
  };
  for (const [what, how] of Object.entries(UNVERIFIED)) {
    test(what, (context) => withEncrypted(context, how, assertRoutes));
  }
});

for (const verify of [true, false]) {
  describe(`a rediss:// address where nobody speaks TLS, redis_tls_verify = ${verify}`, () => {
    const common = { redis_tls_verify: verify, redis_connect_timeout: 500 };

    test("a Redis in plain text is down, never a route", async (context) => {
      const settings = ({ port }: RedisServer) => ({ ...common, redis: `rediss://127.0.0.1:${port}` });
      await withSite({ settings, http: trust(), allow: [HANDSHAKE_FAILED] }, context, async (site) => {
        await site.route("a.test", says("here"));
        assert.deepEqual(await site.redis.countCommands(() => assertRefused(site)), {});
      });
    });

    test("what connects begins with a TLS handshake, and answers in plain text make it no route", async (context) => {
      const received: Buffer[][] = [];
      const listener = await startRawBackend((socket) => {
        const bytes: Buffer[] = [];
        received.push(bytes);
        socket.on("error", () => {});
        socket.on("data", (chunk: Buffer) => {
          bytes.push(chunk);
          socket.write(`+OK\r\n$${says("lured").length}\r\n${says("lured")}\r\n`);
        });
      });
      try {
        const settings = { ...common, redis: `rediss://:${PASSWORD}@${listener.address}` };
        await withSite({ settings, http: trust(), allow: [HANDSHAKE_FAILED] }, context, assertRefused);
      } finally {
        await listener.close();
      }
      assertOnlyTls(received);
    });
  });
}

/** Whether each connection that said anything began with a handshake record, and none told a secret or a command. */
function assertOnlyTls(received: readonly (readonly Buffer[])[]): void {
  const HANDSHAKE_RECORD = 0x16;
  const spoken = received.map((chunks) => Buffer.concat(chunks)).filter((bytes) => bytes.length > 0);
  assert.ok(spoken.length > 0, "nothing was received");
  for (const bytes of spoken) {
    assert.equal(bytes[0], HANDSHAKE_RECORD);
    assert.doesNotMatch(bytes.toString("latin1"), new RegExp(`${PASSWORD}|route:|auth|client|tracking`, "i"));
  }
}
