local fakes = require("spec.support.fakes")
local buildCache = require("signpost.cache.build").buildCache
local complaints = require("signpost.telemetry.complaints").complaints
local lookUpTexts = require("spec.support.look_up_texts")
local newNodeState = require("signpost.state.node_state").newNodeState
local usualKeys = require("spec.support.usual_keys")

local TTL, PAUSE, WAIT_TIMEOUT = 10, 2, 6
local YEAR = 365 * 24 * 3600

-- What a look-up came to, in short: where the request goes (or why it goes nowhere), and the level that knew.
local function inShort(answer, err, level, detail)
  if err ~= nil then
    assert(answer == nil and type(detail) == "string", "a failure has a word and its detail, and nothing else")
    return { err, level }
  end
  return { answer.compiled.value, level }
end

-- Each name a bucket of its own, as far as a few names go.
local function spread(name)
  local hash = 0
  for i = 1, #name do
    hash = (hash * 31 + name:byte(i)) % 65521
  end
  return hash
end

-- A node: its shared dicts, its Redis, and workers whose caches are built as the product builds them.
local function newNode(given)
  local clock, scheduler, tally, log = fakes.clock(), fakes.scheduler(), fakes.tally(), fakes.log()
  local redis, state = fakes.redis(scheduler), fakes.dict(nil, clock)
  local records, absent = fakes.dict(given.recordsRoom), fakes.dict(given.absentRoom)
  local nodeState = newNodeState(state, spread, clock.now, { records, absent })

  local function newCache(background)
    return buildCache({
      records = records, absent = absent, nodeState = nodeState, count = tally.count, now = clock.now, ttl = TTL,
      complaints = complaints(state, log, tally.count, tally.of, usualKeys),
      runSoon = background.runSoon, breathe = function() end,
      source = {
        redis = redis, keys = usualKeys, tellRights = function() end, log = log,
        newGate = fakes.gates(scheduler, clock), breakerFailures = 3, breakerPause = PAUSE,
        maxLookups = given.maxLookups or 100, waitTimeout = WAIT_TIMEOUT,
      },
    })
  end

  local function newWorker()
    local background = fakes.background(scheduler)
    local cache = newCache(background)
    local lookUps = cache.lookUpsOf(lookUpTexts.subjects(
      fakes.lru(given.memoryRoom), lookUpTexts.compiled(given.compile, given.room)))
    local lookUp, recall = lookUps.lookUp, lookUps.recall
    local worker = { background = background, lookUp = lookUp, recall = recall }

    -- Starts a look-up that may have to wait.
    function worker.begin(host)
      return scheduler.start(lookUp, host)
    end

    -- A look-up that does not wait: `{ where to, level }`.
    function worker.ask(host)
      return inShort(scheduler.outcome(worker.begin(host)))
    end

    return worker
  end

  return {
    clock = clock, redis = redis, records = records, absent = absent, nodeState = nodeState,
    shared = newCache(fakes.background(scheduler)).shared, tally = tally, log = log, scheduler = scheduler,
    settle = scheduler.settle, outcome = scheduler.outcome, newWorker = newWorker,
  }
end

-- What a look-up that had to wait came to.
local function outcomeOf(node, task)
  return inShort(node.outcome(task))
end

