import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startBackend, type Backend } from "./support/backend.js";
import { makeAuthority, type Authority } from "./support/certificates.js";
import { DICT_CLAIMS, NGX_CLAIMS, type Claims } from "./support/claims.js";
import { declaredNames } from "./support/declared_names.js";
import { checkout } from "./support/environment.js";
import { eventually } from "./support/eventually.js";
import { LIBRARY_CLAIMS } from "./support/library_claims.js";
import { startRedis, type RedisServer } from "./support/redis_server.js";
import { startWitness, type LuaWitness } from "./support/witness.js";

// What src/types and the shared dict of src/signpost/ports.ts declare of nginx and its libraries, each outcome run in a
// real nginx. Not provoked: failures that only a lack of memory brings (ngx.semaphore's and the Redis client's `new`).

let redis: RedisServer;
let authority: Authority;
let tls: Backend;
let witness: LuaWitness;

before(async () => {
  redis = await startRedis({ unixSocket: true });
  authority = makeAuthority();
  tls = await startBackend("tls", { tls: authority.issue("right.test") });
  witness = await startWitness({
    http: `lua_shared_dict roomy 64k; lua_shared_dict full 64k; lua_max_pending_timers 2;
      lua_ssl_trusted_certificate ${authority.certificateFile};`,
    location: `set $upstream ""; set $signpost_scheme ""; set $signpost_route ""; set $signpost_cache "";
      set $signpost_error ""; set $signpost_host ""; set $signpost_pool ""; set $signpost_forwarded_host "";
      set $signpost_upstream "";`,
    prelude: prelude(),
  });
});

after(async () => {
  await witness.dispose();
  await tls.close();
  authority.dispose();
  await redis.dispose();
});

function prelude(): string {
  return `
    local dict, full = ngx.shared.roomy, ngx.shared.full
    local semaphore, lrucache, ffi = require("ngx.semaphore"), require("resty.lrucache"), require("ffi")
    local found, redis = pcall(require, "resty.redis")
    if not found then redis = require("nginx.redis") end
    local redis_port, tls_port, socket_path = ${redis.port}, ${tls.port}, "unix:${redis.unixSocket}"
    local options = { pool = "claims", pool_size = 4, backlog = 1 }
    local function client()
      local client = assert(redis.new())
      client._sock:settimeouts(300, 300, 300)
      return client
    end
    local function connected(port)
      local client = client()
      assert(client:connect("127.0.0.1", port or redis_port, { pool = "to " .. (port or ""), pool_size = 4, backlog = 1 }))
      return client
    end
    local function pinged()
      local socket = connected()._sock
      assert(socket:send("PING\\r\\n"))
      return socket
    end
    -- Whether a chunk, run in a request that has no headers but its length, returned true first.
    local function bare_request(lua)
      local to_nginx = ngx.socket.tcp()
      assert(to_nginx:connect("127.0.0.1", ngx.var.server_port))
      assert(to_nginx:send("POST /run HTTP/1.0\\r\\nContent-Length: " .. #lua .. "\\r\\n\\r\\n" .. lua))
      return assert(to_nginx:receive("*a")):find("%d: true string$") ~= nil
    end`;
}

/**
 * Whether what was seen is what was declared. Nils at the end may be left out, as Lua gives them back to who asks for
 * them; anything else beyond the declared is a mismatch.
 *
 * @param seen as `describe` has it: `1: number`
 * @param declared the outcomes that are right: `number nil | true nil`
 */
function fits(seen: string, declared: string): boolean {
  const [, ...values] = seen.split(" ");
  return declared.split(" | ").some((outcome) => {
    const expected = outcome.split(" ");
    const padded = expected.map((_, i) => values[i] ?? "nil");
    return values.length <= expected.length && padded.join(" ") === outcome;
  });
}

function witnessAll(claims: Claims): void {
  for (const [name, outcomes] of Object.entries(claims)) {
    for (const [how, [lua, declared]] of Object.entries(outcomes)) {
      test(`${name}: ${how}`, async () => {
        const seen = await witness.run(lua);
        if (declared.startsWith("raised")) assert.match(seen, new RegExp(`^${declared}`));
        else assert.ok(fits(seen, declared), `declared: ${declared}; seen: ${seen}`);
      });
    }
  }
}

describe("shared dicts are as declared", () => witnessAll(DICT_CLAIMS));
describe("what ngx has is as declared", () => witnessAll(NGX_CLAIMS));
describe("the libraries are as declared", () => witnessAll(LIBRARY_CLAIMS));

