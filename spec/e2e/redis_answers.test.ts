import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { startRawBackend } from "./support/backend.js";
import { hostNames } from "./support/load.js";
import type { Site } from "./support/site.js";
import { suite, withSite } from "./support/suite.js";

/** Asked anew for each host, however often it failed. */
const NEVER_OPEN = { breaker_failures: 1_000 };

/** A host nobody knows gets the failure of Redis, and never the word that there is no such host. */
async function refusedAsDown({ get }: Pick<Site, "get">, host: string, withinMs?: number): Promise<void> {
  const answer = await get(host, "/", withinMs === undefined ? {} : { withinMs });
  assert.equal(answer.status, 503, `${host}: ${answer.body}`);
  assert.equal(answer.headers["retry-after"], "5");
  assert.equal((await answer.logged()).error, "redis_down");
}

describe("Redis does not let Signpost in", () => {
  const closed = { args: ["--requirepass", "secret"], password: "secret" };
  const refusals: Readonly<Record<string, (port: number) => string>> = {
    "without the password it asks for (NOAUTH)": (port) => `redis://127.0.0.1:${port}`,
    "with a wrong password (WRONGPASS)": (port) => `redis://:wrong@127.0.0.1:${port}`,
    "as a user who may not read (NOPERM)": (port) => `redis://blind:secret@127.0.0.1:${port}`,
    "as a user who may read other keys (NOPERM)": (port) => `redis://elsewhere:secret@127.0.0.1:${port}`,
    "into a database that does not exist": (port) => `redis://:secret@127.0.0.1:${port}/99`,
  };
  for (const [name, url] of Object.entries(refusals)) {
    test(`${name}: redis_down, never 404, and the error log says why`, async (context) => {
      const settings = ({ port }: { port: number }) => ({ ...NEVER_OPEN, redis: url(port) });
      await withSite({ redis: closed, settings, backends: ["red"] }, context, async (site) => {
        await site.redis.command("ACL", "SETUSER", "blind", "on", ">secret", "~*", "+type");
        await site.redis.command("ACL", "SETUSER", "elsewhere", "on", ">secret", "~other:*", "+type", "+get");
        await site.route("known.test", site.backends.red.address);
        await refusedAsDown(site, "known.test");
        await refusedAsDown(site, "unknown.test");
        assert.match(site.nginx.errorLog(), /signpost: redis_down: .*(NOAUTH|WRONGPASS|NOPERM|ERR DB index)/);
      });
    });
  }
});

/** Answers every request with the same bytes: as many as it is asked for at once, or once and no more. */
const says = (bytes: string) => (socket: Socket) => void socket.on("data", () => socket.write(bytes));

/** Answers a pipeline of a host's `TYPE` and `GET`s: three names, two commands each. */
const saysToEach = (reply: string) => says(`${reply}\r\n`.repeat(6));

/** Never stops. */
const floods = (bytes: string) => (socket: Socket) => {
  const more = () => {
    while (socket.writable && socket.write(bytes));
  };
  socket.on("drain", more);
  more();
};

/** Sends some bytes every now and then, well within the read timeout, for ever. */
const drips = (bytes: string) => (socket: Socket) => {
  const timer = setInterval(() => socket.write(bytes), 20);
  socket.on("close", () => clearInterval(timer));
};

type Serve = (socket: Socket) => void;

/** What may listen where Redis should be: Redis in trouble, and servers that are not Redis. */
const PORTS: Readonly<Record<string, Serve>> = {
  "a Redis that is loading": saysToEach("-LOADING Redis is loading the dataset in memory"),
  "a replica that lost its master": saysToEach(
    "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set",
  ),
  "a Redis busy with a script": saysToEach("-BUSY Redis is busy running a script"),
  "a Redis with too many clients": (socket) => void socket.end("-ERR max number of clients reached\r\n"),
  "a cluster's node without the slot": saysToEach("-MOVED 3999 127.0.0.1:6381"),
  "a server that gives lists": saysToEach("*2\r\n+a\r\n+b"),
  "a server that gives empty lists": saysToEach("*0"),
  "a web server": says("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
  "a mail server": (socket) => void socket.write("220 mail.example.com ESMTP\r\n"),
  "a server that closes at once": (socket) => void socket.destroy(),
  "a server that closes when asked": (socket) => void socket.on("data", () => socket.destroy()),
  "a server that closes in the middle of a reply": (socket) => void socket.on("data", () => socket.end("$100\r\nabc")),
  "a server that says nothing": () => {},
  "a server that stops after half the replies": says("+string\r\n$3\r\nabc\r\n+string\r\n"),
  "a length that is no number": says("$abc\r\n"),
  "a count that is no number": says("*abc\r\n"),
  "a length without digits": says("$\r\n"),
  "an integer that is none": says(":\r\n".repeat(6)),
  "an empty line": says("\r\n"),
  "a length that never comes": says("$1000000\r\nabc"),
  "lists in lists without end": floods("*1\r\n".repeat(1_000)),
  "garbage in lines without end": floods("garbage \u0000 garbage\r\n".repeat(1_000)),
  "a line without end": drips("x".repeat(100)),
  "a reply that comes a byte at a time": drips("+"),
  "a list that never ends": drips("*1\r\n"),
};

describe("what listens where Redis should be is in trouble, or no Redis at all", () => {
  const open = new Set<Socket>();
  let serve: Serve = () => {};
  let port: Awaited<ReturnType<typeof startRawBackend>>;
  before(async () => {
    port = await startRawBackend((socket) => {
      open.add(socket);
      serve(socket);
    });
  });
  after(() => port.close());

  /** Another server takes over the port, with connections of its own. */
  function becomes(behaviour: Serve): void {
    serve = behaviour;
    for (const socket of open) socket.destroy();
    open.clear();
  }

  const settings = () => ({ ...NEVER_OPEN, redis: `redis://${port.address}`, redis_read_timeout: 200 });
  suite("whatever it says", { settings }, (test) => {
    for (const [name, behaviour] of Object.entries(PORTS)) {
      // What the Redis client's code said of it is quoted in Signpost's own line, and is no failure of Lua.
      test(`${name}: redis_down`, { allow: [/ signpost: redis_down: /] }, async (site) => {
        becomes(behaviour);
        // More than once, as the connection may have been kept.
        for (const host of hostNames(name.replaceAll(/\W+/g, "-"), 5)) await refusedAsDown(site, host, 10_000);
      });
    }
  });
});
