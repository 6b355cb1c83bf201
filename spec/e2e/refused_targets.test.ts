import assert from "node:assert/strict";
import { complaintsAbout } from "./support/complaints.js";
import { sendRaw } from "./support/http_client.js";
import { suite } from "./support/suite.js";

const settings = { cache_ttl: 3_600 };

suite("a return with a status", { settings }, (test) => {
  test("answers with that status, or is a bad route: every status from 400 to 599", async ({ nginx, redis }) => {
    const statuses = Array.from({ length: 200 }, (_, i) => 400 + i);
    await redis.command("MSET", ...statuses.flatMap((status) => [`route:s${status}.test`, `return ${status}`]));
    const others: Record<number, string> = {};
    for (const status of statuses) {
      const request = `GET / HTTP/1.1\r\nHost: s${status}.test\r\nConnection: close\r\n\r\n`;
      const [line = ""] = (await sendRaw(nginx.port, request)).split("\r\n");
      if (!line.startsWith(`HTTP/1.1 ${status} `) && line !== `HTTP/1.1 ${status}`) others[status] = line.trim();
    }
    const bad = "HTTP/1.1 502 Bad Gateway";
    assert.deepEqual(others, { 408: bad, 444: "", 494: bad, 495: bad, 496: bad, 497: bad, 499: bad });
    assert.match(String(complaintsAbout({ nginx }, "route:s497.test")), /byte 8: expected a status that nginx answers/);
  });

  test("444 closes the connection without an answer", async ({ nginx, route }) => {
    await route("close.test", "return 444");
    assert.equal(await sendRaw(nginx.port, "GET / HTTP/1.1\r\nHost: close.test\r\n\r\n"), "");
  });
});

suite("an address that nothing can connect to", { settings }, (test) => {
  for (const address of ["255.255.255.255:80", "224.0.0.1", "[::ffff:255.255.255.255]", "[ff02::1]:80", "[fe80::1]"]) {
    test(`is a bad route, and a bad pool: ${address}`, async ({ get, route, pool, nginx }) => {
      const name = address.replaceAll(/[^0-9a-f]/g, "-").replaceAll(/^-+|-+$/g, "");
      await route(`${name}.test`, address);
      await pool(`p${name}`, [address.includes("]:") || /\.\d+:/.test(address) ? address : `${address}:80`]);
      for (const [host, key] of [
        [`${name}.test`, `route:${name}.test`],
        [`p${name}.test`, `pool:p${name}`],
      ] as const) {
        const answer = await get(host);
        assert.deepEqual([answer.status, (await answer.logged()).error], [502, "bad_route"]);
        assert.match(
          String(complaintsAbout({ nginx }, key)),
          /byte 1: expected (the address of one host|an address that)/,
        );
      }
      assert.doesNotMatch(nginx.errorLog(), /while connecting to upstream/);
    });
  }
});

const denying = { settings: { ...settings, deny_targets: ["127.0.0.0/8"], allow_targets: ["0.0.0.0/0"] } };

suite("a backend where deny_targets lets no route lead", denying, (test) => {
  test("is a bad route or a bad pool, which says so, in every spelling", async ({ get, route, pool, nginx }) => {
    const port = nginx.port;
    await route("four.test", `127.0.0.1:${port}`);
    await route("mapped.test", `[::ffff:127.0.0.1]:${port}`);
    await route("any.test", `0.0.0.0:${port}`);
    await route("name.test", `localhost:${port}`);
    await pool("denied", [`127.0.0.1:${port}`]);
    for (const name of ["four", "mapped", "any", "name", "denied"]) {
      const answer = await get(`${name}.test`);
      assert.deepEqual([answer.status, (await answer.logged()).error], [502, "bad_route"], name);
    }
    assert.match(
      String(complaintsAbout({ nginx }, "route:any.test")),
      /outside 127\.0\.0\.0\/8 of deny_targets, got "0\.0\.0\.0:/,
    );
    assert.match(String(complaintsAbout({ nginx }, "pool:denied")), /outside 127\.0\.0\.0\/8 of deny_targets/);
  });
});
