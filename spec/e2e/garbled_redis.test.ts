import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { after, before, describe } from "node:test";
import { startRawBackend } from "./support/backend.js";
import { eventually } from "./support/eventually.js";
import { footprint } from "./support/processes.js";
import type { RedisServer } from "./support/redis_server.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";
import { startTraffic, type TrafficReport } from "./support/traffic.js";
import { says } from "./support/worker_line.js";

// What listens where Redis was sends something without end, or announces it. Known hosts go on, and no worker grows.

/** How much a worker may grow, KiB. */
const MOST_GROWTH_KIB = 40_000;

const memoryOf = ({ nginx }: Site) => Math.max(...nginx.workers().map((pid) => footprint(pid).rssKib));

/** Says something first, and then the same without end. */
const endless = (first: string, more: string) => (socket: Socket) => {
  const piece = Buffer.from(more.repeat(Math.ceil(65_536 / more.length)), "latin1");
  const flood = () => {
    while (socket.writable && socket.write(piece));
  };
  socket.once("data", () => {
    socket.write(first);
    flood();
    socket.on("drain", flood);
  });
};

const SPEAKERS: Readonly<Record<string, (socket: Socket) => void>> = {
  "12 bytes that announce an array": (socket) => void socket.on("data", () => socket.write("*134217720\r\n")),
  "an array without end": endless("*134217720\r\n", "$1\r\na\r\n"),
  "an array of arrays without end": endless("", "*1\r\n"),
  "a small array of long strings": endless("*9999\r\n", `$60000\r\n${"x".repeat(60_000)}\r\n`),
  "a line without end": endless("+", "x"),
  "a bulk without end": endless("$500000000\r\n", "x"),
  "small replies without end": endless("", "+a\r\n"),
};

/** A door that leads to Redis, until somebody else stands in it. */
interface Door {
  readonly url: string;
  /** How many connections the other one was given. */
  taken(): number;
  /** Ends all connections; from now on `speak` has them, or Redis again. */
  give(speak: ((socket: Socket) => void) | undefined): void;
  close(): Promise<void>;
}

async function openDoor(redisPort: () => number): Promise<Door> {
  const open = new Set<Socket>();
  let speak: ((socket: Socket) => void) | undefined;
  let taken = 0;
  const backend = await startRawBackend((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    if (speak !== undefined) {
      taken += 1;
      speak(socket);
      return;
    }
    const redis = connect(redisPort(), "127.0.0.1");
    redis.on("error", () => socket.destroy());
    redis.on("close", () => socket.destroy());
    socket.on("close", () => redis.destroy());
    socket.pipe(redis).pipe(socket);
  });
  return {
    url: `redis://${backend.address}`,
    taken: () => taken,
    give: (to) => {
      speak = to;
      for (const socket of open) socket.destroy();
    },
    close: () => backend.close(),
  };
}

describe("what comes in place of Redis", () => {
  let door: Door;
  let redisPort = 0;
  before(async () => {
    door = await openDoor(() => redisPort);
  });
  after(() => door.close());

  const settings = ({ port }: RedisServer) => {
    redisPort = port;
    const quick = { watch_timeout: 1, redis_read_timeout: 300, breaker_failures: 1_000 };
    return { redis: door.url, cache_ttl: 600, ...quick };
  };
  suite("and is no Redis", { settings, workers: 2 }, (test) => {
    for (const [what, speak] of Object.entries(SPEAKERS)) {
      test(
        `${what}: known hosts are answered, and no worker grows`,
        { allow: [/ signpost: redis_down: /] },
        async (site) => {
          await site.route("known.test", says("known"));
          const known = { hosts: { "known.test": ["known"] } };
          await eventually(async () => assert.equal((await site.get("known.test")).status, 302));
          const before = memoryOf(site);
          const takenBefore = door.taken();
          const traffic = startTraffic([site.nginx], known);
          let report: TrafficReport;
          try {
            door.give(speak);
            for (let i = 0; i < 10; i++) {
              const answer = await site.get(`${what.replaceAll(/\W/g, "-")}${i}.test`);
              assert.equal(answer.status, 503, answer.body);
            }
            // Look-ups, and who watches.
            assert.ok(door.taken() - takenBefore >= 10, `${door.taken() - takenBefore} connections`);
            assert.ok(memoryOf(site) - before < MOST_GROWTH_KIB, `${before} KiB before, ${memoryOf(site)} after`);
          } finally {
            report = await traffic.stop();
            door.give(undefined);
          }
          assert.deepEqual(report.failures, []);
          assert.ok(report.answered > 0);
          await isFollowed(site, takenBefore);
        },
      );
    }

    test("what answers in place of Redis while nobody tracks is no reason to wait for a minute", async (site) => {
      await isFollowed(site, "before");
      let said = "";
      door.give((socket) => {
        socket.on("data", (bytes: Buffer) => {
          said += bytes.toString("latin1");
          socket.write(":1\r\n");
        });
      });
      await eventually(() => assert.match(said, /client\r\n/i));
      door.give(undefined);
      await isFollowed(site, "after");
    });
  });
});

/** A change is seen, long before `cache_ttl` is over. */
async function isFollowed(site: Site, value: string | number): Promise<void> {
  await site.route("after.test", says(value));
  await eventually(async () => {
    assert.equal((await site.get("after.test")).headers.location, `http://said.test/${value}`);
  });
}
