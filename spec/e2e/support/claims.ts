/**
 * What is declared, by name and by outcome: the Lua that provokes the outcome, and the types of the values it gives, as
 * in `true nil false`; ` | ` stands between outcomes that are all right, and `raised` begins a message.
 *
 * The Lua may use the locals of the prelude in declarations.test.ts.
 */
export type Claims = Readonly<Record<string, Readonly<Record<string, readonly [lua: string, declared: string]>>>>;

/** `SafeDict` and `SharedDict` of src/signpost/ports.ts. */
export const DICT_CLAIMS: Claims = {
  "SharedDict.get": {
    "a string": [`dict:set("s", "text") return dict:get("s")`, "string nil"],
    "a number": [`dict:set("n", 1) return dict:get("n")`, "number nil"],
    "one with flags": [`dict:set("s", "text", 0, 7) return dict:get("s")`, "string number"],
    "what is not there": [`return dict:get("none")`, "nil nil"],
    "the empty key": [`return dict:get("")`, "nil string"],
  },
  "SharedDict.set": {
    "with room": [`return dict:set("a", "1")`, "true nil false"],
    "with a lifetime and flags": [`return dict:set("a", "1", 60, 4294967295)`, "true nil false"],
    "when its lifetime is over": [`dict:set("a", "1", 0.02) ngx.sleep(0.05) return dict:get("a")`, "nil nil"],
    "others were evicted": [
      `for i = 1, 10000 do
         local stored, err, forcible = full:set("key " .. i, ("x"):rep(100))
         if forcible then return stored, err, forcible end
       end`,
      "true nil true",
    ],
    "too large for the whole dict": [
      `return dict:set("a", ("x"):rep(1000000))`,
      "false string true | false string false",
    ],
    "the empty key": [`return dict:set("", "1")`, "nil string nil"],
  },
  "SharedDict.add": {
    "what is not there": [`dict:delete("a") return dict:add("a", "1", 60)`, "true nil false"],
    "what is there": [
      `dict:set("a", "1")
       local stored, err, forcible = dict:add("a", "2")
       return stored, err == "exists", forcible, dict:get("a") == "1"`,
      "false true false true",
    ],
    "what was there, when its lifetime is over": [
      `dict:set("a", "1", 0.02) ngx.sleep(0.05) return dict:add("a", "2")`,
      "true nil false",
    ],
    "others were evicted": [
      `for i = 1, 10000 do
         local stored, err, forcible = full:add("added " .. i, ("x"):rep(100))
         if forcible then return stored, err, forcible end
       end`,
      "true nil true",
    ],
    "too large for the whole dict": [
      `dict:delete("a")
       local stored, err, forcible = dict:add("a", ("x"):rep(1000000))
       return stored, err == "no memory", forcible`,
      "false true true | false true false",
    ],
    "the empty key": [`return dict:add("", "1")`, "nil string nil"],
  },
  "SharedDict.safe_set": {
    "with room": [`dict:flush_all() dict:flush_expired() return dict:safe_set("a", "1")`, "true nil false"],
    "no room, and others stay": [
      `for i = 1, 10000 do full:safe_set("safe " .. i, ("x"):rep(100)) end
       local count = #full:get_keys(0)
       local stored, err, forcible = full:safe_set("one more", ("x"):rep(100))
       return stored, err == "no memory", forcible, #full:get_keys(0) == count`,
      "false true false true",
    ],
    "the empty key": [`return dict:safe_set("", "1")`, "nil string nil"],
  },
  "SharedDict.safe_add": {
    "what is not there, with a lifetime and flags": [
      `dict:flush_all() dict:flush_expired()
       local stored, err, forcible = dict:safe_add("a", "1", 60, 7)
       return stored, err, forcible, select(2, dict:get("a")) == 7`,
      "true nil false true",
    ],
    "what is there": [
      `dict:set("a", "1")
       local stored, err, forcible = dict:safe_add("a", "2")
       return stored, err == "exists", forcible, dict:get("a") == "1"`,
      "false true false true",
    ],
    "no room, and others stay": [
      `for i = 1, 10000 do full:safe_set("safe " .. i, ("x"):rep(100)) end
       local count = #full:get_keys(0)
       local stored, err, forcible = full:safe_add("another", ("x"):rep(100))
       return stored, err == "no memory", forcible, #full:get_keys(0) == count`,
      "false true false true",
    ],
    "the empty key": [`return dict:safe_add("", "1")`, "nil string nil"],
  },
  "SharedDict.ttl": {
    "one that is to end, and one that is not": [
      `dict:set("a", "1", 60) dict:set("b", "1")
       local seconds, err = dict:ttl("a")
       return seconds > 50 and seconds <= 60, err, dict:ttl("b") == 0`,
      "true nil true",
    ],
    "what is not there": [`return dict:ttl("none")`, "nil string"],
    "an entry that is looked at by nothing else is evicted all the same": [
      `full:flush_all() full:flush_expired() full:set("mark", 0)
       for i = 1, 10000 do
         full:set("key " .. i, ("x"):rep(100))
         if full:ttl("mark") == nil then return true end
       end`,
      "true",
    ],
  },
  "SharedDict.flush_expired": {
    "what has expired": [
      `dict:flush_all() dict:flush_expired()
       for i = 1, 3 do dict:set("a" .. i, "1", 0.01) end
       dict:set("b", "1")
       ngx.sleep(0.05)
       return dict:flush_expired(2) == 2, dict:flush_expired(2) == 1, dict:get("b") == "1"`,
      "true true true",
    ],
  },
  "SharedDict.delete": {
    "what is there": [`dict:set("a", "1") return dict:delete("a")`, "true nil false"],
    "what is not there": [`return dict:delete("none")`, "true nil false"],
    "a list": [
      `dict:rpush("gone", "a") local deleted, err, forcible = dict:delete("gone")
       return deleted, err, forcible, dict:llen("gone") == 0 and dict:rpush("gone", "b") == 1`,
      "true nil false true",
    ],
    "the empty key": [`return dict:delete("")`, "nil string nil"],
  },
  "SharedDict.incr": {
    "a number": [
      `dict:set("n", 1) local value, err = dict:incr("n", 1) return value == 2, err, dict:get("n") == 2`,
      "true nil true",
    ],
    "what is not there": [
      `dict:delete("n") local value, err = dict:incr("n", 1) return value, err == "not found"`,
      "nil true",
    ],
    "not a number": [`dict:set("s", "text") return dict:incr("s", 1)`, "nil string | nil string nil"],
  },
  "SharedDict.rpush": {
    "a new list and a longer one": [
      `dict:delete("l")
       return dict:rpush("l", "a") == 1, describe(dict:rpush("l", 2)) == "1: number", dict:llen("l") == 2`,
      "true true true",
    ],
    "no room, and others stay": [
      `full:set("before", "1")
       for i = 1, 10000 do
         local length, err = full:rpush("pushed", ("x"):rep(100))
         if err then return length, err == "no memory", full:get("before") == "1" end
       end`,
      "nil true true",
    ],
    "not a list": [`dict:set("s", "text") return dict:rpush("s", "a")`, "nil string"],
    "the empty key": [`return dict:rpush("", "a")`, "nil string"],
  },
  "SharedDict.lpop": {
    "the first that was pushed": [
      `dict:delete("l") dict:rpush("l", "a") dict:rpush("l", 2)
       local first, err = dict:lpop("l")
       return first == "a", err, dict:lpop("l") == 2, dict:lpop("l")`,
      "true nil true nil",
    ],
    "none is there": [`return dict:lpop("none")`, "nil nil"],
    "not a list": [`dict:set("s", "text") return dict:lpop("s")`, "nil string"],
  },
  "SharedDict.llen": {
    "a list": [`dict:delete("l") dict:rpush("l", "a") return dict:llen("l")`, "number nil"],
    "none is there": [`return dict:llen("none") == 0`, "true"],
    "not a list": [`dict:set("s", "text") return dict:llen("s")`, "nil string"],
  },
};

