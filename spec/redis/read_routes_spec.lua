local fakes = require("spec.support.fakes")
local newKeys = require("signpost.redis.keys").newKeys
local usualKeys = require("spec.support.usual_keys")
local newRights = require("signpost.redis.rights").newRights
local routeReader = require("signpost.redis.read_routes").routeReader
local valueReader = require("signpost.redis.read_values").valueReader

local KEYS = usualKeys

local function readerOf(redis, keys)
  return routeReader(valueReader(redis, newRights(redis.connectionsMade, function() end)), keys)
end

describe("a reader of routes", function()
  local redis, read
  before_each(function()
    redis = fakes.redis(fakes.scheduler())
    read = readerOf(redis, KEYS)
  end)

  it("gives one reading for each name, in their order", function()
    redis.set("route:a.com", "10.0.0.5:8080")
    redis.setType("route:*.com", "zset")
    local readings, err = read({ "a.com", "*.com", "*" })
    assert.is_nil(err)
    assert.same({
      { kind = "good", text = "10.0.0.5:8080" },
      { kind = "bad", reason = "expected a string, a hash, a list or a set, found a zset" },
      { kind = "absent" },
    }, readings)
  end)

  it("reads all names in one round trip, by the keys with the prefix", function()
    read({ "a.com", "*.com", "*" })
    assert.same({ { "route:a.com", "route:*.com", "route:*" } }, redis.asks)
  end)

  it("reads the names themselves where there is no prefix", function()
    readerOf(redis, newKeys({ route_prefix = "", pool_prefix = "pool:" }))({ "a.com" })
    assert.same({ { "a.com" } }, redis.asks)
  end)

  it("hands on that Redis is down, and why", function()
    redis.down("10.0.0.9:6379: connect: connection refused")
    assert.same({ nil, "redis_down", "10.0.0.9:6379: connect: connection refused" }, { read({ "a.com" }) })
  end)

  it("lets a key that this user may not read harm only itself, and says why", function()
    local no = { kind = "error", message = "NOPERM No permissions to access a key" }
    local mixed = readerOf({
      ask = function(commands)
        local replies = {}
        for i, command in ipairs(commands) do
          local isOurs = command[2] == "route:a.com"
          replies[i] = not isOurs and no or { kind = "text", text = command[1] == "type" and "string" or "10.0.0.5" }
        end
        return replies
      end,
      connectionsMade = function()
        return 1
      end,
    }, KEYS)
    local reason = "GET: NOPERM No permissions to access a key"
    assert.same({ { kind = "good", text = "10.0.0.5" }, { kind = "bad", reason = reason } },
      (mixed({ "a.com", "b.com" })))
  end)

  it("takes missing replies for no answer, never for absence", function()
    local short = readerOf({
      ask = function()
        return { { kind = "text", text = "" }, { kind = "text", text = "none" }, { kind = "text", text = "" } }
      end,
      connectionsMade = function()
        return 1
      end,
    }, KEYS)
    local readings, err, detail = short({ "a.com", "b.com" })
    assert.is_nil(readings)
    assert.equal("redis_down", err)
    assert.equal("3 replies to 4 commands", detail)
  end)

  it("reads what is not a string in two round trips more, and nothing else in those", function()
    redis.set("route:a.com", "10.0.0.5:8080")
    redis.setType("route:*.a.com", "hash", { "/", "10.0.0.1", "/api", "@api" })
    redis.setType("route:*.com", "list", { "label", "10.0.0.2" })
    redis.setType("pool:web", "hash", { "10.0.0.3", "2", "balance", "least_conn" })
    redis.setType("pool:api", "set", { "10.0.0.4" })
    redis.setType("route:*", "set", { "10.0.0.6", "10.0.0.5" })
    local readings = assert(read({ "*.a.com", "a.com", "*.com", "b.com", "@web", "@api", "*" }))
    assert.same({
      { kind = "good", text = "\n/\t10.0.0.1:80\n/api\t@api" },
      { kind = "good", text = "10.0.0.5:8080" },
      { kind = "good", text = "10.0.0.2:80" },
      { kind = "absent" },
      { kind = "good", text = "\n10.0.0.3:80\t2\nbalance\tleast_conn" },
      { kind = "good", text = "\n10.0.0.4:80\t1" },
      { kind = "good", text = "10.0.0.5:80 10.0.0.6:80" },
    }, readings)
    assert.same({
      { "route:*.a.com", "route:a.com", "route:*.com", "route:b.com", "pool:web", "pool:api", "route:*" },
      { "route:*.a.com", "route:*.com", "pool:web", "pool:api", "route:*" },
      { "route:*.a.com", "route:*.com", "pool:web", "pool:api", "route:*" },
    }, redis.asks)
  end)

  it("lets a bad one harm only itself", function()
    redis.setType("route:a.com", "hash", { "api", "10.0.0.1" })
    redis.setType("route:b.com", "hash", { "/", "10.0.0.2" })
    redis.setType("pool:web", "hash", { "10.0.0.3", "heavy" })
    local readings = assert(read({ "a.com", "b.com", "@web" }))
    assert.same({ "bad", "good", "bad" }, { readings[1].kind, readings[2].kind, readings[3].kind })
    assert.matches('field "api", byte 1: expected a path', readings[1].reason, 1, true)
    assert.matches('field "10.0.0.3": expected a weight', readings[3].reason, 1, true)
  end)

  it("reads nothing of a list without end, and says how long it is", function()
    local items = {}
    for i = 1, 5000 do
      items[i] = "h:" .. i
    end
    redis.setType("route:a.com", "list", items)
    redis.setType("pool:web", "list", items)
    local readings = assert(read({ "a.com", "@web" }))
    assert.matches("expected no more than .*, got 4999 backends", readings[1].reason)
    assert.matches("expected no more than 1024 members, got 5000", readings[2].reason, 1, true)
  end)

  it("takes a key that has gone in between for absent, and one of another type by then for bad", function()
    redis.setType("route:a.com", "hash", { "/", "10.0.0.1" })
    redis.setType("route:b.com", "hash", { "/", "10.0.0.2" })
    redis.setType("route:c.com", "hash", { "/", "10.0.0.3" })
    redis.onAsk(function(times)
      if times == 1 then
        redis.del("route:a.com")
        redis.set("route:b.com", "10.0.0.4")
        redis.setType("route:c.com", "hash", { "/", "10.0.0.5" })
      end
    end)
    assert.same({
      { kind = "absent" },
      { kind = "bad", reason = "it changed its type while it was read" },
      { kind = "good", text = "\n/\t10.0.0.5:80" },
    }, (assert(read({ "a.com", "b.com", "c.com" }))))
    assert.equal(3, #redis.asks)
  end)

  it("hands on that Redis went down in between", function()
    redis.setType("route:a.com", "hash", { "/", "10.0.0.1" })
    redis.onAsk(function()
      redis.down("10.0.0.9:6379: no answer: closed")
    end)
    assert.same({ nil, "redis_down", "10.0.0.9:6379: no answer: closed" }, { read({ "a.com", "b.com" }) })
  end)

  it("asks nothing for no names", function()
    assert.same({ {} }, { read({}) })
    assert.same({}, redis.asks)
  end)
end)
