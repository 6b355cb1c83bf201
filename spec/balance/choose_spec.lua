local choose, outcome = require("signpost.balance.choose"), require("signpost.balance.outcome")
local fakes = require("spec.support.fakes")
local healths = require("spec.health.healths")
local pools = require("spec.balance.pools")
local timedDict = require("spec.health.timed_dict")

local chooseCarefully, chooseUp = choose.chooseCarefully, choose.chooseUp

local A, B, C = "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"
local NAMES = { A, B, C, "10.0.0.4:80", "10.0.0.5:80", "10.0.0.6:80" }
local BALANCES = { { balance = "round_robin" }, { balance = "least_conn" }, { balance = "hash", hash_on = "ip" } }

-- Health that stands as it is told, and notes trials. Whether a claim is won is for `mayWin` to say; if it is not,
-- another request has it.
local function standingHealth(standings, mayWin)
  local health = { trials = {} }

  function health.standing(name)
    return standings[name] or "up"
  end

  function health.claimTrial(name)
    assert.equal("due", standings[name])
    assert.is_not_true(health.isPicking, "a picker may ask of as many as it likes: that must change nothing")
    standings[name] = "out"
    if mayWin == nil or mayWin() then
      health.trials[#health.trials + 1] = name
      return true
    end
    return false
  end

  return health
end

-- Counts, by name, the picks that are not done.
local function watch(pool, health)
  local picker, owed = pool.picker, {}
  local watched = setmetatable({
    pick = function(mayTake, key)
      health.isPicking = true
      local peer = picker.pick(mayTake, key)
      health.isPicking = false
      if peer ~= nil then
        owed[peer.name] = (owed[peer.name] or 0) + 1
      end
      return peer
    end,
    done = function(peer)
      owed[peer.name] = owed[peer.name] - 1
      assert(owed[peer.name] >= 0, "done more often than picked")
      picker.done(peer)
    end,
  }, { __index = picker })
  return setmetatable({ picker = watched }, { __index = pool }), owed
end

describe("the choice while all are up", function()
  it("is by the pool's balance", function()
    local pool = pools.of({ [A] = 2, [B] = 1 })
    local names = {}
    for key = 1, 300 do
      names[key] = chooseUp(pool, key).name
    end
    assert.same({ [A] = 200, [B] = 100 }, pools.counts(names))
  end)

  it("is by the key where the pool hashes", function()
    local pool = pools.of({ [A] = 1, [B] = 1, [C] = 1, balance = "hash", hash_on = "uri" })
    local names = {}
    for key = 1, 300 do
      names[key] = chooseUp(pool, key).name
      assert.equal(names[key], chooseUp(pool, key).name)
    end
    local counts = pools.counts(names)
    assert(counts[A] > 50 and counts[B] > 50 and counts[C] > 50)
  end)

  it("is nobody when all drain", function()
    assert.is_nil(chooseUp(pools.of({ [A] = 0, [B] = 0 }), 1))
  end)

  it("costs no memory", function()
    local pool = pools.of({ [A] = 1, [B] = 1 })
    jit.off()
    jit.flush()
    chooseUp(pool, 1)
    collectgarbage()
    collectgarbage("stop")
    local before = collectgarbage("count")
    for key = 1, 1000 do
      chooseUp(pool, key)
    end
    local after = collectgarbage("count")
    collectgarbage("restart")
    jit.on()
    assert.equal(before, after)
  end)
end)

describe("the careful choice", function()
  -- What a request gets that tries until there is none left: `NAME as`.
  local function tries(pool, health, tried)
    local got = {}
    tried = tried or {}
    for key = 1, 10 do
      local choice = chooseCarefully(pool, health, key, tried)
      if choice == nil then
        return got
      end
      got[key] = choice.peer.name .. " " .. choice.as
      tried[choice.peer.name] = true
      pool.picker.done(choice.peer)
    end
    error("no end of tries")
  end

  local function sorted(list)
    table.sort(list)
    return list
  end

  it("gives each that is up once, then none", function()
    local got = tries(pools.of({ [A] = 1, [B] = 5, [C] = 1 }), standingHealth({}))
    assert.same({ A .. " up", B .. " up", C .. " up" }, sorted(got))
  end)

  it("gives only those not tried", function()
    local got = tries(pools.of({ [A] = 1, [B] = 1, [C] = 1 }), standingHealth({}), { [A] = true, [C] = true })
    assert.same({ B .. " up" }, got)
  end)

  it("gives none that is out while there is another", function()
    local pool = pools.of({ [A] = 1, [B] = 1, [C] = 1 })
    local health = standingHealth({ [A] = "out", [C] = "out" })
    for key = 1, 100 do
      local choice = chooseCarefully(pool, health, key, {})
      assert.equal(B, choice.peer.name)
      assert.equal("up", choice.as)
    end
  end)

  it("costs one pick however many are out", function()
    local health = standingHealth({ [A] = "out", [B] = "out" })
    local pool = pools.of({ [A] = 5, [B] = 5, [C] = 1 })
    local picks, pick = 0, pool.picker.pick
    function pool.picker.pick(...)
      picks = picks + 1
      return pick(...)
    end
    for key = 1, 100 do
      chooseCarefully(pool, health, key, {})
    end
    assert.equal(100, picks)
  end)

  it("gives one that is due to the request that wins its trial, and to no other", function()
    local pool = pools.of({ [A] = 1, [B] = 1 })
    local health = standingHealth({ [A] = "due" })
    local as = {}
    for key = 1, 100 do
      local choice = chooseCarefully(pool, health, key, {})
      as[key] = choice.peer.name .. " " .. choice.as
    end
    assert.same({ [A .. " trial"] = 1, [B .. " up"] = 99 }, pools.counts(as))
    assert.same({ A }, health.trials)
  end)

  it("gives another to who loses the trial, and owes nothing for the one it lost", function()
    for _, balance in ipairs(BALANCES) do
      local fields = { [A] = 1, [B] = 1, balance = balance.balance, hash_on = balance.hash_on }
      local standings = {}
      local health = standingHealth(standings, function()
        return false
      end)
      local pool, owed = watch(pools.of(fields, health), health)
      for key = 1, 50 do
        standings[A] = "due"
        local choice = chooseCarefully(pool, health, key, {})
        assert.equal(B, choice.peer.name)
        assert.equal("up", choice.as)
      end
      assert.same(0, owed[A])
      assert.equal(50, owed[B])
    end
  end)

  it("asks for one trial but once, though the trial that it lost to is over at that moment", function()
    local claims = 0
    local health = {
      standing = function(name)
        return name == A and "due" or "out"
      end,
      claimTrial = function()
        claims = claims + 1
        return claims > 1
      end,
    }
    assert.equal("anyway", chooseCarefully(pools.of({ [A] = 1, [B] = 1 }), health, 1, {}).as)
    assert.equal(1, claims)
  end)

  it("gives another when the picked one goes out at that moment", function()
    local asked = {}
    local health = standingHealth({})
    function health.standing(name)
      asked[name] = (asked[name] or 0) + 1
      return name == A and asked[name] > 1 and "out" or "up"
    end
    local pool = pools.of({ [A] = 1000, [B] = 1 })
    assert.equal(B, chooseCarefully(pool, health, 1, {}).peer.name)
  end)

  it("tries those that are out, each once, when there is no other: all_down try", function()
    local pool = pools.of({ [A] = 1, [B] = 1, [C] = 1, all_down = "try" })
    local got = tries(pool, standingHealth({ [A] = "out", [B] = "out", [C] = "out" }))
    assert.same({ A .. " anyway", B .. " anyway", C .. " anyway" }, sorted(got))
  end)

  it("comes to those that are out last, when those that are up have been tried", function()
    local pool = pools.of({ [A] = 1, [B] = 1, [C] = 1 })
    for _ = 1, 20 do
      local got = tries(pool, standingHealth({ [A] = "out", [B] = "due" }))
      assert.equal(A .. " anyway", got[3])
      assert.same({ B .. " trial", C .. " up" }, sorted({ got[1], got[2] }))
    end
  end)

  it("tries one whose trial another request has, when there is no other", function()
    local health = standingHealth({ [A] = "due" }, function()
      return false
    end)
    assert.same({ A .. " anyway" }, tries(pools.of({ [A] = 1 }), health))
  end)

  it("gives none when all are out: all_down fail", function()
    local pool = pools.of({ [A] = 1, [B] = 1, all_down = "fail" })
    assert.is_nil(chooseCarefully(pool, standingHealth({ [A] = "out", [B] = "out" }), 1, {}))
    assert.same({ B .. " up" }, tries(pool, standingHealth({ [A] = "out" })))
  end)

  it("brings nobody back who drains, not even the last member standing", function()
    for _, allDown in ipairs({ "try", "fail" }) do
      local drained = pools.of({ [A] = 0, [B] = 0, all_down = allDown })
      assert.is_nil(chooseCarefully(drained, standingHealth({}), 1, {}))
      local one = pools.of({ [A] = 0, [B] = 1, all_down = allDown })
      assert.same({ B .. " up" }, tries(one, standingHealth({})))
    end
  end)

  it("keeps to the key where the pool hashes: each key's own peer, unless that is out", function()
    local pool = pools.of({ [A] = 1, [B] = 1, [C] = 1, balance = "hash", hash_on = "ip" })
    local health = standingHealth({ [A] = "out" })
    for key = 1, 200 do
      local own = chooseUp(pool, key).name
      local got = chooseCarefully(pool, health, key, {}).peer.name
      if own ~= A then
        assert.equal(own, got)
      end
    end
  end)

  it("never leads a request at the upstream block to a member that must go by address", function()
    local maker = pools.maker()
    local before = assert(maker.ofText(pools.text({ [A] = 1, [B] = 1 }), nil))
    local after = assert(maker.ofText(pools.text({ [B] = 1, ["https://10.0.0.9"] = 1 }), before))
    for key = 1, 20 do
      assert.equal(B, chooseCarefully(before, standingHealth({}), key, { [A] = true }).peer.name)
      assert.is_nil(chooseCarefully(before, standingHealth({}), key, { [A] = true, [B] = true }))
    end
    assert.equal(2, #tries(after, standingHealth({})))
  end)

  it("leaves what has been tried as it is", function()
    local tried = { [A] = true }
    chooseCarefully(pools.of({ [A] = 1, [B] = 1 }), standingHealth({ [B] = "due" }), 1, tried)
    assert.same({ [A] = true }, tried)
  end)
end)

describe("the careful choice, whatever the standings,", function()
  local draw

  local function randomPool(health)
    local balance = BALANCES[draw(#BALANCES)]
    local fields = { balance = balance.balance, hash_on = balance.hash_on, all_down = draw(2) == 1 and "try" or "fail" }
    for i = 1, draw(#NAMES) do
      fields[NAMES[i]] = draw(4) - 1
    end
    return pools.of(fields, health, draw(1000))
  end

  local function randomStandings()
    local standings = {}
    for _, name in ipairs(NAMES) do
      standings[name] = ({ "up", "out", "due" })[draw(3)]
    end
    return standings
  end

  local function copy(map)
    local copied = {}
    for key, value in pairs(map) do
      copied[key] = value
    end
    return copied
  end

  -- How many of the members that do not drain and are not tried stand so.
  local function left(pool, standings, tried, standing)
    local count = 0
    for _, peer in ipairs(pool.peers) do
      if peer.weight > 0 and not tried[peer.name] and standings[peer.name] == standing then
        count = count + 1
      end
    end
    return count
  end

  local function checkChoice(choice, pool, health, before, after, tried)
    local trialsWon = #health.trials
    if choice == nil then
      assert.equal(0, left(pool, before, tried, "up") + left(pool, after, tried, "due"))
      assert.equal(0, pool.options.allDown == "try" and left(pool, after, tried, "out") or 0)
      assert.equal(0, trialsWon)
      return "none"
    end
    local peer, as = choice.peer, choice.as
    assert(not tried[peer.name], "tried before")
    assert(peer.weight > 0, "drains")
    assert.equal(as == "trial" and 1 or 0, trialsWon)
    if as == "up" then
      assert.equal("up", before[peer.name])
    elseif as == "trial" then
      assert.equal("due", before[peer.name])
      assert.equal(peer.name, health.trials[1])
    else
      assert.equal("anyway", as)
      assert.equal("try", pool.options.allDown)
      assert.equal(0, left(pool, before, tried, "up") + left(pool, after, tried, "due"))
    end
    return as
  end

  it("gives none tried, none out but when no other is left, one trial at most, and owes one done for it", function()
    local seen = {}
    for seed = 1, 4000 do
      draw = fakes.random(seed * 7919)
      local standings = randomStandings()
      local health = standingHealth(standings, function()
        return draw(2) == 1
      end)
      local pool, owed = watch(randomPool(health), health)
      local tried = {}
      for _ = 1, draw(8) do
        local before = copy(standings)
        health.trials = {}
        local choice = chooseCarefully(pool, health, draw(2 ^ 30), tried)
        local what = checkChoice(choice, pool, health, before, standings, tried)
        seen[what] = (seen[what] or 0) + 1
        for name, count in pairs(owed) do
          assert.equal(choice and choice.peer.name == name and 1 or 0, count)
        end
        if choice == nil then
          break
        end
        pool.picker.done(choice.peer)
        tried[choice.peer.name] = true
      end
    end
    for _, what in ipairs({ "up", "trial", "anyway", "none" }) do
      assert(seen[what] > 500, ("%s only %d times"):format(what, seen[what]))
    end
  end)
end)

describe("requests of several workers at once", function()
  local BAD = { status = 502, isConnected = false, isAnswered = false }
  local GOOD = { status = 200, isConnected = true, isAnswered = true }

  local node, draw

  local function newNode(balance)
    local clock = fakes.clock()
    local health = healths.new(timedDict(clock), clock)
    local fields = { balance = balance.balance, hash_on = balance.hash_on, max_fails = 1, fail_timeout = 5,
      [A] = 1, [B] = 2, [C] = 3 }
    return { clock = clock, health = health, trialOf = {}, underWay = {}, trials = 0,
      pools = { pools.of(fields, health, 1), pools.of(fields, health, 2) } }
  end

  local function try(request)
    local choice = chooseCarefully(request.pool, node.health, draw(2 ^ 30), request.tried)
    if choice == nil then
      return
    end
    local name = choice.peer.name
    if choice.as == "trial" then
      assert.is_nil(node.trialOf[name], "two trials at once")
      node.trialOf[name], node.trials = request, node.trials + 1
    end
    request.tried[name], request.choice = true, choice
    node.underWay[#node.underWay + 1] = request
  end

  local function finish(request, result)
    local peer = request.choice.peer
    if node.trialOf[peer.name] == request then
      node.trialOf[peer.name] = nil
    end
    outcome.report(request.pool, request.choice, result, node.health)
    request.pool.picker.done(peer)
  end

  local function endOne(isWell)
    local request = table.remove(node.underWay, draw(#node.underWay))
    local result = isWell[request.choice.peer.name] and GOOD or BAD
    finish(request, result)
    if result == BAD then
      try(request)
    end
  end

  -- Seconds pass only while no trial is under way: one that takes too long frees itself.
  local function live(steps)
    local isWell = { [A] = true, [B] = true, [C] = true }
    for _ = 1, steps do
      local event = draw(10)
      if event == 1 then
        local name = NAMES[draw(3)]
        isWell[name] = not isWell[name]
      elseif event == 2 and next(node.trialOf) == nil then
        node.clock.turn(5)
      elseif event <= 6 or #node.underWay == 0 then
        try({ pool = node.pools[draw(2)], tried = {} })
      else
        endOne(isWell)
      end
    end
    while #node.underWay > 0 do
      endOne({ [A] = true, [B] = true, [C] = true })
    end
  end

  for _, balance in ipairs(BALANCES) do
    it("give a peer one trial at a time, and all peers are up once they are well: " .. balance.balance, function()
      local trials = 0
      for seed = 1, 100 do
        draw = fakes.random(seed * 104729)
        node = newNode(balance)
        live(400)
        for _ = 1, 20 do
          node.clock.turn(5)
          for _ = 1, 40 do
            try({ pool = node.pools[draw(2)], tried = {} })
            finish(table.remove(node.underWay), GOOD)
          end
        end
        for _, peer in ipairs(node.pools[1].peers) do
          assert.equal("up", node.health.standing(peer.healthKey), "seed " .. seed)
        end
        trials = trials + node.trials
      end
      assert(trials > 300, "only " .. trials .. " trials")
    end)
  end
end)
