local fakes = require("spec.support.fakes")
local withoutEviction = require("signpost.cache.without_eviction").withoutEviction

describe("a view of a dict that evicts nothing", function()
  local clock, dict, view
  before_each(function()
    clock = fakes.clock()
    dict = fakes.dict(3, clock)
    view = withoutEviction(dict, clock.now)
    dict:set("precious", 1)
  end)

  it("is the dict, while there is room", function()
    assert.is_true((view:set("a", 1, 10, 7)))
    assert.same({ 1, 7 }, { dict:get("a") })
    assert.same({ 1, 7 }, { view:get("a") })
    assert.same({ false, "exists", false }, { view:add("a", 2, 10) })
    assert.equal(10, view:ttl("a"))
    assert.equal(2, (view:incr("a", 1, 0)))
    view:delete("a")
    assert.is_nil(dict:get("a"))
    assert.equal(5, (view:incr("b", 2, 3, 10)))
    assert.equal(10, view:ttl("b"))
    assert.equal(1, view:rpush("list", "x"))
    assert.equal(1, view:llen("list"))
    assert.equal("x", view:lpop("list"))
  end)

  it("keeps what is there and nothing new, and says so, without room", function()
    view:set("a", 1)
    view:set("b", 1)
    assert.same({ false, "no memory", false }, { view:set("c", 1) })
    assert.same({ false, "no memory", false }, { view:add("d", 1, 10) })
    assert.same({ nil, "no memory" }, { view:incr("e", 1, 0) })
    assert.same({ "precious", "a", "b" }, dict.keys())
  end)

  it("overwrites what is there, without room", function()
    view:set("a", 1)
    view:set("b", 1)
    assert.is_true((view:set("a", 2)))
    assert.equal(3, (view:incr("a", 1, 0)))
  end)

  it("says that there is no number to add to, if none may begin", function()
    assert.same({ nil, "not found" }, { view:incr("a", 1) })
  end)

  it("adds to a number that another worker has begun meanwhile", function()
    local incr = dict.incr
    local raced = setmetatable({
      incr = function(_, ...)
        local value, err = incr(dict, ...)
        dict:add("a", 10)
        return value, err
      end,
      safe_add = function(_, ...)
        return dict:safe_add(...)
      end,
    }, { __index = dict })
    assert.equal(11, (withoutEviction(raced, clock.now):incr("a", 1, 0)))
  end)

  it("takes the room of what has expired", function()
    view:set("a", 1, 10)
    view:set("b", 1, 10)
    clock.turn(11)
    assert.is_true((view:set("c", 1)))
    assert.is_true((view:add("d", 1)))
    assert.same({ "precious", "c", "d" }, dict.keys())
  end)
end)
