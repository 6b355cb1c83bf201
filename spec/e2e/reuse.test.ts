import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { after } from "node:test";
import { sayName, type Handler } from "./support/backend.js";
import { eventually, timePasses } from "./support/eventually.js";
import { steadily, tally } from "./support/load.js";
import { layOutOldVersion } from "./support/old_version.js";
import { suite } from "./support/suite.js";

const old = layOutOldVersion();
after(() => old.dispose());

/** Whoever has logged in on a connection is who asks on it, as with NTLM. */
const identityOfConnection = (): Handler => {
  const users = new WeakMap<Socket, string>();
  return (request, response) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) users.set(request.socket, authorization);
    response.end(users.get(request.socket) ?? "nobody");
  };
};

const SNIPPETS = {
  "this version's snippets": {},
  "the snippets of 0.1.0, where the requests go by address": {
    snippet: (text: string, name: string) => {
      if (name === "signpost.server.conf") return "";
      return ["signpost.http.conf", "signpost.location.conf"].includes(name) ? old.snippet(name) : text;
    },
  },
  "upstream_block empty": { settings: { upstream_block: "" } },
};

for (const [which, options] of Object.entries(SNIPPETS)) {
  suite(`a backend that binds identities to connections, with ${which}`, options, (test) => {
    test("and reuse never: nobody is served as somebody else", async ({ startBackend, pool, get }) => {
      const backend = await startBackend("binding", { handler: identityOfConnection() });
      const host = await pool("binding", [backend.address], { reuse: "never" });
      for (let i = 0; i < 10; i++) {
        assert.equal((await get(host, "/", { headers: { authorization: "NTLM alice" } })).body, "NTLM alice");
        assert.equal((await get(host)).body, "nobody");
      }
      assert.equal(backend.connections(), 20);
    });
  });
}

/** The same name, sent whole, with a length. */
const answer = (name: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`;

/** Answers one request on each connection, and breaks it when a second one comes. */
function closesOnSecond(name: string): (socket: Socket) => void {
  return (socket) => {
    let requests = 0;
    socket.on("data", (bytes: Buffer) => {
      if (!bytes.toString("latin1").includes("HTTP/1.1\r\n")) return;
      requests += 1;
      if (requests > 1) socket.destroy();
      else socket.write(answer(name));
    });
  };
}

suite("a pool with reuse safe", {}, (test) => {
  const BODIES = { POST: "x", PATCH: "x", LOCK: "x", PUT: "x", DELETE: "", GET: "x" };
  for (const [method, body] of Object.entries(BODIES)) {
    test(`sends a ${method}${body === "" ? "" : " with a body"} over a connection of its own`, async (site) => {
      const backend = await site.startRawBackend(closesOnSecond("closer"));
      const host = await site.pool(`safe-${method.toLowerCase()}`, [backend.address], { reuse: "safe", max_fails: 0 });
      for (let i = 0; i < 10; i++) {
        assert.equal((await site.get(host)).body, "closer");
        const { status } = await site.get(host, "/", { method, ...(body === "" ? {} : { body }) });
        assert.equal(status, 200, `request ${i}`);
      }
    });
  }

  test("sends a body whose length is not known over a connection of its own", async (site) => {
    const backend = await site.startRawBackend(closesOnSecond("closer"));
    const host = await site.pool("chunked", [backend.address], { reuse: "safe", max_fails: 0 });
    for (let i = 0; i < 10; i++) {
      assert.equal((await site.get(host)).body, "closer");
      const headers = { "transfer-encoding": "chunked" };
      assert.equal((await site.get(host, "/", { method: "PUT", headers, body: "x" })).status, 200);
    }
  });

  test("whose backend closes after 50 ms: no POST fails", async (site) => {
    const handler: Handler = async (request, response) => {
      request.socket.setTimeout(50, () => request.socket.destroy());
      await sayName("hasty")(request, response);
    };
    const backend = await site.startBackend("hasty", { handler });
    const host = await site.pool("hasty", [backend.address], { reuse: "safe" });
    const outcomes = await steadily(400, () => site.get(host, "/", { method: "POST", body: "x" }));
    assert.deepEqual(Object.keys(tally(outcomes)), ["200 hasty"]);
    for (let i = 0; i < 10; i++) {
      await timePasses(45 + i);
      assert.equal((await site.get(host, "/", { method: "POST", body: "x" })).status, 200);
    }
  });

  test("keeps the connections of GETs", async ({ startBackend, pool, get }) => {
    const backend = await startBackend("keeper", {});
    const host = await pool("keeper", [backend.address], { reuse: "safe" });
    for (let i = 0; i < 20; i++) assert.equal((await get(host)).status, 200);
    assert.equal(backend.connections(), 1);
  });

  test("tries another member, as any pool does", async ({ startBackend, startRawBackend, pool, get }) => {
    const live = await startBackend("live", {});
    const broken = await startRawBackend((socket) => void socket.destroy());
    const host = await pool("broken", [live.address, broken.address], { reuse: "never", max_fails: 0 });
    for (let i = 0; i < 6; i++) assert.equal((await get(host)).body, "live");
    assert.ok(broken.connections() >= 3);
  });
});

suite("a pool that does not say how connections are reused", {}, (test) => {
  test("keeps those of POSTs, too", async ({ startBackend, pool, get }) => {
    const backend = await startBackend("keeper", {});
    const host = await pool("keeper", [backend.address], { tries: 2 });
    for (let i = 0; i < 20; i++) {
      assert.equal((await get(host, "/", { method: "POST", body: "x" })).status, 200);
    }
    assert.equal(backend.connections(), 1);
  });

  test("changes to fresh connections at once when it is told to", async ({ startBackend, pool, redis, get }) => {
    const backend = await startBackend("told", {});
    const host = await pool("told", [backend.address]);
    for (let i = 0; i < 5; i++) await get(host);
    assert.equal(backend.connections(), 1);
    await redis.command("HSET", "pool:told", "reuse", "never");
    await eventually(async () => {
      await get(host);
      assert.ok(backend.connections() >= 4);
    });
    const before = backend.connections();
    for (let i = 0; i < 5; i++) await get(host);
    assert.equal(backend.connections(), before + 5);
  });
});
