import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { hang, sha256, type Backend, type Handler } from "./support/backend.js";
import { openRaw } from "./support/http_client.js";
import { atOnce, tally } from "./support/load.js";
import { deadAddress } from "./support/peer.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";
import { linesOf, triesAt, triesOf } from "./support/tries.js";

const MEGABYTE = 1024 * 1024;

/** No backend is ever out, so that every request meets the ones that fail. */
const NEVER_OUT = { max_fails: 0 };

type Getter = Pick<Site, "get">;

/** Sends so many requests, one after the other. */
async function inTurn(count: number, send: () => ReturnType<Site["get"]>): Promise<Record<string, number>> {
  const answers = [];
  for (let i = 0; i < count; i++) answers.push(await send());
  return tally(answers);
}

function post({ get }: Getter, host: string, body = "x"): ReturnType<Site["get"]> {
  return get(host, "/", { method: "POST", body });
}

suite("a backend that cannot be reached", { backends: ["live"] }, (test) => {
  test("refuses connections: every request is answered by another, with its body", async (site) => {
    const { live } = site.backends;
    const host = await site.pool("refused", [live.address, await deadAddress(), await deadAddress()], NEVER_OUT);
    assert.deepEqual(await inTurn(30, () => site.get(host)), { "200 live": 30 });
    const before = live.requests.length;
    assert.deepEqual(await inTurn(12, () => post(site, host, "small")), { "200 live": 12 });
    const posts = live.requests.slice(before);
    assert.equal(posts.length, 12);
    for (const { body } of posts) assert.equal((await body).length, 5);
    const tries = Object.values(await triesAt(site, host, 42));
    assert.equal(tries.length, 3);
    assert.ok(tries.every((count) => count >= 14));
  });

  test("refuses connections: a large body goes whole to another", async (site) => {
    const { live } = site.backends;
    const host = await site.pool("large", [live.address, await deadAddress()], NEVER_OUT);
    const body = randomBytes(5 * MEGABYTE);
    for (const method of ["PUT", "POST", "PUT", "POST"]) {
      assert.equal((await site.get(host, "/", { method, body })).body, "live");
      assert.equal((await live.lastRequest().body).sha256, sha256(body));
    }
    assert.equal(Object.keys(await triesAt(site, host, 4)).length, 2);
  });

  test("does not answer the connect: every request is answered by another", async (site) => {
    const { live } = site.backends;
    const hole = await site.openBlackHole();
    const host = await site.pool("hole", [live.address, hole.address], { ...NEVER_OUT, connect_timeout: 100 });
    assert.deepEqual(await inTurn(6, () => site.get(host)), { "200 live": 6 });
    assert.deepEqual(await inTurn(6, () => post(site, host)), { "200 live": 6 });
    const tries = await triesAt(site, host, 12);
    assert.equal(tries[live.address], 12);
    assert.ok((tries[hole.address] ?? 0) >= 6, JSON.stringify(tries));
  });

  test("and a route that names its backends itself tries the next as well", async (site) => {
    const { live } = site.backends;
    await site.route("named.test", `${live.address} ${await deadAddress()}`);
    assert.deepEqual(await inTurn(30, () => site.get("named.test")), { "200 live": 30 });
  });

  test("is the only one: 502, and it was tried once", async (site) => {
    const dead = await deadAddress();
    await site.route("only.test", dead);
    const answer = await site.get("only.test");
    assert.equal(answer.status, 502);
    assert.deepEqual(triesOf(await answer.logged()), [dead]);
  });
});

