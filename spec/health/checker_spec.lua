local fakes = require("spec.support.fakes")
local checker = require("signpost.health.checker").checker
local healths = require("spec.health.healths")
local pools_for = require("spec.balance.pools")
local quietLog = require("signpost.platform.quiet_log").quietLog

-- A pool of so many members, checked every 5 s unless the options say otherwise.
local function pool(count, options, from)
  local fields = { health_path = "/up" }
  for i = 1, count do
    local number = (from or 0) + i
    fields[("10.0.%d.%d:80"):format(math.floor(number / 256), number % 256)] = 1
  end
  for name, value in pairs(options or {}) do
    fields[name] = value
  end
  return pools_for.of(fields)
end

-- What health knows a member of a pool by.
local function keyOf(checked, name)
  for _, peer in ipairs(checked.peers) do
    if peer.name == name then
      return peer.healthKey
    end
  end
  error("no such member: " .. name)
end

describe("checking", function()
  local clock, scheduler, background, state, health, log, beat, nextBeatAt
  local isMine, isExiting, isSlow, hangs, running, pools, names, forgets, finds, changes, probes, answer, answers
  before_each(function()
    clock, scheduler, log = fakes.clock(), fakes.scheduler(), fakes.log()
    background = fakes.background(scheduler)
    state = fakes.dict(nil, clock)
    isMine, isExiting, isSlow = true, false, false
    -- Peers that accept and never answer; how many checks are under way that wait.
    hangs, running = {}, 0
    pools, names, forgets, finds, changes = {}, {}, 0, 0, 0
    -- What was asked, in order; what peers answer: a status or why there is none.
    probes, answer, answers = {}, 200, {}
    health = healths.new(state, clock, function()
      changes = changes + 1
    end)
    nextBeatAt = clock.now()
    beat = checker({
      isMine = function()
        return isMine
      end,
      isExiting = function()
        return isExiting
      end,
      wanted = {
        names = function()
          return names
        end,
        forget = function()
          forgets = forgets + 1
        end,
      },
      changeClock = function()
        return changes
      end,
      findPool = function(name)
        finds = finds + 1
        return pools[name]
      end,
      health = health,
      start = background.runSoon,
      newGate = fakes.gates(scheduler, clock),
      probe = function(check, stop)
        probes[#probes + 1] = { peer = check.peer, pool = check.pool, path = check.path, at = clock.now() }
        if isSlow or hangs[check.peer] then
          running = running + 1
          if hangs[check.peer] then
            stop.wait(check.timeout)
          else
            scheduler.await(function()
              return not isSlow
            end)
          end
          running = running - 1
        end
        local answered = answers[check.peer] or answer
        if answered == "raise" then
          error("the probe's own mistake")
        elseif type(answered) == "string" then
          return nil, "failed", answered
        end
        return answered
      end,
      log = quietLog(log, clock.now),
      now = clock.now,
    })
  end)

  -- These pools, and no others, are there and used.
  local function use(used)
    pools, names = used, {}
    for name in pairs(used) do
      names[#names + 1] = name
    end
    changes = changes + 1
  end

  -- Lets so many seconds pass; gives how many checks were begun.
  local function run(seconds)
    local before, ends = #probes, clock.now() + seconds
    while nextBeatAt ~= nil and nextBeatAt < ends do
      clock.turn(math.max(0, nextBeatAt - clock.now()))
      local delay = beat()
      nextBeatAt = delay and clock.now() + delay
      background.run()
      scheduler.settle()
    end
    clock.turn(ends - clock.now())
    return #probes - before
  end

  -- As the pool "web" knows the member.
  local function standing(peer)
    return health.standing(keyOf(pools.web, peer or "10.0.0.1:80"))
  end

  it("asks nobody while no pool is used", function()
    assert.equal(0, run(60))
  end)

  it("asks each member of each used pool once in its interval", function()
    use({ web = pool(3), api = pool(2, { health_interval = "1" }, 100) })
    run(1)
    assert.near(100 * (3 / 5 + 2), run(100), 1)
  end)

  it("asks a member once though it is in several pools", function()
    use({ web = pool(1), shop = pool(1, { balance = "least_conn" }) })
    run(5)
    assert.near(20, run(100), 1)
  end)

  it("spreads the checks over the interval", function()
    use({ web = pool(500) })
    run(5)
    for _ = 1, 20 do
      assert.near(50, run(0.5), 15)
    end
  end)

  it("fills no log for a member that fails each time with another answer", function()
    use({ web = pool(1, { health_interval = "1", fall = "1", rise = "1" }) })
    for i = 1, 50 do
      answer = i % 2 == 0 and 200 or 400 + i
      run(1)
    end
    assert.equal(5, #log.lines)
  end)

  it("takes a member out that fails, says so once, and brings it back", function()
    use({ web = pool(2, { health_interval = "1", fall = "3", rise = "2" }) })
    run(2)
    answers["10.0.0.1:80"] = "connect: connection refused"
    run(10)
    assert.equal("out", standing())
    assert.equal("up", standing("10.0.0.2:80"))
    answers["10.0.0.1:80"] = nil
    run(1)
    assert.equal("out", standing())
    run(1.5)
    assert.equal("up", standing())
    run(10)
    assert.same({
      {
        "warn",
        "health check of 10.0.0.1:80 (GET /up) fails, and the peer is out: connect: connection refused",
      },
      { "warn", "health check of 10.0.0.1:80 (GET /up) passes again" },
    }, log.lines)
  end)

  it("goes by the statuses that the pool expects", function()
    use({ web = pool(1, { health_interval = "1", health_status = "200 204" }) })
    answer = 204
    run(10)
    assert.equal("up", standing())
    answer = 302
    run(10)
    assert.equal("out", standing())
    assert.matches("it answered 302$", log.lines[1][2])
  end)

  it("follows a pool when the change clock has moved, and does not look before", function()
    use({ web = pool(1) })
    run(20)
    assert.equal(1, finds)
    pools.web = pool(1, { health_path = "/other" })
    run(20)
    assert.equal("/up", probes[#probes].path)
    changes = changes + 1
    run(20)
    assert.equal("/other", probes[#probes].path)
    assert.equal(2, finds)
  end)

  it("ends with a pool that is gone, or no longer used, or no longer to be checked", function()
    use({ web = pool(1), gone = pool(1, {}, 10), unused = pool(1, {}, 20) })
    run(20)
    pools.web = pools_for.of({ ["10.0.0.1:80"] = 1 })
    pools.gone = nil
    names = { "web", "gone" }
    changes = changes + 1
    run(0.6)
    assert.equal(0, run(20))
  end)

  it("does not begin a member's rhythm anew when its pool changes", function()
    use({ web = pool(1) })
    run(20)
    local last = probes[#probes].at
    for i = 1, 100 do
      use({ web = pool(1 + i % 3) })
      run(0.2)
    end
    local times = {}
    for _, probe in ipairs(probes) do
      if probe.peer == "10.0.0.1:80" and probe.at > last then
        times[#times + 1] = probe.at
      end
    end
    assert.equal(4, #times)
  end)

  it("has no more than 50 checks under way", function()
    isSlow = true
    use({ web = pool(200) })
    run(30)
    assert.equal(50, #probes)
    isSlow = false
    scheduler.settle()
    run(10)
    assert(#probes > 250)
  end)

  it("makes another pool's checks in time though 600 members accept and never answer", function()
    local greedy = pool(600, { health_timeout = "60", health_interval = "0.5" }, 100)
    for _, peer in ipairs(greedy.peers) do
      hangs[peer.name] = true
    end
    use({ greedy = greedy })
    run(5)
    use({ greedy = greedy, web = pool(3, { health_interval = "1" }) })
    run(1)
    probes = {}
    run(100)
    local made = 0
    for _, probe in ipairs(probes) do
      made = made + (probe.pool == "web" and 1 or 0)
    end
    assert.near(300, made, 5)
    -- The greedy pool's own are made for as long as they say, one after the other.
    assert.near(50, running, 1)
  end)

  it("ends checks under way as soon as nobody asks for them any longer", function()
    hangs["10.0.0.1:80"] = true
    for _, change in ipairs({
      function()
        use({})
      end,
      function()
        use({ web = pool(1, { health_interval = "0.5", health_timeout = "60", fail_timeout = "11" }) })
      end,
      function()
        isMine = false
      end,
      function()
        isExiting = true
      end,
    }) do
      isMine = true
      use({ web = pool(1, { health_interval = "0.5", health_timeout = "60" }) })
      run(2)
      assert.equal(1, running)
      local before = #probes
      change()
      run(0.3)
      assert(running == 0 or #probes > before)
      assert.same({}, log.lines)
    end
    assert.equal(0, running)
  end)

  it("leaves alone checks under way when their pool changes in another way", function()
    hangs["10.0.0.1:80"] = true
    use({ web = pool(1, { health_interval = "0.5", health_timeout = "60" }) })
    run(2)
    use({ web = pool(3, { health_interval = "0.5", health_timeout = "60", balance = "least_conn" }) })
    run(2)
    assert.equal(1, running)
    use({})
    run(1)
  end)

  it("reaches every member though some never answer in time", function()
    use({ web = pool(1000) })
    local seen = {}
    run(20)
    for _, probe in ipairs(probes) do
      seen[probe.peer] = true
    end
    local count = 0
    for _ in pairs(seen) do
      count = count + 1
    end
    assert.equal(1000, count)
  end)

  it("drops what a check has found whose pool is gone meanwhile", function()
    use({ web = pool(1, { fall = "1" }) })
    isSlow, answer = true, "timeout"
    run(6)
    assert.equal(1, #probes)
    local key = keyOf(pools.web, "10.0.0.1:80")
    use({})
    run(1)
    isSlow = false
    scheduler.settle()
    assert.equal("up", health.standing(key))
    assert.same({}, log.lines)
  end)

  it("goes on after a probe that raises, which says nothing of the peer", function()
    use({ web = pool(1, { health_interval = "1", fall = "1" }) })
    answer = "raise"
    run(10)
    assert(#probes >= 9)
    assert.equal(#probes, #background.raised)
    assert.matches("the probe's own mistake", background.raised[1])
    assert.equal("up", standing())
  end)

  it("goes on after nginx had no timer for a while, which says nothing of the peer", function()
    use({ web = pool(100, { fall = "1" }) })
    background.refuse()
    assert.equal(0, run(30))
    assert.equal("up", standing())
    background.accept()
    assert.near(20, run(1), 5)
  end)

  it("looks again for pools when looking has failed", function()
    use({ web = pool(1, { health_interval = "1" }) })
    local there = pools
    pools = setmetatable({}, {
      __index = function()
        error("no pools now")
      end,
    })
    assert.has_error(beat)
    pools = there
    assert(run(10) >= 9)
  end)

  describe("by the watching worker only", function()
    it("asks nobody in another worker", function()
      isMine = false
      use({ web = pool(10) })
      assert.equal(0, run(60))
      assert.equal(0, finds)
    end)

    it("ends when it is no longer that, and what was under way counts no more", function()
      use({ web = pool(1, { health_interval = "1", fall = "1" }) })
      run(5)
      isSlow, answer = true, "timeout"
      run(2)
      isMine = false
      run(1)
      isSlow = false
      scheduler.settle()
      assert.equal(0, run(60))
      assert.equal("up", standing())
    end)

    it("begins again when it is that again, with what the pools are then", function()
      use({ web = pool(1, { health_interval = "1" }) })
      run(5)
      isMine = false
      run(5)
      assert.equal(1, forgets)
      pools.web = pool(1, { health_interval = "1", health_path = "/other" })
      isMine = true
      assert(run(5) >= 3)
      assert.equal("/other", probes[#probes].path)
    end)

    it("counts failures anew after it was not", function()
      use({ web = pool(1, { health_interval = "1", fall = "3" }) })
      answer = "timeout"
      run(2)
      isMine = false
      run(2)
      isMine = true
      run(2)
      assert.equal("up", standing())
      run(2)
      assert.equal("out", standing())
    end)
  end)

  it("ends when the worker exits", function()
    use({ web = pool(1) })
    run(10)
    isExiting = true
    assert.is_nil(beat())
  end)

  it("leaves nothing behind after 1,000 changes of pools", function()
    local before
    for i = 1, 1100 do
      answers["10.0.0.1:80"] = i % 2 == 0 and "timeout" or nil
      use({ ["pool" .. i] = pool(20, { health_interval = "0.5", health_path = "/" .. i }) })
      run(0.7)
      probes = {}
      if i == 100 then
        collectgarbage()
        before = collectgarbage("count")
      end
    end
    assert.equal(0, scheduler.alive())
    assert.equal(0, background.queued())
    collectgarbage()
    assert(collectgarbage("count") - before < 100, collectgarbage("count") - before .. " KB more are in use")
    use({})
    run(1)
    assert.equal(0, run(60))
  end)
end)
