import assert from "node:assert/strict";
import { httpPaths, mainBlock } from "./support/config.js";
import { startNginx, READY_PATH } from "./support/nginx_server.js";
import { suite } from "./support/suite.js";

const BACKENDS = 1_000;

/** What Debian's nginx.conf says. */
const options = { workerConnections: 768, workers: 1 };

/** 127.0.1.0 to 127.0.4.231. */
const addresses = Array.from({ length: BACKENDS }, (_, i) => `127.0.${1 + (i >> 8)}.${i & 255}`);

/** One nginx on so many addresses: each says which of them it was asked at. */
function startBackends() {
  return startNginx((place) => {
    const listens = addresses.map((address) => `listen ${address}:${place.port};`).join("\n");
    return `${mainBlock(place, { workerConnections: 4_096 })}http {
${httpPaths(place)}
  access_log off;
  server {
    listen 127.0.0.1:${place.port};
    ${listens}
    location = ${READY_PATH} { return 204; }
    location / { return 200 $server_addr; }
  }
}
`;
  });
}

suite("a worker with 768 connections", options, (test) => {
  test("serves 1,000 hosts with a backend each, one after another", async ({ redis, get }) => {
    const backends = await startBackends();
    try {
      for (const [i, address] of addresses.entries()) {
        await redis.command("SET", `route:host${i}.test`, `${address}:${backends.port}`);
      }
      for (let round = 0; round < 2; round++) {
        for (const [i, address] of addresses.entries()) {
          const { status, body } = await get(`host${i}.test`);
          assert.deepEqual([status, body], [200, address]);
        }
      }
    } finally {
      await backends.dispose();
    }
  });
});
