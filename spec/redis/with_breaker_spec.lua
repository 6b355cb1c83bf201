local fakes = require("spec.support.fakes")
local withBreaker = require("signpost.redis.with_breaker").withBreaker
local newBreaker = require("signpost.redis.breaker").newBreaker

local FAILURES, PAUSE = 3, 2

describe("a reader with a breaker", function()
  local clock, log, tally, read, down, asked
  before_each(function()
    clock, log, tally = fakes.clock(), fakes.log(), fakes.tally()
    down, asked = false, 0
    read = withBreaker(function(names)
      asked = asked + 1
      if down then
        return nil, "redis_down", "10.0.0.9:6379: connect: timeout"
      end
      return { { kind = "good", text = names[1] } }, nil
    end, { breaker = newBreaker(clock.now, FAILURES, PAUSE), log = log, count = tally.count })
  end)

  local function readTimes(times)
    for _ = 1, times do
      read({ "a.com" })
    end
  end

  it("hands on what was read, counts it, and logs nothing", function()
    local readings, err = read({ "a.com" })
    assert.is_nil(err)
    assert.same({ { kind = "good", text = "a.com" } }, readings)
    assert.equal(1, tally.of("lookups"))
    assert.equal(0, tally.of("lookup_failures"))
    assert.same({}, log.lines)
  end)

  it("hands on a failure, counts it, and logs what was tried and what it means", function()
    down = true
    assert.same({ nil, "redis_down", "10.0.0.9:6379: connect: timeout" }, { read({ "a.com" }) })
    assert.equal(1, tally.of("lookups"))
    assert.equal(1, tally.of("lookup_failures"))
    assert.same({ { "error", "redis_down: 10.0.0.9:6379: connect: timeout; known hosts are served as they were" } },
      log.lines)
  end)

  it("stops asking after so many failures in a row, and fails at once", function()
    down = true
    readTimes(100)
    assert.equal(FAILURES, asked)
    local readings, err, detail = read({ "a.com" })
    assert.is_nil(readings)
    assert.equal("redis_down", err)
    assert.equal("string", type(detail))
  end)

  it("counts and logs only what it asked", function()
    down = true
    readTimes(100)
    assert.equal(FAILURES, tally.of("lookups"))
    assert.equal(FAILURES, tally.of("lookup_failures"))
    assert.equal(FAILURES, #log.lines)
  end)

  it("tries once each pause, without a line in the log each time", function()
    down = true
    readTimes(FAILURES)
    for _ = 1, 10 do
      clock.turn(PAUSE)
      readTimes(10)
    end
    assert.equal(FAILURES + 10, asked)
    assert.equal(FAILURES + 10, tally.of("lookup_failures"))
    assert.equal(FAILURES, #log.lines)
  end)

  it("says once that Redis answers again, and asks freely from then on", function()
    down = true
    readTimes(FAILURES)
    down = false
    clock.turn(PAUSE)
    readTimes(10)
    assert.equal(FAILURES + 10, asked)
    assert.equal(FAILURES + 1, #log.lines)
    assert.same({ "warn", "Redis answers again" }, log.lines[FAILURES + 1])
  end)

  it("logs again when Redis fails again", function()
    for _ = 1, 2 do
      down = true
      readTimes(FAILURES)
      down = false
      clock.turn(PAUSE)
      readTimes(1)
    end
    assert.equal(2 * (FAILURES + 1), #log.lines)
  end)
end)
