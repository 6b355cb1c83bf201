local fakes = require("spec.support.fakes")
local newLease = require("signpost.watch.lease").newLease

-- Longer than a lease lasts without renewal, and a pause after which it still does, in seconds.
local TOO_LONG, SOON = 0.85, 0.5

describe("the lease", function()
  local clock, one, other

  before_each(function()
    clock = fakes.clock()
    local state = fakes.dict(nil, clock)
    one, other = newLease(state, 101), newLease(state, 102)
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
end)
