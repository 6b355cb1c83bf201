import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import type { Handler } from "./support/backend.js";
import { eventually } from "./support/eventually.js";
import { deadAddress } from "./support/peer.js";
import type { Site } from "./support/site.js";
import { suite } from "./support/suite.js";

// nginx clones a request to refresh a page of its cache, and for each slice of an answer. Clones skip the rewrite phase.

const HTTP = `proxy_cache_path cache keys_zone=pages:1m; proxy_cache_path slices keys_zone=slices:1m;`;

const SERVER = `
    location /page {
      include signpost.location.conf;
      proxy_buffering on;
      proxy_cache pages;
      proxy_cache_use_stale updating error;
      proxy_cache_background_update on;
      proxy_cache_valid 200 1s;
    }
    location /sliced {
      include signpost.location.conf;
      proxy_buffering on;
      slice 4;
      proxy_cache slices;
      proxy_cache_key $host$uri$slice_range;
      proxy_set_header Range $slice_range;
      proxy_http_version 1.1;
      proxy_cache_valid 200 206 1h;
    }`;

/** Answers a range of ten bytes as asked for. */
const inParts: Handler = (request, response) => {
  const text = "0123456789";
  const [, from = "0", to = "9"] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const part = text.slice(Number(from), Number(to) + 1);
  const range = `bytes ${from}-${Number(from) + part.length - 1}/${text.length}`;
  response.writeHead(206, { "content-range": range, etag: '"a"', "content-length": part.length }).end(part);
};

suite("a page of the cache is refreshed in the background", { http: HTTP, server: SERVER }, (test) => {
  test("by a backend of a route, with Signpost's choice", async (site) => {
    await refreshes(site, "route.test", async (address) => site.route("route.test", address));
  });

  test("by a member of a pool, of a route with paths, and another one is tried when one fails", async (site) => {
    await refreshes(site, "paths.test", async (address) => {
      await site.pool("fresh", [address, await deadAddress()], { max_fails: 0 });
      await site.redis.command("HSET", "route:paths.test", "/", "return 404", "/page", "@fresh");
    });
  });

  test("and is never counted by least_conn", async (site) => {
    const one = await refreshes(site, "counted.test", async (address) => {
      await site.pool("counted", [address], { balance: "least_conn" });
    });
    const two = await site.startBackend("two", {});
    await site.redis.command("HSET", "pool:counted", two.address, 1);
    const before = one.requests.length;
    for (let i = 0; i < 40; i++) assert.equal((await site.get("counted.test")).status, 200);
    assert.ok(one.requests.length > before, "it has as few requests under way as the other");
  });

  test("while Redis is down, too", async (site) => {
    await refreshes(
      site,
      "known.test",
      async (address) => site.route("known.test", address),
      () => site.redis.kill(),
    );
  });
});

suite("an answer is fetched in slices", { http: HTTP, server: SERVER }, (test) => {
  test("each from a member of the pool", async (site) => {
    const backend = await site.startBackend("parts", { handler: inParts });
    const host = await site.pool("sliced", [backend.address, await deadAddress()], { max_fails: 0 });
    const answer = await site.get(host, "/sliced");
    assert.deepEqual([answer.status, answer.body], [200, "0123456789"]);
    assert.deepEqual(
      backend.requests.map(({ headers }) => [headers.host, headers.range]),
      ["bytes=0-3", "bytes=4-7", "bytes=8-11"].map((range) => [host, range]),
    );
  });
});

suite("a slice whose route is gone meanwhile", { http: HTTP, server: SERVER }, (test) => {
  test("ends the answer as broken, and nothing else", async (site) => {
    const gate = new EventEmitter();
    const backend = await site.startBackend("slow", {
      handler: async (request, response) => {
        if (request.url === "/sliced") await once(gate, "open");
        await inParts(request, response);
      },
    });
    await site.route("gone.test", backend.address);
    const answer = assert.rejects(site.get("gone.test", "/sliced"), /aborted|ECONNRESET|socket hang up/);
    await eventually(() => assert.equal(backend.requests.length, 1));
    await site.redis.command("DEL", "route:gone.test");
    await eventually(async () => assert.equal((await site.get("gone.test")).status, 404));
    gate.emit("open");
    await answer;
    assert.equal(backend.requests.filter(({ target }) => target === "/sliced").length, 1);
  });
});

/** Has a page cached, waits until it is old, and until a request for it has had it refreshed. */
async function refreshes(
  site: Site,
  host: string,
  route: (address: string) => Promise<unknown>,
  meanwhile: () => Promise<unknown> = async () => {},
) {
  let version = 1;
  const backend = await site.startBackend("page", {
    handler: (_, response) => void response.end(`version ${version}`),
  });
  await route(backend.address);
  assert.equal((await site.get(host, "/page")).body, "version 1");
  version = 2;
  await meanwhile();
  await eventually(async () => assert.equal((await site.get(host, "/page")).body, "version 2"));
  assert.ok(backend.requests.every(({ headers }) => headers.host === host));
  assert.equal(backend.lastRequest().headers["connection"], undefined);
  return backend;
}
