local fakes = require("spec.support.fakes")
local newNodeState = require("signpost.state.node_state").newNodeState

local function firstByte(name)
  return name:byte()
end

describe("what the workers of a node agree on", function()
  local clock, state, nodeState, otherWorkers

  before_each(function()
    clock = fakes.clock()
    state = fakes.dict(nil, clock)
    nodeState, otherWorkers = newNodeState(state, firstByte, clock.now), newNodeState(state, firstByte, clock.now)
  end)

  -- Whether `act` moves the change clock.
  local function moves(act, ...)
    local before = nodeState.changeClock.value()
    act(...)
    return nodeState.changeClock.value() > before
  end

  it("begins with nothing: no change, no tracking, no completeness", function()
    assert.is_true(nodeState.changeClock.isNew())
    assert.equal(nodeState.changeClock.value(), otherWorkers.changeClock.value())
    assert.is_false(nodeState.changeClock.isNew())
    assert.equal(0, nodeState.epochs.current())
    assert.is_false(nodeState.completeness.holds())
    assert.equal(nodeState.tickets.of("a"), otherWorkers.tickets.of("a"))
  end)

  it("has one clock for all workers", function()
    assert.is_true(moves(otherWorkers.changeClock.move))
    assert.equal(otherWorkers.changeClock.value(), nodeState.changeClock.value())
  end)

  describe("epoch", function()
    it("is a new one each time that tracking begins, and moves the clock", function()
      local first = nodeState.epochs.begin()
      assert.equal(first, otherWorkers.epochs.current())
      assert.is_true(moves(otherWorkers.epochs.begin))
      assert.is_true(nodeState.epochs.current() > first)
    end)

    it("ends, which moves the clock", function()
      local epoch = nodeState.epochs.begin()
      assert.is_true(moves(nodeState.epochs.finish, epoch))
      assert.equal(0, nodeState.epochs.current())
    end)

    it("is not ended with an older one", function()
      local older = nodeState.epochs.begin()
      local newer = otherWorkers.epochs.begin()
      assert.is_false(moves(nodeState.epochs.finish, older))
      assert.equal(newer, nodeState.epochs.current())
    end)

    it("never has the number of one that has ended", function()
      local ended = nodeState.epochs.begin()
      nodeState.epochs.finish(ended)
      assert.is_true(nodeState.epochs.begin() > ended)
    end)

    it("that is prepared has a number, and begins when it is published", function()
      local current = nodeState.epochs.begin()
      local prepared = nodeState.epochs.prepare()
      assert.is_true(prepared > current)
      assert.equal(current, nodeState.epochs.current())
      assert.is_true(moves(nodeState.epochs.publish, prepared))
      assert.equal(prepared, otherWorkers.epochs.current())
    end)
  end)

  it("knows that the records are complete until tracking begins", function()
    nodeState.completeness.declare()
    assert.is_true(otherWorkers.completeness.holds())
    nodeState.epochs.prepare()
    assert.is_true(nodeState.completeness.holds())
    nodeState.epochs.begin()
    assert.is_false(otherWorkers.completeness.holds())
  end)

  it("has tickets by name, which are the same for all workers and leave the clock alone", function()
    local b = nodeState.tickets.of("b")
    local a = nodeState.tickets.of("a")
    assert.is_false(moves(otherWorkers.tickets.move, "a"))
    assert.equal(a + 1, nodeState.tickets.of("a"))
    assert.equal(b, nodeState.tickets.of("b"))
  end)

  describe("that has lost what it held", function()
    -- As much as workers do in so many seconds, at most.
    local function go(seconds)
      for _ = 1, 1000 * seconds do
        nodeState.changeClock.move()
        nodeState.tickets.move("a")
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
        local last, ticket = nodeState.changeClock.value(), nodeState.tickets.of("a")
        loseAll()
        assert.is_true(nodeState.changeClock.value() > last)
        assert.is_true(nodeState.tickets.of("a") > ticket)
        loseAll()
        nodeState.changeClock.move()
        assert.is_true(nodeState.changeClock.value() > last)
        assert.is_true(nodeState.tickets.move("a") > ticket)
      end
    end)

    it("never gives an epoch out twice, nor takes a record of an older one for valid", function()
      local given = { nodeState.epochs.begin() }
      for _ = 1, 20 do
        nodeState.epochs.finish(nodeState.epochs.begin())
        given[#given + 1] = nodeState.epochs.begin()
        clock.turn(60)
        loseAll()
        local epoch = nodeState.epochs.begin()
        for _, older in ipairs(given) do
          assert.is_true(epoch > older)
          assert.is_false(otherWorkers.epochs.covers(epoch, older))
        end
        given[#given + 1] = epoch
      end
    end)

    it("never gives an epoch out twice in a burst of them either, whichever worker begins the next", function()
      local greatest = 0
      for _ = 1, 20 do
        for _ = 1, 10 do
          local epoch = nodeState.epochs.begin()
          assert.is_true(epoch > greatest)
          greatest = epoch
        end
        otherWorkers.touch()
        loseAll()
        nodeState, otherWorkers = otherWorkers, nodeState
        nodeState.prepare()
      end
    end)

    it("has no tracking until the next begins", function()
      nodeState.epochs.begin()
      loseAll()
      assert.equal(0, otherWorkers.epochs.current())
    end)

    it("takes nothing for complete", function()
      nodeState.completeness.declare()
      loseAll()
      assert.is_false(nodeState.completeness.holds())
    end)

    it("and takes nothing more, has a clock and tickets that equal nothing, not even themselves", function()
      loseAll()
      state.refuse()
      assert.is_false(nodeState.changeClock.value() == nodeState.changeClock.value())
      assert.is_false(nodeState.tickets.of("a") == nodeState.tickets.of("a"))
    end)
  end)

  it("takes a record for valid in the epoch it was read in, or prepared for, and in no other", function()
    local first = nodeState.epochs.begin()
    assert.is_true(nodeState.epochs.covers(first, first))
    assert.is_false(nodeState.epochs.covers(first, first - 1))
    assert.is_false(nodeState.epochs.covers(first, first + 1))
    local failed, prepared = nodeState.epochs.prepare(), nodeState.epochs.prepare()
    assert.is_true(otherWorkers.epochs.covers(first, failed))
    assert.is_true(otherWorkers.epochs.covers(first, prepared))
    assert.is_false(otherWorkers.epochs.covers(first, prepared + 1))
    nodeState.epochs.publish(prepared)
    assert.is_false(otherWorkers.epochs.covers(prepared, first))
    assert.is_false(otherWorkers.epochs.covers(prepared, failed))
  end)

  it("does not go back to an epoch that was prepared before another has begun", function()
    local slow = nodeState.epochs.prepare()
    local epoch = otherWorkers.epochs.begin()
    assert.is_true(moves(nodeState.epochs.publish, slow))
    assert.equal(epoch, nodeState.epochs.current())
  end)

  it("goes on from the numbers that version 0.1.0 has left", function()
    state:set("epochs", 6)
    state:set("epoch", 6)
    state:set("clock", 40)
    assert.equal(41, moves(nodeState.changeClock.move) and otherWorkers.changeClock.value())
    assert.equal(7, nodeState.epochs.begin())
  end)

  it("once prepared, needs room for nothing but tickets and locks", function()
    nodeState.prepare()
    local epoch = nodeState.epochs.begin()
    state.refuse()
    assert.is_true(moves(nodeState.changeClock.move))
    assert.is_true(nodeState.epochs.begin() > epoch)
    nodeState.epochs.finish(nodeState.epochs.current())
    assert.equal(0, otherWorkers.epochs.current())
  end)

  it("is prepared once more by a reload without a change to what it holds", function()
    nodeState.prepare()
    local epoch, ticket, now = nodeState.epochs.begin(), nodeState.tickets.move("a"), nodeState.changeClock.value()
    clock.turn(60)
    otherWorkers.prepare()
    assert.equal(epoch, nodeState.epochs.current())
    assert.equal(ticket, nodeState.tickets.of("a"))
    assert.equal(now, nodeState.changeClock.value())
  end)

  it("keeps what must last from being evicted, also while tickets need the room of others", function()
    state = fakes.dict(20, clock)
    nodeState = newNodeState(state, firstByte, clock.now)
    nodeState.prepare()
    local epoch = nodeState.epochs.begin()
    for byte = 0, 255 do
      nodeState.tickets.move(string.char(byte))
      if byte % 8 == 0 then
        nodeState.touch()
      end
    end
    assert.equal(epoch, nodeState.epochs.current())
    -- A worker that has seen no epoch yet goes on counting where the others are.
    assert.equal(epoch + 1, newNodeState(state, firstByte, clock.now).epochs.begin())
  end)

  describe("alone", function()
    local function nothing()
    end

    it("runs a task once, and the next after it", function()
      local runs = 0
      for _ = 1, 3 do
        assert.is_true(nodeState.alone("a", function()
          runs = runs + 1
        end))
      end
      assert.equal(3, runs)
    end)

    it("lets no other worker run one for the same name meanwhile, which gives up in the end", function()
      local intruded = false
      nodeState.alone("a", function()
        assert.is_false(otherWorkers.alone("a", function()
          intruded = true
        end))
      end)
      assert.is_false(intruded)
      assert.is_true(otherWorkers.alone("a", nothing))
    end)

    it("lets others run theirs for other names", function()
      nodeState.alone("a", function()
        assert.is_true(otherWorkers.alone("b", nothing))
      end)
    end)

    it("is not kept waiting for long by a worker that was killed in the middle", function()
      pcall(nodeState.alone, "a", function()
        error("killed")
      end)
      assert.is_false(otherWorkers.alone("a", nothing))
      clock.turn(0.1)
      assert.is_true(otherWorkers.alone("a", nothing))
    end)

    it("nor because the clock was set back since", function()
      pcall(nodeState.alone, "a", function()
        error("killed")
      end)
      clock.turn(-3600)
      otherWorkers.alone("a", nothing)
      assert.is_true(otherWorkers.alone("a", nothing))
    end)
  end)
end)

describe("what dicts of records may have evicted", function()
  local clock, state, records, absent, nodeState
  before_each(function()
    clock = fakes.clock()
    state, records, absent = fakes.dict(nil, clock), fakes.dict(4, clock), fakes.dict(4, clock)
    nodeState = newNodeState(state, firstByte, clock.now, { records, absent })
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
    assert.is_true(nodeState.changeClock.mayHaveEvicted())
    nodeState.changeClock.move()
    assert.is_false(nodeState.changeClock.mayHaveEvicted())
  end)

  it("is nothing while what they have evicted was used last before the clock has moved", function()
    put("a", "b", "c")
    nodeState.changeClock.move()
    find("c")
    put("d", "e")
    assert.is_nil(records.peek("a"))
    assert.is_nil(records.peek("b"))
    assert.is_false(nodeState.changeClock.mayHaveEvictedFrom(records))
  end)

  it("is anything once that was used which they have evicted, in the dict where it was", function()
    nodeState.changeClock.move()
    put("a", "b", "c", "d")
    assert.is_truthy(records.peek("a"))
    assert.is_true(nodeState.changeClock.mayHaveEvictedFrom(records))
    assert.is_false(nodeState.changeClock.mayHaveEvictedFrom(absent))
    assert.is_true(nodeState.changeClock.mayHaveEvicted())
  end)

  it("is never less for having been asked for", function()
    nodeState.changeClock.move()
    put("a", "b", "c")
    for _ = 1, 10 do
      assert.is_false(nodeState.changeClock.mayHaveEvicted())
    end
    put("d")
    assert.is_true(nodeState.changeClock.mayHaveEvicted())
  end)

  it("is nothing again once the clock has moved", function()
    nodeState.changeClock.move()
    put("a", "b", "c", "d")
    nodeState.changeClock.move()
    assert.is_false(nodeState.changeClock.mayHaveEvicted())
  end)

  it("is anything after a move of the clock by a worker of version 0.1.0, which leaves no mark", function()
    nodeState.changeClock.move()
    state:incr("clock", 1, 0)
    assert.is_true(nodeState.changeClock.mayHaveEvicted())
  end)

  it("takes room for one mark, however often the clock moves", function()
    for _ = 1, 3000 do
      nodeState.changeClock.move()
    end
    assert.equal(1, records.size())
    assert.equal(1, absent.size())
  end)
end)
