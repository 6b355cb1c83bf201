local fakes = require("spec.support.fakes")
local newNodeState = require("signpost.state.node_state").newNodeState
local sharedLevel = require("signpost.cache.shared").sharedLevel

local NOW = 1700000000
local GOOD = { kind = "good", text = "10.0.0.5:8080" }
local BETTER = { kind = "good", text = "10.0.0.6:8080" }
local ABSENT = { kind = "absent" }

local function bad(reason)
  return { kind = "bad", reason = reason or "expected a target" }
end

-- All names in one bucket: what is said of one's ticket then holds for all.
local function oneBucket()
  return 0
end

-- The level on dicts with so much room; what was complained of is in `told`.
local function newLevel(recordsRoom, absentRoom)
  local clock = fakes.clock()
  -- And room for the clock's mark.
  local records = fakes.dict(recordsRoom and recordsRoom + 1, clock)
  local absent = fakes.dict(absentRoom and absentRoom + 1, clock)
  local tally, told = fakes.tally(), {}
  local nodeState = newNodeState(fakes.dict(nil, clock), oneBucket, clock.now, { records, absent })
  nodeState.changeClock.move()
  local complaints = {
    bad = function(name, reason, lastGood)
      told[#told + 1] = { "bad", name, reason, lastGood }
    end,
    good = function(name)
      told[#told + 1] = { "good", name }
    end,
  }
  local level = sharedLevel({
    records = records, absent = absent, nodeState = nodeState, complaints = complaints, count = tally.count,
  })
  local shared = { level = level, nodeState = nodeState, records = records, absent = absent, tally = tally,
    told = told }

  -- Keeps what was asked and answered at once, in whichever epoch it is.
  function shared.keep(name, reading, checked)
    local epoch, ticket = nodeState.epochs.current(), nodeState.tickets.of(name)
    return level.keep(name, reading, { checked = checked, epoch = epoch, ticket = ticket })
  end

  return shared
end

-- How many names a dict holds; the clock's mark is none.
local function namesIn(dict)
  local names = 0
  for _, key in ipairs(dict.keys()) do
    names = names + (key:sub(1, 1) ~= "\n" and 1 or 0)
  end
  return names
end

local function route(text, checked)
  return { kind = "good", checked = checked, text = text, epoch = 0 }
end

describe("the shared level", function()
  local shared, level
  before_each(function()
    shared = newLevel()
    level = shared.level
  end)

  it("knows nothing of a name it was never told of", function()
    assert.is_nil(level.find("a.com"))
  end)

  it("finds what it was told, and since when it holds, however old", function()
    shared.keep("a.com", GOOD, NOW)
    assert.same(route("10.0.0.5:8080", NOW), level.find("a.com"))
  end)

  it("says what is in force from now on", function()
    assert.same(route("10.0.0.5:8080", NOW), shared.keep("a.com", GOOD, NOW))
    assert.same({ kind = "absent", checked = NOW, text = "", epoch = 0 }, shared.keep("b.com", ABSENT, NOW))
    local known = { kind = "bad", checked = NOW, text = "expected a target", epoch = 0 }
    assert.same(known, shared.keep("c.com", bad(), NOW))
  end)

  it("takes a new value, also one of another length", function()
    shared.keep("a.com", GOOD, NOW)
    shared.keep("a.com", { kind = "good", text = "https://app.internal" }, NOW + 1)
    assert.same(route("https://app.internal", NOW + 1), level.find("a.com"))
  end)

  it("forgets a route that was deleted, and remembers that it is absent", function()
    shared.keep("a.com", GOOD, NOW)
    shared.keep("a.com", ABSENT, NOW + 1)
    assert.same({ kind = "absent", checked = NOW + 1, text = "", epoch = 0 }, level.find("a.com"))
  end)

  it("forgets that a name was absent when it gets a route, good or bad", function()
    shared.keep("a.com", ABSENT, NOW)
    shared.keep("a.com", GOOD, NOW + 1)
    assert.equal("good", level.find("a.com").kind)
    shared.keep("b.com", ABSENT, NOW)
    shared.keep("b.com", bad(), NOW + 1)
    assert.equal("bad", level.find("b.com").kind)
    assert.equal(0, namesIn(shared.absent))
  end)

  it("holds one entry for a name, whatever it becomes", function()
    for i, reading in ipairs({ GOOD, ABSENT, bad(), BETTER, bad(), ABSENT, GOOD }) do
      shared.keep("a.com", reading, NOW + i)
      assert.equal(1, namesIn(shared.records) + namesIn(shared.absent))
    end
  end)

  it("believes the route, should a worker have died before it had taken the absence away", function()
    shared.keep("a.com", ABSENT, NOW)
    local leftover = shared.absent.peek("a.com")
    shared.keep("a.com", GOOD, NOW + 1)
    shared.absent:set("a.com", leftover)
    assert.same(route("10.0.0.5:8080", NOW + 1), level.find("a.com"))
  end)

  it("keeps the last good value in force under a bad one, and as fresh as the bad one is", function()
    shared.keep("a.com", GOOD, NOW)
    assert.same(route("10.0.0.5:8080", NOW + 1), shared.keep("a.com", bad(), NOW + 1))
    assert.same(route("10.0.0.5:8080", NOW + 1), level.find("a.com"))
  end)

  it("keeps the last good value through any number of bad ones", function()
    shared.keep("a.com", GOOD, NOW)
    for i = 1, 5 do
      shared.keep("a.com", bad("reason " .. i), NOW + i)
    end
    assert.same(route("10.0.0.5:8080", NOW + 5), level.find("a.com"))
  end)

  it("calls a route bad that never had a good value, with the newest reason", function()
    shared.keep("a.com", bad("one"), NOW)
    shared.keep("a.com", bad("two"), NOW + 1)
    assert.same({ kind = "bad", checked = NOW + 1, text = "two", epoch = 0 }, level.find("a.com"))
  end)

  it("does not bring back, under a bad value, a good one that was deleted", function()
    shared.keep("a.com", GOOD, NOW)
    shared.keep("a.com", ABSENT, NOW + 1)
    assert.equal("bad", shared.keep("a.com", bad(), NOW + 2).kind)
    assert.equal("bad", level.find("a.com").kind)
  end)

  it("takes the good value that mends a bad one", function()
    shared.keep("a.com", bad(), NOW)
    shared.keep("a.com", BETTER, NOW + 1)
    assert.same(route("10.0.0.6:8080", NOW + 1), level.find("a.com"))
  end)

  it("tells of bad values with what serves meanwhile, and that a complaint is over", function()
    shared.keep("a.com", bad("one"), NOW)
    shared.keep("a.com", GOOD, NOW)
    shared.keep("a.com", bad("two"), NOW)
    shared.keep("a.com", ABSENT, NOW)
    assert.same({
      { "bad", "a.com", "one", nil }, { "good", "a.com" }, { "bad", "a.com", "two", "10.0.0.5:8080" },
      { "good", "a.com" },
    }, shared.told)
  end)

  it("takes another program's value for nothing, and a bad route over it for one that never was good", function()
    shared.records:set("a.com", "hello")
    assert.is_nil(level.find("a.com"))
    assert.equal("bad", shared.keep("a.com", bad(), NOW).kind)
  end)
end)

describe("a shared level that is full", function()
  it("never gives up a route for a flood of absent names", function()
    local shared = newLevel(3, 10)
    for _, name in ipairs({ "a.com", "b.com", "c.com" }) do
      shared.keep(name, GOOD, NOW)
    end
    for i = 1, 1000 do
      shared.keep(("invented-%d.com"):format(i), ABSENT, NOW)
    end
    for _, name in ipairs({ "a.com", "b.com", "c.com" }) do
      assert.equal("good", shared.level.find(name).kind)
    end
    assert.equal(990, shared.tally.of("evictions"))
  end)

  it("gives up the least recently used route for a new one, and counts it", function()
    local shared = newLevel(2)
    shared.keep("a.com", GOOD, NOW)
    shared.keep("b.com", GOOD, NOW)
    shared.level.find("a.com")
    shared.records.evict(shared.records.keys()[1])
    shared.keep("c.com", GOOD, NOW)
    assert.is_nil(shared.level.find("b.com"))
    assert.equal("good", shared.level.find("a.com").kind)
    assert.equal(1, shared.tally.of("evictions"))
    assert.equal(0, shared.tally.of("store_failures"))
  end)

  it("counts no eviction while there is room, nor when a value takes its own place", function()
    local shared = newLevel(2)
    for i = 1, 10 do
      shared.keep("a.com", GOOD, NOW + i)
      shared.keep("b.com", GOOD, NOW + i)
    end
    assert.equal(0, shared.tally.of("evictions"))
  end)

  it("says what is in force though it keeps nothing, and counts it", function()
    local shared = newLevel()
    shared.records.refuse()
    shared.absent.refuse()
    assert.same(route("10.0.0.5:8080", NOW), shared.keep("a.com", GOOD, NOW))
    assert.equal("absent", shared.keep("b.com", ABSENT, NOW).kind)
    assert.equal("bad", shared.keep("c.com", bad(), NOW).kind)
    assert.is_nil(shared.level.find("a.com"))
    assert.equal(3, shared.tally.of("store_failures"))
    assert.equal(0, shared.tally.of("evictions"))
  end)

  it("does not go on serving a route that was deleted, though it cannot keep that it is absent", function()
    local shared = newLevel()
    shared.keep("a.com", GOOD, NOW)
    shared.absent.refuse()
    shared.keep("a.com", ABSENT, NOW + 1)
    assert.is_nil(shared.level.find("a.com"))
  end)

  it("does not go on calling a host absent that has a route, though it cannot keep the route", function()
    local shared = newLevel()
    shared.keep("a.com", ABSENT, NOW)
    shared.records.refuse()
    shared.keep("a.com", GOOD, NOW + 1)
    assert.is_nil(shared.level.find("a.com"))
  end)

  it("does not go on with the old value when it has no room for the new one", function()
    local shared = newLevel()
    shared.keep("a.com", GOOD, NOW)
    shared.records.refuse()
    local longer = { kind = "good", text = "10.0.0.5:8080 10.0.0.6:8080" }
    assert.equal(longer.text, shared.keep("a.com", longer, NOW + 1).text)
    assert.is_nil(shared.level.find("a.com"))
  end)

  it("keeps the last good value under a bad one", function()
    local shared = newLevel()
    shared.keep("a.com", GOOD, NOW)
    shared.records.refuse()
    shared.keep("a.com", bad(), NOW + 1)
    assert.same(route("10.0.0.5:8080", NOW + 1), shared.level.find("a.com"))
  end)
end)

describe("the shared level of a node that is told of changes", function()
  local shared, level, nodeState
  before_each(function()
    shared = newLevel()
    level, nodeState = shared.level, shared.nodeState
  end)

  -- Takes what is asked now, to be kept later.
  local function ask(name)
    return { checked = NOW, epoch = nodeState.epochs.current(), ticket = nodeState.tickets.of(name) }
  end

  it("keeps with a record in which epoch it was asked for", function()
    local epoch = nodeState.epochs.begin()
    local asked = ask("a.com")
    nodeState.epochs.begin()
    assert.equal(epoch, level.keep("a.com", GOOD, asked).epoch)
    assert.equal(epoch, level.find("a.com").epoch)
  end)

  for kind, reading in pairs({ route = GOOD, absent = ABSENT, bad = bad() }) do
    it(("does not keep an answer that is older than a push: %s"):format(kind), function()
      local asked = ask("a.com")
      nodeState.tickets.move("a.com")
      local clock = nodeState.changeClock.value()
      assert.is_nil(level.keep("a.com", reading, asked))
      assert.is_nil(level.find("a.com"))
      assert.equal(clock, nodeState.changeClock.value())
      assert.same({}, shared.told)
    end)
  end

  it("leaves in force what it held when it refuses an answer", function()
    shared.keep("a.com", BETTER, NOW)
    local asked = ask("a.com")
    nodeState.tickets.move("a.com")
    level.keep("a.com", GOOD, asked)
    assert.same(route("10.0.0.6:8080", NOW), level.find("a.com"))
  end)

  it("does not keep an answer that is older than one it was told since, push or no push", function()
    local asked = ask("a.com")
    shared.keep("a.com", BETTER, NOW)
    assert.is_nil(level.keep("a.com", GOOD, asked))
    assert.same(route("10.0.0.6:8080", NOW), level.find("a.com"))
  end)

  it("does not keep such an answer either when what it was told has been pushed out meanwhile", function()
    local asked = ask("a.com")
    shared.keep("a.com", BETTER, NOW)
    shared.records.evict("a.com")
    assert.is_nil(level.keep("a.com", GOOD, asked))
  end)

  it("keeps the same answer of two that were asked at once, both times", function()
    shared.keep("a.com", GOOD, NOW)
    local one, other = ask("a.com"), ask("a.com")
    assert.equal("good", level.keep("a.com", GOOD, one).kind)
    assert.equal("good", level.keep("a.com", GOOD, other).kind)
  end)

  it("moves the change clock when what is in force has changed, and only then", function()
    local moves = {
      { GOOD, false }, { GOOD, false }, { BETTER, true }, { bad("one"), false }, { BETTER, false }, { ABSENT, true },
      { ABSENT, false }, { bad("one"), true }, { bad("one"), false }, { bad("two"), true }, { GOOD, true },
    }
    for i, move in ipairs(moves) do
      local before = nodeState.changeClock.value()
      shared.keep("a.com", move[1], NOW + i)
      assert.equal(move[2], nodeState.changeClock.value() > before, "step " .. i)
    end
  end)

  it("does not move the change clock for a flood of invented hosts", function()
    local before = nodeState.changeClock.value()
    for i = 1, 100 do
      shared.keep(("invented-%d.com"):format(i), ABSENT, NOW)
    end
    assert.equal(before, nodeState.changeClock.value())
  end)

  it("leaves the clock alone when it first learns of a route: no worker can remember anything of it", function()
    local before = nodeState.changeClock.value()
    for i = 1, 100 do
      shared.keep(("host-%d.com"):format(i), GOOD, NOW)
    end
    assert.equal(before, nodeState.changeClock.value())
  end)

  -- How often `act` moves the clock, in a level with so much room that is full and has forgotten nothing yet.
  local function movesIn(recordsRoom, absentRoom, act)
    shared = newLevel(recordsRoom, absentRoom)
    nodeState = shared.nodeState
    local before = nodeState.changeClock.value()
    act()
    return nodeState.changeClock.value() - before
  end

  local news = { ["another value"] = BETTER, ["that it has gone"] = ABSENT, ["that it is bad"] = bad() }
  for what, reading in pairs(news) do
    it("moves the clock when it learns of a route pushed out before, which memory may hold, " .. what, function()
      assert.equal(1, movesIn(1, 10, function()
        shared.keep("a.com", GOOD, NOW)
        shared.keep("b.com", GOOD, NOW)
        shared.keep("c.com", reading, NOW)
      end))
    end)
  end

  it("moves the clock for a route whose absence was pushed out, which a wildcard's answer may hang on", function()
    assert.equal(1, movesIn(10, 1, function()
      for _, name in ipairs({ "a.com", "b.com", "c.com" }) do
        shared.keep(name, ABSENT, NOW)
      end
      assert.is_nil(shared.level.find("a.com"))
      shared.keep("a.com", GOOD, NOW)
    end))
  end)

  it("moves the clock when it learns of a route that a snapshot did not have", function()
    assert.equal(1, movesIn(10, 10, function()
      nodeState.completeness.declare()
      shared.keep("a.com", GOOD, NOW)
    end))
  end)

  it("does not move the clock for a flood of invented hosts that pushes absences out", function()
    assert.equal(0, movesIn(10, 10, function()
      for i = 1, 1000 do
        shared.keep(("invented-%d.com"):format(i), ABSENT, NOW)
      end
    end))
  end)

  it("moves the clock once for each time that a dict too small for all routes has gone through its room", function()
    local room, routes = 50, 5000
    local moves = movesIn(room, 10, function()
      for i = 1, routes do
        shared.keep(("host-%d.com"):format(i), GOOD, NOW)
      end
    end)
    assert.is_true(moves > 0 and moves <= routes / room, moves .. " moves")
  end)

  it("is not complete any more once a route was pushed out, or not taken", function()
    shared = newLevel(1)
    shared.nodeState.completeness.declare()
    shared.keep("a.com", GOOD, NOW)
    shared.keep("b.com", GOOD, NOW)
    assert.is_false(shared.nodeState.completeness.holds())
    shared.nodeState.completeness.declare()
    shared.records.refuse()
    shared.keep("c.com", GOOD, NOW)
    assert.is_false(shared.nodeState.completeness.holds())
  end)

  it("keeps nothing while another worker has the name's lock", function()
    local asked, kept = ask("a.com"), "not yet"
    nodeState.alone("a.com", function()
      kept = level.keep("a.com", GOOD, asked)
    end)
    assert.is_nil(kept)
    assert.is_nil(level.find("a.com"))
  end)
end)

-- A dict that calls `look` before each of its steps.
local function watched(dict, look)
  local methods = {}
  for _, method in ipairs({ "get", "set", "delete" }) do
    methods[method] = function(_, ...)
      look()
      return dict[method](dict, ...)
    end
  end
  return methods
end

describe("a change in the shared level", function()
  local changes = {
    ["of a route's value"] = { GOOD, BETTER }, ["by which a route goes"] = { GOOD, ABSENT },
    ["by which a route comes"] = { ABSENT, GOOD }, ["by which a bad route comes"] = { ABSENT, bad() },
    ["by which a bad route goes"] = { bad(), ABSENT }, ["by which a bad route is mended"] = { bad(), GOOD },
  }
  for what, change in pairs(changes) do
    it(what .. " shows the new value only after the clock has moved, and the old one only before", function()
      local plain = newLevel()
      local records, absent, nodeState = plain.records, plain.absent, plain.nodeState
      local function held()
        return records.peek("a.com") or absent.peek("a.com")
      end

      plain.keep("a.com", change[1], NOW)
      local old, before = held(), nodeState.changeClock.value()

      local function look()
        local seen, moved = held(), nodeState.changeClock.value() > before
        assert(seen == nil or moved == (seen ~= old), "the old value after the clock has moved, or the new before")
      end

      local level = sharedLevel({
        records = watched(records, look), absent = watched(absent, look), nodeState = nodeState,
        count = plain.tally.count, complaints = { bad = function() end, good = function() end },
      })
      level.keep("a.com", change[2], { checked = NOW, epoch = 0, ticket = nodeState.tickets.of("a.com") })
      look()
      assert.is_true(held() ~= nil and held() ~= old)
    end)
  end
end)
