-- A node of three workers whose every next step is for the spec to choose, and ways through all of its interleavings.
--
-- A scenario says: what Redis holds `before`; the `changes` it goes through; the `answers` for the host, in their
-- order; how many `requests` for the host come to the workers A, B and C. If it wants, A and B are `warm` (they have
-- the host in memory, as C never has); or all is `cold` (otherwise a neighbour's names have been read); a `crowd`
-- of other
-- names comes, which B reads once, into shared dicts with room for `recordsRoom` and `absentRoom`; and `hash` spreads
-- names over tickets and locks.
--
-- A change `set`s names and `push`es one. `lost`: rather than being pushed, it is lost with the connection. `all`: it
-- removes everything, and the push says so. Time passes between changes, unless the scenario is `hasty`: then pushes
-- of one name are put off.
local fakes = require("spec.support.fakes")
local buildCache = require("signpost.cache.build").buildCache
local lookUpTexts = require("spec.support.look_up_texts")
local newBackoff = require("signpost.watch.backoff").newBackoff
local newNodeState = require("signpost.state.node_state").newNodeState
local refresher = require("signpost.cache.refresh").refresher
local usualKeys = require("spec.support.usual_keys")
local watcher = require("signpost.watch.watcher").watcher

local interleavings = { HOST = "a.com" }

local HOST, NEIGHBOUR = interleavings.HOST, "b.com"

-- Seconds: a lost connection is made again at the watcher's next beat.
local BEAT = 6

-- Seconds: longer than a push is put off, and so short that no lock expires in the middle of what it is held for.
local WHILE = 3 / 128

local function nothing()
end

local function yes()
  return true
end

local function no()
  return false
end

-- A bucket for each of the host's names, and one for the rest.
local function ownBucket(name)
  return ({ [HOST] = 1, ["*.com"] = 2, ["*"] = 3 })[name] or 4
end

-- What Redis pushes on the tracking connection: a key, or that everything may have changed.
local function message(key)
  local payload = key and ("*1\r\n$%d\r\n%s\r\n"):format(#key, key) or "*-1\r\n"
  return "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n" .. payload
end

-- The name whose key a command asks for.
local function nameOf(command)
  return (command[2]:gsub("^route:", ""))
end

-- What Redis holds after each of the changes.
local function newHistory(scenario)
  local states = { [0] = scenario.before }
  for i, change in ipairs(scenario.changes) do
    states[i] = {}
    for name, text in pairs(change.all and {} or states[i - 1]) do
      states[i][name] = text
    end
    for name, text in pairs(change.set or {}) do
      states[i][name] = text or nil
    end
  end

  -- What Redis answers after so many changes.
  local function reply(i, command)
    local text = states[i][nameOf(command)]
    if command[1] == "getrange" then
      return { kind = "text", text = text or "" }
    end
    assert(command[1] == "type", command[1])
    return { kind = "text", text = text and "string" or "none" }
  end

  local function isSame(i, j, names)
    for _, name in ipairs(names) do
      if states[i][name] ~= states[j][name] then
        return false
      end
    end
    return true
  end

  return { reply = reply, isSame = isSame }
end

local function dump(dict, isOrdered)
  local keys, parts = dict.keys(), {}
  if not isOrdered then
    table.sort(keys)
  end
  for i, key in ipairs(keys) do
    parts[i] = key .. "=" .. dict.peek(key) .. "/" .. (dict.flags(key) or 0)
  end
  return table.concat(parts, ";")
end

-- The node at its beginning. Nothing happens by itself: `steps()` are the steps that could come next, and `take` takes
-- one. A watches Redis.
--
-- A worker goes on with something else only where nginx lets it: while it waits for Redis, for another's read or for a
-- timer. With `fine` it is, besides, held up before each single operation on a shared dict, locks included, while the
-- other workers go on.
function interleavings.newNode(scenario, fine)
  local clock, scheduler, tally, log = fakes.clock(), fakes.scheduler(), fakes.tally(), fakes.log()
  local history, ranks, isSetUp = newHistory(scenario), {}, false
  local node = { workers = {}, made = 0, pushed = 0, newest = 0, crowds = 0, calls = 0 }
  local dicts = {
    records = fakes.dict(scenario.recordsRoom), absent = fakes.dict(scenario.absentRoom),
    state = fakes.dict(nil, clock),
  }
  node.dicts, node.clock = dicts, clock
  for rank, text in ipairs(scenario.answers) do
    ranks[text] = rank
  end

  -- The worker that is running, and of it the task.
  local running

  local function runAs(worker, task)
    running, worker.task = worker, task
  end

  -- The running task waits, and its worker goes on with others.
  local function await(what)
    local worker, task = running, running.task
    what.task = task
    worker.waits[#worker.waits + 1] = what
    scheduler.await(yes)
    runAs(worker, task)
  end

  -- The running worker is held up.
  local function holdUp()
    if fine and isSetUp then
      local worker, task = running, running.task
      worker.midway = task
      scheduler.await(yes)
      worker.midway = nil
      runAs(worker, task)
    end
  end

  -- A dict that notes what it has shown to a worker.
  local function shown(dict)
    local methods = {}
    for _, method in ipairs({ "get", "set", "add", "delete", "incr", "ttl" }) do
      local act = dict[method]
      methods[method] = function(_, key, ...)
        holdUp()
        local value, other, forcible = act(dict, key, ...)
        if node.isNoting then
          running.seen[#running.seen + 1] = tostring(value) .. tostring(other) .. tostring(forcible)
        end
        running.lock = method == "add" and value == false and key:find("^lock:") and key or nil
        return value, other, forcible
      end
    end
    return methods
  end

  local records, absent = shown(dicts.records), shown(dicts.absent)
  local nodeState = newNodeState(shown(dicts.state), scenario.hash or ownBucket, clock.now, { records, absent })

  -- Redis, which answers as it was after so many changes: `when` says after how many, by the names that are asked for.
  local function newRedis(when)
    return {
      connectionsMade = function()
        return 1
      end,
      ask = function(commands)
        local names, isAsked = {}, {}
        for _, command in ipairs(commands) do
          local name = nameOf(command)
          names[#names + 1] = not isAsked[name] and name or nil
          isAsked[name] = true
        end
        local state, replies = when(names), {}
        for i, command in ipairs(commands) do
          replies[i] = history.reply(state, command)
        end
        return replies, nil
      end,
    }
  end

  -- The schedule says when Redis looks.
  local scheduledRedis = newRedis(function(names)
    local call = { names = names, since = node.made }
    node.calls = node.calls + 1
    await(call)
    return call.state
  end)

  -- Redis as it was at first, which answers at once.
  local immediateRedis = newRedis(function()
    return 0
  end)

  local function newGate()
    local gate = { isOpen = false }
    return {
      wait = function()
        if not gate.isOpen then
          await({ gate = gate })
        end
        return true
      end,
      open = function()
        gate.isOpen = true
      end,
    }
  end

  -- A worker's cache, built as the product builds it.
  local function newCache(redis)
    return buildCache({
      records = records, absent = absent, nodeState = nodeState, count = tally.count, now = clock.now, ttl = math.huge,
      complaints = { bad = nothing, good = nothing }, breathe = nothing,
      runSoon = function()
        error("with an endless cache_ttl and a Redis that answers, nothing is refreshed")
      end,
      source = {
        redis = redis, keys = usualKeys, tellRights = nothing, log = log, newGate = newGate,
        breakerFailures = 1, breakerPause = 1, maxLookups = 100, waitTimeout = math.huge,
      },
    })
  end

  -- What a worker has compiled; `held` says it of each name.
  local function newCompiled()
    local compiled, held = lookUpTexts.compiled(), {}
    return {
      held = held, once = compiled.once,
      keep = function(name, known, clockThen)
        local kept = compiled.keep(name, known, clockThen)
        held[name] = kept or held[name]
        return kept
      end,
    }
  end

  local function newWorker(name)
    local memory, compiled = fakes.lru(), newCompiled()
    local worker = {
      name = name, number = #node.workers + 1, requests = 0, budget = 0, waits = {}, timers = {}, putOff = {},
      seen = {},
    }
    worker.cache = newCache(scheduledRedis)
    worker.lookUp = worker.cache.lookUpsOf(lookUpTexts.subjects(memory, compiled)).lookUp

    local function isIdle()
      for _, wait in ipairs(worker.waits) do
        if not wait.isPush then
          return false
        end
      end
      return #worker.timers == 0 and #worker.putOff == 0 and worker.midway == nil
    end

    -- Whether the next answer comes from memory, and so changes nothing.
    function worker.remembers()
      local answer = memory:get(HOST)
      return answer ~= nil and answer.clock == dicts.state.peek("clock")
    end

    -- All that is left of the past of a worker that does nothing: what it remembers of the host, and has compiled.
    function worker.past()
      local answer = memory:get(HOST)
      local remembered = answer and { answer.name, answer.clock, answer.freshUntil } or {}
      for _, key in ipairs({ HOST, "*.com", "*" }) do
        local held = compiled.held[key]
        remembered[#remembered + 1] = held and held.value .. "@" .. held.clock or "-"
      end
      return isIdle() and worker.requests .. "#" .. table.concat(remembered, "#") or nil
    end

    node.workers[worker.number] = worker
    return worker
  end

  local a, b, c = newWorker("A"), newWorker("B"), newWorker("C")

  local function start(worker, who, fn)
    local task = { who = who }
    runAs(worker, task)
    task.handle = scheduler.start(fn)
  end

  local function goOn(worker, task)
    runAs(worker, task)
    scheduler.step(task.handle)
  end

  local function resume(worker, at)
    goOn(worker, table.remove(worker.waits, at).task)
  end

  local function receive()
    await({ isPush = true })
    local change = scenario.changes[node.pushed]
    if change.lost then
      return nil, "closed"
    end
    return message(change.push and "route:" .. change.push), nil
  end

  -- Changes from before the connection was there are not pushed on it.
  local function open()
    if isSetUp then
      await({ isOpening = true })
    end
    node.pushed = node.made
    return { receive = receive, ping = nothing, close = nothing }, nil
  end

  local function newReread(failed)
    return refresher({
      read = a.cache.flights.readUnlimited, isDue = yes, breathe = nothing, failed = failed,
      runSoon = function(task)
        a.timers[#a.timers + 1] = task
        return true
      end,
    })
  end

  local function watch()
    local beat = watcher({
      open = open, newReread = newReread, lease = { claim = yes, hold = yes, isMine = yes, release = nothing },
      backoff = newBackoff(function() return 1 end), nodeState = nodeState, log = log, now = clock.now,
      holds = function(name) return a.cache.shared.find(name) ~= nil end, race = function(hear) hear() end,
      runSoon = function(task)
        a.putOff[#a.putOff + 1] = task
        return true
      end,
      pause = function()
        clock.turn(WHILE)
      end,
      breathe = nothing, changed = nothing, isExiting = no, timeout = 3,
      keys = usualKeys,
    })
    start(a, "watcher", function()
      while true do
        beat()
        clock.turn(BEAT)
      end
    end)
  end

  local function answered(worker, floor, answer, err)
    local text = err or answer.compiled.value
    local rank = assert(ranks[text], text)
    if rank < floor then
      node.problem = ("%s answered %s after a worker had answered %s")
        :format(worker.name, text, scenario.answers[floor])
    end
    worker.last, node.newest = text, math.max(node.newest, rank)
  end

  local function request(worker)
    worker.requests = worker.requests + 1
    local floor = node.newest
    start(worker, "request " .. worker.requests, function()
      answered(worker, floor, worker.lookUp(HOST))
    end)
  end

  -- Names of which Redis's answer comes at once, which takes the room of others.
  local function crowd()
    node.crowds = node.crowds + 1
    start(b, "crowd", function()
      newCache(immediateRedis).flights.readUnlimited(scenario.crowd)
    end)
  end

  local performers = {
    ["goes on"] = function(worker)
      goOn(worker, worker.midway)
    end,
    ["begins"] = request,
    ["crowd"] = crowd,
    ["re-read"] = function(worker)
      start(worker, "re-read", table.remove(worker.timers, 1))
    end,
    ["reads"] = function(worker, step)
      worker.waits[step.at].state = step.number
      resume(worker, step.at)
    end,
    ["is woken"] = function(worker, step)
      resume(worker, step.at)
    end,
    ["push"] = function(worker, step)
      node.pushed = step.number
      resume(worker, step.at)
    end,
    ["put off"] = function(worker)
      start(worker, "put off", table.remove(worker.putOff, 1))
    end,
    ["change"] = function(_, step)
      node.made = step.number
      clock.turn(scenario.hasty and 0 or WHILE)
    end,
  }

  -- Takes one of the steps, of this node or of another that has come as far.
  function node.take(step)
    performers[step.kind](node.workers[step.worker], step)
  end

  -- Redis may have looked at any moment since it was asked; moments that look the same are one.
  local function addReplies(worker, wait, at, add)
    for i = wait.since, node.made do
      if i == wait.since or not history.isSame(i, i - 1, wait.names) then
        add({ kind = "reads", worker = worker.number, at = at, who = wait.task.who, number = i })
      end
    end
  end

  local function addWaiting(worker, add)
    for at, wait in ipairs(worker.waits) do
      if wait.names ~= nil then
        addReplies(worker, wait, at, add)
      elseif wait.isPush and node.pushed < node.made then
        add({ kind = "push", worker = worker.number, at = at, number = node.pushed + 1 })
      elseif wait.isOpening or wait.gate ~= nil and wait.gate.isOpen then
        add({ kind = "is woken", worker = worker.number, at = at, who = wait.task.who })
      end
    end
  end

  local function addNew(worker, add)
    if worker.requests < worker.budget then
      add({ kind = "begins", worker = worker.number, who = "request " .. worker.requests + 1 })
    end
    if #worker.timers > 0 then
      add({ kind = "re-read", worker = worker.number })
    end
    if #worker.putOff > 0 then
      add({ kind = "put off", worker = worker.number })
    end
    if worker == b and isSetUp and scenario.crowd ~= nil and node.crowds == 0 then
      add({ kind = "crowd", worker = worker.number })
    end
  end

  -- A worker that is held up can do nothing else. One that tries a lock again that is still held changes nothing.
  local function addSteps(worker, add)
    if worker.midway == nil then
      addWaiting(worker, add)
      addNew(worker, add)
    elseif worker.lock == nil or dicts.state.peek(worker.lock) == nil then
      add({ kind = "goes on", worker = worker.number, who = worker.midway.who })
    end
  end

  function node.steps()
    local steps = {}
    local function add(step)
      steps[#steps + 1] = step
    end
    for _, worker in ipairs(node.workers) do
      addSteps(worker, add)
    end
    if isSetUp and node.made < #scenario.changes then
      add({ kind = "change", number = node.made + 1 })
    end
    return steps
  end

  local function settle()
    local step = node.steps()[1]
    while step ~= nil do
      node.take(step)
      step = node.steps()[1]
    end
  end

  local function askTwice(worker)
    for _ = 1, 2 do
      worker.budget = worker.requests + 1
      settle()
    end
  end

  -- A worker is killed while it has a name's lock.
  function node.killWhileLocked(name)
    assert(not pcall(nodeState.alone, name, function()
      error("killed")
    end))
  end

  -- What is wrong, if anything, once all that can happen has happened: by then every worker must know the newest.
  function node.problemWhenQuiet()
    settle()
    -- What one worker has to read again could cover up what the other wrongly remembers.
    for _, worker in ipairs(a.remembers() and { a, b, c } or { b, a, c }) do
      askTwice(worker)
      if worker.last ~= scenario.answers[#scenario.answers] then
        node.problem = node.problem or ("when all was quiet, %s answered %s"):format(worker.name, worker.last)
      end
    end
    return node.problem
  end

  -- What the workers share. The order of use matters only where there is not room for all.
  function node.shared()
    return dump(dicts.records, scenario.recordsRoom) .. "|" .. dump(dicts.absent, scenario.absentRoom) .. "|"
      .. dump(dicts.state)
  end

  local function setUp()
    watch()
    if not scenario.cold then
      start(b, "neighbour", function()
        b.lookUp(NEIGHBOUR)
      end)
      settle()
    end
    for _, worker in ipairs(scenario.warm and { a, b } or {}) do
      askTwice(worker)
    end
    for _, worker in ipairs(node.workers) do
      worker.budget = worker.requests + (scenario.requests[worker.name] or 0)
    end
    isSetUp = true
  end

  setUp()
  return node
end

-- A step, in words.
function interleavings.label(step)
  local words = { step.worker and ("ABC"):sub(step.worker, step.worker) or "Redis" }
  words[#words + 1] = step.who
  words[#words + 1] = step.kind
  words[#words + 1] = step.number
  return table.concat(words, " ")
end

-- A schedule, in words; the same step again and again is said once.
function interleavings.say(path)
  local said, times, last = {}, 0, nil
  for i = 1, #path + 1 do
    local label = path[i] and interleavings.label(path[i])
    if label ~= last and last ~= nil then
      said[#said + 1] = times > 1 and ("%s (%d times)"):format(last, times) or last
      times = 0
    end
    last, times = label, times + 1
  end
  return table.concat(said, ", ")
end

-- Goes through every schedule of a scenario, depth first. Returns how many there are, how many of them go `wrong`, the
-- `shortest` of these and its `problem`.
--
-- A node cannot be copied: to take another way, a new one is led to the fork. Schedules that lead to the same state are
-- followed once, and counted each. For a worker is a machine whose state follows from its steps and from what it was
-- shown at each; with all workers' states, Redis's, and what the workers share, all that can follow is known.
function interleavings.explore(scenario, fine)
  local seen, numbers, count = {}, {}, 0
  local result = { states = 0 }

  -- A short name for a long text.
  local function number(text)
    local known = numbers[text]
    if known == nil then
      count = count + 1
      known, numbers[text] = count, count
    end
    return known
  end

  -- Takes a step, and makes it and what was shown meanwhile part of the worker's state.
  local function take(node, step)
    local worker, calls, newest = node.workers[step.worker], node.calls, node.newest
    if worker == nil then
      return node.take(step)
    end
    worker.seen, node.isNoting = {}, true
    node.take(step)
    node.isNoting = false
    local since = node.calls > calls and node.made or "-"
    local floor = step.kind == "begins" and newest or "-"
    local past = { worker.state, interleavings.label(step), floor, since, table.concat(worker.seen, ",") }
    worker.state = number(worker.past() or table.concat(past, "#"))
  end

  local function statesOf(node)
    local states = {}
    for i, worker in ipairs(node.workers) do
      states[i] = worker.state
    end
    return states
  end

  local function led(path, states)
    local node = interleavings.newNode(scenario, fine)
    for _, step in ipairs(path) do
      node.take(step)
    end
    for i, worker in ipairs(node.workers) do
      worker.state = states[i] or 0
    end
    return node
  end

  local function stateOf(node)
    local rest = { node.made, node.pushed, node.crowds, node.newest, number(node.shared()) }
    return number(table.concat(statesOf(node), "#") .. "#" .. table.concat(rest, "#"))
  end

  local function verdict(problem, path)
    if problem ~= nil and (result.shortest == nil or #path < #result.shortest) then
      result.problem, result.shortest = problem, { unpack(path) }
    end
    return { all = 1, wrong = problem ~= nil and 1 or 0 }
  end

  local follow

  -- How many schedules go on from here, and how many of them go wrong.
  local function ways(node, path)
    if node.problem ~= nil then
      return verdict(node.problem, path)
    end
    local state = stateOf(node)
    if seen[state] == nil then
      result.states = result.states + 1
      seen[state] = follow(node, path)
    end
    return seen[state]
  end

  function follow(node, path)
    local steps, sum = node.steps(), { all = 0, wrong = 0 }
    if #steps == 0 then
      return verdict(node.problemWhenQuiet(), path)
    end
    local states = statesOf(node)
    for i, step in ipairs(steps) do
      local next = i == 1 and node or led(path, states)
      path[#path + 1] = step
      take(next, step)
      local found = ways(next, path)
      path[#path] = nil
      sum.all, sum.wrong = sum.all + found.all, sum.wrong + found.wrong
    end
    return sum
  end

  local found = ways(led({}, {}), {})
  result.schedules, result.wrong = found.all, found.wrong
  return result
end

-- Goes through one fine schedule of a scenario, at random. Returns what went wrong, if anything, and the schedule.
function interleavings.wander(scenario, seed)
  local draw, node, path = fakes.random(seed), interleavings.newNode(scenario, true), {}
  -- How many operations on shared dicts there are for each other step: much happens at once, or little.
  local slowness = draw(12)

  local function choose(steps)
    local fine = {}
    for _, step in ipairs(steps) do
      fine[#fine + 1] = step.kind == "goes on" and step or nil
    end
    local among = #fine > 0 and draw(slowness) > 1 and fine or steps
    return among[draw(#among)]
  end

  local steps = node.steps()
  while #steps > 0 and node.problem == nil do
    local step = choose(steps)
    path[#path + 1] = step
    node.take(step)
    steps = node.steps()
  end
  return node.problem or node.problemWhenQuiet(), path
end

return interleavings