describe("a look-up", function()
  local node, redis, clock, worker

  local function begin(given)
    node = newNode(given or {})
    redis, clock, worker = node.redis, node.clock, node.newWorker()
    redis.set("route:a.com", "10.0.0.5:8080")
  end

  before_each(function()
    begin()
  end)

  -- The refreshes that were asked for are made, and the worker looks at the shared dict again.
  local function runRefreshes()
    worker.background.run()
    clock.turn(0.3)
  end

  -- The host's record is past its time, a request comes for it, and it is read again.
  local function refresh(host)
    clock.turn(TTL + 1)
    worker.ask(host)
    runRefreshes()
  end

  -- Redis, which hung, answers, and those that waited go on.
  local function redisAnswers()
    redis.release()
    node.settle()
  end

  local function assertAllGet(expected, count, host)
    redis.hang()
    local tasks = {}
    for i = 1, count do
      tasks[i] = worker.begin(host)
    end
    redisAnswers()
    for _, task in ipairs(tasks) do
      assert.same(expected, outcomeOf(node, task))
    end
  end

  describe("where nothing may wait", function()
    it("gives what this worker remembers, or else what the node holds, and asks Redis nothing", function()
      assert.is_nil(worker.recall("a.com"))
      worker.ask("a.com")
      assert.equal("10.0.0.5:8080", worker.recall("a.com"))
      assert.equal("10.0.0.5:8080", node.newWorker().recall("a.com"))
      assert.equal(1, #redis.asks)
    end)

    it("gives what is past its time or may have missed a change, and leaves it so for those that can ask", function()
      worker.ask("a.com")
      local other = node.newWorker()
      clock.turn(TTL + 1)
      node.nodeState.epochs.begin()
      redis.set("route:a.com", "10.0.0.6:8080")
      assert.equal("10.0.0.5:8080", worker.recall("a.com"))
      assert.equal("10.0.0.5:8080", other.recall("a.com"))
      assert.equal("10.0.0.6:8080", other.ask("a.com")[1])
    end)

    it("gives nothing for a name that is absent, nor a wildcard's while a more specific name is not known", function()
      redis.set("route:*.com", "10.0.0.7:8080")
      assert.same({ "10.0.0.7:8080", "redis" }, worker.ask("b.com"))
      assert.equal("10.0.0.7:8080", worker.recall("b.com"))
      assert.is_nil(worker.recall("c.com"))
      worker.ask("none.org")
      assert.is_nil(worker.recall("none.org"))
    end)
  end)

  describe("through the levels", function()
    -- What it has read is new to the node and moves the change clock, which its own memory of it does not outlast.
    it("asks Redis the first time, the node the second, and remembers from then on", function()
      assert.same({ "10.0.0.5:8080", "redis" }, worker.ask("a.com"))
      assert.same({ "10.0.0.5:8080", "shared" }, worker.ask("a.com"))
      for _ = 1, 1000 do
        assert.same({ "10.0.0.5:8080", "memory" }, worker.ask("a.com"))
      end
      assert.equal(1, #redis.asks)
    end)

    it("asks for all the names of a host in one round trip", function()
      worker.ask("a.b.com")
      assert.same({ { "route:a.b.com", "route:*.b.com", "route:*.com", "route:*" } }, redis.asks)
    end)

    it("asks only for the names that the node does not know yet", function()
      worker.ask("a.com")
      worker.ask("b.com")
      assert.same({ "route:b.com" }, redis.asks[2])
    end)

    it("tells every worker of the node what one has read", function()
      worker.ask("a.com")
      local other = node.newWorker()
      assert.same({ "10.0.0.5:8080", "shared" }, other.ask("a.com"))
      assert.same({ "10.0.0.5:8080", "memory" }, other.ask("a.com"))
      assert.equal(1, #redis.asks)
    end)

    it("says which name of the table matched", function()
      redis.set("route:*.b.com", "10.0.0.6:80")
      worker.ask("a.b.com")
      local answer = worker.lookUp("a.b.com")
      assert.equal("*.b.com", answer.name)
    end)

    it("finds the most specific name, and the default for the rest", function()
      redis.set("route:*", "10.0.0.1:80")
      redis.set("route:*.b.com", "10.0.0.2:80")
      redis.set("route:a.b.com", "10.0.0.3:80")
      assert.equal("10.0.0.3:80", worker.ask("a.b.com")[1])
      assert.equal("10.0.0.2:80", worker.ask("x.y.b.com")[1])
      assert.equal("10.0.0.1:80", worker.ask("b.com")[1])
      assert.equal("10.0.0.1:80", worker.ask("[fd00::5]")[1])
    end)

    it("of a host without a route is not found, and is remembered by the node", function()
      assert.same({ "not_found", "redis" }, worker.ask("b.com"))
      assert.same({ "not_found", "absent" }, worker.ask("b.com"))
      assert.same({ "not_found", "absent" }, node.newWorker().ask("b.com"))
      assert.equal(1, #redis.asks)
    end)

    it("of no host at all is answered by the default", function()
      assert.same({ "not_found", "redis" }, worker.ask(""))
      redis.set("route:*", "10.0.0.1:80")
      assert.same({ "not_found", "absent" }, worker.ask(""))
      assert.same({ { "route:*" } }, redis.asks)
    end)

    it("compiles a record once, until it says something else, and then with what it was before", function()
      local compiled = {}
      begin({
        compile = function(known, before)
          local value = { text = known.text, before = before and before.text }
          compiled[#compiled + 1] = value
          return value
        end,
      })
      local function ask()
        return (node.outcome(worker.begin("a.com"))).compiled.value
      end
      local first = ask()
      redis.set("route:b.com", "10.0.0.6:80")
      node.outcome(worker.begin("b.com"))
      assert.equal(first, ask(), "the change clock has moved, for another host")
      redis.set("route:a.com", "10.0.0.7:80")
      clock.turn(TTL + 1)
      ask()
      worker.background.run()
      node.settle()
      clock.turn(1)
      assert.same({ text = "10.0.0.7:80", before = "10.0.0.5:8080" }, ask())
      assert.equal(3, #compiled)
    end)

    describe("of hosts under one wildcard", function()
      local compiled

      local function beginCounting(room)
        compiled = {}
        begin({
          room = room,
          compile = function(known, before)
            local value = { text = known.text, before = before }
            compiled[#compiled + 1] = value
            return value
          end,
        })
        redis.set("route:*.com", "10.0.0.2:80")
      end

      before_each(function()
        beginCounting()
      end)

      local function valueFor(host)
        return node.outcome(worker.begin(host)).compiled.value
      end

      it("compiles its record once for all of them, known or not", function()
        local first = valueFor("1.com")
        for i = 2, 50 do
          assert.equal(first, valueFor(i .. ".com"))
          assert.equal(first, valueFor(i .. ".com"))
        end
        assert.equal(1, #compiled)
      end)

      it("goes over to its new record with all of them, from what it was before", function()
        local before = valueFor("1.com")
        valueFor("2.com")
        redis.set("route:*.com", "10.0.0.3:80")
        clock.turn(TTL + 1)
        valueFor("1.com")
        runRefreshes()
        local after = valueFor("1.com")
        assert.same({ "10.0.0.3:80", before }, { after.text, after.before })
        assert.equal(after, valueFor("2.com"))
        assert.equal(2, #compiled)
      end)

      it("leaves a host that has meanwhile got a route of its own to that", function()
        valueFor("1.com")
        valueFor("2.com")
        redis.set("route:1.com", "10.0.0.9:80")
        refresh("1.com")
        assert.equal("10.0.0.9:80", valueFor("1.com").text)
        assert.equal("10.0.0.2:80", valueFor("2.com").text)
      end)

      it("compiles it again when it was given up for want of room, and asks Redis for nothing", function()
        beginCounting(2000)
        valueFor("1.com")
        valueFor("1.com")
        redis.set("route:a.com", ("10.0.0.5:8080 "):rep(20))
        valueFor("a.com")
        valueFor("1.com")
        local asks = #redis.asks
        assert.equal("10.0.0.2:80", valueFor("1.com").text)
        assert.same({ 3, asks }, { #compiled, #redis.asks })
      end)

      -- Two requests wait for one read; a change comes, and another host's request, before the second of them goes on.
      it("never goes back to a record that a later answer has replaced", function()
        redis.hang()
        local first, late = worker.begin("3.com"), worker.begin("3.com")
        redis.release()
        node.scheduler.step(node.scheduler.ready()[1])
        assert.equal("10.0.0.2:80", node.outcome(first).compiled.value.text)
        node.shared.keep("*.com", { kind = "good", text = "10.0.0.3:80" },
          { checked = clock.now(), epoch = 0, ticket = node.nodeState.tickets.of("*.com") })
        redis.set("route:*.com", "10.0.0.3:80")
        redis.set("route:1.com", "10.0.0.9:80")
        valueFor("1.com")
        redis.del("route:1.com")
        node.shared.keep("1.com", { kind = "absent" },
          { checked = clock.now(), epoch = 0, ticket = node.nodeState.tickets.of("1.com") })
        local settled = worker.ask("1.com")
        assert.same("10.0.0.3:80", settled[1].text)
        node.settle()
        assert.equal("10.0.0.2:80", node.outcome(late).compiled.value.text)
        assert.same({ settled[1], "memory" }, worker.ask("1.com"))
      end)
    end)

    it("of more hosts than memory has room for goes on to the shared dict, not to Redis", function()
      begin({ memoryRoom = 2 })
      for i = 1, 3 do
        redis.set(("route:%d.com"):format(i), "10.0.0.5:8080")
        worker.ask(i .. ".com")
      end
      assert.same({ "10.0.0.5:8080", "shared" }, worker.ask("1.com"))
      assert.equal(3, #redis.asks)
    end)
  end)

  describe("of a record past its time", function()
    it("is fresh for the ttl", function()
      worker.ask("a.com")
      worker.ask("a.com")
      clock.turn(TTL - 0.1)
      assert.equal("memory", worker.ask("a.com")[2])
    end)

    it("is past it, too, if it was read before the clock was set back", function()
      worker.ask("a.com")
      clock.turn(-3600)
      node.nodeState.changeClock.move()
      assert.equal("stale", worker.ask("a.com")[2])
      assert.equal("stale", node.newWorker().ask("a.com")[2])
    end)

    it("is answered at once, without asking Redis in the request", function()
      worker.ask("a.com")
      clock.turn(TTL + 1)
      assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
      assert.equal(1, #redis.asks)
      assert.equal(1, worker.background.queued())
    end)

    it("reads it again outside the request, and then answers with what Redis says now", function()
      worker.ask("a.com")
      redis.set("route:a.com", "10.0.0.6:8080")
      refresh("a.com")
      assert.same({ "10.0.0.6:8080", "shared" }, worker.ask("a.com"))
      assert.same({ "10.0.0.6:8080", "memory" }, worker.ask("a.com"))
    end)

    it("asks for one refresh, not for one each request", function()
      worker.ask("a.com")
      clock.turn(TTL + 1)
      for _ = 1, 100 do
        assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
      end
      worker.background.run()
      assert.equal(2, #redis.asks)
    end)

    it("sees the refresh of another worker", function()
      local other = node.newWorker()
      worker.ask("a.com")
      other.ask("a.com")
      redis.set("route:a.com", "10.0.0.6:8080")
      clock.turn(TTL + 1)
      other.ask("a.com")
      other.background.run()
      assert.same({ "10.0.0.6:8080", "shared" }, worker.ask("a.com"))
      assert.equal(0, worker.background.queued())
    end)

    it("counts its time from when Redis was asked, in whichever worker and level it is found", function()
      local other = node.newWorker()
      worker.ask("a.com")
      clock.turn(TTL - 1)
      assert.equal("shared", other.ask("a.com")[2])
      clock.turn(0.5)
      assert.equal("memory", other.ask("a.com")[2])
      clock.turn(1)
      assert.equal("stale", other.ask("a.com")[2])
    end)

    it("counts its time from the question, not from a late answer", function()
      redis.hang()
      local task = worker.begin("a.com")
      clock.turn(4)
      redisAnswers()
      assert.same({ "10.0.0.5:8080", "redis" }, outcomeOf(node, task))
      clock.turn(TTL - 4 + 0.1)
      assert.equal("stale", worker.ask("a.com")[2])
    end)

    it("is not found any more once the refresh has found it deleted", function()
      worker.ask("a.com")
      redis.del("route:a.com")
      refresh("a.com")
      assert.same({ "not_found", "absent" }, worker.ask("a.com"))
    end)

    it("goes by the wildcard once the refresh has found it deleted", function()
      redis.set("route:*.com", "10.0.0.2:80")
      worker.ask("a.com")
      worker.ask("b.com")
      redis.del("route:a.com")
      refresh("a.com")
      assert.equal("10.0.0.2:80", worker.ask("a.com")[1])
    end)

    it("that says absent becomes a route once the refresh has found one", function()
      worker.ask("b.com")
      redis.set("route:b.com", "10.0.0.6:80")
      clock.turn(TTL + 1)
      assert.same({ "not_found", "absent" }, worker.ask("b.com"))
      worker.background.run()
      assert.same({ "10.0.0.6:80", "shared" }, worker.ask("b.com"))
    end)

    it("is served by the wildcard while it is unsure whether the host still has no route of its own", function()
      redis.set("route:*.com", "10.0.0.2:80")
      worker.ask("b.com")
      redis.set("route:b.com", "10.0.0.6:80")
      clock.turn(TTL - 1)
      node.records.evict("*.com")
      worker.ask("c.com")
      clock.turn(2)
      assert.same({ "10.0.0.2:80", "stale" }, worker.ask("b.com"))
      worker.background.run()
      assert.same({ "route:b.com" }, redis.asks[3])
      clock.turn(0.3)
      assert.same({ "10.0.0.6:80", "shared" }, worker.ask("b.com"))
    end)

    it("is not fresher than the oldest of the names it hangs on", function()
      redis.set("route:*.com", "10.0.0.2:80")
      worker.ask("b.com")
      clock.turn(TTL - 1)
      node.records.evict("*.com")
      local other = node.newWorker()
      other.ask("c.com")
      assert.equal("shared", other.ask("b.com")[2])
      clock.turn(0.9)
      assert.equal("memory", other.ask("b.com")[2])
      clock.turn(0.2)
      assert.equal("stale", other.ask("b.com")[2])
    end)

    it("is read again in the request if Redis must be asked for another name anyway", function()
      redis.set("route:*.com", "10.0.0.2:80")
      worker.ask("b.com")
      redis.set("route:*.com", "10.0.0.3:80")
      clock.turn(TTL + 1)
      assert.same({ "10.0.0.3:80", "redis" }, worker.ask("c.com"))
      assert.equal(0, worker.background.queued())
    end)

    it("is read again though nginx had no timer for the first refresh", function()
      worker.ask("a.com")
      redis.set("route:a.com", "10.0.0.6:8080")
      clock.turn(TTL + 1)
      worker.background.refuse()
      assert.equal("stale", worker.ask("a.com")[2])
      worker.background.accept()
      clock.turn(0.3)
      worker.ask("a.com")
      runRefreshes()
      assert.equal("10.0.0.6:8080", worker.ask("a.com")[1])
    end)
  end)

  describe("while Redis does not answer", function()
    it("serves a known host, however old", function()
      worker.ask("a.com")
      redis.down()
      for _, age in ipairs({ TTL + 1, 3600, YEAR }) do
        clock.turn(age)
        assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
        runRefreshes()
        assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
        assert.same({ "10.0.0.5:8080", "stale" }, node.newWorker().ask("a.com"))
      end
    end)

    it("serves a host known by a wildcard, however old", function()
      redis.set("route:*.com", "10.0.0.2:80")
      worker.ask("b.com")
      redis.down()
      clock.turn(YEAR)
      assert.same({ "10.0.0.2:80", "stale" }, worker.ask("b.com"))
    end)

    it("goes on finding nothing for a host known to have none, however old", function()
      worker.ask("b.com")
      redis.down()
      clock.turn(YEAR)
      assert.same({ "not_found", "absent" }, worker.ask("b.com"))
    end)

    it("says redis_down of a host it knows nothing of, and what was tried", function()
      redis.down("10.0.0.9:6379: connect: timeout")
      assert.same({ "redis_down", "redis" }, worker.ask("b.com"))
      assert.equal("10.0.0.9:6379: connect: timeout", (select(4, worker.lookUp("b.com"))))
    end)

    it("never takes unreachable for absent: the default does not answer for a host it knows nothing of", function()
      redis.set("route:*", "10.0.0.1:80")
      worker.ask("b.com")
      redis.down()
      assert.same({ "redis_down", "redis" }, worker.ask("c.com"))
      redis.up()
      redis.set("route:c.com", "10.0.0.3:80")
      assert.same({ "10.0.0.3:80", "redis" }, worker.ask("c.com"))
    end)

    it("remembers nothing of having failed", function()
      redis.down()
      worker.ask("a.com")
      redis.up()
      assert.same({ "10.0.0.5:8080", "redis" }, worker.ask("a.com"))
    end)

    for _, message in ipairs({
      "NOPERM this user has no permissions to run the 'get' command", "LOADING Redis is loading the dataset in memory",
      "MASTERDOWN Link with MASTER is down", "NOAUTH Authentication required.", "ERR max number of clients reached",
    }) do
      it(("takes %s for no answer"):format(message:match("^%u+")), function()
        worker.ask("a.com")
        worker.ask("b.com")
        redis.refuse(message)
        clock.turn(TTL + 1)
        assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
        assert.same({ "not_found", "absent" }, worker.ask("b.com"))
        assert.same({ "redis_down", "redis" }, worker.ask("c.com"))
        runRefreshes()
        assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
      end)
    end

    it("stops asking after a few failures, and known hosts do not notice", function()
      worker.ask("a.com")
      redis.down()
      clock.turn(TTL + 1)
      for i = 1, 100 do
        assert.equal("redis_down", worker.ask(i .. ".com")[1])
        assert.equal("10.0.0.5:8080", worker.ask("a.com")[1])
      end
      assert.equal(1 + 3, #redis.asks)
    end)

    it("does not ask for a refresh with every request for a known host", function()
      worker.ask("a.com")
      redis.down()
      clock.turn(TTL + 1)
      local timers = 0
      for _ = 1, 100 do
        worker.ask("a.com")
        timers = timers + worker.background.queued()
        worker.background.run()
      end
      assert.equal(1, timers)
    end)

    it("is right again by itself once Redis answers", function()
      worker.ask("a.com")
      worker.ask("b.com")
      redis.down()
      clock.turn(TTL + 1)
      for i = 1, 10 do
        worker.ask(i .. ".com")
        worker.ask("a.com")
        runRefreshes()
      end
      redis.up()
      redis.set("route:a.com", "10.0.0.6:8080")
      redis.set("route:b.com", "10.0.0.7:8080")
      clock.turn(PAUSE)
      worker.ask("a.com")
      worker.ask("b.com")
      runRefreshes()
      assert.same({ "10.0.0.6:8080", "shared" }, worker.ask("a.com"))
      assert.same({ "10.0.0.7:8080", "shared" }, worker.ask("b.com"))
      assert.same({ "not_found", "redis" }, worker.ask("c.com"))
    end)

    it("serves known hosts without waiting while Redis hangs", function()
      worker.ask("a.com")
      redis.hang()
      clock.turn(TTL + 1)
      assert.equal("stale", worker.ask("a.com")[2])
      runRefreshes()
      for _ = 1, 100 do
        clock.turn(1)
        assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
      end
      assert.equal(2, #redis.asks)
    end)

    it("serves a host that only this worker's memory still knows", function()
      worker.ask("a.com")
      node.records.evict("a.com")
      redis.down()
      clock.turn(TTL + 1)
      assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
    end)
  end)

  describe("of a route that cannot be used", function()
    it("is remembered as such", function()
      redis.set("route:a.com", "10.0.0.5:65536")
      assert.same({ "bad_route", "redis" }, worker.ask("a.com"))
      assert.same({ "bad_route", "shared" }, worker.ask("a.com"))
      assert.same({ "bad_route", "memory" }, worker.ask("a.com"))
    end)

    it("harms nobody else, and is not passed over for the wildcard", function()
      redis.set("route:*.com", "10.0.0.2:80")
      redis.setType("route:a.com", "zset")
      assert.equal("bad_route", worker.ask("a.com")[1])
      assert.equal("10.0.0.2:80", worker.ask("b.com")[1])
    end)

    it("goes on with its last good value, until it is mended", function()
      worker.ask("a.com")
      for _, text in ipairs({ "nonsense!", "", "10.0.0.5:99999" }) do
        redis.set("route:a.com", text)
        refresh("a.com")
        assert.same({ "10.0.0.5:8080", "shared" }, worker.ask("a.com"))
      end
      redis.set("route:a.com", "10.0.0.6:8080")
      refresh("a.com")
      assert.same({ "10.0.0.6:8080", "shared" }, worker.ask("a.com"))
    end)
  end)

  describe("with shared dicts that are full", function()
    it("answers though nothing is kept", function()
      node.records.refuse()
      node.absent.refuse()
      for _ = 1, 2 do
        assert.same({ "10.0.0.5:8080", "redis" }, worker.ask("a.com"))
      end
      assert.same({ "not_found", "redis" }, worker.ask("b.com"))
      assert.same({ "10.0.0.5:8080", "redis" }, node.newWorker().ask("a.com"))
      assert.equal(4, #redis.asks)
    end)

    it("answers though a name it knew is pushed out while Redis is asked for the others", function()
      redis.set("route:*", "10.0.0.1:80")
      worker.ask("b.com")
      redis.hang()
      local task = worker.begin("c.com")
      assert.same({ "route:c.com" }, redis.asks[2])
      node.absent.evict("*.com")
      redisAnswers()
      assert.same({ "10.0.0.1:80", "redis" }, outcomeOf(node, task))
      assert.same({ { "route:*.com" } }, { redis.asks[3] })
    end)

    it("answers though what it has just read is pushed out before it has read the rest", function()
      redis.set("route:*", "10.0.0.1:80")
      worker.ask("b.com")
      redis.hang()
      local task = worker.begin("c.com")
      node.absent.evict("*.com")
      node.absent.refuse()
      node.records.evict("*")
      node.records.refuse()
      redisAnswers()
      assert.same({ "10.0.0.1:80", "redis" }, outcomeOf(node, task))
      assert.equal(3, #redis.asks)
    end)

    it("finds every route in a flood of invented hosts, without asking Redis again", function()
      begin({ absentRoom = 50 })
      worker.ask("a.com")
      for i = 1, 1000 do
        worker.ask(i .. ".invented")
      end
      assert.same({ "10.0.0.5:8080", "shared" }, node.newWorker().ask("a.com"))
    end)
  end)

  describe("made by many at once", function()
    it("asks Redis once for a host, and answers everybody", function()
      assertAllGet({ "10.0.0.5:8080", "redis" }, 500, "a.com")
      assert.equal(1, #redis.asks)
    end)

    it("reads the names that hosts have in common once", function()
      redis.set("route:*.com", "10.0.0.2:80")
      redis.hang()
      local first, second = worker.begin("b.com"), worker.begin("c.com")
      redisAnswers()
      assert.same({ { "route:b.com", "route:*.com", "route:*" }, { "route:c.com" } }, redis.asks)
      assert.same({ "10.0.0.2:80", "redis" }, outcomeOf(node, first))
      assert.same({ "10.0.0.2:80", "redis" }, outcomeOf(node, second))
    end)

    it("is busy for a new host beyond max_lookups, and known hosts do not notice", function()
      begin({ maxLookups = 2 })
      worker.ask("a.com")
      worker.ask("a.com")
      redis.hang()
      worker.begin("b.com")
      worker.begin("c.com")
      assert.same({ "busy", "redis" }, worker.ask("d.com"))
      assert.same({ "10.0.0.5:8080", "memory" }, worker.ask("a.com"))
      clock.turn(TTL + 1)
      assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
    end)
  end)

  it("of a host that Redis said is gone is not answered from memory when Redis can say so no more", function()
    worker.ask("a.com")
    worker.ask("a.com")
    redis.del("route:a.com")
    refresh("a.com")
    assert.same({ "not_found", "absent" }, worker.ask("a.com"))
    node.absent.evict("a.com")
    redis.down()
    assert.equal("redis_down", worker.ask("a.com")[1])
  end)

  describe("on a node that is told of changes", function()
    before_each(function()
      node.nodeState.epochs.begin()
    end)

    it("reads a host that it knows though max_lookups others are under way", function()
      begin({ maxLookups = 1 })
      node.nodeState.epochs.begin()
      worker.ask("a.com")
      worker.ask("a.com")
      node.nodeState.epochs.begin() -- pushes may have been missed
      redis.set("route:a.com", "10.0.0.6:8080")
      redis.hang()
      worker.begin("new.org")
      local known = worker.begin("a.com")
      assert.same({ "busy", "redis" }, worker.ask("other.org"))
      redisAnswers()
      assert.same({ "10.0.0.6:8080", "redis" }, outcomeOf(node, known))
    end)

    local function remembered(host)
      worker.ask(host)
      return worker.ask(host)
    end

    it("never asks Redis again for what has not changed, however long ago it was read", function()
      remembered("a.com")
      for _, age in ipairs({ TTL + 1, 3600, YEAR }) do
        clock.turn(age)
        assert.same({ "10.0.0.5:8080", "memory" }, worker.ask("a.com"))
        assert.same({ "10.0.0.5:8080", "shared" }, node.newWorker().ask("a.com"))
        assert.same({ "not_found", age == TTL + 1 and "redis" or "absent" }, worker.ask("b.com"))
      end
      assert.equal(2, #redis.asks)
      assert.equal(0, worker.background.queued())
    end)

    it("asks again for what there is no room for, and serves it when Redis is down", function()
      node.records.refuse()
      for _ = 1, 3 do
        assert.same({ "10.0.0.5:8080", "redis" }, remembered("a.com"))
      end
      redis.down()
      assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
    end)

    it("remembers what it knows though another host is asked for the first time", function()
      redis.set("route:b.com", "10.0.0.6:8080")
      node.nodeState.changeClock.move()
      remembered("a.com")
      node.newWorker().ask("b.com")
      assert.same({ "10.0.0.5:8080", "memory" }, worker.ask("a.com"))
    end)

    it("remembers nothing beyond a move of the change clock", function()
      remembered("a.com")
      node.nodeState.changeClock.move()
      assert.same({ "10.0.0.5:8080", "shared" }, worker.ask("a.com"))
      assert.same({ "10.0.0.5:8080", "memory" }, worker.ask("a.com"))
    end)

    it("remembers nothing that it found before the change clock moved, though it was found after", function()
      redis.hang()
      local task = worker.begin("a.com")
      node.nodeState.changeClock.move()
      redisAnswers()
      assert.equal("redis", outcomeOf(node, task)[2])
      assert.equal("shared", worker.ask("a.com")[2])
    end)

    it("reads again, before it is used, what was read in another epoch", function()
      remembered("a.com")
      worker.ask("b.com")
      redis.set("route:a.com", "10.0.0.6:8080")
      redis.set("route:b.com", "10.0.0.7:8080")
      node.nodeState.epochs.begin()
      assert.same({ "10.0.0.6:8080", "redis" }, worker.ask("a.com"))
      assert.same({ "10.0.0.7:8080", "redis" }, worker.ask("b.com"))
    end)

    it("reads again what was read before it was told of changes, or while it was not", function()
      local epoch = node.nodeState.epochs.current()
      node.nodeState.epochs.finish(epoch)
      remembered("a.com")
      redis.set("route:a.com", "10.0.0.6:8080")
      node.nodeState.epochs.begin()
      assert.same({ "10.0.0.6:8080", "redis" }, worker.ask("a.com"))
    end)

    it("reads again once for many requests, and for all workers", function()
      remembered("a.com")
      node.nodeState.epochs.begin()
      assertAllGet({ "10.0.0.5:8080", "redis" }, 100, "a.com")
      assert.same({ "10.0.0.5:8080", "shared" }, node.newWorker().ask("a.com"))
      assert.equal(2, #redis.asks)
    end)

    it("serves what was read in another epoch as stale when Redis cannot answer", function()
      remembered("a.com")
      worker.ask("b.com")
      redis.down()
      node.nodeState.epochs.begin()
      assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
      assert.same({ "not_found", "absent" }, worker.ask("b.com"))
      assert.same({ "redis_down", "redis" }, worker.ask("c.com"))
    end)

    it("goes by time again when it is no longer told of changes", function()
      remembered("a.com")
      clock.turn(TTL + 1)
      node.nodeState.epochs.finish(node.nodeState.epochs.current())
      assert.same({ "10.0.0.5:8080", "stale" }, worker.ask("a.com"))
      assert.equal(1, worker.background.queued())
    end)

    it("answers with what was true after a push that came while it was reading", function()
      redis.hang()
      local task = worker.begin("a.com")
      redis.set("route:a.com", "10.0.0.6:8080")
      node.nodeState.tickets.move("a.com")
      redisAnswers()
      assert.same({ "10.0.0.6:8080", "redis" }, outcomeOf(node, task))
      assert.equal("10.0.0.6:8080", worker.ask("a.com")[1])
    end)
  end)
end)
