local fakes = require("spec.support.fakes")
local newBreaker = require("signpost.redis.breaker").newBreaker

local FAILURES, PAUSE = 3, 2

describe("a breaker", function()
  local clock, breaker
  before_each(function()
    clock = fakes.clock()
    breaker = newBreaker(clock.now, FAILURES, PAUSE)
  end)

  local function fail(times)
    for _ = 1, times do
      breaker.failed()
    end
  end

  it("lets everything through to begin with", function()
    assert.is_false(breaker.isOpen())
    for _ = 1, 100 do
      assert.is_true(breaker.allows())
    end
  end)

  it("opens after so many failures in a row, not before", function()
    fail(FAILURES - 1)
    assert.is_true(breaker.allows())
    assert.is_false(breaker.isOpen())
    fail(1)
    assert.is_true(breaker.isOpen())
    assert.is_false(breaker.allows())
  end)

  it("counts only failures in a row", function()
    for _ = 1, 10 do
      fail(FAILURES - 1)
      breaker.succeeded()
    end
    assert.is_false(breaker.isOpen())
    assert.is_true(breaker.allows())
  end)

  it("that opens after one failure opens after one", function()
    breaker = newBreaker(clock.now, 1, PAUSE)
    assert.is_true(breaker.allows())
    fail(1)
    assert.is_false(breaker.allows())
  end)

  it("refuses for the whole pause, then lets one try", function()
    fail(FAILURES)
    clock.turn(PAUSE - 0.1)
    assert.is_false(breaker.allows())
    clock.turn(0.1)
    assert.is_true(breaker.allows())
    for _ = 1, 100 do
      assert.is_false(breaker.allows())
    end
  end)

  it("closes on the first success", function()
    fail(FAILURES)
    clock.turn(PAUSE)
    assert.is_true(breaker.allows())
    breaker.succeeded()
    assert.is_false(breaker.isOpen())
    assert.is_true(breaker.allows())
    assert.is_true(breaker.allows())
  end)

  it("needs as many failures as ever to open again", function()
    fail(FAILURES)
    breaker.succeeded()
    fail(FAILURES - 1)
    assert.is_true(breaker.allows())
    fail(1)
    assert.is_false(breaker.allows())
  end)

  it("pauses again after a trial that failed, from when it failed", function()
    fail(FAILURES)
    clock.turn(PAUSE)
    assert.is_true(breaker.allows())
    clock.turn(PAUSE / 2)
    fail(1)
    clock.turn(PAUSE - 0.1)
    assert.is_false(breaker.allows())
    clock.turn(0.1)
    assert.is_true(breaker.allows())
  end)

  it("loses one pause, not the worker, by a trial that is never reported", function()
    fail(FAILURES)
    clock.turn(PAUSE)
    assert.is_true(breaker.allows())
    clock.turn(PAUSE)
    assert.is_true(breaker.allows())
    breaker.succeeded()
    assert.is_false(breaker.isOpen())
  end)

  it("lets one try each pause, however long nobody answers", function()
    fail(FAILURES)
    local trials = 0
    for _ = 1, 1000 do
      clock.turn(0.1)
      if breaker.allows() then
        trials = trials + 1
        fail(1)
      end
    end
    assert(trials <= 100 / PAUSE and trials >= 100 / (PAUSE + 0.2), trials .. " trials in 100 s")
  end)

  it("closes when a look-up from before it opened succeeds", function()
    assert.is_true(breaker.allows())
    fail(FAILURES)
    breaker.succeeded()
    assert.is_true(breaker.allows())
  end)
end)
