local fakes = require("spec.support.fakes")
local counters = require("signpost.state.counters")

describe("the counters", function()
  local state
  before_each(function()
    state = fakes.dict()
  end)

  it("begin at nought", function()
    for counter in pairs(counters.COUNTERS) do
      assert.equal(0, counters.countOf(state, counter))
    end
  end)

  it("count by one, each for itself", function()
    local count = counters.counting(state)
    for _ = 1, 3 do
      count("lookups")
    end
    count("busy")
    assert.equal(3, counters.countOf(state, "lookups"))
    assert.equal(1, counters.countOf(state, "busy"))
    assert.equal(0, counters.countOf(state, "evictions"))
  end)

  it("are the same for all workers of a node", function()
    counters.counting(state)("lookups")
    counters.counting(state)("lookups")
    assert.equal(2, counters.countOf(state, "lookups"))
  end)

  it("lose the count, not the request, where there is no room", function()
    state.refuse()
    counters.counting(state)("lookups")
    assert.equal(0, counters.countOf(state, "lookups"))
  end)

  it("go on counting where there is no room for anything new", function()
    local count = counters.counting(state)
    for _ = 1, 9 do
      count("lookups")
    end
    state.refuse()
    count("lookups")
    assert.equal(10, counters.countOf(state, "lookups"))
  end)

  it("have names that are metric names, and one line of meaning each", function()
    for counter, meaning in pairs(counters.COUNTERS) do
      assert.matches("^[a-z][a-z_]*$", counter)
      assert.matches("^[^\n\\]+$", meaning)
    end
  end)
end)
