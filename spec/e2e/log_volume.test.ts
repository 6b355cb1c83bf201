import assert from "node:assert/strict";
import { complaintsAbout, metric, STATUS_PAGE } from "./support/complaints.js";
import { eventually } from "./support/eventually.js";
import { suite } from "./support/suite.js";

const CHANGES = 300;

/** What users get wrong: the upstream block without the location snippet. */
const BARE = "    location /bare { proxy_pass http://signpost; }";

suite("the error log", { workers: 2, backends: ["red"], server: `${STATUS_PAGE}\n${BARE}` }, (test) => {
  test("has one line of each worker about a location that lacks its snippet, whatever the number of requests", async ({
    nginx,
    get,
  }) => {
    for (let i = 0; i < 50; i++) assert.equal((await get("bare.test", "/bare")).status, 500);
    const lines = nginx.errorLog().match(/signpost: this location has the upstream block, but not/g)?.length ?? 0;
    assert.ok(lines >= 1 && lines <= 2, `${lines} lines`);
  });

  test("is not filled by a value that goes from good to bad all the time", async (site) => {
    const { redis, backends, get, route } = site;
    await route("flaps.test", backends.red.address);
    await eventually(async () => assert.equal((await get("flaps.test")).body, "red"));
    const bad = async () => await metric(site, "signpost_bad_routes_total");
    const before = await bad();
    // Each change is seen before the next is made.
    for (let i = 1; i <= CHANGES / 10; i++) {
      await route("flaps.test", `10.0.0.5:${70_000 + i}`);
      await eventually(async () => assert.equal(await bad(), before + i));
    }
    for (let i = 0; i < CHANGES; i++) await route("flaps.test", i % 2 === 0 ? "nonsense!" : backends.red.address);
    assert.equal((await get("flaps.test")).body, "red");
    const lines = complaintsAbout(site, "route:flaps.test").length;
    assert.ok(lines >= 1 && lines <= 12, `${lines} lines`);

    await redis.command("SET", "route:other.test", "nonsense!");
    assert.equal((await get("other.test")).status, 502);
    assert.equal(complaintsAbout(site, "route:other.test").length, 1);
  });
});
