import assert from "node:assert/strict";
import { complaintsAbout } from "./support/complaints.js";
import { seeded, type Seeded } from "./support/random.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

// Whoever may write routes and pools may write anything. SEED=… make e2e ONLY=fuzzed_values brings the same again.

const ROUNDS = 600;

/** Nothing listens in 127.77.0.0/16, and no route may lead anywhere else, but for the backend of the others. */
const settings = { cache_ttl: 600, allow_targets: ["127.77.0.0/16", "127.0.0.1"] };

const ADDRESSES = [
  "127.77.0.1:9",
  "127.77.0.2:9",
  "http://127.77.0.3:9",
  "https://127.77.0.4",
  "[::ffff:127.77.0.5]:9",
];
const TARGETS = [
  ...ADDRESSES,
  "127.77.0.1:9 127.77.0.2:9",
  "@fuzz1",
  "return 403",
  "return 301 https://a.test$request_uri",
];
const PATHS = ["/", "/a", "/a/b", "/ä", "/a b"];
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  balance: ["round_robin", "least_conn", "hash", "random"],
  hash_on: ["ip", "uri", "header:X-A", "cookie:a", "header:"],
  host: ["a.test", "[::1]:80", "a b"],
  tries: ["1", "10", "11", "1e1", "0x3", "-1"],
  connect_timeout: ["1", "100", "3600001", "nan"],
  read_timeout: ["1", "100", "inf"],
  max_fails: ["0", "1", "1000"],
  fail_window: ["0.1", "3600", "1e-9"],
  fail_on: ["connect", "timeout 503", "599 600"],
  all_down: ["try", "fail", "both"],
  health_path: ["/", "/h?x", "h", "/\r\nHost: evil"],
  health_interval: ["0.5", "3600", ".5."],
};
const WEIGHTS = ["1", "0", "1000", "1001", "-1", "1.5", "", "١"];
const HOSTILE = [
  "\r\n",
  "\0",
  "\n",
  "\t",
  "$host",
  "${a}",
  ";",
  "{",
  "}",
  '"',
  "'",
  "\\",
  "%",
  "\x1b[2J",
  "\xff\xfe",
  "@",
  "#",
];

/** Mostly what is given; otherwise with something cut out, put in, doubled or made very long. */
function spoilt(random: Seeded, text: string): string {
  if (random.whole(1, 3) === 1) return text;
  const at = random.whole(0, text.length);
  const kind = random.whole(1, 6);
  if (kind === 1) return text.slice(0, at);
  if (kind === 2) return text.slice(at) + text.slice(0, at);
  if (kind === 3) return text + random.pick([" ", ",", "", "/"]) + text;
  if (kind === 4) return text.slice(0, at) + "x".repeat(random.pick([1, 300, 5_000, 70_000])) + text.slice(at);
  if (kind === 5) return text.slice(0, at) + String.fromCharCode(random.whole(0, 255)) + text.slice(at);
  return text.slice(0, at) + random.pick(HOSTILE) + text.slice(at);
}

const bytes = (text: string) => Buffer.from(text, "latin1");

type Words = readonly (string | Buffer)[];

/** A command that makes a key, of any type, of texts that `text` brings. */
function making(random: Seeded, key: Buffer, text: () => string, fields: () => [string, string]): Words {
  const some = <T>(make: () => T) => Array.from({ length: random.whole(1, 6) }, make);
  const verb = random.pick(["SET", "SET", "HSET", "HSET", "HSET", "RPUSH", "SADD", "ZADD", "XADD", "SETBIT"]);
  if (verb === "SET") return ["SET", key, bytes(text())];
  if (verb === "HSET") return ["HSET", key, ...some(fields).flat().map(bytes)];
  if (verb === "ZADD") return ["ZADD", key, "1", bytes(text())];
  if (verb === "XADD") return ["XADD", key, "*", "field", bytes(text())];
  if (verb === "SETBIT") return ["SETBIT", key, "7", "1"];
  return [verb, key, ...some(text).map(bytes)];
}

const routeOf = (random: Seeded, key: Buffer): Words => {
  const target = () => spoilt(random, random.pick(TARGETS));
  return making(random, key, target, () => [spoilt(random, random.pick(PATHS)), target()]);
};

const poolOf = (random: Seeded, key: Buffer): Words => {
  const member = () => spoilt(random, random.pick(ADDRESSES));
  return making(random, key, member, () => {
    if (random.whole(1, 2) === 1) return [member(), random.pick(WEIGHTS)];
    const name = random.pick(Object.keys(OPTIONS));
    return [spoilt(random, name), spoilt(random, random.pick(OPTIONS[name] as string[]))];
  });
};

/** Who gets bad_route can read in the log why; it is the route that matched which is bad, or the pool that it names. */
async function isAnswered(site: Site, host: string, path: string): Promise<void> {
  const answer = await site.get(host, path);
  const { error, pool, route } = await answer.logged();
  assert.ok(answer.status >= 300 && answer.status < 600, `${host}: ${answer.status}`);
  if (error !== "bad_route") return;
  const complaints = [...complaintsAbout(site, `route:${route}`), ...complaintsAbout(site, `pool:${pool}`)];
  assert.ok(complaints.length > 0, `nothing says why ${host} is bad`);
  for (const line of complaints) assert.doesNotMatch(line, /[^ -~]/, "a line of the log holds more than text");
}

suite("routes and pools of any bytes and types", { settings, backends: ["red"] }, (test) => {
  test(
    "harm nobody else, no Lua fails, and the log says of each bad one why it is bad",
    { withinMs: 240_000 },
    async (site) => {
      const random = seeded();
      const { redis, route, backends, get } = site;
      await route("others.test", backends.red.address);
      for (let round = 0; round < ROUNDS; round++) {
        // Some keys are written again and again: what is good, then bad, or of another type.
        const own = random.whole(1, 3) === 1 ? `again${random.whole(1, 5)}` : `fuzz${round}`;
        const isPool = random.whole(1, 2) === 1;
        const [host, pool] = [`${own}.test`, own];
        await redis.command("DEL", isPool ? `pool:${pool}` : `route:${host}`);
        if (isPool) {
          await redis.command(...poolOf(random, bytes(`pool:${pool}`)));
          await redis.command("SET", `route:${host}`, `@${pool}`);
        } else {
          await redis.command(...routeOf(random, bytes(`route:${host}`)));
        }
        const oddKey = bytes(spoilt(random, random.pick(["route:", "pool:", "route:*.", "route:@", `route:${host}`])));
        if (oddKey.length < 10_000 && !String(oddKey).endsWith(`:${host}`)) {
          await redis.command("DEL", oddKey);
          await redis.command(...routeOf(random, oddKey));
        }
        await isAnswered(site, host, random.pick(["/", "/a", "/a/b/c", "/%C3%A4", "//a"]));
        assert.equal((await get("others.test")).body, "red", `after round ${round}`);
      }
    },
  );
});
