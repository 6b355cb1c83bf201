local fakes = require("spec.support.fakes")
local outcome = require("signpost.balance.outcome")
local pools = require("spec.balance.pools")
local timedDict = require("spec.health.timed_dict")
local healths = require("spec.health.healths")

local isFailure, mayBeStale, report = outcome.isFailure, outcome.mayBeStale, outcome.report

local A = "10.0.0.1:80"

-- What can become of a try.
local REFUSED = { status = 502, isConnected = false, isAnswered = false }
local NOT_CONNECTED_IN_TIME = { status = 504, isConnected = false, isAnswered = false }
local BROKEN = { status = 502, isConnected = true, isAnswered = false }
local SILENT = { status = 504, isConnected = true, isAnswered = false }

local function answer(status)
  return { status = status, isConnected = true, isAnswered = true }
end

local function poolWith(failOn, more)
  local fields = { [A] = 1, fail_on = failOn }
  for name, value in pairs(more or {}) do
    fields[name] = value
  end
  return pools.of(fields)
end

-- fail_on, what of these is a failure, what is not
local JUDGEMENTS = {
  { "connect timeout", { REFUSED, NOT_CONNECTED_IN_TIME, SILENT },
    { BROKEN, answer(200), answer(404), answer(500), answer(502), answer(504) } },
  { "connect", { REFUSED, NOT_CONNECTED_IN_TIME }, { BROKEN, SILENT, answer(502), answer(504) } },
  { "timeout", { NOT_CONNECTED_IN_TIME, SILENT }, { REFUSED, BROKEN, answer(502), answer(504) } },
  { "500 503", { answer(500), answer(503) },
    { REFUSED, NOT_CONNECTED_IN_TIME, SILENT, BROKEN, answer(200), answer(501), answer(502) } },
  { "502 504", { answer(502), answer(504) }, { REFUSED, NOT_CONNECTED_IN_TIME, SILENT, BROKEN } },
  { "connect timeout 503", { REFUSED, NOT_CONNECTED_IN_TIME, SILENT, answer(503) }, { BROKEN, answer(200) } },
}

local function described(try)
  return ("%d, %sconnected, %sanswered"):format(
    try.status,
    try.isConnected and "" or "not ",
    try.isAnswered and "" or "not "
  )
end

describe("what counts as a failure", function()
  for _, judgement in ipairs(JUDGEMENTS) do
    local failOn, failures, others = unpack(judgement)
    it("goes by fail_on: " .. failOn, function()
      for _, try in ipairs(failures) do
        assert.is_true(isFailure(poolWith(failOn), try), described(try))
      end
      for _, try in ipairs(others) do
        assert.is_false(isFailure(poolWith(failOn), try), described(try))
      end
    end)
  end
end)

describe("the report of a try", function()
  local clock, health, pool
  before_each(function()
    clock = fakes.clock()
    health = healths.new(timedDict(clock), clock)
    pool = poolWith("connect timeout 503", { max_fails = 2, fail_timeout = 5 })
  end)

  local function tell(as, try, times)
    for _ = 1, times or 1 do
      report(pool, { peer = pool.peers[1], as = as }, try, health)
    end
  end

  local function takeOut()
    tell("up", REFUSED, 2)
    assert.equal("out", health.standing(pool.peers[1].healthKey))
  end

  local function beginTrial()
    takeOut()
    clock.turn(5)
    assert.is_true(health.claimTrial(pool.peers[1].healthKey, pool.rules))
  end

  it("takes a peer out after as many failures as the pool's rules say", function()
    for _, try in ipairs({ REFUSED, NOT_CONNECTED_IN_TIME, SILENT, answer(503) }) do
      health = healths.new(timedDict(clock), clock)
      tell("up", try)
      assert.equal("up", health.standing(pool.peers[1].healthKey), described(try))
      tell("up", try)
      assert.equal("out", health.standing(pool.peers[1].healthKey), described(try))
    end
  end)

  it("never takes a peer out for closing idle connections, or for answers that are no failures", function()
    for _, try in ipairs({ BROKEN, answer(200), answer(404), answer(500) }) do
      tell("up", try, 100)
      assert.equal("up", health.standing(pool.peers[1].healthKey), described(try))
    end
  end)

  it("brings a peer back when its trial was answered", function()
    for _, status in ipairs({ 200, 404, 500 }) do
      health = healths.new(timedDict(clock), clock)
      beginTrial()
      tell("trial", answer(status))
      assert.equal("up", health.standing(pool.peers[1].healthKey))
    end
  end)

  it("keeps a peer out for twice as long when its trial failed, or had no answer", function()
    for _, try in ipairs({ REFUSED, NOT_CONNECTED_IN_TIME, SILENT, BROKEN, answer(503) }) do
      health = healths.new(timedDict(clock), clock)
      beginTrial()
      tell("trial", try)
      clock.turn(9.9)
      assert.equal("out", health.standing(pool.peers[1].healthKey), described(try))
      clock.turn(0.1)
      assert.equal("due", health.standing(pool.peers[1].healthKey), described(try))
    end
  end)

  it("does not bring a peer back that cannot be reached, though the pool does not count that", function()
    pool = poolWith("503", { max_fails = 2, fail_timeout = 5 })
    tell("up", answer(503), 2)
    clock.turn(5)
    assert.is_true(health.claimTrial(pool.peers[1].healthKey, pool.rules))
    tell("trial", REFUSED)
    assert.equal("out", health.standing(pool.peers[1].healthKey))
  end)

  it("brings a peer back that was tried although it was out, and answered", function()
    takeOut()
    tell("anyway", answer(200))
    assert.equal("up", health.standing(pool.peers[1].healthKey))
  end)

  it("keeps a peer out no longer for having been tried although it was out", function()
    takeOut()
    clock.turn(4.9)
    for _, try in ipairs({ REFUSED, NOT_CONNECTED_IN_TIME, SILENT, BROKEN, answer(503) }) do
      tell("anyway", try, 10)
      assert.equal("out", health.standing(pool.peers[1].healthKey), described(try))
    end
    clock.turn(0.1)
    assert.equal("due", health.standing(pool.peers[1].healthKey))
  end)

  it("does not bring a peer back for a success that was under way when it went out", function()
    takeOut()
    tell("up", answer(200))
    assert.equal("out", health.standing(pool.peers[1].healthKey))
  end)
end)

describe("a try that broke", function()
  it("may have met a kept connection that the peer had closed, if it was connected and no time ran out", function()
    assert.is_true(mayBeStale(BROKEN))
    for _, other in ipairs({ REFUSED, NOT_CONNECTED_IN_TIME, SILENT, answer(200), answer(502) }) do
      assert.is_false(mayBeStale(other))
    end
  end)
end)
