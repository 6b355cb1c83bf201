local fakes = require("spec.support.fakes")
local sharedLevel = require("signpost.cache.shared").sharedLevel

local NOW = 1700000000
local GOOD = { kind = "route", text = "10.0.0.5:8080" }
local BETTER = { kind = "route", text = "10.0.0.6:8080" }
local ABSENT = { kind = "absent" }

local function bad(reason)
  return { kind = "bad", reason = reason or "expected a target" }
end

-- The level on dicts with so much room; what was complained of is in `told`.
local function newLevel(recordsRoom, absentRoom)
  local records, absent, tally = fakes.dict(recordsRoom), fakes.dict(absentRoom), fakes.tally()
  local told = {}
  local complaints = {
    bad = function(name, reason, lastGood)
      told[#told + 1] = { "bad", name, reason, lastGood }
    end,
    good = function(name)
      told[#told + 1] = { "good", name }
    end,
  }
  return {
    level = sharedLevel(records, absent, complaints, tally.count),
    records = records, absent = absent, tally = tally, told = told,
  }
end

local function route(text, checked)
  return { kind = "route", checked = checked, text = text }
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
    level.keep("a.com", GOOD, NOW)
    assert.same(route("10.0.0.5:8080", NOW), level.find("a.com"))
  end)

  it("says what is in force from now on", function()
    assert.same(route("10.0.0.5:8080", NOW), level.keep("a.com", GOOD, NOW))
    assert.same({ kind = "absent", checked = NOW, text = "" }, level.keep("b.com", ABSENT, NOW))
    assert.same({ kind = "bad", checked = NOW, text = "expected a target" }, level.keep("c.com", bad(), NOW))
  end)

  it("takes a new value, also one of another length", function()
    level.keep("a.com", GOOD, NOW)
    level.keep("a.com", { kind = "route", text = "https://app.internal" }, NOW + 1)
    assert.same(route("https://app.internal", NOW + 1), level.find("a.com"))
  end)

  it("forgets a route that was deleted, and remembers that it is absent", function()
    level.keep("a.com", GOOD, NOW)
    level.keep("a.com", ABSENT, NOW + 1)
    assert.same({ kind = "absent", checked = NOW + 1, text = "" }, level.find("a.com"))
  end)

  it("forgets that a name was absent when it gets a route, good or bad", function()
    level.keep("a.com", ABSENT, NOW)
    level.keep("a.com", GOOD, NOW + 1)
    assert.equal("route", level.find("a.com").kind)
    level.keep("b.com", ABSENT, NOW)
    level.keep("b.com", bad(), NOW + 1)
    assert.equal("bad", level.find("b.com").kind)
    assert.equal(0, shared.absent.size())
  end)

  it("holds one entry for a name, whatever it becomes", function()
    for i, reading in ipairs({ GOOD, ABSENT, bad(), BETTER, bad(), ABSENT, GOOD }) do
      level.keep("a.com", reading, NOW + i)
      assert.equal(1, shared.records.size() + shared.absent.size())
    end
  end)

  it("believes the route, should a worker have died before it had taken the absence away", function()
    level.keep("a.com", ABSENT, NOW)
    local leftover = shared.absent.peek("a.com")
    level.keep("a.com", GOOD, NOW + 1)
    shared.absent:set("a.com", leftover)
    assert.same(route("10.0.0.5:8080", NOW + 1), level.find("a.com"))
  end)

  it("keeps the last good value in force under a bad one, and as fresh as the bad one is", function()
    level.keep("a.com", GOOD, NOW)
    assert.same(route("10.0.0.5:8080", NOW + 1), level.keep("a.com", bad(), NOW + 1))
    assert.same(route("10.0.0.5:8080", NOW + 1), level.find("a.com"))
  end)

  it("keeps the last good value through any number of bad ones", function()
    level.keep("a.com", GOOD, NOW)
    for i = 1, 5 do
      level.keep("a.com", bad("reason " .. i), NOW + i)
    end
    assert.same(route("10.0.0.5:8080", NOW + 5), level.find("a.com"))
  end)

  it("calls a route bad that never had a good value, with the newest reason", function()
    level.keep("a.com", bad("one"), NOW)
    level.keep("a.com", bad("two"), NOW + 1)
    assert.same({ kind = "bad", checked = NOW + 1, text = "two" }, level.find("a.com"))
  end)

  it("does not bring back, under a bad value, a good one that was deleted", function()
    level.keep("a.com", GOOD, NOW)
    level.keep("a.com", ABSENT, NOW + 1)
    assert.equal("bad", level.keep("a.com", bad(), NOW + 2).kind)
    assert.equal("bad", level.find("a.com").kind)
  end)

  it("takes the good value that mends a bad one", function()
    level.keep("a.com", bad(), NOW)
    level.keep("a.com", BETTER, NOW + 1)
    assert.same(route("10.0.0.6:8080", NOW + 1), level.find("a.com"))
  end)

  it("tells of bad values with what serves meanwhile, and that a complaint is over", function()
    level.keep("a.com", bad("one"), NOW)
    level.keep("a.com", GOOD, NOW)
    level.keep("a.com", bad("two"), NOW)
    level.keep("a.com", ABSENT, NOW)
    assert.same({
      { "bad", "a.com", "one", nil }, { "good", "a.com" }, { "bad", "a.com", "two", "10.0.0.5:8080" },
      { "good", "a.com" },
    }, shared.told)
  end)

  it("takes another program's value for nothing, and a bad route over it for one that never was good", function()
    shared.records:set("a.com", "hello")
    assert.is_nil(level.find("a.com"))
    assert.equal("bad", level.keep("a.com", bad(), NOW).kind)
  end)
end)

