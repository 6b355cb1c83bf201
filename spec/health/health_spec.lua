local fakes = require("spec.support.fakes")
local timedDict = require("spec.health.timed_dict")
local healths = require("spec.health.healths")

local RULES = { maxFails = 3, failWindow = 10, failTimeout = 5 }
local A, B = "10.0.0.1:80", "10.0.0.2:80"

describe("the health of peers", function()
  local clock, dict, changes, health, otherWorker
  before_each(function()
    clock, changes = fakes.clock(), 0
    dict = timedDict(clock)
    local function changed()
      changes = changes + 1
    end
    health, otherWorker = healths.new(dict, clock, changed), healths.new(dict, clock, changed)
  end)

  local function fail(times, rules, name)
    for _ = 1, times do
      health.failed(name or A, rules or RULES)
    end
  end

  -- Fails the trial that is due.
  local function failTrial(rules)
    assert.equal("due", health.standing(A))
    assert.is_true(health.claimTrial(A, rules or RULES))
    health.trialFailed(A, rules or RULES)
  end

  -- For how many seconds the peer is out from now on.
  local function outage()
    local seconds = 0
    while health.standing(A) == "out" do
      clock.turn(0.5)
      seconds = seconds + 0.5
    end
    return seconds
  end

  it("is good to begin with, and leaves nothing in the dict", function()
    assert.equal("up", health.standing(A))
    health.succeeded(A)
    assert.equal(0, dict.size())
    assert.equal(0, changes)
  end)

  describe("a peer that fails", function()
    it("is out after so many failures, not before, for all workers", function()
      fail(2)
      assert.equal("up", health.standing(A))
      otherWorker.failed(A, RULES)
      assert.equal("out", health.standing(A))
      assert.equal("out", otherWorker.standing(A))
    end)

    it("is out alone", function()
      fail(2, RULES, B)
      fail(3)
      assert.equal("up", health.standing(B))
    end)

    it("is out at once when one failure is enough", function()
      fail(1, { maxFails = 1, failWindow = 1, failTimeout = 5 })
      assert.equal("out", health.standing(A))
    end)

    it("is never out when no number of failures is enough", function()
      fail(1000, { maxFails = 0, failWindow = 10, failTimeout = 5 })
      assert.equal("up", health.standing(A))
      assert.equal(0, dict.size())
    end)

    it("is out when the failures are within the window, wherever that begins", function()
      fail(1)
      clock.turn(9)
      fail(1)
      clock.turn(3)
      fail(1)
      assert.equal("up", health.standing(A))
      clock.turn(6)
      fail(1)
      assert.equal("out", health.standing(A))
    end)

    it("stays up however often it fails, if seldom enough", function()
      for _ = 1, 100 do
        fail(1)
        clock.turn(5)
      end
      assert.equal("up", health.standing(A))
    end)

    it("leaves a bounded number of entries, however often it fails", function()
      for _ = 1, 1000 do
        fail(1)
        clock.turn(0.1)
      end
      assert(dict.alive() < 10, dict.alive() .. " entries")
    end)

    it("is judged by each pool's own rules", function()
      local strict = { maxFails = 2, failWindow = 10, failTimeout = 5 }
      fail(1)
      fail(1, strict)
      assert.equal("out", health.standing(A))
    end)
  end)

  describe("a peer that is out", function()
    before_each(function()
      fail(3)
    end)

    it("is due when its time is up", function()
      clock.turn(4.9)
      assert.equal("out", health.standing(A))
      clock.turn(0.1)
      assert.equal("due", health.standing(A))
      assert.equal("due", otherWorker.standing(A))
    end)

    it("is not kept out longer by what was under way", function()
      clock.turn(4.9)
      fail(100)
      clock.turn(0.1)
      assert.equal("due", health.standing(A))
    end)

    it("is not blamed, once it is back, for what was under way", function()
      clock.turn(4.9)
      fail(2)
      clock.turn(0.1)
      health.claimTrial(A, RULES)
      health.succeeded(A)
      fail(2)
      assert.equal("up", health.standing(A))
    end)

    it("is tried by a single request of all workers", function()
      clock.turn(5)
      assert.is_true(health.claimTrial(A, RULES))
      assert.is_false(health.claimTrial(A, RULES))
      assert.is_false(otherWorker.claimTrial(A, RULES))
      assert.equal("out", otherWorker.standing(A))
    end)

    it("is up when its trial succeeded", function()
      clock.turn(5)
      health.claimTrial(A, RULES)
      health.succeeded(A)
      assert.equal("up", otherWorker.standing(A))
    end)

    it("is out for twice as long each time its trial fails, up to sixteen times", function()
      local seconds = { outage() }
      for _ = 1, 6 do
        failTrial()
        seconds[#seconds + 1] = outage()
      end
      assert.same({ 5, 10, 20, 40, 80, 80, 80 }, seconds)
    end)

    it("is out from the moment its trial failed, however long that took", function()
      clock.turn(5)
      health.claimTrial(A, RULES)
      clock.turn(60)
      health.trialFailed(A, RULES)
      assert.equal(10, outage())
    end)

    it("is due again after as long as it was out when its trial is never reported", function()
      clock.turn(5)
      health.claimTrial(A, RULES)
      assert.equal(5, outage())
      assert.is_true(otherWorker.claimTrial(A, RULES))
      otherWorker.succeeded(A)
      assert.equal("up", health.standing(A))
    end)

    it("stays due for as long as nobody tries it", function()
      clock.turn(80000)
      assert.equal("due", health.standing(A))
    end)

    it("is out for its usual time if nobody tried it for very long", function()
      clock.turn(80000)
      failTrial()
      assert.equal(5, outage())
    end)
  end)

  describe("a peer that came back", function()
    local function comeBack()
      outage()
      health.claimTrial(A, RULES)
      health.succeeded(A)
    end

    before_each(function()
      fail(3)
      comeBack()
    end)

    it("bears as many failures as ever, though the old ones are within the window", function()
      fail(2)
      assert.equal("up", health.standing(A))
      fail(1)
      assert.equal("out", health.standing(A))
    end)

    it("is out for twice as long when it does not last", function()
      clock.turn(4.9)
      fail(3)
      assert.equal(10, outage())
      comeBack()
      clock.turn(9.9)
      fail(3)
      assert.equal(20, outage())
    end)

    it("is out for its usual time when it was up for as long as it was out", function()
      clock.turn(5)
      fail(3)
      assert.equal(5, outage())
    end)

    it("counts the failure of a trial that outlasted its claim as any other", function()
      health.trialFailed(A, RULES)
      assert.equal("up", health.standing(A))
      fail(2)
      assert.equal("out", health.standing(A))
    end)
  end)

  describe("the change clock", function()
    it("moves when a peer goes out and when it comes back, and for nothing else", function()
      fail(2)
      assert.equal(0, changes)
      fail(10)
      assert.equal(1, changes)
      clock.turn(5)
      failTrial()
      clock.turn(10)
      assert.equal("due", health.standing(A))
      health.claimTrial(A, RULES)
      assert.equal(1, changes)
      health.succeeded(A)
      assert.equal(2, changes)
      health.succeeded(A)
      assert.equal(2, changes)
    end)

    it("moves after what it tells of can be seen", function()
      local seen = {}
      health = healths.new(dict, clock, function()
        seen[#seen + 1] = otherWorker.standing(A)
      end)
      fail(3)
      health.succeeded(A)
      assert.same({ "out", "up" }, seen)
    end)
  end)

  describe("a peer held out", function()
    it("is out until then, and due after", function()
      health.holdOut(A, 7)
      assert.equal(1, changes)
      assert.equal(7, outage())
      assert.equal("due", health.standing(A))
    end)

    it("is out for as long as it is held", function()
      for _ = 1, 100 do
        health.holdOut(A, 7)
        clock.turn(5)
        assert.equal("out", health.standing(A))
      end
      assert.equal(1, changes)
      health.succeeded(A)
      assert.equal("up", health.standing(A))
    end)
  end)

  it("takes nobody out, nor keeps anybody out, when the dict has no room", function()
    fail(3)
    clock.turn(5)
    dict.refuse()
    fail(10, RULES, B)
    assert.equal("up", health.standing(B))
    assert.is_true(health.claimTrial(A, RULES))
    health.trialFailed(A, RULES)
    health.succeeded(A)
    assert.equal("up", health.standing(A))
  end)

  it("costs one read of a peer that is up", function()
    local reads = 0
    local counted = healths.new(
      timedDict(clock, function()
        reads = reads + 1
      end),
      clock
    )
    counted.standing(A)
    assert.equal(1, reads)
  end)

  it("forgets a peer that nobody tries for a day, with all its entries: it may be gone for good", function()
    local rules = { maxFails = 1, failWindow = 10, failTimeout = 10 }
    health.failed(A, rules)
    clock.turn(23 * 3600)
    assert.equal("due", health.standing(A))
    health.trialFailed(A, rules)
    clock.turn(23 * 3600)
    assert.equal("due", health.standing(A))
    clock.turn(2 * 3600)
    assert.equal("up", health.standing(A))
    assert.equal(0, dict.alive())
  end)

  describe("when the clock was set back an hour", function()
    local rules = { maxFails = 2, failWindow = 10, failTimeout = 10 }

    before_each(function()
      clock.turn(86400)
    end)

    it("is no reason to keep a peer out", function()
      fail(2, rules)
      clock.turn(-3600)
      assert.equal("due", otherWorker.standing(A))
      assert.is_true(health.claimTrial(A, rules))
      health.succeeded(A)
      assert.equal("up", otherWorker.standing(A))
    end)

    it("is no reason to wait for a trial that is never reported", function()
      fail(2, rules)
      clock.turn(10)
      assert.is_true(health.claimTrial(A, rules))
      clock.turn(-3600)
      assert.equal("due", otherWorker.standing(A))
    end)

    it("is no reason to keep out what checks took out", function()
      health.holdOut(A, 16)
      clock.turn(-3600)
      assert.equal("due", health.standing(A))
    end)

    it("is no reason to count failures of the time before", function()
      fail(1, rules)
      clock.turn(-3600)
      fail(1, rules)
      assert.equal("up", health.standing(A))
      fail(1, rules)
      assert.equal("out", health.standing(A))
    end)

    it("is not meant when another worker's clock is a little ahead", function()
      fail(1, rules)
      clock.turn(-0.5)
      fail(1, rules)
      assert.equal("out", otherWorker.standing(A))
      clock.turn(-0.5)
      assert.equal("out", otherWorker.standing(A))
    end)
  end)

  it("costs one small entry, however many failures it takes and however often it fails", function()
    local rules = { maxFails = 1000, failWindow = 3600, failTimeout = 5 }
    for _ = 1, 999 do
      fail(1, rules)
      clock.turn(3)
    end
    assert.equal("up", health.standing(A))
    assert.equal(1, dict.alive())
    assert(#dict.peek("standing:" .. A) < 200, dict.peek("standing:" .. A))
    fail(1, rules)
    assert.equal("out", health.standing(A))
    assert.equal(1, dict.alive())
  end)

  it("counts failures of different workers as one, none twice and none lost", function()
    local rules = { maxFails = 100, failWindow = 10, failTimeout = 5 }
    for i = 1, 99 do
      (i % 2 == 0 and health or otherWorker).failed(A, rules)
    end
    assert.equal("up", health.standing(A))
    fail(1, rules)
    assert.equal("out", otherWorker.standing(A))
  end)

  it("never forgets one peer for another's sake: when there is no room, a further one is not remembered", function()
    local small = fakes.dict(20, clock)
    health = healths.new(small, clock)
    local strict = { maxFails = 1, failWindow = 10, failTimeout = 60 }
    fail(1, strict)
    for i = 1, 100 do
      fail(1, strict, "10.0.1." .. i .. ":80")
    end
    assert.equal("out", health.standing(A))
    assert.equal("up", health.standing("10.0.1.100:80"))
  end)

  it("makes room of what is long over", function()
    local small = fakes.dict(20, clock)
    health = healths.new(small, clock)
    for i = 1, 100 do
      fail(1, RULES, "10.0.1." .. i .. ":80")
    end
    clock.turn(11)
    fail(3)
    assert.equal("out", health.standing(A))
  end)

  describe("in a dict that holds other things", function()
    local strict = { maxFails = 1, failWindow = 10, failTimeout = 60 }

    it("is the same", function()
      health, otherWorker = healths.amongOthers(dict, clock), healths.amongOthers(dict, clock)
      fail(1, strict)
      assert.equal("out", otherWorker.standing(A))
      assert.equal("up", otherWorker.standing(B))
      clock.turn(60)
      assert.is_true(health.claimTrial(A, strict))
      assert.equal("out", otherWorker.standing(A))
      health.succeeded(A)
      assert.equal("up", otherWorker.standing(A))
    end)

    it("is a bounded number of entries, of bounded size, however many peers fail", function()
      health = healths.amongOthers(dict, clock)
      fail(1, strict)
      local long = (("x"):rep(63) .. "."):rep(3) .. "test:"
      for i = 1, 9000 do
        fail(1, strict, long .. i .. " 0123456789abcdef0123456789abcdef")
      end
      assert(dict.alive() <= 1024, dict.alive() .. " entries")
      for _, key in ipairs(dict.keys()) do
        assert(#dict.peek(key) < 420, #dict.peek(key) .. " bytes")
      end
      assert.equal("out", health.standing(A))
    end)

    it("holds every one of a hundred peers that fail", function()
      health = healths.amongOthers(dict, clock)
      local function nameOf(i)
        return "10." .. i * 97 % 251 .. "." .. i * 31 % 241 .. "." .. i .. ":" .. 8000 + i * 7919 % 1000
      end
      for i = 1, 100 do
        fail(1, strict, nameOf(i))
      end
      for i = 1, 100 do
        assert.equal("out", health.standing(nameOf(i)), nameOf(i))
      end
    end)

    it("is never one peer's in place of another's", function()
      health = healths.amongOthers(dict, clock)
      local out = 0
      for i = 1, 3000 do
        local name = "10.0." .. math.floor(i / 250) .. "." .. i % 250 .. ":80"
        fail(1, strict, name)
        out = out + (health.standing(name) == "out" and 1 or 0)
      end
      assert(out > 800 and out <= 1024, out .. " are out")
      health.succeeded("10.0.0.1:80")
      assert.equal("up", health.standing("10.0.0.1:80"))
    end)
  end)

  it("lets another request try a peer whose trial came to nothing", function()
    local rules = { maxFails = 1, failWindow = 10, failTimeout = 10 }
    health.failed(A, rules)
    clock.turn(11)
    assert.is_true(health.claimTrial(A, rules))
    assert.is_false(otherWorker.claimTrial(A, rules))
    health.trialUnused(A)
    assert.equal("due", otherWorker.standing(A))
    assert.is_true(otherWorker.claimTrial(A, rules))
  end)
end)
