local fakes = require("spec.support.fakes")
local quietLog = require("signpost.platform.quiet_log").quietLog

describe("the quiet log", function()
  local clock, log, quiet

  before_each(function()
    clock, log = fakes.clock(), fakes.log()
    quiet = quietLog(log, clock.now)
  end)

  local function passMinute()
    clock.turn(61)
    quiet.flush()
  end

  it("writes what is new at once, at its level", function()
    quiet.error("one")
    quiet.warn("two")
    assert.same({ { "error", "one" }, { "warn", "two" } }, log.lines)
  end)

  it("writes the same line once a minute, and then how often it was left out", function()
    for _ = 1, 370 do
      quiet.error("one")
    end
    assert.equal(1, #log.lines)
    passMinute()
    assert.same({ "error", "one (the last of 369 lines like this that were left out)" }, log.lines[2])
    passMinute()
    assert.equal(2, #log.lines)
    quiet.error("one")
    assert.same({ "error", "one" }, log.lines[3])
  end)

  it("writes only a few different lines about one subject, and the last of them when the minute is over", function()
    for i = 1, 1000 do
      quiet.warn("reason " .. i, "a.com")
    end
    assert.equal(5, #log.lines)
    passMinute()
    assert.same({ "warn", "reason 1000 (the last of 995 lines like this that were left out)" }, log.lines[6])
    assert.equal(6, #log.lines)
  end)

  it("says last what is true last, of a subject that goes to and fro", function()
    for _ = 1, 10 do
      quiet.warn("lost", "watch")
      quiet.warn("found", "watch")
    end
    passMinute()
    assert.matches("^found", log.lines[#log.lines][2])
    assert.is_true(#log.lines <= 6)
  end)

  it("tells subjects apart: one that says much silences no other", function()
    for i = 1, 1000 do
      quiet.error("reason " .. i, "a.com")
    end
    quiet.error("reason", "b.com")
    assert.same({ "error", "reason" }, log.lines[6])
  end)

  it("is bounded however many subjects there are", function()
    for i = 1, 10000 do
      quiet.error("reason", "host " .. i)
    end
    assert.is_true(#log.lines <= 1005, #log.lines)
    local before = #log.lines
    passMinute()
    assert.same({ "error", "reason (the last of 8999 lines like this that were left out)" }, log.lines[before + 1])
    quiet.error("reason", "another")
    assert.equal(before + 2, #log.lines)
  end)

  it("forgets what was said in the future: the clock was set back", function()
    quiet.error("one")
    clock.turn(-3600)
    quiet.error("one")
    assert.equal(2, #log.lines)
  end)
end)
