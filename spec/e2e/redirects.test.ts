import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { deadAddress } from "./support/peer.js";
import { suite } from "./support/suite.js";

/** Where nginx leads requests besides: an error page, and a location that lets nobody in. */
const SERVER = `
    error_page 502 504 /sorry;
    location = /sorry { return 200 "sorry"; }
    location = /guarded { include signpost.location.conf; deny all; }`;
/** How long a backend is out, milliseconds. */
const OUT_MS = 300;

suite("a request that ends elsewhere than it began", { server: SERVER, backends: ["red", "blue"] }, (test) => {
  test("on an error page: its backend is out all the same", async (site) => {
    const host = await site.pool("dead", [await deadAddress()], { all_down: "fail", max_fails: 1, fail_timeout: 60 });
    const first = await site.get(host);
    assert.deepEqual([first.status, first.body], [502, "sorry"]);
    const second = await site.get(host);
    assert.equal(second.status, 503);
    assert.equal((await second.logged()).error, "no_peer_up");
  });

  test("at another backend, by X-Accel-Redirect: nothing is left of the first but what it said", async (site) => {
    const { redis, backends, get } = site;
    const portal = await site.startBackend("portal", {
      handler: (_, response) => {
        response.setHeader("X-Accel-Redirect", "/files/report");
        response.end();
      },
    });
    await redis.command("HSET", "pool:portal", portal.address, "1", "host", "web.internal");
    await redis.command("HSET", "route:portal.test", "/", "@portal", "/files", backends.blue.address);
    const answer = await get("portal.test");
    assert.equal(answer.body, "blue");
    assert.equal(portal.lastRequest().headers.host, "web.internal");
    const { headers, target } = backends.blue.lastRequest();
    assert.deepEqual(
      [headers.host, headers["x-forwarded-host"], target],
      ["portal.test", "portal.test", "/files/report"],
    );
    const { pool, route, error } = await answer.logged();
    assert.deepEqual([pool, route, error], ["", "portal.test", ""]);
  });

  test("nowhere, as it is not let in: it takes no trial from those that are", async (site) => {
    const { get, redis } = site;
    const peer = await site.startPeer("guarded");
    const options = ["max_fails", "1", "fail_timeout", `${OUT_MS / 1_000}`, "all_down", "fail"];
    await redis.command("HSET", "pool:guarded", peer.address, "1", ...options);
    await redis.command("SET", "route:guarded.test", "@guarded");
    await peer.kill();
    assert.equal((await get("guarded.test")).status, 502);
    assert.equal((await get("guarded.test")).status, 503);
    await peer.start();
    await sleep(OUT_MS + 50);
    assert.equal((await get("guarded.test", "/guarded")).status, 403);
    assert.equal((await get("guarded.test")).body, "guarded");
  });
});