suite("a backend fails a request that it has", { backends: ["live"] }, (test) => {
  test("is silent: a GET is answered by another", async (site) => {
    const silent = await site.startBackend("silent", { handler: hang });
    const options = { ...NEVER_OUT, read_timeout: 150 };
    const host = await site.pool("silent-get", [site.backends.live.address, silent.address], options);
    assert.deepEqual(await inTurn(6, () => site.get(host)), { "200 live": 6 });
    assert.ok(silent.requests.length >= 3);
  });

  test("is silent: a POST gives 504, and no other backend sees it", async (site) => {
    const silent = await startTwo(site, hang);
    const host = await site.pool("silent-post", addressesOf(silent), { ...NEVER_OUT, read_timeout: 150 });
    for (let i = 1; i <= 6; i++) {
      assert.equal((await post(site, host)).status, 504);
      assert.equal(requestsOf(silent), i);
    }
  });

  test("breaks the connection: a GET is answered by another, a POST gives 502 and is seen once", async (site) => {
    const broken = await startTwo(site, (request) => void request.socket.destroy());
    const [one, two] = addressesOf(broken);
    const both = await site.pool("broken", [one, two], NEVER_OUT);
    for (let i = 1; i <= 6; i++) {
      assert.equal((await post(site, both)).status, 502);
      assert.equal(requestsOf(broken), i);
    }
    const host = await site.pool("broken-get", [one, two, site.backends.live.address], NEVER_OUT);
    assert.deepEqual(await inTurn(12, () => site.get(host)), { "200 live": 12 });
  });

  test("in the middle of a large body: no other sees a part of it", async (site) => {
    const seen: string[] = [];
    const dieAfterAPart = (socket: Socket) => {
      let bytes = 0;
      let head = "";
      socket.on("data", (chunk: Buffer) => {
        if (bytes === 0) head = chunk.toString("latin1").split("\r\n")[0] ?? "";
        bytes += chunk.length;
        if (bytes < MEGABYTE / 2 || head === "") return;
        seen.push(head);
        head = "";
        socket.destroy();
      });
    };
    const mortals = [await site.startRawBackend(dieAfterAPart), await site.startRawBackend(dieAfterAPart)];
    const host = await site.pool("mortal", addressesOf(mortals), NEVER_OUT);
    for (let i = 1; i <= 6; i++) {
      const connection = await openRaw(site.nginx.port);
      connection.send(`PUT /${i} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${8 * MEGABYTE}\r\n\r\n`);
      connection.send(Buffer.alloc(MEGABYTE, "x"));
      assert.match(await connection.receiveUntil(/\r\n\r\n/), /^HTTP\/1\.1 502 /);
      connection.close();
    }
    assert.deepEqual(
      seen,
      ["/1", "/2", "/3", "/4", "/5", "/6"].map((target) => `PUT ${target} HTTP/1.1`),
    );
    const connections = mortals.map((mortal) => mortal.connections());
    assert.deepEqual(connections, [3, 3], "each in turn, and no second try");
  });

  test("after a small body: a PUT goes on to another, whole", async (site) => {
    const { live } = site.backends;
    const broken = await startTwo(site, (request) => {
      request.resume().on("end", () => request.socket.destroy());
    });
    const host = await site.pool("small-put", [...addressesOf(broken), live.address], NEVER_OUT);
    const before = live.requests.length;
    assert.deepEqual(await inTurn(9, () => site.get(host, "/", { method: "PUT", body: "small" })), { "200 live": 9 });
    assert.ok(requestsOf(broken) >= 9);
    const puts = live.requests.slice(before);
    assert.equal(puts.length, 9);
    for (const { body } of puts) assert.equal((await body).length, 5);
  });

  test("by an answer of 5xx, which goes to the client: no other is asked", async (site) => {
    const refusing = await startTwo(site, (_, response) => void response.writeHead(503).end("busy"));
    const host = await site.pool("busy", addressesOf(refusing), NEVER_OUT);
    assert.deepEqual(await inTurn(10, () => site.get(host)), { "503 busy": 10 });
    assert.equal(requestsOf(refusing), 10);
  });

  test("in the middle of its answer: the client sees that it broke off, and no other is asked", async (site) => {
    const breaking = await startTwo(site, (_, response) => {
      response.writeHead(200, { "content-length": 1_000 });
      response.write("x".repeat(100), () => response.destroy());
    });
    const host = await site.pool("breaking", addressesOf(breaking), NEVER_OUT);
    const outcomes = await atOnce([...Array(10).keys()], () => site.get(host));
    assert.deepEqual(Object.keys(tally(outcomes)), ["0 Error: aborted"]);
    assert.equal(requestsOf(breaking), 10);
  });
});

