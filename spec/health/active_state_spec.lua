local fakes = require("spec.support.fakes")
local timedDict = require("spec.health.timed_dict")
local activeState = require("signpost.health.active_state").activeState
local healths = require("spec.health.healths")

local RULES = { maxFails = 3, failWindow = 10, failTimeout = 5 }

local function check(path, interval)
  return {
    id = "10.0.0.1:80 " .. (path or "/up"),
    pool = "web",
    peer = "10.0.0.1:80",
    interval = interval or 5,
    timeout = 1,
    rise = 2,
    fall = 3,
  }
end

describe("what checks make of a peer", function()
  local clock, changes, health, state
  before_each(function()
    clock, changes = fakes.clock(), 0
    health = healths.new(timedDict(clock), clock, function()
      changes = changes + 1
    end)
    state = activeState(health)
  end)

  local function pass(times, path)
    for _ = 1, times do
      state.passed(check(path))
    end
  end

  local function fail(times, path)
    for _ = 1, times do
      state.failed(check(path))
    end
  end

  local function standing(path)
    return health.standing("10.0.0.1:80 " .. (path or "/up"))
  end

  it("is out after so many failed checks in a row, not before", function()
    fail(2)
    pass(1)
    fail(2)
    assert.equal("up", standing())
    fail(1)
    assert.equal("out", standing())
  end)

  it("is up after so many passed checks in a row, not before", function()
    fail(3)
    pass(1)
    fail(1)
    pass(1)
    assert.equal("out", standing())
    pass(1)
    assert.equal("up", standing())
    assert.equal(2, changes)
  end)

  it("takes as many failures as ever after that", function()
    fail(3)
    pass(2)
    fail(2)
    assert.equal("up", standing())
    fail(1)
    assert.equal("out", standing())
  end)

  it("is never due while checks go on failing", function()
    for _ = 1, 100 do
      fail(1)
      clock.turn(6)
      assert.not_equal("due", standing())
    end
  end)

  it("is not due while passed checks are too few and failed ones come between", function()
    fail(3)
    for _ = 1, 20 do
      pass(1)
      clock.turn(5)
      fail(1)
      clock.turn(5)
      assert.equal("out", standing())
    end
  end)

  it("is due soon after checks ceased", function()
    fail(3)
    clock.turn(20)
    assert.equal("due", standing())
  end)

  it("is up, after passed checks, though requests took it out, and without a trial", function()
    pass(100)
    for _ = 1, 3 do
      health.failed("10.0.0.1:80 /up", RULES)
    end
    assert.equal("out", standing())
    pass(1)
    assert.equal("out", standing())
    pass(1)
    assert.equal("up", standing())
  end)

  it("is out by the check that fails, and by no other", function()
    fail(3, "/a")
    pass(10, "/b")
    assert.equal("out", standing("/a"))
    assert.equal("up", standing("/b"))
    pass(2, "/a")
    assert.equal("up", standing("/a"))
  end)

  it("is forgotten with the check, and kept with it", function()
    fail(2, "/a")
    state.keep({ check("/a") })
    fail(1, "/a")
    assert.equal("out", standing("/a"))
    pass(2, "/a")
    fail(2, "/a")
    state.keep({})
    fail(2, "/a")
    assert.equal("up", standing("/a"))
  end)

  it("is learnt by a worker that takes the checks over", function()
    fail(3)
    state = activeState(health)
    pass(1)
    assert.equal("out", standing())
    pass(1)
    assert.equal("up", standing())
  end)
end)
