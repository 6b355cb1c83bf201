local fake_files = require("spec.support.fake_files")
local fakes = require("spec.support.fakes")
local follower = require("signpost.snapshot.follower")
local loadRoutesFile = require("signpost.snapshot.restore").loadRoutesFile
local lookUpTexts = require("spec.support.look_up_texts")
local newLease = require("signpost.state.lease").newLease
local readHeld = require("signpost.cache.read_held").readHeld
local usualKeys = require("spec.support.usual_keys")
local newNodeState = require("signpost.state.node_state").newNodeState
local sharedLevel = require("signpost.cache.shared").sharedLevel

local PATH = "/etc/signpost/routes"
local HOST = "a.com"

local function yes()
  return true
end

-- A few buckets: names do share them.
local function hash(name)
  local sum = 0
  for i = 1, #name do
    sum = sum + name:byte(i)
  end
  return sum % 7
end

-- A dict that says so before each step on it.
local function watched(dict, before)
  local spy = {}
  for _, step in ipairs({ "get", "set", "add", "incr", "delete", "safe_set", "safe_add", "ttl" }) do
    spy[step] = function(_, ...)
      before(step, ...)
      return dict[step](dict, ...)
    end
  end
  return setmetatable(spy, { __index = dict })
end

-- A node without Redis, once `init` has loaded the routes file.
local function newNode(lines)
  local clock = fakes.clock()
  local node = {
    clock = clock, log = fakes.log(), scheduler = fakes.scheduler(), disk = fake_files.disk(),
    records = fakes.dict(), absent = fakes.dict(), state = fakes.dict(nil, clock), pauses = 0,
  }
  local reading = { files = node.disk, log = node.log, keys = usualKeys, hash = hash }
  node.disk.put(PATH, lines)
  node.nodeState = newNodeState(node.state, hash, node.clock.now)
  assert(loadRoutesFile(PATH, {
    reading = reading, records = node.records, state = node.state, nodeState = node.nodeState, now = clock.now,
  }))

  local function pause(seconds)
    clock.turn(seconds)
    node.pauses = node.pauses + 1
    node.scheduler.await(yes)
  end

  -- `before` is called before each step of the worker on a shared dict.
  function node.worker(me, before)
    before = before or function() end
    local state, complaints = watched(node.state, before), {}
    local worker = { isExiting = false, complaints = complaints }
    local nodeState = newNodeState(state, hash, clock.now)
    local shared = sharedLevel({
      records = watched(node.records, before),
      absent = watched(node.absent, before),
      nodeState = nodeState,
      complaints = {
        bad = function(name, reason, lastGood)
          complaints[name] = { reason, lastGood }
        end,
        good = function(name)
          complaints[name] = nil
        end,
      },
      count = function() end,
    })
    worker.shared = shared
    worker.beat = follower.follower({
      path = PATH,
      reading = reading,
      state = state,
      shared = shared,
      nodeState = nodeState,
      lease = newLease(state, me, clock.now),
      now = clock.now,
      pause = pause,
      breathe = function()
        pause(0.001)
      end,
      isExiting = function()
        return worker.isExiting
      end,
    })
    local lookUp = lookUpTexts({
      memory = fakes.lru(),
      findShared = shared.find,
      readRedis = readHeld(shared, nodeState),
      readForKnown = readHeld(shared, nodeState),
      refreshSoon = function(names)
        assert.same({}, names)
      end,
      nodeState = nodeState,
      now = clock.now,
      ttl = 10,
    })

    -- The address that serves a host, or the failure word.
    function worker.ask(host)
      local answer, err = lookUp(host)
      return err or answer.compiled.value
    end

    -- One look at the file, in the background, up to where it first lets requests have their turn.
    function worker.look()
      return node.scheduler.start(worker.beat)
    end

    function worker.follow()
      local look = worker.look()
      node.scheduler.settle()
      return node.scheduler.outcome(look)
    end

    return worker
  end

  return node