suite("how many backends are tried", { backends: ["live"] }, (test) => {
  for (const [given, made] of Object.entries({ 1: 1, 2: 2, 3: 3, 4: 4, 10: 4 })) {
    test(`with tries ${given}, of four that are dead ${made} are tried, none of them twice`, async (site) => {
      const dead = await Promise.all([deadAddress(), deadAddress(), deadAddress(), deadAddress()]);
      const host = await site.pool(`tries${given}`, dead, { ...NEVER_OUT, tries: given });
      assert.deepEqual(await inTurn(8, async () => ({ ...(await site.get(host)), body: "" })), { "502 ": 8 });
      for (const line of await linesOf(site, host, 8)) {
        const tried = triesOf(line);
        assert.equal(tried.length, made);
        assert.equal(new Set(tried).size, made);
      }
      const tries = await triesAt(site, host, 8);
      for (const address of dead) assert.equal(tries[address], 2 * made, "each in turn");
    });
  }

  for (const balance of [{ balance: "least_conn" }, { balance: "hash", hash_on: "uri" }]) {
    test(`with balance ${balance.balance}, too, none is tried twice`, async (site) => {
      const dead = await Promise.all([deadAddress(), deadAddress(), deadAddress()]);
      const host = await site.pool(`twice-${balance.balance.replace("_", "-")}`, dead, { ...NEVER_OUT, ...balance });
      for (let i = 0; i < 8; i++) {
        const answer = await site.get(host);
        assert.equal(answer.status, 502);
        assert.deepEqual(triesOf(await answer.logged()).toSorted(), dead.toSorted());
      }
    });
  }

  test("three, unless the pool says otherwise", async (site) => {
    const dead = await Promise.all([deadAddress(), deadAddress(), deadAddress(), deadAddress()]);
    const answer = await site.get(await site.pool("unsaid", dead, NEVER_OUT));
    assert.equal(answer.status, 502);
    assert.equal(triesOf(await answer.logged()).length, 3);
  });

  test("a request takes no longer than its tries may take", async (site) => {
    const holes = await Promise.all([site.openBlackHole(), site.openBlackHole(), site.openBlackHole()]);
    const options = { ...NEVER_OUT, tries: 2, connect_timeout: 200 };
    const host = await site.pool("slow", addressesOf(holes), options);
    const { status, logged } = await site.get(host);
    assert.equal(status, 504);
    const line = await logged();
    assert.equal(triesOf(line).length, 2);
    assert.ok(line.seconds >= 0.39 && line.seconds < 10, `${line.seconds} s`);
  });
});

suite("a backend that was started again", {}, (test) => {
  test("is the only one: its old connections fail no request", async (site) => {
    const peer = await site.startPeer("peer");
    await site.route("restarted.test", peer.address);
    for (let i = 0; i < 3; i++) {
      const answers = await atOnce([...Array(10).keys()], () => site.get("restarted.test"));
      assert.deepEqual(tally(answers), { "200 peer": 10 });
      await peer.kill();
      await peer.start();
    }
  });
});

async function startTwo(site: Pick<Site, "startBackend">, handler: Handler): Promise<Backend[]> {
  return [await site.startBackend("one", { handler }), await site.startBackend("two", { handler })];
}

function addressesOf(backends: readonly { readonly address: string }[]): [string, string, ...string[]] {
  return backends.map(({ address }) => address) as [string, string, ...string[]];
}

function requestsOf(backends: readonly Backend[]): number {
  return backends.reduce((sum, { requests }) => sum + requests.length, 0);
}
