-- The invariant of src/signpost/cache/shared.ts: once any worker has answered with a value, no worker answers a later
-- request with an older one; and when all is quiet, all workers answer with the newest.
local generated = require("spec.support.generated")
local interleavings = require("spec.support.interleavings")
local explore, say, wander = interleavings.explore, interleavings.say, interleavings.wander

local HOST = interleavings.HOST
local ONE, TWO, THREE, WILD = "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.9:80"

-- Random schedules: of all scenarios together, and of each that is too long to be explored every time.
local RUNS = generated.cases(20000)
local RUNS_OF_LONG = 500

-- A change of the host's own route; false: it goes.
local function to(value)
  return { set = { [HOST] = value }, push = HOST }
end

-- A change of another name.
local function of(name)
  return { set = { [name] = WILD }, push = name }
end

local function oneBucket()
  return 0
end

-- Between steps at which a worker goes on with something else. Each says how many schedules there are at least, so that
-- an exploration that became shallow would be noticed. One that takes seconds (`isLong`) is made when all cases are.
local COARSE = {
  {
    title = "two changes of a host that nobody has asked for", isLong = true,
    atLeast = 30000, before = { [HOST] = ONE },
    changes = { to(TWO), to(THREE) }, answers = { ONE, TWO, THREE }, requests = { A = 1, B = 1 },
  },
  {
    title = "a change of a host that nobody has asked for", atLeast = 5000, before = { [HOST] = ONE },
    changes = { to(TWO) }, answers = { ONE, TWO }, requests = { A = 1, B = 2 },
  },
  {
    title = "two changes of a host in both workers' memory", atLeast = 20000, before = { [HOST] = ONE }, warm = true,
    changes = { to(TWO), to(THREE) }, answers = { ONE, TWO, THREE }, requests = { A = 2, B = 2 },
  },
  {
    title = "the coming of a host known to be absent, and its change", atLeast = 20000, before = {}, warm = true,
    changes = { to(TWO), to(THREE) }, answers = { "not_found", TWO, THREE }, requests = { A = 2, B = 2 },
  },
  {
    title = "the coming of a host that nobody has asked for", atLeast = 5000, before = {},
    changes = { to(TWO) }, answers = { "not_found", TWO }, requests = { A = 1, B = 2 },
  },
  {
    title = "a change and the going of a host", atLeast = 20000, before = { [HOST] = ONE }, warm = true,
    changes = { to(TWO), to(false) }, answers = { ONE, TWO, "not_found" }, requests = { A = 2, B = 2 },
  },
  {
    title = "the going of a host that nobody has asked for", atLeast = 5000, before = { [HOST] = ONE },
    changes = { to(false) }, answers = { ONE, "not_found" }, requests = { A = 1, B = 2 },
  },
  {
    title = "the going of a host to its wildcard, and its coming again", atLeast = 20000, warm = true,
    before = { [HOST] = ONE, ["*"] = WILD }, changes = { to(false), to(THREE) }, answers = { ONE, WILD, THREE },
    requests = { A = 2, B = 2 },
  },
  {
    title = "a change of a host and of a name read with it", atLeast = 1500, before = { [HOST] = ONE }, cold = true,
    changes = { of("*"), to(TWO) }, answers = { ONE, TWO }, requests = { A = 2, B = 0 },
  },
  {
    title = "a change of a host that shares its ticket with others", atLeast = 1500, before = { [HOST] = ONE },
    hash = oneBucket, changes = { of("other"), to(TWO) }, answers = { ONE, TWO }, requests = { A = 1, B = 1 },
  },
  {
    title = "a change of a host that is pushed out of the records", atLeast = 5000, warm = true,
    before = { [HOST] = ONE, crowd = WILD }, recordsRoom = 2, crowd = { "crowd" }, changes = { to(TWO) },
    answers = { ONE, TWO }, requests = { A = 2, B = 2, C = 1 },
  },
  {
    title = "the going of a host that is pushed out of the records", atLeast = 1000, warm = true,
    before = { [HOST] = ONE, crowd = WILD }, recordsRoom = 2, crowd = { "crowd" }, changes = { to(false) },
    answers = { ONE, "not_found" }, requests = { A = 1, B = 2, C = 1 },
  },
  {
    title = "the coming of a host whose absence is pushed out", atLeast = 100, warm = true, before = { ["*"] = WILD },
    absentRoom = 3, crowd = { "invented 1", "invented 2" }, changes = { to(TWO) }, answers = { WILD, TWO },
    requests = { A = 1, B = 1 },
  },
  {
    title = "a change and FLUSHALL", atLeast = 5000, warm = true, before = { [HOST] = ONE },
    changes = { to(TWO), { all = true } }, answers = { ONE, TWO, "not_found" }, requests = { A = 1, B = 2 },
  },
  {
    title = "two changes of a host, the second put off", atLeast = 20000, before = { [HOST] = ONE }, warm = true,
    hasty = true, changes = { to(TWO), to(THREE) }, answers = { ONE, TWO, THREE }, requests = { A = 2, B = 2 },
  },
  {
    title = "three changes of a host, the last two put off", isLong = true,
    atLeast = 20000, before = { [HOST] = ONE }, warm = true,
    hasty = true, changes = { to(TWO), to(THREE), to(WILD) }, answers = { ONE, TWO, THREE, WILD },
    requests = { A = 1, B = 1 },
  },
  {
    title = "a change and the going of a host, which is put off", atLeast = 20000, before = { [HOST] = ONE },
    warm = true, hasty = true, changes = { to(TWO), to(false) }, answers = { ONE, TWO, "not_found" },
    requests = { A = 1, B = 1, C = 1 },
  },
  {
    title = "two changes of a host whose second push, put off, is lost with the connection", isLong = true,
    atLeast = 1000,
    warm = true, hasty = true, before = { [HOST] = ONE },
    changes = { to(TWO), to(THREE), { set = {}, lost = true } }, answers = { ONE, TWO, THREE },
    requests = { A = 1, B = 1 },
  },
  {
    title = "a change that is lost with the connection, and another", atLeast = 1000, warm = true,
    before = { [HOST] = ONE }, changes = { { set = { [HOST] = TWO }, lost = true }, to(THREE) },
    answers = { ONE, TWO, THREE }, requests = { A = 1, B = 1 },
  },
}

