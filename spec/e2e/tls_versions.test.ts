import assert from "node:assert/strict";
import { after } from "node:test";
import type { SecureVersion } from "node:tls";
import { sayName } from "./support/backend.js";
import { makeAuthority, type KeyPair } from "./support/certificates.js";
import { startDns } from "./support/dns_server.js";
import { makePool, startPatient } from "./support/patient.js";
import { suite } from "./support/suite.js";

// With the snippets as they are shipped, backends are reached that speak one version of TLS only.

const NAME = "app.internal";
const dns = await startDns({ [NAME]: "127.0.0.1" });
const authority = makeAuthority();
after(() => {
  authority.dispose();
  dns.close();
});

const options = {
  resolver: dns.address,
  http: `  lua_ssl_trusted_certificate ${authority.certificateFile};`,
  snippet: authority.trustedIn,
};

/** A certificate, and a server's word that it speaks this version and no other. */
function only(version: SecureVersion): KeyPair {
  const pair = { ...authority.issue(NAME), minVersion: version, maxVersion: version };
  return pair;
}

suite("a backend by https", options, (test) => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    test(`that speaks ${version} only is sent requests`, async ({ startBackend, route, get }) => {
      const backend = await startBackend("app", { tls: only(version), handler: sayName(version) });
      const host = `${version.toLowerCase()}.test`;
      await route(host, `https://${NAME}:${backend.port}`);
      const answer = await get(host);
      assert.deepEqual([answer.status, answer.body], [200, version]);
    });

    test(`that speaks ${version} only is checked, and is well`, async (site, context) => {
      const patient = await startPatient(context, version, { tls: only(version) });
      const pool = version.toLowerCase().replace(".", "-");
      await makePool(site.redis, context, pool, [`https://${NAME}:${patient.port}`], { all_down: "fail" });
      assert.equal((await site.get(`${pool}.test`)).body, version);
      await patient.checkedAgain(4);
      assert.equal((await site.get(`${pool}.test`)).body, version);
      assert.doesNotMatch(site.nginx.errorLog(), /health check of .* fails/);
    });
  }
});