/** The global `ngx` of src/types/ngx.d.ts. */
export const NGX_CLAIMS: Claims = {
  "ngx.ERR, WARN, OK": { "are numbers": [`return ngx.ERR, ngx.WARN, ngx.OK`, "number number number"] },
  "ngx.status": { "is a number": [`return ngx.status`, "number"] },
  "ngx.var": {
    "what the request has": [
      `local var = ngx.var
       return var.host, var.http_host, var.request, var.request_uri, var.server_addr, var.uri, var.remote_addr,
         var.scheme, var.request_method, var.args`,
      "string string string string string string string string string nil",
    ],
    "what only a request with a body has": [
      `local var = ngx.var
       return var.request_method, var.content_length, var.http_transfer_encoding`,
      "string string nil",
    ],
    "a request without a Host header": [`return bare_request("return ngx.var.http_host == nil, ngx.var.host")`, "true"],
    "what does not exist, read": [`return ngx.var.nonsense`, "nil"],
    "what only newer snippets have": [
      `local var = ngx.var
       return var.signpost_http_version, var.signpost_location_version, var.signpost_server_version,
         var.signpost_forwarded_proto, var.signpost_table, var.signpost_proxied_to`,
      "nil nil nil nil nil nil",
    ],
    "what does not exist, written": [`ngx.var.nonsense = "a"`, "raised: .*nonsense.* not found for writing"],
    "Signpost's own, where they are set": [
      `local answer = ngx.location.capture("/rewrite", { method = ngx.HTTP_POST, body = [[
         local var = ngx.var
         var.upstream, var.signpost_scheme, var.signpost_route = "a", "b", "c"
         var.signpost_cache, var.signpost_error, var.signpost_host, var.signpost_pool = "d", "e", "f", "g"
         var.signpost_forwarded_host, var.signpost_upstream = "h", "i"
         ngx.print(var.upstream, var.signpost_scheme, var.signpost_route)
         ngx.print(var.signpost_cache, var.signpost_error, var.signpost_host, var.signpost_pool)
         ngx.print(var.signpost_forwarded_host, var.signpost_upstream)
         ngx.exit(ngx.OK)
       ]] })
       return answer.body == "abcdefghi"`,
      "true",
    ],
  },
  "ngx.shared": {
    "a zone that is declared": [`return ngx.shared.roomy`, "table"],
    "one that is not": [`return ngx.shared.none`, "nil"],
  },
  "ngx.now": { "is seconds since 1970": [`return ngx.now(), math.abs(ngx.now() - os.time()) < 2`, "number true"] },
  "ngx.log": { "returns nothing": [`return ngx.log(ngx.ERR, "a line of the witness")`, "nil"] },
  "ngx.print": { sent: [`return ngx.print("")`, "number nil"] },
  "ngx.req.discard_body": { "returns nothing": [`return ngx.req.discard_body()`, "nil"] },
  "ngx.req.get_headers": {
    "names in lower case": [`return ngx.req.get_headers(0).host`, "string"],
    "of several lines a list": [
      `local to_nginx = ngx.socket.tcp()
       assert(to_nginx:connect("127.0.0.1", ngx.var.server_port))
       local lua = "local seen = ngx.req.get_headers(0) return seen['x-a'][1] .. seen['x-a'][2] == 'bc', seen['x-none']"
       assert(to_nginx:send("POST /run HTTP/1.0\\r\\nX-A: b\\r\\nx-a: c\\r\\nContent-Length: " .. #lua .. "\\r\\n\\r\\n" .. lua))
       return assert(to_nginx:receive("*a")):find("2: true nil$") ~= nil`,
      "true",
    ],
  },
  "ngx.req.set_header, raw_header": {
    "one is set, and what the client sent stays as it was": [
      `local set = describe(ngx.req.set_header("Host", "other"))
       return set, ngx.var.http_host == "other", ngx.req.raw_header():find("\\nhost: witness.test\\r\\n", 1, true) ~= nil`,
      "string true true",
    ],
  },
  "ngx.req.http_version": { "is a number": [`return ngx.req.http_version() == 1.1`, "true"] },
  "ngx.is_subrequest": {
    "not at first": [`return ngx.is_subrequest`, "false"],
    "in a subrequest": [
      `local options = { method = ngx.HTTP_POST, body = "ngx.print(tostring(ngx.is_subrequest)) ngx.exit(ngx.OK)" }
       return ngx.location.capture("/rewrite", options).body == "true"`,
      "true",
    ],
  },
  "ngx.var.connection, connection_requests": {
    "numbers, a subrequest's the same as its main request's": [
      `local lua = "ngx.print(ngx.var.connection, ' ', ngx.var.connection_requests) ngx.exit(ngx.OK)"
       local body = ngx.location.capture("/rewrite", { method = ngx.HTTP_POST, body = lua }).body
       return tonumber(ngx.var.connection), body == ngx.var.connection .. " " .. ngx.var.connection_requests`,
      "number true",
    ],
  },
  "ngx.req.is_internal": {
    "not at first": [`return ngx.req.is_internal()`, "false"],
    "in a subrequest": [
      `local options = { method = ngx.HTTP_POST, body = "ngx.print(tostring(ngx.req.is_internal())) ngx.exit(ngx.OK)" }
       return ngx.location.capture("/rewrite", options).body == "true"`,
      "true",
    ],
  },
  "ngx.var.http_cdn_loop": {
    "nothing without such a header; the first of several lines, or all": [
      `local none = ngx.var.http_cdn_loop
       ngx.req.set_header("CDN-Loop", { "a", "b" })
       return none, ngx.var.http_cdn_loop == "a" or ngx.var.http_cdn_loop == "a, b"`,
      "nil true",
    ],
  },
  "ngx.sleep": { "returns nothing": [`return ngx.sleep(0.001)`, "nil"] },
  "ngx.crc32_short": { "is never negative": [`return ngx.crc32_short("a") == 0xe8b7be43`, "true"] },
  "ngx.var.upstream_cache_status": { "without a cache": [`return ngx.var.upstream_cache_status`, "nil"] },
  "ngx.config": { "the Lua module's version": [`return ngx.config.ngx_lua_version >= 10023`, "true"] },
  "ngx.crc32_long": { "is never negative": [`return ngx.crc32_long("a") == 0xe8b7be43`, "true"] },
  "ngx.md5": { "is hexadecimal": [`return ngx.md5("a") == "0cc175b9c0f1b6a831c399e269772661"`, "true"] },
  "ngx.worker.exiting": { "not yet": [`return ngx.worker.exiting()`, "false"] },
  "ngx.worker.pid": {
    "is a number, the worker's": [`return ngx.worker.pid(), ngx.worker.pid() == tonumber(ngx.var.pid)`, "number true"],
  },
  "ngx.socket.tcp": { "is a socket": [`return ngx.socket.tcp()`, "table"] },
  "ngx.thread": {
    "spawn gives a thread": [`return ngx.thread.spawn(function() end)`, "thread"],
    "wait: the first that ended": [
      `local slow = ngx.thread.spawn(function() ngx.sleep(1) end)
       local quick = ngx.thread.spawn(function() ngx.sleep(0.01) end)
       local well = describe(ngx.thread.wait(slow, quick))
       ngx.thread.kill(slow)
       return well == "1: true"`,
      "true",
    ],
    // Further values are what is left on the stack of the one that raised.
    "wait: one that has raised, and what": [
      `local well, problem = ngx.thread.wait(ngx.thread.spawn(function() error("raised by the witness") end))
       return well, problem`,
      "false string",
    ],
    "kill one that runs": [`return ngx.thread.kill(ngx.thread.spawn(function() ngx.sleep(1) end))`, "number nil"],
    "kill one that has ended": [
      `local one = ngx.thread.spawn(function() end)
       ngx.thread.wait(one)
       return ngx.thread.kill(one)`,
      "nil string",
    ],
  },
  "ngx.timer.at": {
    scheduled: [`return ngx.timer.at(0, function() end)`, "number nil"],
    "calls back, not prematurely, outside the request": [
      `local done, seen, in_request = semaphore.new(0), nil, nil
       assert(ngx.timer.at(0, function(...)
         seen = describe(...)
         in_request = pcall(function() return ngx.var.host end)
         done:post(1)
       end))
       done:wait(1)
       return seen == "1: false", in_request`,
      "true false",
    ],
  },
  "ngx.timer.every": {
    // One claim only: what it has scheduled stays for ever.
    "calls back again and again, not prematurely": [
      `local done, seen = semaphore.new(0), nil
       local scheduled, err = ngx.timer.every(0.05, function(...)
         seen = describe(...)
         done:post(1)
       end)
       return scheduled, err, done:wait(1) and done:wait(1) and seen == "1: false"`,
      "number nil true",
    ],
  },
};
