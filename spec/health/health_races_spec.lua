local fakes = require("spec.support.fakes")
local timedDict = require("spec.health.timed_dict")
local healths = require("spec.health.healths")
local newNodeState = require("signpost.state.node_state").newNodeState
local rememberAllUp = require("signpost.health.all_up").rememberAllUp

local RULES = { maxFails = 2, failWindow = 10, failTimeout = 5 }
local A = "10.0.0.1:80"

local function byFirstByte(name)
  return name:byte()
end

-- Requests of several workers, which can lose the processor to each other at each access to a shared dict. The lock is
-- the real one, which ends by itself a twentieth of a second after it was taken. So time passes only while nobody is
-- within it or waits for it; unless `stops`: then a worker may be stopped there for longer than its lock lasts.
local function newNode(seed, stops)
  local clock, scheduler, draw = fakes.clock(), fakes.scheduler(), fakes.random(seed)
  local node = { draw = draw, isWell = true, changeClock = 0, trials = {}, mostTrials = 0, stopped = 0 }

  local function loseTheProcessor()
    scheduler.await(function()
      return true
    end)
  end

  local state = fakes.dict(nil, clock)
  local add, delete = state.add, state.delete
  function state:add(...)
    loseTheProcessor()
    return add(self, ...)
  end
  function state:delete(...)
    loseTheProcessor()
    return delete(self, ...)
  end
  local nodeState, atLock = newNodeState(state, byFirstByte, clock.now), 0
  local function alone(name, task)
    atLock = atLock + 1
    local isDone = nodeState.alone(name, task)
    atLock = atLock - 1
    return isDone
  end

  local dict = timedDict(clock, loseTheProcessor)
  node.health = healths.new(dict, clock, function()
    loseTheProcessor()
    node.changeClock = node.changeClock + 1
  end, alone)

  local function newWorker()
    return { allUp = rememberAllUp({ { name = A, healthKey = A } }, node.health) }
  end
  node.workers = { newWorker(), newWorker() }

  local function waitFor(seconds)
    local over = clock.now() + seconds
    scheduler.await(function()
      return clock.now() >= over
    end)
  end

  -- A claim is good for `failTimeout` at least, from when it was asked for.
  local function beginTrial(askedAt)
    local trial, atOnce = { claimedUntil = askedAt + RULES.failTimeout }, 1
    for other in pairs(node.trials) do
      atOnce = atOnce + (other.claimedUntil > clock.now() and 1 or 0)
    end
    node.trials[trial] = true
    node.mostTrials = math.max(node.mostTrials, atOnce)
    return trial
  end

  local function try(askedAt, seconds, isReported)
    local trial = beginTrial(askedAt)
    waitFor(seconds)
    if not isReported then
      return
    end
    node.trials[trial] = nil
    if node.isWell then
      node.health.succeeded(A)
    else
      node.health.trialFailed(A, RULES)
    end
  end

  -- One request that would like to have the peer.
  local function request(worker, seconds, isReported)
    local standing = "up"
    if not worker.allUp(node.changeClock) then
      standing = node.health.standing(A)
    end
    local askedAt = clock.now()
    if standing == "due" and node.health.claimTrial(A, RULES) then
      try(askedAt, seconds, isReported)
    elseif standing == "up" then
      waitFor(seconds)
      if not node.isWell then
        node.health.failed(A, RULES)
      end
    end
  end

  function node.start(isReported)
    scheduler.start(request, node.workers[draw(#node.workers)], draw(4) - 1, isReported)
  end

  function node.step()
    local ready = scheduler.ready()
    if #ready > 0 then
      scheduler.step(ready[draw(#ready)])
    end
  end

  function node.turn(seconds)
    if stops or atLock == 0 then
      node.stopped = node.stopped + atLock
      clock.turn(seconds)
    end
  end

  function node.settle()
    while scheduler.alive() > 0 do
      scheduler.settle()
      clock.turn(1)
    end
  end

  -- What a spec asks, undisturbed.
  function node.ask(fn, ...)
    local task = scheduler.start(fn, ...)
    scheduler.settle()
    return scheduler.outcome(task)
  end

  return node
end

local function live(node, steps)
  for _ = 1, steps do
    local event = node.draw(20)
    if event == 1 then
      node.isWell = node.isWell == (node.draw(3) > 1)
    elseif event <= 3 then
      node.turn(1)
    elseif event <= 6 then
      node.start(node.draw(3) > 1)
    else
      node.step()
    end
  end
end

describe("health, with requests of two workers at once,", function()
  it("never gives two trials at once", function()
    local trials = 0
    for seed = 1, 150 do
      local node = newNode(seed * 7919)
      live(node, 600)
      assert(node.mostTrials <= 1, ("%d trials at once, seed %d"):format(node.mostTrials, seed))
      trials = trials + node.mostTrials
    end
    assert(trials > 100, "trials in only " .. trials .. " runs")
  end)

  -- Two workers' changes of one record may mix then.
  it("gives no more than one further trial for each time that a worker is stopped while it holds the lock", function()
    local stopped, more = 0, 0
    for seed = 1, 150 do
      local node = newNode(seed * 7919, true)
      live(node, 600)
      local most = 1 + node.stopped
      assert(node.mostTrials <= most, ("%d trials at once, seed %d"):format(node.mostTrials, seed))
      stopped = stopped + node.stopped
      more = more + (node.mostTrials > 1 and 1 or 0)
    end
    assert(stopped > 100, "stopped only " .. stopped .. " times")
    assert(more > 0, "never several trials at once")
  end)

  local cases = { ["trials go unreported"] = false, ["workers are stopped while they hold the lock"] = true }
  for title, stops in pairs(cases) do
    it("never leaves a peer out for ever, though " .. title, function()
      for seed = 1, 150 do
        local node = newNode(seed * 104729, stops)
        live(node, 600)
        node.isWell = true
        node.settle()
        node.turn(16 * RULES.failTimeout)
        node.start(true)
        node.settle()
        assert.equal("up", node.ask(node.health.standing, A), "seed " .. seed)
      end
    end)
  end

  it("lets every worker know, by the change clock, whether the peer is up", function()
    local outs = 0
    for seed = 1, 150 do
      local node = newNode(seed * 15485863)
      live(node, 600)
      node.settle()
      local isUp = node.ask(node.health.standing, A) == "up"
      for _, worker in ipairs(node.workers) do
        assert.equal(isUp, node.ask(worker.allUp, node.changeClock), "seed " .. seed)
      end
      outs = outs + (isUp and 0 or 1)
    end
    assert(outs > 20 and outs < 130, "out in " .. outs .. " of 150 runs")
  end)
end)
