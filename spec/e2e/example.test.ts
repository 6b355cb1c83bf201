import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exampleConfig } from "./support/config.js";
import { eventually } from "./support/eventually.js";
import { request } from "./support/http_client.js";
import { freePort } from "./support/ports.js";
import { suite } from "./support/suite.js";

const statusPort = await freePort();

const options = {
  config: ({ url }: { url: string }) => exampleConfig(`${url}/0`, statusPort),
  backends: ["red", "blue"] as const,
};

suite("nginx/example.conf, with its ports, its Redis and its directories replaced", options, (test) => {
  test("it routes known hosts and answers unknown ones with 404", async ({ get, route, backends }) => {
    await route("one.test", backends.red.address);
    await route("*.many.test", backends.blue.address);
    assert.equal((await get("one.test")).body, "red");
    assert.equal((await get("any.many.test")).body, "blue");
    assert.equal((await get("unknown.test")).status, 404);
  });

  test("its access log says which route matched, where the request went and why not", async ({
    get,
    route,
    nginx,
    backends,
  }) => {
    await route("logged.test", backends.red.address);
    await get("logged.test", "/found");
    await get("missing.test", "/missed");
    await eventually(() => {
      const log = readFileSync(join(nginx.directory, "access.log"), "utf8");
      assert.match(log, new RegExp(`/found HTTP/1.1" 200 logged.test -> ${backends.red.address} route=logged.test`));
      assert.match(log, /\/missed HTTP\/1\.1" 404 .* error=no_route/);
    });
  });

  test("its status page answers this machine in the Prometheus text format, and only where no route is", async ({
    get,
    route,
  }) => {
    const answer = await request(statusPort, { host: "127.0.0.1", path: "/signpost" });
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers["content-type"]), /^text\/plain/);
    assert.match(answer.body, /^signpost_\w+(\{.*\})? \d+$/m);
    assert.equal((await get("127.0.0.1", "/signpost")).status, 404);
    await route("status.test", `127.0.0.1:${statusPort}`);
    assert.equal((await get("status.test", "/signpost")).status, 403);
  });
});
