local fakes = require("spec.support.fakes")
local newLedger = require("signpost.state.ledger").newLedger

local function firstByte(name)
  return name:byte()
end

describe("the ledger", function()
  local clock, state, ledger, otherWorkers

  before_each(function()
    clock = fakes.clock()
    state = fakes.dict(nil, clock)
    ledger, otherWorkers = newLedger(state, firstByte, clock.now), newLedger(state, firstByte, clock.now)
  end)

  -- Whether `act` moves the change clock.
  local function moves(act, ...)
    local before = ledger.clock()
    act(...)
    return ledger.clock() > before
  end

  it("begins with nothing: no change, no tracking, no completeness", function()
    assert.is_true(ledger.isNew())
    assert.equal(ledger.clock(), otherWorkers.clock())
    assert.is_false(ledger.isNew())
    assert.equal(0, ledger.epoch())
    assert.is_false(ledger.isComplete())
    assert.equal(ledger.ticket("a"), otherWorkers.ticket("a"))
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
    local a = ledger.ticket("a")
    assert.is_false(moves(otherWorkers.moveTicket, "a"))
    assert.equal(a + 1, ledger.ticket("a"))
    assert.equal(b, ledger.ticket("b"))
  end)

  describe("that has lost what it held", function()
    -- As much as workers do in so many seconds, at most.
    local function go(seconds)
      for _ = 1, 1000 * seconds do
        ledger.moveClock()
        ledger.moveTicket("a")
      end
      clock.turn(seconds)
    end

    local function loseAll()
      for _, key in ipairs(state.keys()) do
        state.evict(key)
      end
    end

    it("never gives a clock or a ticket out twice", function()
      for _ = 1, 5 do
        go(1)
        local last, ticket = ledger.clock(), ledger.ticket("a")
        loseAll()
        assert.is_true(ledger.clock() > last)
        assert.is_true(ledger.ticket("a") > ticket)
        loseAll()
        ledger.moveClock()
        assert.is_true(ledger.clock() > last)
        assert.is_true(ledger.moveTicket("a") > ticket)
      end
    end)

    it("never gives an epoch out twice, nor takes a record of an older one for valid", function()
      local given = { ledger.beginEpoch() }
      for _ = 1, 20 do
        ledger.endEpoch(ledger.beginEpoch())
        given[#given + 1] = ledger.beginEpoch()
        clock.turn(60)
        loseAll()
        local epoch = ledger.beginEpoch()
        for _, older in ipairs(given) do
          assert.is_true(epoch > older)
          assert.is_false(otherWorkers.covers(epoch, older))
        end
        given[#given + 1] = epoch
      end
    end)

    it("never gives an epoch out twice in a burst of them either, whichever worker begins the next", function()
      local greatest = 0
      for _ = 1, 20 do
        for _ = 1, 10 do
          local epoch = ledger.beginEpoch()
          assert.is_true(epoch > greatest)
          greatest = epoch
        end
        otherWorkers.touch()
        loseAll()
        ledger, otherWorkers = otherWorkers, ledger
        ledger.prepare()
      end
    end)

    it("has no tracking until the next begins", function()
      ledger.beginEpoch()
      loseAll()
      assert.equal(0, otherWorkers.epoch())
    end)

    it("takes nothing for complete", function()
      ledger.setComplete()
      loseAll()
      assert.is_false(ledger.isComplete())
    end)

    it("and takes nothing more, has a clock and tickets that equal nothing, not even themselves", function()
      loseAll()
      state.refuse()
      assert.is_false(ledger.clock() == ledger.clock())
      assert.is_false(ledger.ticket("a") == ledger.ticket("a"))
    end)
  end)

  it("takes a record for valid in the epoch it was read in, or prepared for, and in no other", function()
    local first = ledger.beginEpoch()
    assert.is_true(ledger.covers(first, first))
    assert.is_false(ledger.covers(first, first - 1))
    assert.is_false(ledger.covers(first, first + 1))
    local failed, prepared = ledger.prepareEpoch(), ledger.prepareEpoch()
    assert.is_true(otherWorkers.covers(first, failed))
    assert.is_true(otherWorkers.covers(first, prepared))
    assert.is_false(otherWorkers.covers(first, prepared + 1))
    ledger.publishEpoch(prepared)
    assert.is_false(otherWorkers.covers(prepared, first))
    assert.is_false(otherWorkers.covers(prepared, failed))
  end)

  it("does not go back to an epoch that was prepared before another has begun", function()
    local slow = ledger.prepareEpoch()
    local epoch = otherWorkers.beginEpoch()
    assert.is_true(moves(ledger.publishEpoch, slow))
    assert.equal(epoch, ledger.epoch())
  end)

  it("goes on from the numbers that version 0.1.0 has left", function()
    state:set("epochs", 6)
    state:set("epoch", 6)
    state:set("clock", 40)
    assert.equal(41, moves(ledger.moveClock) and otherWorkers.clock())
    assert.equal(7, ledger.beginEpoch())
  end)

  it("once prepared, needs room for nothing but tickets and locks", function()
    ledger.prepare()
    local epoch = ledger.beginEpoch()
    state.refuse()
    assert.is_true(moves(ledger.moveClock))
    assert.is_true(ledger.beginEpoch() > epoch)
    ledger.endEpoch(ledger.epoch())
    assert.equal(0, otherWorkers.epoch())
  end)

  it("is prepared once more by a reload without a change to what it holds", function()
    ledger.prepare()
    local epoch, ticket, now = ledger.beginEpoch(), ledger.moveTicket("a"), ledger.clock()
    clock.turn(60)
    otherWorkers.prepare()
    assert.same({ epoch, ticket, now }, { ledger.epoch(), ledger.ticket("a"), ledger.clock() })
  end)

  it("keeps what must last from being evicted, also while tickets need the room of others", function()
    state = fakes.dict(20, clock)
    ledger = newLedger(state, firstByte, clock.now)
    ledger.prepare()
    local epoch = ledger.beginEpoch()
    for byte = 0, 255 do
      ledger.moveTicket(string.char(byte))
      if byte % 8 == 0 then
        ledger.touch()
      end
    end
    assert.equal(epoch, state.peek("epochs"))
    assert.equal(epoch, ledger.epoch())
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

    it("nor because the clock was set back since", function()
      pcall(ledger.alone, "a", function()
        error("killed")
      end)
      clock.turn(-3600)
      otherWorkers.alone("a", nothing)
      assert.is_true(otherWorkers.alone("a", nothing))
    end)
  end)
end)

describe("what dicts of records may have forgotten", function()
  local clock, state, records, absent, ledger
  before_each(function()
    clock = fakes.clock()
    state, records, absent = fakes.dict(nil, clock), fakes.dict(4, clock), fakes.dict(4, clock)
    ledger = newLedger(state, firstByte, clock.now, { records, absent })
  end)

  -- What a look-up does.
  local function find(...)
    for _, name in ipairs({ ... }) do
      assert.is_truthy(records:get(name))
    end
  end

  local function put(...)
    for _, name in ipairs({ ... }) do
      records:set(name, "value")
    end
  end

  it("is anything before the clock has moved for the first time", function()
    assert.is_true(ledger.hasForgotten())
    ledger.moveClock()
    assert.is_false(ledger.hasForgotten())
  end)

  it("is nothing while what they have evicted was used last before the clock has moved", function()
    put("a", "b", "c")
    ledger.moveClock()
    find("c")
    put("d", "e")
    assert.is_nil(records.peek("a"))
    assert.is_nil(records.peek("b"))
    assert.is_false(ledger.hasForgottenFrom(records))
  end)

  it("is anything once that was used which they have evicted, in the dict where it was", function()
    ledger.moveClock()
    put("a", "b", "c", "d")
    assert.is_truthy(records.peek("a"))
    assert.is_true(ledger.hasForgottenFrom(records))
    assert.is_false(ledger.hasForgottenFrom(absent))
    assert.is_true(ledger.hasForgotten())
  end)

  it("is never less for having been asked for", function()
    ledger.moveClock()
    put("a", "b", "c")
    for _ = 1, 10 do
      assert.is_false(ledger.hasForgotten())
    end
    put("d")
    assert.is_true(ledger.hasForgotten())
  end)

  it("is nothing again once the clock has moved", function()
    ledger.moveClock()
    put("a", "b", "c", "d")
    ledger.moveClock()
    assert.is_false(ledger.hasForgotten())
  end)

  it("is anything after a move of the clock by a worker of version 0.1.0, which leaves no mark", function()
    ledger.moveClock()
    state:incr("clock", 1, 0)
    assert.is_true(ledger.hasForgotten())
  end)

  it("takes room for one mark, however often the clock moves", function()
    for _ = 1, 3000 do
      ledger.moveClock()
    end
    assert.equal(1, records.size())
    assert.equal(1, absent.size())
  end)
end)