end

local function many(count, target)
  local lines = {}
  for i = 1, count do
    lines[i] = ("SET route:h%d.com %s"):format(i, target)
  end
  return lines
end

describe("the follower of a routes file", function()
  local node, one, other
  local function start(lines)
    node = newNode(lines)
    one, other = node.worker(1), node.worker(2)
  end

  before_each(function()
    start({ "SET route:a.com 10.0.0.5", "SET route:*.b.com 10.0.0.6" })
  end)

  it("serves what init has loaded, knows what is not there, and reads nothing again", function()
    local clock = node.nodeState.changeClock.value()
    for _ = 1, 10 do
      assert.equal(0.25, one.follow())
      assert.equal("10.0.0.5", one.ask("a.com"))
      assert.equal("10.0.0.6", other.ask("x.b.com"))
      assert.equal("not_found", other.ask("c.com"))
      node.clock.turn(0.25)
    end
    assert.equal(clock, node.nodeState.changeClock.value())
    assert.same({}, node.log.lines)
  end)

  it("reads the file again when it has changed, and every worker serves what it holds", function()
    for i, lines in ipairs({
      { "SET route:a.com 10.0.0.7", "SET route:c.com 10.0.0.8" },
      { "SET route:c.com 10.0.0.8" },
      { "SET route:a.com 10.0.0.5", "SET route:*.com 10.0.0.9", "DEL route:a.com" },
      {},
      { "SET route:* 10.0.0.1" },
    }) do
      node.disk.put(PATH, lines)
      one.follow()
      local expected = ({
        { "10.0.0.7", "not_found", "10.0.0.8" },
        { "not_found", "not_found", "10.0.0.8" },
        { "10.0.0.9", "10.0.0.9", "10.0.0.9" },
        { "not_found", "not_found", "not_found" },
        { "10.0.0.1", "10.0.0.1", "10.0.0.1" },
      })[i]
      for _ = 1, 2 do
        for _, worker in ipairs({ one, other }) do
          assert.same(expected, { worker.ask("a.com"), worker.ask("x.b.com"), worker.ask("c.com") })
        end
        node.clock.turn(0.2)
      end
    end
    assert.same({}, node.log.lines)
  end)

  it("lets a route go on serving until the whole file is read, and only then be gone", function()
    start(many(1500, "10.0.0.5"))
    for i = 1, 1500 do
      assert.equal("10.0.0.5", one.ask(("h%d.com"):format(i)))
    end
    node.disk.put(PATH, many(1000, "10.0.0.6"))
    local look = one.look()
    assert.is_false(look.ended)
    while not look.ended do
      for _, worker in ipairs({ one, other }) do
        assert.equal("10.0.0.6", worker.ask("h1.com"))
        assert.equal("10.0.0.5", worker.ask("h1500.com"))
      end
      node.scheduler.step(look)
    end
    for i = 1, 1500, 7 do
      for _, worker in ipairs({ one, other }) do
        assert.equal(i <= 1000 and "10.0.0.6" or "not_found", worker.ask(("h%d.com"):format(i)))
      end
    end
  end)

  it("never answers with an older value once a newer one was seen", function()
    start(many(1000, "10.0.0.5"))
    node.disk.put(PATH, many(1000, "10.0.0.6"))
    local look, seen = one.look(), {}
    repeat
      for i = 1, 1000, 13 do
        for _, worker in ipairs({ one, other }) do
          local target = worker.ask(("h%d.com"):format(i))
          assert(target == "10.0.0.6" or not seen[i], target)
          seen[i] = seen[i] or target == "10.0.0.6"
        end
      end
      local ended = look.ended
      if not ended then
        node.scheduler.step(look)
      end
    until ended
  end)

  for _, form in ipairs({ "SET route:h%d.com 10.0.0.5", "RPUSH route:h%d.com label 10.0.0.5" }) do
    it("lets requests have their turn, and keeps its lease, while it reads a large file: " .. form, function()
      local lines = {}
      for i = 1, 4000 do
        lines[i] = form:format(i)
      end
      node.disk.put(PATH, lines)
      local look = one.look()
      while not look.ended do
        assert.equal(0.25, other.beat())
        node.clock.turn(0.3)
        node.scheduler.step(look)
      end
      assert(node.pauses >= 19, node.pauses .. " pauses")
      assert.not_equal("not_found", other.ask("h4000.com"))
      assert.equal(0, node.disk.opened())
    end)
  end

  -- What is in the shared dicts: all values, byte for byte.
  local function contents()
    local found = {}
    for _, dict in ipairs({ node.records, node.absent }) do
      for _, name in ipairs(dict.keys()) do
        found[name] = { dict:get(name) }
      end
    end
    return found
  end

  for what, older in pairs({
    ["of strings"] = many(1500, "10.0.0.6"),
    ["of what is told at the end"] = (function()
      local lines = {}
      for i = 1, 1500 do
        lines[i] = ("RPUSH route:h%d.com label 10.0.0.6"):format(i)
      end
      return lines
    end)(),
  }) do
    it("writes nothing more once another worker has its lease, and loads a newer file: " .. what, function()
      local turns = 1
      while true do
        start(many(10, "10.0.0.5"))
        node.disk.put(PATH, older)
        local look = one.look()
        for _ = 2, turns do
          node.scheduler.step(look)
        end
        if look.ended then
          break
        end
        node.clock.turn(1)
        node.disk.put(PATH, many(3, "10.0.0.7"))
        assert.equal(0.25, other.beat())
        local after, clock, epoch = contents(), node.nodeState.changeClock.value(), node.nodeState.epochs.current()
        while not look.ended do
          node.scheduler.step(look)
        end
        assert.same({ after, clock, epoch }, { contents(), node.nodeState.changeClock.value(),
          node.nodeState.epochs.current() })
        assert.equal(0, node.disk.opened())
        for _, worker in ipairs({ one, other }) do
          worker.follow()
          assert.equal("10.0.0.7", worker.ask("h1.com"))
          assert.equal("not_found", worker.ask("h4.com"))
        end
        assert.equal(epoch, node.nodeState.epochs.current())
        assert.same({}, node.log.lines)
        turns = turns + 1
      end
      assert(turns > 7, turns .. " turns")
    end)
  end

  it("gives up though it could have its lapsed lease again, for others may have had it; the next look loads", function()
    node.disk.put(PATH, many(1500, "10.0.0.6"))
    local look, epoch = one.look(), node.nodeState.epochs.current()
    node.clock.turn(1)
    node.scheduler.settle()
    assert.is_true(look.ended)
    assert.equal(epoch, node.nodeState.epochs.current())
    one.follow()
    assert.equal("10.0.0.6", other.ask("h1500.com"))
    assert.same({}, node.log.lines)
  end)

  it("writes nothing after its lease is lost between two turns", function()
    node.disk.put(PATH, many(150, "10.0.0.6"))
    local isTaken = false
    local slow = node.worker(3, function(_, key)
      if not isTaken and tostring(key) == "h100.com" then
        isTaken = true
        node.clock.turn(10)
        assert.is_true(newLease(node.state, 2, node.clock.now).hold())
      end
    end)
    local epoch = node.nodeState.epochs.current()
    slow.follow()
    assert.is_true(isTaken)
    assert.equal("10.0.0.6", slow.shared.find("h99.com").text)
    assert.is_nil(slow.shared.find("h101.com"))
    assert.equal(epoch, node.nodeState.epochs.current())
  end)

  it("keeps the routes when the file cannot be read to its end, says so once, and loads when it can", function()
    node.disk.failAfter(1)
    node.disk.put(PATH, { "SET route:c.com 10.0.0.7", "SET route:a.com 10.0.0.8" })
    for _ = 1, 5 do
      assert.equal(0.25, one.follow())
      node.clock.turn(0.25)
      assert.equal("10.0.0.5", other.ask("a.com"))
      assert.equal("10.0.0.6", one.ask("x.b.com"))
    end
    assert.same({ { "error", ("file_error: %s: Input/output error; the routes stay as they are"):format(PATH) } },
      node.log.lines)
    assert.equal(0, node.disk.opened())
    node.disk.failAfter(math.huge)
    one.follow()
    assert.equal("10.0.0.8", other.ask("a.com"))
    assert.equal("not_found", other.ask("x.b.com"))
  end)

  it("reads once more what has changed while it read", function()
    node.disk.put(PATH, many(1000, "10.0.0.5"))
    local look = one.look()
    node.disk.put(PATH, many(1000, "10.0.0.6"))
    node.scheduler.settle()
    assert.is_true(look.ended)
    one.follow()
    assert.equal("10.0.0.6", other.ask("h1.com"))
    assert.equal("10.0.0.6", other.ask("h1000.com"))
  end)

  it("leaves bad lines out and says so; a bad route harms only itself, and its last good value serves", function()
    node.disk.put(PATH, {
      "SET route:a.com 10.0.0.5:x", "SET route:c.com @", 'SET route:d.com "10', "SET route:e.com 10.0.0.8",
    })
    one.follow()
    assert.equal("10.0.0.5", other.ask("a.com"))
    assert.equal("bad_route", other.ask("c.com"))
    assert.equal("not_found", other.ask("d.com"))
    assert.equal("10.0.0.8", other.ask("e.com"))
    assert.same({ { "error", PATH .. ': line 3: expected the closing " of byte 17' } }, node.log.lines)
    assert.equal("10.0.0.5", one.complaints["a.com"][2])
    assert.is_nil(one.complaints["c.com"][2])
  end)

  -- Of all there is in the shared dicts: the kind and the text of each that is of the present epoch.
  local function held()
    local found, shared = {}, one.shared
    for _, name in ipairs(node.records.keys()) do
      local known = shared.find(name)
      found[name] = known and known.epoch == node.nodeState.epochs.current() and { known.kind, known.text } or nil
    end
    return found
  end

  it("follows routes and pools of every type; a bad one keeps its last good value, and others go", function()
    node.disk.put(PATH, {
      "HSET route:a.com / @web /api 10.0.0.9", "HSET pool:web 10.0.0.5 1", "HSET pool:web 10.0.0.6 2",
      "SADD pool:api 10.0.0.7", "RPUSH route:c.com label 10.0.0.8",
    })
    one.follow()
    assert.same({
      ["a.com"] = { "good", "\n/\t@web\n/api\t10.0.0.9:80" },
      ["@web"] = { "good", "\n10.0.0.5:80\t1\n10.0.0.6:80\t2" },
      ["@api"] = { "good", "\n10.0.0.7:80\t1" },
      ["c.com"] = { "good", "10.0.0.8:80" },
    }, held())
    assert.same({}, node.log.lines)
    node.disk.put(PATH, {
      "HSET route:a.com api 10.0.0.9", "HSET pool:web 10.0.0.5 heavy", "SADD route:c.com 10.0.0.1",
    })
    one.follow()
    assert.same({
      ["a.com"] = { "good", "\n/\t@web\n/api\t10.0.0.9:80" },
      ["@web"] = { "good", "\n10.0.0.5:80\t1\n10.0.0.6:80\t2" },
      ["c.com"] = { "good", "10.0.0.1:80" },
    }, held())
    assert.matches("expected a path", one.complaints["a.com"][1], 1, true)
    assert.matches("expected a weight", one.complaints["@web"][1], 1, true)
    assert.is_nil(one.complaints["c.com"])
  end)

  it("never lets a hash go between its DEL and its HSET", function()
    local lines = { "DEL route:a.com" }
    for _, line in ipairs(many(1500, "10.0.0.6")) do
      lines[#lines + 1] = line
    end
    lines[#lines + 1] = "HSET route:a.com / 10.0.0.7"
    node.disk.put(PATH, lines)
    local look, steps = one.look(), 0
    while not look.ended do
      assert.equal("10.0.0.5", other.ask("a.com"))
      node.scheduler.step(look)
      steps = steps + 1
    end
    assert(steps > 2)
    assert.equal("\n/\t10.0.0.7:80", held()["a.com"][2])
  end)

  it("keeps the routes when the file is missing, says so once, and goes on when there is one again", function()
    local message = ("file_error: %s: No such file or directory; the routes stay as they are"):format(PATH)
    node.disk.remove(PATH)
    for _ = 1, 10 do
      assert.equal(0.25, one.follow())
      node.clock.turn(0.25)
      assert.equal("10.0.0.5", other.ask("a.com"))
      assert.equal("10.0.0.6", one.ask("x.b.com"))
    end
    assert.same({ { "error", message } }, node.log.lines)
    node.disk.put(PATH, { "SET route:a.com 10.0.0.7" })
    one.follow()
    assert.equal("10.0.0.7", other.ask("a.com"))
    node.disk.remove(PATH)
    one.follow()
    assert.same({ { "error", message }, { "error", message } }, node.log.lines)
  end)

  it("keeps the routes when the file goes away between two looks at it", function()
    node.disk.put(PATH, {})
    node.disk.lines = function(path)
      return nil, "file_error", path .. ": Permission denied"
    end
    for _ = 1, 3 do
      one.follow()
    end
    assert.equal("10.0.0.5", other.ask("a.com"))
    assert.same({ { "error", ("file_error: %s: Permission denied; the routes stay as they are"):format(PATH) } },
      node.log.lines)
  end)

  it("leaves it to the worker with the lease, and takes over from one that died", function()
    one.follow()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.7" })
    assert.equal(0.25, other.follow())
    assert.equal("10.0.0.5", other.ask("a.com"))
    node.clock.turn(1)
    other.follow()
    assert.equal("10.0.0.7", one.ask("a.com"))
  end)

  it("is given up by a worker that is about to exit while it reads, and read by another", function()
    node.disk.put(PATH, many(1500, "10.0.0.6"))
    local look, epoch = one.look(), node.nodeState.epochs.current()
    one.isExiting = true
    node.scheduler.settle()
    assert.is_true(look.ended)
    assert.equal(0, node.disk.opened())
    assert.equal(epoch, node.nodeState.epochs.current())
    other.follow()
    assert.equal("10.0.0.6", other.ask("h1500.com"))
  end)

  it("ends with its worker, and another takes over at once", function()
    one.follow()
    one.isExiting = true
    assert.is_nil(one.follow())
    node.disk.put(PATH, { "SET route:a.com 10.0.0.7" })
    other.follow()
    assert.equal("10.0.0.7", other.ask("a.com"))
  end)

  it("is begun anew by another worker when its own dies half-way", function()
    start(many(1500, "10.0.0.5"))
    node.disk.put(PATH, many(1500, "10.0.0.6"))
    node.scheduler.kill(one.look())
    for _ = 1, 5 do
      other.follow()
      assert.equal("10.0.0.5", other.ask("h1500.com"))
      node.clock.turn(0.1)
    end
    node.clock.turn(1)
    other.follow()
    assert.equal("10.0.0.6", other.ask("h1500.com"))
    assert.equal("10.0.0.6", other.ask("h1.com"))
  end)

  it("loses no route to a lock that a killed worker left behind", function()
    for _, name in ipairs({ "a.com", "*.b.com" }) do
      coroutine.wrap(node.nodeState.alone)(name, coroutine.yield)
    end
    node.disk.put(PATH, { "SET route:a.com 10.0.0.7", "SET route:*.b.com 10.0.0.8" })
    one.follow()
    for _ = 1, 2 do
      assert.equal("10.0.0.7", other.ask("a.com"))
      assert.equal("10.0.0.8", other.ask("x.b.com"))
      node.clock.turn(0.25)
      one.follow()
    end
  end)
end)

-- A worker may be held up before any of its steps on the shared dicts, but for those under a lock: who finds it locked
-- waits.
describe("whoever asks while a routes file is read", function()
  local CHANGES = {
    ["an added route"] = { {}, { "SET route:a.com 10.0.0.7" } },
    ["a route added before its wildcard"] = { { "SET route:*.com 10.0.0.5" }, { "SET route:a.com 10.0.0.7" } },
    ["a changed route"] = { { "SET route:a.com 10.0.0.5" }, { "SET route:a.com 10.0.0.7" } },
    ["a removed route"] = {
      { "SET route:a.com 10.0.0.5", "SET route:z.com 10.0.0.5" }, { "SET route:z.com 10.0.0.5" },
    },
    ["a deleted route"] = { { "SET route:a.com 10.0.0.5" }, { "DEL route:a.com" } },
    ["a route removed before its wildcard"] = {
      { "SET route:a.com 10.0.0.5", "SET route:*.com 10.0.0.6" }, { "SET route:*.com 10.0.0.7" },
    },
  }

  -- Calls `meddle` once, before the `at`th step outside a lock; `reached` says whether there was such a step.
  local function interruption(at, meddle)
    local steps, isLocked, state = 0, false, { reached = false }

    function state.before(step, key)
      if isLocked then
        isLocked = not (step == "delete" and key:find("^lock:"))
        return
      end
      steps = steps + 1
      if steps == at then
        state.reached = true
        meddle()
      end
      isLocked = step == "add" and key:find("^lock:") ~= nil
    end

    return state
  end

  for what, change in pairs(CHANGES) do
    local before, after = unpack(change)
    local isGone = after[1]:find("DEL", 1, true) or what == "a removed route"

    local function holds(node, workers, asked)
      for _ = 1, 3 do
        for _, worker in ipairs(workers) do
          assert.equal(isGone and "not_found" or "10.0.0.7", worker.ask(HOST), asked)
        end
        node.clock.turn(0.3)
      end
    end

    it("gets what it holds in the end, overtaken by the reader at any moment: " .. what, function()
      for _, isWarm in ipairs({ true, false }) do
        local at, isReached = 1, true
        while isReached do
          local node = newNode(before)
          local reader, interrupted = node.worker(2), nil
          interrupted = interruption(at, function()
            reader.follow()
          end)
          local isOn = false
          local asker = node.worker(1, function(...)
            if isOn then
              interrupted.before(...)
            end
          end)
          if isWarm then
            asker.ask(HOST)
          end
          node.disk.put(PATH, after)
          node.nodeState.changeClock.move() -- what is in memory is looked at again
          isOn = true
          asker.ask(HOST)
          isOn, isReached = false, interrupted.reached
          reader.follow()
          holds(node, { asker, reader }, ("interrupted before step %d"):format(at))
          at = at + 1
        end
        assert(at > 5, at .. " moments")
      end
    end)

    it("gets what it holds in the end, overtaking the reader at any moment: " .. what, function()
      local at, isReached = 1, true
      while isReached do
        local node = newNode(before)
        local asker, isOn = node.worker(1), false
        local interrupted = interruption(at, function()
          asker.ask(HOST)
        end)
        local reader = node.worker(2, function(...)
          if isOn then
            interrupted.before(...)
          end
        end)
        asker.ask(HOST)
        node.disk.put(PATH, after)
        isOn = true
        reader.follow()
        isOn, isReached = false, interrupted.reached
        holds(node, { asker, reader }, ("interrupted before step %d"):format(at))
        at = at + 1
      end
      assert(at > 5, at .. " moments")
    end)
  end
end)
