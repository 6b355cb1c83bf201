import assert from "node:assert/strict";
import { suite } from "./support/suite.js";

/** A load balancer in front says what scheme the client speaks. */
const SERVER = `
    set $client_proto $http_x_forwarded_proto;
    if ($client_proto = "") { set $client_proto http; }
    set $signpost_forwarded_proto $client_proto;`;

const OPTIONS = { balance: "hash", hash_on: "cookie:stick", hash_cookie: "issue" };

suite("a pool that issues the cookie it hashes on", { backends: ["red", "blue", "green"], server: SERVER }, (test) => {
  test("gives one to who has none, and it leads where the first request went", async (site) => {
    const { get, backends } = site;
    const host = await site.pool(
      "sticky",
      Object.values(backends).map(({ address }) => address),
      OPTIONS,
    );
    const values = new Set<string>();
    const bodies = new Set<string>();
    for (let i = 0; i < 60; i += 1) {
      const first = await get(host);
      const [line] = [first.headers["set-cookie"]].flat();
      const [, value] = /^stick=([0-9a-f]{32}); Path=\/; HttpOnly; SameSite=Lax$/.exec(String(line)) ?? [];
      assert.ok(value !== undefined, String(line));
      values.add(value);
      bodies.add(first.body);
      const later = await get(host, "/", { headers: { cookie: `stick=${value}` } });
      assert.equal(later.body, first.body);
      assert.equal(later.headers["set-cookie"], undefined);
    }
    assert.deepEqual([values.size, bodies.size], [60, 3]);
    const secure = await get(host, "/", { headers: { "x-forwarded-proto": "https" } });
    assert.match(String(secure.headers["set-cookie"]), /; SameSite=Lax; Secure$/);
  });

  test("leaves the backend's own cookies as they are", async (site) => {
    const setter = await site.startBackend("setter", {
      handler: (_request, response) => {
        response.setHeader("set-cookie", ["a=1", "b=2"]).end("setter");
      },
    });
    const host = await site.pool("setter", [setter.address], OPTIONS);
    const lines = [(await site.get(host)).headers["set-cookie"]].flat().map((line) => String(line).split("=")[0]);
    assert.deepEqual(lines.sort(), ["a", "b", "stick"]);
  });
});
