local fakes = require("spec.support.fakes")
local routeReader = require("signpost.origin.read_routes").routeReader

describe("a reader of routes", function()
  local redis, read
  before_each(function()
    redis = fakes.redis(fakes.scheduler())
    read = routeReader(redis, "route:")
  end)

  it("gives one reading for each name, in their order", function()
    redis.set("route:a.com", "10.0.0.5:8080")
    redis.setType("route:*.com", "hash")
    local readings, err = read({ "a.com", "*.com", "*" })
    assert.is_nil(err)
    assert.same({
      { kind = "route", text = "10.0.0.5:8080" },
      { kind = "bad", reason = "expected a string with a target, found a hash" },
      { kind = "absent" },
    }, readings)
  end)

  it("reads all names in one round trip, by the keys with the prefix", function()
    read({ "a.com", "*.com", "*" })
    assert.same({ { "route:a.com", "route:*.com", "route:*" } }, redis.asks)
  end)

  it("reads the names themselves where there is no prefix", function()
    routeReader(redis, "")({ "a.com" })
    assert.same({ { "a.com" } }, redis.asks)
  end)

  it("hands on that Redis is down, and why", function()
    redis.down("10.0.0.9:6379: connect: connection refused")
    assert.same({ nil, "redis_down", "10.0.0.9:6379: connect: connection refused" }, { read({ "a.com" }) })
  end)

  it("gives no reading at all if Redis did not answer for one name", function()
    local mixed = routeReader({
      ask = function()
        local none = { kind = "nil" }
        return { none, { kind = "text", text = "10.0.0.5" }, none, { kind = "error", message = "NOPERM no" } }
      end,
    }, "route:")
    local readings, err, detail = mixed({ "a.com", "b.com" })
    assert.is_nil(readings)
    assert.equal("redis_down", err)
    assert.equal("GET route:b.com: NOPERM no", detail)
  end)

  it("takes missing replies for no answer, never for absence", function()
    local short = routeReader({
      ask = function()
        return { { kind = "text", text = "none" }, { kind = "nil" }, { kind = "text", text = "none" } }
      end,
    }, "route:")
    local readings, err, detail = short({ "a.com", "b.com" })
    assert.is_nil(readings)
    assert.equal("redis_down", err)
    assert.equal("3 replies to 4 commands", detail)
  end)
end)
