import assert from "node:assert/strict";
import { hang, type Handler } from "./support/backend.js";
import { eventually } from "./support/eventually.js";
import { deadAddress } from "./support/peer.js";
import { suite } from "./support/suite.js";
import { triesOf } from "./support/tries.js";

// How a request ends when a kept connection was closed, and when it was not: the same on every nginx, though OpenResty from
// 1.29.2.4 on gives no retry by itself.

/** Answers the first request of each connection, and breaks it when the second one comes. */
function closesOnSecond(name: string): Handler {
  const used = new WeakSet<object>();
  return (request, response) => {
    if (used.has(request.socket)) {
      request.socket.destroy();
    } else {
      used.add(request.socket);
      response.end(name);
    }
  };
}

suite("a kept connection that the backend closes when it is used", {}, (test) => {
  test("costs no try: two are left, for a dead member and the same one again", async (site) => {
    const closer = await site.startBackend("closer", { handler: closesOnSecond("closer") });
    const host = await site.pool("two-tries", [closer.address, await deadAddress()], { tries: 2, max_fails: 0 });
    for (let i = 0; i < 20; i++) assert.equal((await site.get(host)).body, "closer", `request ${i}`);
  });

  test("costs no try where a pool has just one", async (site) => {
    const closer = await site.startBackend("closer", { handler: closesOnSecond("closer") });
    const host = await site.pool("one-try", [closer.address], { tries: 1 });
    for (let i = 0; i < 20; i++) assert.equal((await site.get(host)).body, "closer", `request ${i}`);
  });

  test("is no excuse for a backend that breaks new ones too: 502, and it gets the request twice", async (site) => {
    let isBroken = false;
    const backend = await site.startBackend("breaking", {
      handler: (request, response) => {
        if (isBroken) request.socket.destroy();
        else response.end("well");
      },
    });
    await site.route("breaking.test", backend.address);
    assert.equal((await site.get("breaking.test")).body, "well");
    isBroken = true;
    const answer = await site.get("breaking.test");
    assert.equal(answer.status, 502);
    assert.deepEqual(triesOf(await answer.logged()), [backend.address, backend.address]);
  });

  test("fails a POST, which is sent once", async (site) => {
    const closer = await site.startBackend("closer", { handler: closesOnSecond("closer") });
    await site.route("posts.test", closer.address);
    assert.equal((await site.get("posts.test")).body, "closer");
    assert.equal((await site.get("posts.test", "/", { method: "POST", body: "x" })).status, 502);
    assert.equal(closer.requests.filter(({ method }) => method === "POST").length, 1);
  });
});

const RETRIES_503 = { location: "proxy_next_upstream error timeout http_503;", backends: ["live"] as const };

suite("the only backend", RETRIES_503, (test) => {
  test("is silent: 504, and it was asked once", async (site) => {
    const silent = await site.startBackend("silent", { handler: hang });
    const host = await site.pool("silent", [silent.address], { read_timeout: 150 });
    const answer = await site.get(host);
    assert.equal(answer.status, 504);
    assert.deepEqual(triesOf(await answer.logged()), [silent.address]);
  });

  test("cannot be reached: a POST and a GET give 502, and it was tried once", async (site) => {
    const dead = await deadAddress();
    await site.route("dead.test", dead);
    for (const method of ["GET", "POST"]) {
      const answer = await site.get("dead.test", "/", { method });
      assert.equal(answer.status, 502);
      assert.deepEqual(triesOf(await answer.logged()), [dead]);
    }
  });

  test("answers with a status that is to be tried elsewhere: the client gets its answer", async (site) => {
    const busy = await site.startBackend("busy", {
      handler: (_, response) => void response.writeHead(503).end("busy"),
    });
    await site.route("busy.test", busy.address);
    for (let i = 0; i < 5; i++) {
      const { status, body } = await site.get("busy.test");
      assert.deepEqual([status, body], [503, "busy"]);
    }
  });

  test("of several that answer so, the last one's answer is the client's", async (site) => {
    const handler: Handler = (_, response) => void response.writeHead(503).end("busy");
    const busy = [await site.startBackend("one", { handler }), await site.startBackend("two", { handler })];
    const host = await site.pool(
      "busy-both",
      busy.map(({ address }) => address),
      { max_fails: 0 },
    );
    for (let i = 1; i <= 5; i++) {
      const { status, body } = await site.get(host);
      assert.deepEqual([status, body], [503, "busy"]);
      assert.deepEqual(
        busy.map(({ requests }) => requests.length),
        [i, i],
      );
    }
  });
});

const CACHED = {
  http: "proxy_cache_path cache keys_zone=pages:1m;",
  location: `proxy_buffering on; proxy_cache pages; proxy_cache_valid 200 1s; proxy_cache_use_stale error timeout;
    add_header x-cache $upstream_cache_status always;`,
};

suite("a page whose time in the cache is over", CACHED, (test) => {
  const ends: Readonly<Record<string, (response: Parameters<Handler>[1]) => void>> = {
    "breaks connections": (response) => response.destroy(),
    "is silent": () => undefined,
  };
  for (const [how, fail] of Object.entries(ends)) {
    test(`is served when the only backend ${how}`, async (site) => {
      let isWell = true;
      const backend = await site.startBackend("page", {
        handler: (_, response) => (isWell ? void response.end("page") : fail(response)),
      });
      const host = await site.pool(how.replace(" ", "-"), [backend.address], { read_timeout: 150, max_fails: 0 });
      assert.equal((await site.get(host)).body, "page");
      isWell = false;
      await eventually(async () => {
        const { status, body, headers } = await site.get(host);
        assert.deepEqual([status, body], [200, "page"]);
        assert.equal(headers["x-cache"], "STALE");
      });
    });
  }
});

/** In the blocks of signpost.http.conf, and where Signpost keeps the connections. */
const SHORT = {
  snippet: (text: string) => text.replace(/keepalive_timeout +4s;/, "keepalive_timeout 200ms;"),
  settings: { keepalive_timeout: 0.2 },
};

suite("an idle connection", SHORT, (test) => {
  test("is kept for the next request, and closed when keepalive_timeout is over", async (site) => {
    const backend = await site.startBackend("kept", { handler: (_, response) => void response.end("kept") });
    await site.route("kept.test", backend.address);
    for (let round = 1; round <= 2; round++) {
      assert.equal((await site.get("kept.test")).body, "kept");
      assert.equal(backend.connections(), round);
      await eventually(() => assert.equal(backend.openConnections(), 0));
    }
  });
});