-- Between single operations on the shared dicts.
local FINE = {
  {
    title = "two changes of a host, the second put off", isLong = true,
    atLeast = 10000, before = { [HOST] = ONE }, warm = true,
    hasty = true, changes = { to(TWO), to(THREE) }, answers = { ONE, TWO, THREE }, requests = { A = 0, B = 1 },
  },
  {
    title = "a change of a host that nobody has asked for", isLong = true,
    atLeast = 1e6, before = { [HOST] = ONE },
    changes = { to(TWO) }, answers = { ONE, TWO }, requests = { A = 0, B = 2 },
  },
  {
    title = "a change of a host in both workers' memory", atLeast = 10000, before = { [HOST] = ONE }, warm = true,
    changes = { to(TWO) }, answers = { ONE, TWO }, requests = { A = 0, B = 3 },
  },
  {
    title = "a change of a host that one worker remembers and another does not", atLeast = 10000, warm = true,
    before = { [HOST] = ONE }, changes = { to(TWO) }, answers = { ONE, TWO }, requests = { A = 0, B = 1, C = 1 },
  },
  {
    title = "the coming of a host known to be absent", atLeast = 1e6, before = {}, warm = true,
    changes = { to(TWO) }, answers = { "not_found", TWO }, requests = { A = 0, B = 2 },
  },
  {
    title = "the going of a host", atLeast = 10000, before = { [HOST] = ONE }, warm = true,
    changes = { to(false) }, answers = { ONE, "not_found" }, requests = { A = 0, B = 3 },
  },
  {
    title = "a change of a host that is pushed out of the records", atLeast = 1e6, warm = true,
    before = { [HOST] = ONE, crowd = WILD }, recordsRoom = 2, crowd = { "crowd" }, changes = { to(TWO) },
    answers = { ONE, TWO }, requests = { A = 0, B = 1 },
  },
  {
    title = "the coming of a host whose absence is pushed out", atLeast = 1e6, warm = true, cold = true,
    before = { ["*"] = WILD }, absentRoom = 3, crowd = { "invented" }, changes = { to(TWO) }, answers = { WILD, TWO },
    requests = { A = 0, B = 1 },
  },
}

