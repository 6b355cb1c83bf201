local fakes = require("spec.support.fakes")
local lease = require("signpost.state.lease")
local newLease, holderId, newGeneration = lease.newLease, lease.holderId, lease.newGeneration

-- Longer than a lease lasts without renewal, and a pause after which it still does, in seconds.
local TOO_LONG, SOON = 0.85, 0.5

describe("the lease", function()
  local clock, state, one, other

  before_each(function()
    clock = fakes.clock()
    state = fakes.dict(nil, clock)
    one, other = newLease(state, 101, clock.now), newLease(state, 102, clock.now)
  end)

  it("is nobody's at first", function()
    assert.is_false(one.isMine())
    assert.is_false(other.isMine())
  end)

  it("is held by one worker at a time", function()
    assert.is_true(one.hold())
    assert.is_false(other.hold())
    assert.is_true(one.isMine())
    assert.is_false(other.isMine())
  end)

  it("lapses within a second of a holder's death, and is another's then", function()
    one.hold()
    clock.turn(SOON)
    assert.is_false(other.hold())
    clock.turn(TOO_LONG - SOON)
    assert.is_true(other.hold())
  end)

  it("lasts as long as it is renewed", function()
    for _ = 1, 20 do
      assert.is_true(one.hold())
      assert.is_false(other.hold())
      clock.turn(SOON)
    end
  end)

  it("is not renewed by a look at it", function()
    one.hold()
    clock.turn(SOON)
    assert.is_true(one.isMine())
    clock.turn(TOO_LONG - SOON)
    assert.is_false(one.isMine())
  end)

  it("tells the holder that lost it", function()
    one.hold()
    clock.turn(TOO_LONG)
    other.hold()
    assert.is_false(one.hold())
    assert.is_false(one.isMine())
    assert.is_true(other.isMine())
  end)

  it("can be taken again by the holder that was late, if nobody else was there", function()
    one.hold()
    clock.turn(TOO_LONG)
    assert.is_true(one.hold())
  end)

  it("of a dead worker does not outlast it because the clock was set back", function()
    one.hold()
    clock.turn(-3600)
    assert.is_true(other.hold())
    assert.is_true(other.isMine())
    assert.is_false(one.hold())
    clock.turn(SOON)
    assert.is_false(one.hold())
    assert.is_true(other.hold())
  end)

  it("is one worker's alone, whoever finds first that the clock was set back", function()
    for i = 1, 20 do
      one.hold()
      clock.turn(-10)
      local holders = 0
      for me = 1, 5 do
        holders = holders + (newLease(state, 1000 * i + me, clock.now).hold() and 1 or 0)
      end
      assert.equal(1, holders)
      clock.turn(60)
    end
  end)

  it("lasts when a worker's time is a little behind that of the holder", function()
    one.hold()
    clock.turn(-SOON)
    assert.is_false(other.hold())
    assert.is_true(one.isMine())
  end)

  it("of a worker of version 0.1.0, which does not say since when, lasts as long as the dict keeps it", function()
    state:set("watcher", 103, 0.8)
    assert.is_false(one.hold())
    clock.turn(TOO_LONG)
    assert.is_true(one.hold())
  end)

  it("is understood by a worker of version 0.1.0, for which the value alone is the holder", function()
    one.hold()
    assert.equal(101, (state:get("watcher")))
  end)

  it("is free at once when it is released", function()
    one.hold()
    one.release()
    assert.is_false(one.isMine())
    assert.is_true(other.hold())
  end)

  it("is not released by a worker that does not hold it", function()
    one.hold()
    other.release()
    assert.is_true(one.isMine())
  end)

  describe("after a reload", function()
    local new, newer

    before_each(function()
      one.hold()
      new, newer = newLease(state, holderId(1, 7), clock.now), newLease(state, holderId(2, 3), clock.now)
    end)

    it("is a new worker's as soon as it takes it, and the old one learns so", function()
      assert.is_true(new.hold())
      assert.is_true(new.isMine())
      assert.is_false(one.isMine())
      assert.is_false(one.hold())
      assert.is_true(newer.hold())
      assert.is_false(new.hold())
    end)

    it("is the old worker's until the new one that has claimed it takes it", function()
      assert.is_true(new.claim())
      assert.is_false(new.isMine())
      assert.is_true(one.hold())
      assert.is_true(new.hold())
      assert.is_false(one.hold())
    end)

    it("may be taken over by one of the new workers only", function()
      local another = newLease(state, holderId(1, 8), clock.now)
      assert.is_true(new.claim())
      assert.is_false(another.claim())
      assert.is_false(another.hold())
      assert.is_true(new.hold())
      clock.turn(SOON)
      assert.is_false(another.hold())
      assert.is_true(new.hold())
    end)

    it("may be taken over by another new worker when the first has died before it took it", function()
      local another = newLease(state, holderId(1, 8), clock.now)
      new.claim()
      clock.turn(SOON)
      one.hold()
      clock.turn(TOO_LONG - SOON)
      assert.is_true(another.hold())
      assert.is_false(one.hold())
    end)

    it("is taken from a worker of version 0.1.0 too, whose process id is all it says", function()
      state:set("watcher", 4194303, 0.8)
      assert.is_true(new.hold())
    end)

    it("is claimed by a look that takes it, when it is nobody's", function()
      one.release()
      assert.is_true(new.claim())
      assert.is_true(new.isMine())
    end)
  end)

  it("knows each generation by a number of its own, the later one's being greater", function()
    assert.same({ 1, 2, 3 }, { newGeneration(state), newGeneration(state), newGeneration(state) })
  end)

  it("waits for the end of an older one where the dict has no room to count generations", function()
    local full = { safe_add = function() return false, "no memory" end, incr = function() return nil, "not found" end }
    assert.equal(0, newGeneration(full))
  end)

  it("tells workers of one generation apart", function()
    local seen = {}
    for generation = 0, 3 do
      for _, pid in ipairs({ 1, 2, 32768, 4194303 }) do
        local id = holderId(generation, pid)
        assert.is_nil(seen[id])
        seen[id] = true
      end
    end
  end)
end)