describe("a shared level that is full", function()
  it("never gives up a route for a flood of absent names", function()
    local shared = newLevel(3, 10)
    for _, name in ipairs({ "a.com", "b.com", "c.com" }) do
      shared.level.keep(name, GOOD, NOW)
    end
    for i = 1, 1000 do
      shared.level.keep(("invented-%d.com"):format(i), ABSENT, NOW)
    end
    for _, name in ipairs({ "a.com", "b.com", "c.com" }) do
      assert.equal("route", shared.level.find(name).kind)
    end
    assert.equal(990, shared.tally.of("evictions"))
  end)

  it("gives up the least recently used route for a new one, and counts it", function()
    local shared = newLevel(2)
    shared.level.keep("a.com", GOOD, NOW)
    shared.level.keep("b.com", GOOD, NOW)
    shared.level.find("a.com")
    shared.level.keep("c.com", GOOD, NOW)
    assert.is_nil(shared.level.find("b.com"))
    assert.equal("route", shared.level.find("a.com").kind)
    assert.equal(1, shared.tally.of("evictions"))
    assert.equal(0, shared.tally.of("store_failures"))
  end)

  it("counts no eviction while there is room, nor when a value takes its own place", function()
    local shared = newLevel(2)
    for i = 1, 10 do
      shared.level.keep("a.com", GOOD, NOW + i)
      shared.level.keep("b.com", GOOD, NOW + i)
    end
    assert.equal(0, shared.tally.of("evictions"))
  end)

  it("says what is in force though it keeps nothing, and counts it", function()
    local shared = newLevel()
    shared.records.refuse()
    shared.absent.refuse()
    assert.same(route("10.0.0.5:8080", NOW), shared.level.keep("a.com", GOOD, NOW))
    assert.equal("absent", shared.level.keep("b.com", ABSENT, NOW).kind)
    assert.equal("bad", shared.level.keep("c.com", bad(), NOW).kind)
    assert.is_nil(shared.level.find("a.com"))
    assert.equal(3, shared.tally.of("store_failures"))
    assert.equal(0, shared.tally.of("evictions"))
  end)

  it("does not go on serving a route that was deleted, though it cannot keep that it is absent", function()
    local shared = newLevel()
    shared.level.keep("a.com", GOOD, NOW)
    shared.absent.refuse()
    shared.level.keep("a.com", ABSENT, NOW + 1)
    assert.is_nil(shared.level.find("a.com"))
  end)

  it("does not go on calling a host absent that has a route, though it cannot keep the route", function()
    local shared = newLevel()
    shared.level.keep("a.com", ABSENT, NOW)
    shared.records.refuse()
    shared.level.keep("a.com", GOOD, NOW + 1)
    assert.is_nil(shared.level.find("a.com"))
  end)

  it("does not go on with the old value when it has no room for the new one", function()
    local shared = newLevel()
    shared.level.keep("a.com", GOOD, NOW)
    shared.records.refuse()
    local longer = { kind = "route", text = "10.0.0.5:8080 10.0.0.6:8080" }
    assert.equal(longer.text, shared.level.keep("a.com", longer, NOW + 1).text)
    assert.is_nil(shared.level.find("a.com"))
  end)

  it("keeps the last good value under a bad one", function()
    local shared = newLevel()
    shared.level.keep("a.com", GOOD, NOW)
    shared.records.refuse()
    shared.level.keep("a.com", bad(), NOW + 1)
    assert.same(route("10.0.0.5:8080", NOW + 1), shared.level.find("a.com"))
  end)
end)
