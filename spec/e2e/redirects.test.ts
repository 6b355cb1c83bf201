import assert from "node:assert/strict";
import { timePasses } from "./support/eventually.js";
import { deadAddress } from "./support/peer.js";
import { suite } from "./support/suite.js";

/** Where nginx leads requests besides: an error page, and a location that lets nobody in. */
const SERVER = `
    error_page 502 504 /sorry;
    location = /sorry { return 200 "sorry"; }
    location = /guarded { include signpost.location.conf; deny all; }`;
/** How long a backend is out, milliseconds. */
const OUT_MS = 1_500;

suite("a request that ends elsewhere than it began", { server: SERVER }, (test) => {
  test("on an error page: its backend is out all the same", async (site) => {
    const host = await site.pool("dead", [await deadAddress()], { all_down: "fail", max_fails: 1, fail_timeout: 60 });
    const first = await site.get(host);
    assert.deepEqual([first.status, first.body], [502, "sorry"]);
    const second = await site.get(host);
    assert.equal(second.status, 503);
    assert.equal((await second.logged()).error, "no_peer_up");
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
    await timePasses(OUT_MS + 50);
    assert.equal((await get("guarded.test", "/guarded")).status, 403);
    assert.equal((await get("guarded.test")).body, "guarded");
  });
});
