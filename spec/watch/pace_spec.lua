local fakes = require("spec.support.fakes")
local newPace = require("signpost.watch.pace").newPace

-- In steps that are sums of powers of two, so that times are exact; the interval is 20 ms.
local STEP = 1 / 256

describe("the pace", function()
  local clock, pace

  before_each(function()
    clock = fakes.clock()
    pace = newPace(clock.now)
  end)

  local function handle(name)
    assert.is_true(pace.allows(name))
    pace.handled(name)
  end

  it("lets the first of each name through", function()
    handle("a")
    handle("b")
    assert.equal(0, pace.waiting())
    assert.same({}, pace.due())
  end)

  it("puts off what comes within 20 ms, once, until they are over", function()
    handle("a")
    clock.turn(STEP)
    for _ = 1, 100 do
      assert.is_false(pace.allows("a"))
    end
    assert.equal(1, pace.waiting())
    clock.turn(4 * STEP)
    assert.same({}, pace.due())
    clock.turn(STEP)
    assert.same({ "a" }, pace.due())
    assert.equal(0, pace.waiting())
  end)

  it("lets through what comes after 20 ms", function()
    handle("a")
    clock.turn(6 * STEP)
    handle("a")
    assert.same({}, pace.due())
  end)

  it("lets a name through no more often than every 20 ms, and puts off its last, for as long as it goes on", function()
    local times, last = {}, nil
    for i = 1, 1000 do
      for _, name in ipairs(pace.due()) do
        pace.handled(name)
        times[#times + 1], last = clock.now(), i
      end
      if pace.allows("a") then
        pace.handled("a")
        times[#times + 1], last = clock.now(), i
      end
      clock.turn(STEP)
    end
    for i = 2, #times do
      assert.is_true(times[i] - times[i - 1] >= 0.02)
    end
    assert.is_true(#times > 1000 / 6 - 2, #times)
    if last < 1000 then
      clock.turn(6 * STEP)
      assert.same({ "a" }, pace.due())
    end
  end)

  it("does not pace a name that was not handled: it cost nothing", function()
    assert.is_true(pace.allows("a"))
    assert.is_true(pace.allows("a"))
  end)

  it("gives out all that were put off, if asked, whatever the time", function()
    handle("a")
    handle("b")
    pace.allows("a")
    pace.allows("b")
    local all = pace.all()
    table.sort(all)
    assert.same({ "a", "b" }, all)
    assert.equal(0, pace.waiting())
  end)

  it("puts nothing off for longer because the clock was set back", function()
    handle("a")
    pace.allows("a")
    clock.turn(-3600)
    assert.same({ "a" }, pace.due())
    assert.is_true(pace.allows("a"))
  end)

  it("remembers no more names than a few thousand, and paces the latest of them", function()
    collectgarbage()
    local before = collectgarbage("count")
    for i = 1, 100000 do
      handle("name " .. i)
    end
    collectgarbage()
    assert.is_true(collectgarbage("count") - before < 1024)
    assert.is_false(pace.allows("name 100000"))
    assert.is_true(pace.allows("name 1"))
  end)
end)
