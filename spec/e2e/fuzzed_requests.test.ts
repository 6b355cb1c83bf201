import assert from "node:assert/strict";
import type { Backend } from "./support/backend.js";
import { openRaw } from "./support/http_client.js";
import { seeded, type Seeded } from "./support/random.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

// Clients may send anything. SEED=… make e2e ONLY=fuzzed_requests brings the same again.

const ROUNDS = 400;

type Backends = "mine" | "theirs" | "others";

/** What a part of a request may be; the first is what it should be. */
type Odd = readonly [string, ...string[]];

const METHODS: Odd = ["POST", "GET", "GET", "PUT", "HEAD", "OPTIONS", "get", "TRACE", "CONNECT", "G\0T", "PATCH", ""];
const TARGETS: Odd = [
  "/",
  "/a",
  "//theirs.test/a",
  "/a/../b",
  "/%2e%2e/%5c",
  "/\\theirs.test",
  "http://mine.test/",
  "*",
  "a",
  "/#x",
  "http://theirs.test/",
  "http://mine.test@theirs.test/",
  "/%",
  "/%zz",
  `/${"a".repeat(9_000)}`,
  "/ä",
  "/\0",
  "theirs.test:80",
];
const VERSIONS: Odd = ["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "", "http/1.1", "HTTP/1.1 x"];
const HOSTS: Odd = [
  "mine.test",
  "MINE.test.",
  "mine.test:80",
  "theirs.test",
  "mine.test theirs.test",
  "",
  "a".repeat(300),
  "mine.test\ttheirs.test",
  "[::1]",
  "mine.test#.theirs.test",
  "theirs.test\\.mine.test",
  "@mine.test",
  "..",
  "-",
  "\xff.test",
];
const FRAMINGS = [
  "Content-Length: 0",
  "Content-Length: 5",
  "Content-Length: 05",
  "Content-Length: +5",
  "Content-Length: -1",
  "Content-Length: 5, 5",
  "Content-Length: 5\r\nContent-Length: 6",
  "Content-Length: 99999999999999999999",
  "Content-Length : 5",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: Chunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: identity",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding:\tchunked",
  "Transfer-Encoding : chunked",
  "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding: chunked\r\nContent-Length: 5",
  "X: y\r\n Transfer-Encoding: chunked",
  "Expect: 100-continue\r\nContent-Length: 5",
  "Transfer-Encoding\x0b: chunked",
  'Transfer-Encoding: "chunked"',
  "Transfer_Encoding: chunked",
];
const HEADERS = [
  "Connection: close",
  "Connection: keep-alive, Host",
  "Connection: Content-Length",
  "Upgrade: websocket\r\nConnection: Upgrade",
  "CDN-Loop: signpost-0",
  "X-Forwarded-For: a\0b",
  ": empty",
  "No-Colon",
  "Cookie: \xff=\xfe",
  "Host: theirs.test",
  "X-Accel-Redirect: /signpost",
  "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings",
  "X: \r\n folded",
  `X-Long: ${"y".repeat(9_000)}`,
  "Range: bytes=0-,0-,0-",
  "TE: trailers",
];
const INNER = "GET /inner HTTP/1.1\r\nHost: theirs.test\r\nX: y\r\n\r\n";
const BODIES = [
  "",
  "hello",
  `0\r\n\r\n${INNER}`,
  "5\r\nhello\r\n0\r\n\r\n",
  "5;x=y\r\nhello\r\n0\r\nHost: theirs.test\r\n\r\n",
  "zz\r\n",
  INNER,
  `5\r\nhello\r\n0\r\n\r\n${INNER}`,
  "0005\r\nhello\r\n0\r\n\r\n",
  "5\nhello\n0\n\n",
  "ffffffffffffffff1\r\n",
  "-5\r\nhello\r\n0\r\n\r\n",
  `hello${INNER}`,
];
const ENDS: Odd = ["\r\n", "\n", "\r", "\r\n\r\n"];

/** Mostly the first, which nothing is wrong with: what is odd in all its parts is refused before any of it is looked at. */
function mostly<T>(random: Seeded, from: readonly [T, ...T[]]): T {
  return random.whole(1, 4) > 1 ? from[0] : random.pick(from);
}

function randomRequest(random: Seeded): string {
  const end = () => mostly(random, ENDS);
  let head = `${mostly(random, METHODS)} ${mostly(random, TARGETS)} ${mostly(random, VERSIONS)}${end()}`;
  if (random.whole(1, 20) > 1) head += `Host: ${mostly(random, HOSTS)}${end()}`;
  if (random.whole(1, 3) === 1) head += random.pick(HEADERS) + end();
  for (let i = random.whole(0, 2); i > 0; i--) head += random.pick(FRAMINGS) + end();
  const whole = `${head}\r\n${random.pick(BODIES)}`;
  if (random.whole(1, 8) > 1) return whole;
  const at = random.whole(0, whole.length);
  const byte = String.fromCharCode(random.whole(0, 255));
  return random.pick([whole.slice(0, at), whole.slice(0, at) + byte + whole.slice(at), whole.slice(at)]);
}

/** Sends bytes in two pieces, and closes when something has come, or nginx has answered others meanwhile. */
async function send(site: Site<Backends>, bytes: string, at: number): Promise<void> {
  const connection = await openRaw(site.nginx.port);
  connection.send(bytes.slice(0, at));
  connection.send(bytes.slice(at));
  for (let turn = 0; turn < 3 && connection.received().length === 0 && !connection.hasEnded(); turn++) {
    assert.equal((await site.get("others.test")).body, "others", JSON.stringify(bytes));
  }
  connection.close();
}

/**
 * Every request that a backend has seen has what nginx writes into each, and no client can: none was hidden in another, for
 * what is hidden goes on byte for byte.
 */
function sawOnlyWhatNginxWrote(port: number, backend: Backend): void {
  for (const { method, target, headers } of backend.requests) {
    const written = [headers["x-forwarded-port"], /signpost-[0-9a-f]{16}$/.test(String(headers["cdn-loop"]))];
    assert.deepEqual(written, [String(port), true], `${backend.name} saw ${method} ${target.slice(0, 200)}`);
  }
}

const settings = { cache_ttl: 600 };

suite<Backends>("requests of any bytes", { settings, backends: ["mine", "theirs", "others"] }, (test) => {
  const title = "no Lua fails, nginx lives, others are answered, and no request reaches a backend hidden in another";
  test(title, { withinMs: 240_000 }, async (site) => {
    const random = seeded();
    const { nginx, backends, route, get } = site;
    for (const name of ["theirs", "others"] as const) await route(`${name}.test`, backends[name].address);
    await site.redis.command("HSET", "route:mine.test", "/", backends.mine.address, "/a", "return 403");
    const workers = nginx.workers();
    for (let round = 0; round < ROUNDS; round++) {
      let bytes = "";
      for (let i = random.whole(1, 3); i > 0; i--) bytes += randomRequest(random);
      await send(site, bytes, random.whole(0, bytes.length));
      assert.equal((await get("others.test")).body, "others", `after round ${round}`);
    }
    assert.deepEqual(nginx.workers(), workers);
    for (const name of ["mine", "theirs", "others"] as const) sawOnlyWhatNginxWrote(nginx.port, backends[name]);
    assert.ok(backends.mine.requests.length >= 10, `${backends.mine.requests.length} requests got through`);
    for (const { headers } of backends.mine.requests) assert.match(String(headers.host), /^mine\.test\.?(:80)?$/i);
    for (const { headers } of backends.theirs.requests) assert.match(String(headers.host), /^theirs\.test\.?(:80)?$/i);
    for (const { target } of backends.others.requests) assert.equal(target, "/");
    for (const line of site.log())
      assert.match(line.route, /^(?:(?:mine|theirs|others)\.test)?$/, JSON.stringify(line));
  });
});