describe("what the balancer phase has is as declared", () => {
  const TRY = `
    local balancer, base, try = require("ngx.balancer"), require("resty.core.base"), (package.loaded.try or 0) + 1
    package.loaded.try = try
    local function say(...) ngx.log(ngx.ERR, "try ", try, ": ", ...) end`;

  test("set_current_peer, set_more_tries, set_timeouts: true when all is well, nil and why when not", async () => {
    const answer = await witness.balance(`${TRY}
      if try > 1 then
        package.loaded.try = nil
        return say("port ", describe(balancer.set_current_peer("127.0.0.1", 1)))
      end
      say("no address ", describe(balancer.set_current_peer("nowhere.test", 80)))
      say("IPv6 ", describe(balancer.set_current_peer("[::1]", 1)))
      say("more tries ", describe(balancer.set_more_tries(2)))
      say("timeouts ", describe(balancer.set_timeouts(1, nil, 0.5)))
      say("timeout 0 ", describe(pcall(balancer.set_timeouts, 0, nil, nil)))`);
    assert.equal(answer.status, 502);
    for (const line of [
      /try 1: no address 2: nil string/,
      /try 1: IPv6 1: true/,
      /try 1: more tries 1: true/,
      /try 1: timeouts 1: true/,
      /try 1: timeout 0 2: false string/,
      /try 2: port 1: true/,
    ]) {
      assert.match(witness.nginx.errorLog(), line);
    }
  });

  test("the variables upstream_* tell of each try, the one that is being prepared last", async () => {
    const answer = await witness.balance(`${TRY}
      local var = ngx.var
      say("<", var.upstream_addr, "> <", var.upstream_status, "> <", var.upstream_connect_time, "> <",
        var.upstream_header_time, ">")
      if try == 1 then balancer.set_more_tries(2) else package.loaded.try = nil end
      balancer.set_current_peer("127.0.0.1", 1)`);
    assert.equal(answer.status, 502);
    await eventually(() => assert.match(witness.nginx.errorLog(), /try 2: <127.0.0.1:1 : > <502 : > <- : > <- : >/));
  });

  test("enable_keepalive: nothing before ngx_lua 0.10.27; true when there is a peer, nil and why when there is none", async () => {
    const answer = await witness.balance(`${TRY} package.loaded.try = nil
      local enable = balancer.enable_keepalive
      if enable == nil then return say("older: ", ngx.config.ngx_lua_version < 10027) end
      say("no peer ", describe(enable(0.5, 10)))
      balancer.set_current_peer("127.0.0.1", 1)
      say("kept ", describe(enable(0.5, 10)))`);
    assert.equal(answer.status >= 500, true);
    const seen = /older: true|no peer 2: nil string[^]*kept 1: true/;
    await eventually(() => assert.match(witness.nginx.errorLog(), seen));
  });

  test("get_request is the same from the rewrite phase to the balancer", async () => {
    await witness.balance(`${TRY} package.loaded.try = nil
      say("the same request: ", tostring(base.get_request() == package.loaded.rewriting))`);
    await eventually(() => assert.match(witness.nginx.errorLog(), /the same request: true/));
  });
});

describe("what shows only in an answer is as declared", () => {
  test("ngx.exit(OK) ends the phase, and what was sent before stays: status, headers of either type, body", async () => {
    const answer = await witness.rewrite(`
      ngx.status = 418
      ngx.header["X-Text"] = "text"
      ngx.header["X-Number"] = 7
      ngx.print("sent")
      ngx.exit(ngx.OK)
      ngx.print("never")`);
    assert.equal(answer.status, 418);
    assert.deepEqual([answer.headers["x-text"], answer.headers["x-number"]], ["text", "7"]);
    assert.equal(answer.body, "sent");
  });

  test("ngx.exit with a status of 300 or more lets nginx answer by itself", async () => {
    const answer = await witness.rewrite("ngx.exit(410)");
    assert.equal(answer.status, 410);
    assert.match(answer.body, /410 Gone/);
  });

  for (const status of [301, 302, 303, 307, 308]) {
    test(`ngx.redirect answers with ${status}`, async () => {
      const answer = await witness.rewrite(`ngx.redirect("https://www.example.com/a%2Fb?c", ${status})`);
      assert.equal(answer.status, status);
      assert.equal(answer.headers.location, "https://www.example.com/a%2Fb?c");
    });
  }

  test("ngx.print after the end gives nil and why; ngx.log puts strings and numbers together", async () => {
    await witness.run(`ngx.eof() ngx.log(ngx.ERR, "witnessed: ", 1, " ", describe(ngx.print("late")))`);
    await eventually(() => assert.match(witness.nginx.errorLog(), /\[error\].* witnessed: 1 2: nil string/));
  });

  test("ngx.log(WARN) is a warning", async () => {
    await witness.run(`ngx.log(ngx.WARN, "a warning")`);
    await eventually(() => assert.match(witness.nginx.errorLog(), /\[warn\].* a warning/));
  });
});

test("every name declared has a witness", () => {
  const types = join(checkout, "src", "types");
  const files = readdirSync(types, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts"));
  const names = files.flatMap((name) => declaredNames(join(types, name)));
  names.push(...declaredNames(join(checkout, "src", "signpost", "ports.ts"), ["SafeDict", "SharedDict", "Lru"]));
  const text = [NGX_CLAIMS, DICT_CLAIMS, LIBRARY_CLAIMS].flatMap(namesAndLua).join("\n");
  const shownAbove = ["exit", "redirect", "status", "header", "WARN", "set_current_peer", "set_more_tries"];
  shownAbove.push(
    "enable_keepalive",
    "set_timeouts",
    "upstream_addr",
    "upstream_status",
    "upstream_connect_time",
    "upstream_header_time",
  );
  // A brand exists for the compiler only.
  const expected = names.filter((name) => !["__brand", ...shownAbove].includes(name));
  assert.ok(expected.length > 30, expected.join());
  assert.deepEqual(
    expected.filter((name) => !new RegExp(`\\b${name}\\b`).test(text)),
    [],
  );
});

function namesAndLua(claims: Claims): string[] {
  return Object.entries(claims).flatMap(([name, outcomes]) => [name, ...Object.values(outcomes).map(([lua]) => lua)]);
}

// Last, as it takes the only timer that the claim of ngx.timer.every has left, and ends nginx.
test("ngx.timer refuses when there are too many, and says that it is premature when the worker exits", async () => {
  const refused = await witness.run(`
    assert(ngx.timer.at(600, function(...) ngx.log(ngx.ERR, "at exit: ", describe(...)) end))
    return ngx.timer.at(0, function() end)`);
  assert.ok(fits(refused, "nil string"), refused);
  const refusedEvery = await witness.run(`return ngx.timer.every(1, function() end)`);
  assert.ok(fits(refusedEvery, "nil string"), refusedEvery);
  await witness.nginx.stop();
  assert.match(witness.nginx.errorLog(), /at exit: 1: true/);
});
