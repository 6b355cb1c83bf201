import assert from "node:assert/strict";
import { sendRaw } from "./support/http_client.js";
import { suite } from "./support/suite.js";

const settings = { cache_ttl: 3_600 };

suite("a request with a malformed chunked body", { settings, backends: ["red"] }, (test) => {
  for (const [title, target] of Object.entries({
    "an unknown host": undefined,
    "a bad route": "10.0.0.5:0",
    "a pool that is not there": "@none",
    "a return with a status": "return 403",
    "a redirect": "return 302 https://away.test",
  })) {
    test(`is not answered with an error of Lua's, and ends the connection: ${title}`, async ({ nginx, route }) => {
      const host = `${title.replaceAll(" ", "-")}.test`;
      if (target !== undefined) await route(host, target);
      for (const body of ["zz\r\nhello\r\n0\r\n\r\n", "5\r\nhelloXX\r\n0\r\n\r\n", "fffffffffffffffff\r\n"]) {
        const head = `POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`;
        const next = `GET /next HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
        const answers = (await sendRaw(nginx.port, head + body + next)).match(/HTTP\/1\.1 \d+/g);
        const status = { "return 403": 403, "return 302 https://away.test": 302 }[target ?? ""] ?? 400;
        assert.deepEqual(answers, [`HTTP/1.1 ${status}`], JSON.stringify(body));
      }
    });
  }
});