local function check(scenario, fine)
  local result = explore(scenario, fine)
  assert(result.wrong == 0, ("%.0f of %.0f schedules go wrong; the shortest: %s: %s")
    :format(result.wrong, result.schedules, say(result.shortest or {}), tostring(result.problem)))
  assert(result.schedules >= scenario.atLeast, ("only %.0f schedules"):format(result.schedules))
end

local function checkAtRandom(scenarios, runs)
  local seed, wrong, first = tonumber(os.getenv("SEED")) or os.time(), 0, nil
  for run = seed, seed + runs - 1 do
    local scenario = scenarios[run % #scenarios + 1]
    local problem, path = wander(scenario, run)
    if problem ~= nil then
      wrong = wrong + 1
      first = first or ("SEED=%d, %s: %s: %s"):format(run, scenario.title, say(path), problem)
    end
  end
  assert(wrong == 0, ("%d of %d schedules go wrong; the first: %s"):format(wrong, runs, tostring(first)))
end

describe("no update is lost, and none is taken back,", function()
  local function explored(scenarios, how, fine)
    for _, scenario in ipairs(scenarios) do
      if scenario.isLong and not generated.areAll() then
        it(("in %d random interleavings of %s"):format(RUNS_OF_LONG, scenario.title), function()
          checkAtRandom({ scenario }, RUNS_OF_LONG)
        end)
      else
        it(("in any of more than %.0f %s of %s"):format(scenario.atLeast, how, scenario.title), function()
          check(scenario, fine)
        end)
      end
    end
  end

  explored(COARSE, "interleavings", false)
  explored(FINE, "fine interleavings", true)

  it(("in %d random fine interleavings of all of these"):format(RUNS), function()
    checkAtRandom(COARSE, RUNS)
  end)
end)

-- A node, and how to take the last of the steps that are called so.
local function newNode(scenario)
  local node = interleavings.newNode(scenario)

  function node.go(called)
    local found
    for _, step in ipairs(node.steps()) do
      found = interleavings.label(step):find(called, 1, true) and step or found
    end
    node.take(assert(found, called))
  end

  return node
end

-- More often than a name is read again.
local OFTEN = 12

describe("a name whose ticket moves whenever it is read", function()
  local function newScenario(first, last)
    local changes = { first }
    for i = 1, OFTEN do
      changes[#changes + 1] = of("other " .. i)
    end
    changes[#changes + 1] = last
    return {
      before = { [HOST] = ONE }, changes = changes, answers = { ONE, TWO }, hash = oneBucket,
      requests = { A = 0, B = 0 },
    }
  end

  local function change(node)
    node.go("Redis change")
    node.go("push")
  end

  it("is right in the end when it was a push that had it read", function()
    local scenario = newScenario(to(TWO))
    scenario.warm = true
    local node = newNode(scenario)
    change(node)
    node.go("A re-read")
    for _ = 1, OFTEN do
      change(node)
      if #node.workers[1].waits > 1 then
        node.go("A re-read reads")
      end
    end
    assert.is_nil(node.problemWhenQuiet())
  end)

  it("is right in the end when it was a request, and its own change came last", function()
    for rounds = 0, OFTEN do
      local scenario = newScenario(of("another"), to(TWO))
      scenario.requests.A = 1
      local node = newNode(scenario)
      node.go("A request 1 begins")
      for _ = 1, rounds do
        if #node.workers[1].waits > 1 then
          change(node)
          node.go("A request 1 reads")
        end
      end
      assert.is_nil(node.problemWhenQuiet(), rounds .. " rounds")
    end
  end)
end)

describe("a name whose lock a killed worker has left behind", function()
  it("is right in the end, though a push came while it was locked", function()
    local node = newNode({
      before = { [HOST] = ONE }, warm = true, changes = { to(TWO) }, answers = { ONE, TWO }, hash = oneBucket,
      requests = { A = 0, B = 0 },
    })
    node.killWhileLocked(HOST)
    node.go("Redis change")
    node.go("push")
    node.go("A re-read")
    for _ = 1, OFTEN do
      if #node.workers[1].waits > 1 then
        node.go("A re-read reads")
      end
    end
    node.clock.turn(1)
    assert.is_nil(node.problemWhenQuiet())
  end)
end)
