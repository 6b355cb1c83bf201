import type { Claims } from "./claims.js";

/** The libraries of src/types/ngx and src/types/resty. */
export const LIBRARY_CLAIMS: Claims = {
  "semaphore.new": { made: [`return semaphore.new(0)`, "table nil"] },
  "Semaphore.wait": {
    "there is a resource": [`return semaphore.new(1):wait(1)`, "true nil"],
    "one is posted meanwhile": [
      `local one = semaphore.new(0)
       ngx.thread.spawn(function() ngx.sleep(0.01) one:post(1) end)
       return one:wait(1)`,
      "true nil",
    ],
    // Found by waiting: false. Found at once: nil.
    timeout: [`return semaphore.new(0):wait(0.01)`, "false string | nil string"],
    "timeout at once": [`return semaphore.new(0):wait(0)`, "nil string"],
  },
  "Semaphore.post": {
    posted: [`return semaphore.new(0):post(1)`, "true"],
    "less than one": [`return semaphore.new(0):post(0)`, "raised: positive number required"],
  },
  "lrucache.new": {
    made: [`return lrucache.new(1)`, "table nil"],
    "no size": [`return lrucache.new(0)`, "nil string"],
  },
  "Lru.get": {
    // Further values are what is left of a stale one, and flags.
    "what is there": [`local lru = lrucache.new(1) lru:set("a", 1) return (lru:get("a"))`, "number"],
    "what is not there": [`return lrucache.new(1):get("a")`, "nil"],
    "the least recently used is given up": [
      `local lru = lrucache.new(2)
       lru:set("a", 1) lru:set("b", 2) lru:get("a") lru:set("c", 3)
       return (lru:get("a")), (lru:get("b")), (lru:get("c"))`,
      "number nil number",
    ],
  },
  "Lru.delete": {
    "what is there": [`local lru = lrucache.new(1) lru:set("a", 1) return lru:delete("a")`, "true"],
    "what is not there": [`return lrucache.new(1):delete("a")`, "false"],
  },
  "Lru.set": { "returns nothing": [`return lrucache.new(1):set("a", 1)`, "nil"] },

  "redis.new": { made: [`return redis.new()`, "table nil"] },
  "NgxTcpSocket.settimeouts": { "returns nothing": [`return redis.new()._sock:settimeouts(1, 1, 1)`, "nil"] },
  "NgxTcpSocket.connect": {
    connected: [`return ngx.socket.tcp():connect("127.0.0.1", redis_port, { pool = "connect" })`, "number nil"],
    refused: [`return ngx.socket.tcp():connect("127.0.0.1", 1, { pool = "connect" })`, "nil string"],
    "IPv6 in brackets": [`return ngx.socket.tcp():connect("[::1]", 1, { pool = "connect" })`, "nil string"],
    "no resolver": [`return ngx.socket.tcp():connect("no-such.invalid", 1, { pool = "connect" })`, "nil string"],
  },
  "NgxTcpSocket.receive": {
    "so many bytes": [`local bytes, err = pinged():receive(3) return bytes == "+PO", err`, "true nil"],
    // After the error comes what there was of them.
    "too few in time": [`local bytes, err = pinged():receive(100) return bytes, err == "timeout"`, "nil true"],
  },
  "NgxTcpSocket.close": {
    closed: [`return connected()._sock:close()`, "number nil"],
    "not connected": [`return ngx.socket.tcp():close()`, "nil string"],
  },
  "NgxTcpSocket.sslhandshake": {
    trusted: [`return connected(tls_port)._sock:sslhandshake(false, "right.test", true)`, "true nil"],
    "another name": [
      `return connected(tls_port)._sock:sslhandshake(false, "wrong.test", true)`,
      "nil string | true nil",
    ],
    "another name: whatever it returned, the connection is closed": [
      `local one = connected(tls_port)
       one._sock:sslhandshake(false, "wrong.test", true)
       return one:get_reused_times()`,
      "nil string",
    ],
    "another name, not verified": [
      `return connected(tls_port)._sock:sslhandshake(false, "wrong.test", false)`,
      "true nil",
    ],
    "a server that does not speak TLS": [`return connected()._sock:sslhandshake(false, "a.test", true)`, "nil string"],
  },
  "NgxTcpSocket.send": {
    sent: [`return connected()._sock:send("PING\\r\\n")`, "number nil"],
    "to nobody": [`local one = connected() one:close() return one._sock:send("PING\\r\\n")`, "nil string"],
  },
  "NgxTcpSocket.receiveany": {
    "what is there": [`return pinged():receiveany(4096)`, "string nil"],
    "at most so many bytes": [`local bytes, err = pinged():receiveany(3) return bytes == "+PO", err`, "true nil"],
    // After the error comes what receive calls the partial, always empty here.
    "nothing in time, and the connection stays as it is": [
      `local socket = connected()._sock
       socket:settimeouts(300, 300, 20)
       local bytes, err = socket:receiveany(4096)
       socket:settimeouts(300, 300, 300)
       socket:send("PING\\r\\n")
       return bytes, err == "timeout", socket:receiveany(4096) == "+PONG\\r\\n"`,
      "nil true true",
    ],
    "Redis has closed": [
      `local socket = connected()._sock
       socket:send("QUIT\\r\\n")
       socket:receiveany(4096)
       local bytes, err = socket:receiveany(4096)
       return bytes, err == "closed"`,
      "nil true",
    ],
  },
  "Client.connect": {
    "by TCP": [`return client():connect("127.0.0.1", redis_port, options)`, "number nil | true nil"],
    refused: [`return client():connect("127.0.0.1", 1, options)`, "nil string"],
    "no such name": [`return client():connect("no-such.invalid", 1, options)`, "nil string"],
    "by unix socket": [`return client():connect(socket_path, options)`, "number nil | true nil"],
    "no such socket": [`return client():connect(socket_path .. "-not", options)`, "nil string"],
    "pool and backlog are full": [
      `local tiny = { pool = "tiny", pool_size = 1, backlog = 0 }
       assert(client():connect("127.0.0.1", redis_port, tiny))
       return client():connect("127.0.0.1", redis_port, tiny)`,
      "nil string",
    ],
  },
  "Client.get_reused_times": {
    new: [`local times, err = connected(tls_port):get_reused_times() return times == 0, err`, "true nil"],
    "from the pool": [
      `local one = client()
       assert(one:connect("127.0.0.1", redis_port, { pool = "again", pool_size = 1, backlog = 1 }))
       assert(one:set_keepalive(1000, 1))
       assert(one:connect("127.0.0.1", redis_port, { pool = "again", pool_size = 1, backlog = 1 }))
       local times, err = one:get_reused_times()
       return times == 1, err`,
      "true nil",
    ],
    "not connected": [`return client():get_reused_times()`, "nil string"],
  },
  "Client.set_keepalive": {
    kept: [`return connected():set_keepalive(1000, 4)`, "number nil"],
    "not connected": [`return client():set_keepalive(1000, 4)`, "nil string"],
  },
  "Client.close": {
    closed: [`return connected():close()`, "number nil"],
    "not connected": [`return client():close()`, "nil string"],
  },

  "base.get_request": {
    "is the same in all the phases of a request": [
      `return require("resty.core.base").get_request() == require("resty.core.base").get_request()`,
      "true",
    ],
    "nothing outside of one": [
      `local done, seen = semaphore.new(0), 1
       ngx.timer.at(0, function() seen = pcall(function() return ngx.var.host end) done:post(1) end)
       done:wait(1)
       return seen, require("resty.core.base").get_request()`,
      "false cdata | false userdata",
    ],
  },
  "ffi.cdef": {
    "returns nothing, the second time neither": [
      `ffi.cdef("int getppid(void);") return ffi.cdef("int getppid(void);")`,
      "nil",
    ],
  },
  "ffi.C": {
    "has what was declared": [`ffi.cdef("int getppid(void);") return ffi.C.getppid()`, "number"],
    "has nothing else": [`return ffi.C.signpost_has_no_such_function`, "raised: .*signpost_has_no_such_function"],
  },
  "ffi.cast": {
    "a text": [`return ffi.cast("const char *", "text")`, "cdata"],
    "a number": [`return ffi.cast("uint64_t", 1)`, "cdata"],
    "a pointer, to a number": [
      `local one = ffi.new("char[?]", 8)
       local address = ffi.cast("uintptr_t", ffi.cast("char *", one))
       return address, tonumber(address) > 4096`,
      "cdata true",
    ],
  },
  "ffi.new": { "is a C value": [`return ffi.new("char[?]", 8)`, "cdata"] },
  "ffi.string": {
    "up to the first NUL": [
      `local copy = ffi.string(ffi.cast("const char *", "a\\0b")) return copy, copy == "a"`,
      "string true",
    ],
    "so many bytes": [
      `local copy = ffi.string(ffi.cast("const char *", "a\\0b"), 3) return copy, copy == "a\\0b"`,
      "string true",
    ],
  },
  "ffi.errno": {
    "tells why a C function failed": [
      `ffi.cdef("int rmdir(const char *path);")
       local ENOENT = 2
       return ffi.C.rmdir("/no-such-directory/of-the-witness") == -1, ffi.errno() == ENOENT`,
      "true true",
    ],
  },
};
