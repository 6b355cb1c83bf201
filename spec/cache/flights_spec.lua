local fakes = require("spec.support.fakes")
local coalesce = require("signpost.cache.flights").coalesce

local WAIT_TIMEOUT = 6

-- What a read finds: the names themselves, marked with which call read them.
local function found(call, mark)
  local known = {}
  for _, name in ipairs(call.names) do
    known[name] = name .. "@" .. mark
  end
  return known
end

-- A worker's reads, on a reader whose every call waits for the spec to say how it went.
local function newFlights(maxLookups)
  local clock, scheduler, tally = fakes.clock(), fakes.scheduler(), fakes.tally()
  local reader = fakes.slowReader(scheduler)
  local flights = coalesce(reader.read, {
    newGate = fakes.gates(scheduler, clock),
    now = clock.now,
    count = tally.count,
    maxLookups = maxLookups or 100,
    waitTimeout = WAIT_TIMEOUT,
  })
  return {
    clock = clock,
    calls = reader.calls,
    tally = tally,
    scheduler = scheduler,
    outcome = scheduler.outcome,
    settle = scheduler.settle,
    begin = function(...)
      return scheduler.start(flights.read, { ... })
    end,
    beginInBackground = function(...)
      return scheduler.start(flights.readUnlimited, { ... })
    end,
    -- These calls have found their names, in this order, and then those that waited go on.
    land = function(...)
      for _, i in ipairs({ ... }) do
        reader.calls[i].answer(found(reader.calls[i], i))
      end
      scheduler.settle()
    end,
    -- This call has failed, and those that waited go on.
    fail = function(i, ...)
      reader.calls[i].answer(nil, ...)
      scheduler.settle()
    end,
  }
end

