import assert from "node:assert/strict";
import { after, test } from "node:test";
import { everyWorker, SHOW_WORKER } from "./support/load.js";
import { layOutOldVersion } from "./support/old_version.js";
import { withSite } from "./support/suite.js";

const HTTP = "signpost.http.conf";
const LOCATION = "signpost.location.conf";
/** New since 0.1.0. */
const SERVER = "signpost.server.conf";

const old = layOutOldVersion();
after(() => old.dispose());

/**
 * Which snippets are of 0.1.0, and which of those the log has something to say about. The new location snippet alone is not
 * among them: it wants variables of the new http snippet, and nginx says so; `make install` never lays out such a mixture.
 */
const COMBINATIONS: readonly (readonly [old: readonly string[], said: readonly string[]])[] = [
  [[], []],
  [[LOCATION], [LOCATION]],
  [
    [HTTP, LOCATION],
    [HTTP, LOCATION],
  ],
];

for (const [names, said] of COMBINATIONS) {
  test(`this Lua runs with ${["no other snippet", ...names].slice(names.length === 0 ? 0 : 1).join(" and ")} of 0.1.0, and says once what that lacks`, async (context) => {
    const options = {
      workers: 2,
      backends: ["red", "blue"] as const,
      location: SHOW_WORKER,
      server: `
    location = /secret { internal; return 200 "secret"; }`,
      snippet: (text: string, name: string) => {
        if (names.includes(name)) return old.snippet(name);
        return names.includes(LOCATION) && name === SERVER ? "" : text;
      },
    };
    await withSite(options, context, async ({ nginx, redis, route, pool, get, backends, startBackend }) => {
      await route("one.test", backends.red.address);
      await redis.command("HSET", "route:paths.test", "/", backends.red.address, "/b", backends.blue.address);
      const host = await pool("web", [backends.red.address, backends.blue.address], { host: "web.internal" });
      await route("self.test", `127.0.0.1:${nginx.port}`);
      await everyWorker(nginx, () => get("one.test"), { status: 200, body: "red" });
      assert.equal((await get("paths.test", "/b")).body, "blue");
      assert.equal((await get(host)).status, 200);
      assert.equal((await get("unknown.test")).status, 404);
      assert.equal((await get("self.test")).status, 508);
      const leading = await startBackend("leading", {
        handler: (_, response) => void response.writeHead(200, { "x-accel-redirect": "/secret" }).end("own"),
      });
      await route("leading.test", leading.address);
      assert.equal((await get("leading.test")).body, names.includes(LOCATION) ? "secret" : "own");

      const versions = () => nginx.errorLog().match(/signpost: signpost\.\w+\.conf is of version 0\.1\.0: /g) ?? [];
      const expected = said.map((name) => `signpost: ${name} is of version 0.1.0: `);
      assert.deepEqual(versions().sort(), expected);
      await nginx.reload();
      await everyWorker(nginx, () => get("one.test"), { status: 200, body: "red" });
      // Each worker says what it finds first that no other has said: in whatever order.
      assert.deepEqual(versions().sort(), [...expected, ...expected].sort());
    });
  });
}
