local fakes = require("spec.support.fakes")
local newLedger = require("signpost.cache.ledger").newLedger

local function firstByte(name)
  return name:byte()
end

describe("the ledger", function()
  local clock, ledger, otherWorkers

  before_each(function()
    clock = fakes.clock()
    local state = fakes.dict(nil, clock)
    ledger, otherWorkers = newLedger(state, firstByte), newLedger(state, firstByte)
  end)

  -- Whether `act` moves the change clock.
  local function moves(act, ...)
    local before = ledger.clock()
    act(...)
    return ledger.clock() > before
  end

  it("begins with nothing: no change, no tracking, no completeness", function()
    assert.equal(0, ledger.clock())
    assert.equal(0, ledger.epoch())
    assert.is_false(ledger.isComplete())
    assert.equal(0, ledger.ticket("a"))
  end)

  it("has one clock for all workers", function()
    assert.is_true(moves(otherWorkers.moveClock))
    assert.equal(otherWorkers.clock(), ledger.clock())
  end)

  describe("epoch", function()
    it("is a new one each time that tracking begins, and moves the clock", function()
      local first = ledger.beginEpoch()
      assert.equal(first, otherWorkers.epoch())
      assert.is_true(moves(otherWorkers.beginEpoch))
      assert.is_true(ledger.epoch() > first)
    end)

    it("ends, which moves the clock", function()
      local epoch = ledger.beginEpoch()
      assert.is_true(moves(ledger.endEpoch, epoch))
      assert.equal(0, ledger.epoch())
    end)

    it("is not ended with an older one", function()
      local older = ledger.beginEpoch()
      local newer = otherWorkers.beginEpoch()
      assert.is_false(moves(ledger.endEpoch, older))
      assert.equal(newer, ledger.epoch())
    end)

    it("never has the number of one that has ended", function()
      local ended = ledger.beginEpoch()
      ledger.endEpoch(ended)
      assert.is_true(ledger.beginEpoch() > ended)
    end)

    it("that is prepared has a number, and begins when it is published", function()
      local current = ledger.beginEpoch()
      local prepared = ledger.prepareEpoch()
      assert.is_true(prepared > current)
      assert.equal(current, ledger.epoch())
      assert.is_true(moves(ledger.publishEpoch, prepared))
      assert.equal(prepared, otherWorkers.epoch())
    end)
  end)

  it("knows that the records are complete until tracking begins", function()
    ledger.setComplete()
    assert.is_true(otherWorkers.isComplete())
    ledger.prepareEpoch()
    assert.is_true(ledger.isComplete())
    ledger.beginEpoch()
    assert.is_false(otherWorkers.isComplete())
  end)

  it("has tickets by name, which are the same for all workers and leave the clock alone", function()
    local b = ledger.ticket("b")
    assert.is_false(moves(otherWorkers.moveTicket, "a"))
    assert.equal(1, ledger.ticket("a"))
    assert.equal(b, ledger.ticket("b"))
  end)

  describe("alone", function()
    local function nothing()
    end

    it("runs a task once, and the next after it", function()
      local runs = 0
      for _ = 1, 3 do
        assert.is_true(ledger.alone("a", function()
          runs = runs + 1
        end))
      end
      assert.equal(3, runs)
    end)

    it("lets no other worker run one for the same name meanwhile, which gives up in the end", function()
      local intruded = false
      ledger.alone("a", function()
        assert.is_false(otherWorkers.alone("a", function()
          intruded = true
        end))
      end)
      assert.is_false(intruded)
      assert.is_true(otherWorkers.alone("a", nothing))
    end)

    it("lets others run theirs for other names", function()
      ledger.alone("a", function()
        assert.is_true(otherWorkers.alone("b", nothing))
      end)
    end)

    it("is not kept waiting for long by a worker that was killed in the middle", function()
      pcall(ledger.alone, "a", function()
        error("killed")
      end)
      assert.is_false(otherWorkers.alone("a", nothing))
      clock.turn(0.1)
      assert.is_true(otherWorkers.alone("a", nothing))
    end)
  end)
end)