describe("reads of one worker", function()
  local flights, calls
  before_each(function()
    flights = newFlights()
    calls = flights.calls
  end)

  it("for one name make one read, however many ask at once, and all get its answer", function()
    local tasks = {}
    for i = 1, 500 do
      tasks[i] = flights.begin("a", "*")
    end
    assert.equal(1, #calls)
    flights.land(1)
    for _, task in ipairs(tasks) do
      assert.same({ a = "a@1", ["*"] = "*@1" }, (flights.outcome(task)))
    end
    assert.equal(1, #calls)
  end)

  it("read only the names that nobody is reading, and wait for the others", function()
    local first = flights.begin("a", "*")
    local second = flights.begin("b", "*")
    assert.same({ "a", "*" }, calls[1].names)
    assert.same({ "b" }, calls[2].names)
    flights.land(2)
    assert.is_false(second.ended)
    flights.land(1)
    assert.same({ a = "a@1", ["*"] = "*@1" }, (flights.outcome(first)))
    assert.equal("b@2", flights.outcome(second).b)
    assert.equal("*@1", flights.outcome(second)["*"])
  end)

  it("wait for several reads of others, in whichever order they land", function()
    flights.begin("a")
    flights.begin("b")
    flights.begin("c")
    local task = flights.begin("a", "b", "c")
    assert.equal(3, #calls)
    for _, i in ipairs({ 3, 1, 2 }) do
      assert.is_false(task.ended)
      flights.land(i)
    end
    assert.same({ a = "a@1", b = "b@2", c = "c@3" }, (flights.outcome(task)))
  end)

  it("share a failure and what is said of it", function()
    local tasks = { flights.begin("a"), flights.begin("a"), flights.begin("a", "b") }
    calls[2].answer(found(calls[2], 2))
    flights.fail(1, "redis_down", "10.0.0.9:6379: no answer: timeout")
    for _, task in ipairs(tasks) do
      local value, err, detail = flights.outcome(task)
      assert.is_nil(value)
      assert.equal("redis_down", err)
      assert.equal("10.0.0.9:6379: no answer: timeout", detail)
    end
  end)

  it("hand on the reader's own word", function()
    local task = flights.begin("a")
    flights.fail(1, "busy", "elsewhere")
    assert.same({ nil, "busy", "elsewhere" }, { flights.outcome(task) })
  end)

  it("read again what was read before: nothing is kept here", function()
    flights.begin("a")
    flights.land(1)
    local again = flights.begin("a")
    assert.equal(2, #calls)
    flights.land(2)
    assert.equal("a@2", flights.outcome(again).a)
  end)

  it("read again what failed before", function()
    flights.begin("a")
    flights.fail(1, "redis_down", "gone")
    local again = flights.begin("a")
    flights.land(2)
    assert.equal("a@2", flights.outcome(again).a)
  end)

  it("have an answer at once when the reader does", function()
    local read = coalesce(function(names)
      return { [names[1]] = "here" }
    end, {
      newGate = fakes.gates(flights.scheduler, flights.clock), now = flights.clock.now, count = flights.tally.count,
      maxLookups = 1, waitTimeout = WAIT_TIMEOUT,
    }).read
    assert.same({ a = "here" }, (read({ "a" })))
  end)
end)

describe("a read that never lands", function()
  local flights, calls, leader
  before_each(function()
    flights = newFlights(1)
    calls = flights.calls
    leader = flights.begin("a", "b")
  end)

  -- A request waits for the read, and its waitTimeout ends.
  local function giveUp()
    flights.begin("a")
    flights.clock.turn(WAIT_TIMEOUT)
    flights.settle()
  end

  it("is given up by those that wait for it, after their waitTimeout and not before", function()
    flights.scheduler.kill(leader)
    local waiters = { flights.begin("a"), flights.begin("b"), flights.begin("a", "b") }
    flights.clock.turn(WAIT_TIMEOUT - 0.1)
    flights.settle()
    assert.is_false(waiters[1].ended or waiters[2].ended or waiters[3].ended)
    flights.clock.turn(0.1)
    flights.settle()
    for _, waiter in ipairs(waiters) do
      local value, err, detail = flights.outcome(waiter)
      assert.is_nil(value)
      assert.equal("redis_down", err)
      assert.matches("another request's look-up had no answer within 6 s", detail, 1, true)
    end
  end)

  it("leaves its names, and its place under max_lookups, to the next", function()
    flights.scheduler.kill(leader)
    flights.begin("b")
    flights.clock.turn(WAIT_TIMEOUT)
    flights.settle()
    local heir = flights.begin("a", "b")
    assert.same({ "a", "b" }, calls[2].names)
    flights.land(2)
    assert.same({ a = "a@2", b = "b@2" }, (flights.outcome(heir)))
    assert.equal(0, flights.tally.of("busy"))
  end)

  it("does not hold its place for ever when nobody waits for it", function()
    flights.scheduler.kill(leader)
    flights.clock.turn(WAIT_TIMEOUT)
    local other = flights.begin("c")
    assert.equal(2, #calls)
    flights.land(2)
    assert.equal("c@2", flights.outcome(other).c)
  end)

  it("has its answer for the one that made it, though it lands after it was given up", function()
    giveUp()
    flights.land(1)
    assert.same({ a = "a@1", b = "b@1" }, (flights.outcome(leader)))
  end)

  it("does not end, by landing late, the read that took its place", function()
    giveUp()
    flights.begin("a")
    flights.land(1)
    local waiter = flights.begin("a")
    assert.equal(2, #calls)
    flights.land(2)
    assert.equal("a@2", flights.outcome(waiter).a)
  end)

  it("does not free, by landing late, the place of the read that took its place", function()
    giveUp()
    flights.begin("a")
    flights.land(1)
    assert.equal("busy", (select(2, flights.outcome(flights.begin("c")))))
  end)
end)

describe("more reads at once than max_lookups", function()
  local flights, calls
  before_each(function()
    flights = newFlights(2)
    calls = flights.calls
    flights.begin("a")
    flights.begin("b")
  end)

  it("are refused at once as busy, and counted", function()
    local value, err, detail = flights.outcome(flights.begin("c"))
    assert.is_nil(value)
    assert.equal("busy", err)
    assert.matches("2 look-ups", detail, 1, true)
    assert.equal(1, flights.tally.of("busy"))
    assert.equal(2, #calls)
  end)

  it("do not matter to those who only wait for a read under way", function()
    local waiter = flights.begin("a", "b")
    assert.is_false(waiter.ended)
    flights.land(1, 2)
    assert.same({ a = "a@1", b = "b@2" }, (flights.outcome(waiter)))
  end)

  it("are possible again as soon as one has landed, well or not", function()
    flights.fail(1, "redis_down", "gone")
    flights.begin("c")
    assert.same({ "c" }, calls[3].names)
    assert.equal("busy", (select(2, flights.outcome(flights.begin("d")))))
    flights.land(3)
    flights.begin("d")
    assert.same({ "d" }, calls[4].names)
  end)

  it("are not refused to the background, which bounds itself", function()
    local background = flights.beginInBackground("c")
    assert.same({ "c" }, calls[3].names)
    flights.land(3)
    assert.same({ c = "c@3" }, (flights.outcome(background)))
    assert.equal(0, flights.tally.of("busy"))
  end)

  it("are refused to requests while the background makes them", function()
    flights.land(1)
    flights.beginInBackground("c")
    assert.equal("busy", (select(2, flights.outcome(flights.begin("d")))))
  end)

  it("of the background and of requests wait for each other's reads", function()
    local background, request = flights.beginInBackground("a", "c"), flights.begin("c")
    assert.same({ "c" }, calls[3].names)
    flights.land(1, 2, 3)
    assert.same({ a = "a@1", c = "c@3" }, (flights.outcome(background)))
    assert.same({ c = "c@3" }, (flights.outcome(request)))
    assert.equal(3, #calls)
  end)

  it("leave no name behind that nobody reads: a refused name is read when there is room", function()
    flights.begin("c")
    flights.land(1)
    flights.begin("c")
    assert.same({ "c" }, calls[3].names)
  end)
end)

-- One run of everything at once: requests for overlapping names, answers, failures, clients that go away, and time.
local function chaos(seed)
  local NAMES, MAX_LOOKUPS = { "a", "b", "c", "d", "e", "f" }, 3
  local draw = fakes.random(seed)
  local flights = newFlights(MAX_LOOKUPS)
  local seen, startedAt, asked = 0, {}, {}

  -- Whoever has waited its waitTimeout for a read may have given it up, so that an older one says nothing.
  local function checkNewCalls()
    while seen < #flights.calls do
      seen = seen + 1
      startedAt[seen] = flights.clock.now()
      local underWay, reading = 0, {}
      for i = 1, seen do
        local call = flights.calls[i]
        if not call.landed and flights.clock.now() - startedAt[i] < WAIT_TIMEOUT then
          underWay = underWay + 1
          for _, name in ipairs(call.names) do
            assert(not reading[name], "two reads of " .. name .. " at once")
            reading[name] = true
          end
        end
      end
      assert(underWay <= MAX_LOOKUPS, "more reads than max_lookups")
    end
  end

  local function someNames()
    local names = {}
    for _, name in ipairs(NAMES) do
      if draw(3) == 1 then
        names[#names + 1] = name
      end
    end
    return #names > 0 and names or { NAMES[draw(#NAMES)] }
  end

  local function ask(names)
    local before = #flights.calls
    local task = flights.begin(unpack(names))
    asked[#asked + 1] = { task = task, names = names }
    if #flights.calls > before then
      flights.calls[#flights.calls].task = task
    end
    checkNewCalls()
  end

  local function someCall()
    local open = {}
    for i, call in ipairs(flights.calls) do
      if not call.ended and not call.killed then
        open[#open + 1] = i
      end
    end
    local i = open[draw(math.max(#open, 1))]
    return flights.calls[i], i
  end

  local function land(call, i)
    if draw(4) == 1 then
      call.answer(nil, "redis_down", "call " .. i)
    else
      call.answer(found(call, i))
    end
  end

  local function step()
    local ready = flights.scheduler.ready()
    if #ready == 0 then
      return
    end
    local task = ready[draw(#ready)]
    flights.scheduler.step(task)
    for _, call in ipairs(flights.calls) do
      call.landed = call.landed or (call.ended and call.task == task)
    end
    checkNewCalls()
  end

  local function somethingHappens()
    local what = draw(20)
    local call, i = someCall()
    if what <= 7 then
      ask(someNames())
    elseif what <= 11 and call ~= nil then
      land(call, i)
    elseif what == 12 and call ~= nil then
      call.killed = true
      flights.scheduler.kill(call.task)
    elseif what == 13 then
      flights.clock.turn(draw(WAIT_TIMEOUT) / 2)
    else
      step()
    end
  end

  local function landAll()
    for i, call in ipairs(flights.calls) do
      if not call.ended and not call.killed then
        land(call, i)
      end
    end
    while #flights.scheduler.ready() > 0 do
      step()
    end
  end

  for _ = 1, 150 do
    somethingHappens()
  end
  for _, name in ipairs(NAMES) do
    ask({ name })
  end
  for _ = 1, #flights.calls + 1 do
    landAll()
    flights.clock.turn(WAIT_TIMEOUT)
  end
  landAll()

  local killed = {}
  for _, call in ipairs(flights.calls) do
    killed[call.task] = call.killed
  end
  for _, request in ipairs(asked) do
    if not killed[request.task] then
      local known, err = flights.outcome(request.task)
      assert(known == nil and (err == "redis_down" or err == "busy") or known ~= nil and err == nil)
      for _, name in ipairs(known ~= nil and request.names or {}) do
        assert.matches("^" .. name .. "@%d+$", known[name])
      end
    end
  end

  for i = 1, MAX_LOOKUPS do
    assert(not flights.begin("fresh " .. i).ended, "a place under max_lookups was lost")
  end
  assert(flights.begin("one too many").ended, "a place under max_lookups was won")
end

describe("any order of requests, answers, failures, lost clients and time", function()
  it("has at most one read of a name and max_lookups in all, an outcome for everyone, and loses no place", function()
    local seed = tonumber(os.getenv("SEED")) or os.time()
    for run = seed, seed + 999 do
      local well, problem = pcall(chaos, run)
      assert(well, ("SEED=%d: %s"):format(run, tostring(problem)))
    end
  end)
end)
