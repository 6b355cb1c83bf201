local fake_files = require("spec.support.fake_files")
local fakes = require("spec.support.fakes")
local lookUpTexts = require("spec.support.look_up_texts")
local usualKeys = require("spec.support.usual_keys")
local newNodeState = require("signpost.state.node_state").newNodeState
local readThrough = require("signpost.cache.read_through").readThrough
local restore = require("signpost.snapshot.restore")
local sharedLevel = require("signpost.cache.shared").sharedLevel

local PATH = "/var/lib/signpost/snapshot"

local function oneBucket()
  return 0
end

local function nothing()
end

-- A node that starts: what `init` has, and what the first worker makes of it.
local function newNode(room)
  local clock = fakes.clock()
  local node = { clock = clock, log = fakes.log(), disk = fake_files.disk() }
  local dicts = { state = fakes.dict(nil, clock), records = fakes.dict(room), absent = fakes.dict() }

  local function build()
    node.state, node.records = dicts.state, dicts.records
    node.nodeState = newNodeState(dicts.state, oneBucket, clock.now)
    node.shared = sharedLevel({
      records = dicts.records,
      absent = dicts.absent,
      nodeState = node.nodeState,
      complaints = { bad = nothing, good = nothing },
      count = nothing,
    })
  end

  local function parts()
    return {
      reading = { files = node.disk, log = node.log, keys = usualKeys, hash = oneBucket },
      records = node.records,
      state = node.state,
      nodeState = node.nodeState,
      now = clock.now,
    }
  end

  -- nginx starts, or is reloaded.
  function node.restore()
    return restore.restoreSnapshot(PATH, parts())
  end

  function node.load()
    return restore.loadRoutesFile(PATH, parts())
  end

  -- A reload changes the size of a dict: nginx makes a new one, and keeps the others.
  function node.renew(name)
    dicts[name] = fakes.dict(nil, clock)
    build()
  end

  build()
  return node
end

-- A worker's look-up, on a Redis that holds one route; what it wants to refresh is in `refreshed`.
local function newWorker(node)
  local worker = { refreshed = {}, redisDown = false }

  local function read(names)
    if worker.redisDown then
      return nil, "redis_down", "connect: connection refused"
    end
    local readings = {}
    for i, name in ipairs(names) do
      readings[i] = name == "a.com" and { kind = "good", text = "10.0.0.9" } or { kind = "absent" }
    end
    return readings, nil
  end

  local lookUp = lookUpTexts({
    memory = fakes.lru(),
    findShared = node.shared.find,
    readRedis = readThrough({ read = read, shared = node.shared, nodeState = node.nodeState, now = node.clock.now }),
    readForKnown = readThrough({ read = read, shared = node.shared, nodeState = node.nodeState, now = node.clock.now }),
    refreshSoon = function(names)
      for _, name in ipairs(names) do
        worker.refreshed[#worker.refreshed + 1] = name
      end
    end,
    nodeState = node.nodeState,
    now = node.clock.now,
    ttl = 10,
  })

  -- The name that answers and the level; or the failure word and the level.
  function worker.ask(host)
    local answer, err, level = lookUp(host)
    return answer and answer.name or err, level
  end

  return worker
end

describe("restoring a snapshot", function()
  local node
  before_each(function()
    node = newNode()
  end)

  it("fills the records with the routes and pools it holds", function()
    node.disk.put(PATH, {
      "SET route:a.com 10.0.0.5", "SET route:b.com 10.0.0.5:x", "DEL route:c.com", "HSET route:c.com / 10.0.0.5",
      "SET route:d.com 10.0.0.5", "HSET pool:web 10.0.0.5 1", "SADD pool:bad ?", "DEL pool:gone",
    })
    assert.is_true((node.restore()))
    local held = {}
    for _, name in ipairs(node.records.keys()) do
      local known = node.shared.find(name)
      held[name] = known and known.kind
    end
    assert.same({
      ["a.com"] = "good", ["b.com"] = "bad", ["c.com"] = "good", ["d.com"] = "good", ["@web"] = "good",
      ["@bad"] = "bad",
    }, held)
    assert.equal("10.0.0.5", node.shared.find("a.com").text)
    assert.equal("\n/\t10.0.0.5:80", node.shared.find("c.com").text)
    assert.equal("\n10.0.0.5:80\t1", node.shared.find("@web").text)
    assert.same({}, node.log.lines)
  end)

  it("believes the last that is said of a name", function()
    node.disk.put(PATH, {
      "SET route:a.com 10.0.0.5", "SET route:a.com 10.0.0.6", "SET route:b.com 10.0.0.5", "DEL route:b.com",
      "DEL route:c.com", "SET route:c.com 10.0.0.7",
    })
    assert(node.restore())
    assert.equal("10.0.0.6", node.shared.find("a.com").text)
    assert.is_nil(node.shared.find("b.com"))
    assert.equal("10.0.0.7", node.shared.find("c.com").text)
  end)

  it("makes records of no time and no epoch: nothing ever takes them for fresh", function()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5" })
    assert(node.restore())
    assert.same({ kind = "good", text = "10.0.0.5", checked = 0, epoch = 0 }, node.shared.find("a.com"))
  end)

  it("lets Redis have the first word while changes are pushed", function()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5", "SET route:old.com 10.0.0.5" })
    assert(node.restore())
    node.nodeState.epochs.begin()
    local worker = newWorker(node)
    assert.same({ "a.com", "redis" }, { worker.ask("a.com") })
    assert.equal("10.0.0.9", node.shared.find("a.com").text)
    assert.same({ "not_found", "redis" }, { worker.ask("old.com") })
  end)

  it("serves at once, and has verified soon, while they are not", function()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5" })
    assert(node.restore())
    local worker = newWorker(node)
    assert.same({ "a.com", "stale" }, { worker.ask("a.com") })
    assert.equal("a.com", worker.refreshed[1])
  end)

  it("serves for ever while Redis is down, whether or not changes were pushed before", function()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5", "SET route:*.b.com 10.0.0.5" })
    assert(node.restore())
    local worker = newWorker(node)
    worker.redisDown = true
    for _ = 1, 3 do
      assert.equal("a.com", (worker.ask("a.com")))
      assert.equal("*.b.com", (worker.ask("x.b.com")))
      assert.equal("redis_down", (worker.ask("x.c.com")))
      node.clock.turn(1e6)
    end
    node.nodeState.epochs.begin()
    assert.same({ "a.com", "stale" }, { worker.ask("a.com") })
  end)

  it("is done once in the life of the shared dicts: by a reload, they know better", function()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5" })
    assert(node.restore())
    local asked = { checked = node.clock.now(), epoch = 0, ticket = node.nodeState.tickets.of("a.com") }
    assert(node.shared.keep("a.com", { kind = "good", text = "10.0.0.6" }, asked))
    assert.is_true((node.restore()))
    assert.equal("10.0.0.6", node.shared.find("a.com").text)
  end)

  it("that is first asked for by a reload replaces nothing that is known", function()
    local epoch = node.nodeState.epochs.begin()
    local asked = { checked = node.clock.now(), epoch = epoch, ticket = node.nodeState.tickets.of("a.com") }
    assert(node.shared.keep("a.com", { kind = "good", text = "10.0.0.6" }, asked))
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5" })
    assert.is_true((node.restore()))
    assert.equal("10.0.0.6", node.shared.find("a.com").text)
    assert.is_false(node.nodeState.completeness.holds())
  end)

  it("is not done over records that are newer, though a reload has made the state dict anew", function()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5" })
    assert(node.restore())
    node.nodeState.epochs.begin()
    newWorker(node).ask("a.com")
    node.renew("state")
    assert.is_true((node.restore()))
    assert.equal("10.0.0.9", node.shared.find("a.com").text)
    assert.is_false(node.nodeState.completeness.holds())
  end)

  it("is not complete any more once a reload has made the records anew", function()
    node.disk.put(PATH, { "SET route:* 10.0.0.5" })
    assert(node.restore())
    assert.is_true(node.nodeState.completeness.holds())
    node.nodeState.changeClock.move()
    node.renew("records")
    assert.is_true((node.restore()))
    assert.is_false(node.nodeState.completeness.holds())
  end)

  it("is not complete any more once a record was pushed out", function()
    node = newNode(3)
    node.disk.put(PATH, { "SET route:* 10.0.0.5" })
    assert(node.restore())
    assert.is_true(node.nodeState.completeness.holds())
    local worker = newWorker(node)
    for i = 1, 3 do
      local name = ("%d.com"):format(i)
      local asked = { checked = node.clock.now(), epoch = 0, ticket = node.nodeState.tickets.of(name) }
      assert(node.shared.keep(name, { kind = "good", text = "10.0.0.6" }, asked))
    end
    assert.is_false(node.nodeState.completeness.holds())
    worker.redisDown = true
    assert.equal("redis_down", (worker.ask("b.com")))
  end)

  it("is left alone by a reload that upgrades from 0.1.0", function()
    node.state:set("restored", 1)
    node.nodeState.completeness.declare()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5" })
    assert.is_true((node.restore()))
    assert.is_nil(node.shared.find("a.com"))
    assert.is_true(node.nodeState.completeness.holds())
  end)

  it("without a file says so, and is done by the next reload", function()
    assert.same({ nil, "file_error", PATH .. ": No such file or directory" }, { node.restore() })
    assert.is_false(node.nodeState.completeness.holds())
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5" })
    assert.is_true((node.restore()))
    assert.equal("10.0.0.5", node.shared.find("a.com").text)
  end)

  it("is neither done nor complete if the file cannot be read to its end", function()
    node.disk.put(PATH, { "SET route:* 10.0.0.5", "SET route:a.com 10.0.0.6" })
    node.disk.failAfter(1)
    assert.same({ nil, "file_error", PATH .. ": Input/output error" }, { node.restore() })
    assert.is_false(node.nodeState.completeness.holds())
    node.disk.failAfter(math.huge)
    assert.is_true((node.restore()))
    assert.is_true(node.nodeState.completeness.holds())
    assert.equal("10.0.0.6", node.shared.find("a.com").text)
  end)

  it("is complete if the file is whole: then a host without a route of its own goes by the wildcard", function()
    node.disk.put(PATH, { "SET route:* 10.0.0.5", "SET route:a.com 10.0.0.5:x" })
    assert(node.restore())
    assert.is_true(node.nodeState.completeness.holds())
    local worker = newWorker(node)
    worker.redisDown = true
    assert.same({ "*", "stale" }, { worker.ask("b.com") })
  end)

  it("is complete until Redis is watched, which knows more", function()
    node.disk.put(PATH, { "SET route:* 10.0.0.5" })
    assert(node.restore())
    node.nodeState.epochs.finish(node.nodeState.epochs.begin())
    assert.is_false(node.nodeState.completeness.holds())
    local worker = newWorker(node)
    worker.redisDown = true
    assert.equal("redis_down", (worker.ask("b.com")))
  end)

  it("is complete with keys that no host can have", function()
    node.disk.put(PATH, { "SET route: 10.0.0.5", "SET route:" .. ("x"):rep(70000) .. " 10.0.0.5", "SET pool: x" })
    assert(node.restore())
    assert.is_true(node.nodeState.completeness.holds())
    assert.same({}, node.log.lines)
  end)

  it("is not complete if a line was left out: the host may be on that line", function()
    node.disk.put(PATH, { "SET route:* 10.0.0.5", 'SET route:a.com "10.0.0.5' })
    assert.is_true((node.restore()))
    assert.is_false(node.nodeState.completeness.holds())
    local worker = newWorker(node)
    worker.redisDown = true
    assert.equal("redis_down", (worker.ask("a.com")))
    assert.equal(1, #node.log.lines)
  end)

  it("is not complete if there was no room for all, and says for how many", function()
    node = newNode(10)
    local lines = {}
    for i = 1, 100 do
      lines[i] = ("SET route:%d 10.0.0.5"):format(i)
    end
    node.disk.put(PATH, lines)
    assert.is_true((node.restore()))
    assert.is_false(node.nodeState.completeness.holds())
    assert.equal(10, node.records.size())
    assert.same({ { "error", PATH .. ": signpost_records is too small: 90 routes had no room" } }, node.log.lines)
  end)

  it("is the same where a dict takes nothing at all", function()
    node.disk.put(PATH, { "SET route:a 10.0.0.5", "SET route:b 10.0.0.5" })
    node.records.refuse()
    assert.is_true((node.restore()))
    assert.is_false(node.nodeState.completeness.holds())
    assert.same({ { "error", PATH .. ": signpost_records is too small: 2 routes had no room" } }, node.log.lines)
  end)
end)

describe("loading a routes file", function()
  local node
  before_each(function()
    node = newNode()
  end)

  it("makes records of an epoch of their own, which begins when all are there", function()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5", "SET route:b.com 10.0.0.5:x", "nonsense" })
    local clock = node.nodeState.changeClock.value()
    assert.is_true((node.load()))
    assert(node.nodeState.epochs.current() > 0)
    assert(node.nodeState.changeClock.value() > clock)
    for _, name in ipairs({ "a.com", "b.com" }) do
      local known = node.shared.find(name)
      assert.equal(node.nodeState.epochs.current(), known.epoch)
      assert.equal(node.clock.now(), known.checked)
    end
    assert.same({ "a.com", "shared" }, { newWorker(node).ask("a.com") })
    assert.equal(1, #node.log.lines)
  end)

  it("remembers which version it was, so that it is not read again", function()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5" })
    assert(node.load())
    assert.is_true(restore.holdsVersion(node.state, (node.disk.version(PATH))))
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5" })
    assert.is_false(restore.holdsVersion(node.state, (node.disk.version(PATH))))
  end)

  it("remembers the version it began to read: what is written meanwhile is read again", function()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5" })
    local lines = node.disk.lines
    node.disk.lines = function(path)
      local all = lines(path)
      node.disk.put(path, { "SET route:a.com 10.0.0.6" })
      return all
    end
    assert(node.load())
    assert.is_false(restore.holdsVersion(node.state, (node.disk.version(PATH))))
  end)

  for _, dict in ipairs({ "records", "state" }) do
    it(("is done again once a reload has made the %s anew: nothing is lost, and nothing that is gone comes back")
      :format(dict), function()
      node.disk.put(PATH, { "SET route:a.com 10.0.0.5", "SET route:b.com 10.0.0.5" })
      assert(node.load())
      node.clock.turn(60)
      node.renew(dict)
      node.disk.put(PATH, { "SET route:a.com 10.0.0.6" })
      assert.is_true((node.load()))
      assert.same({ "a.com", "shared" }, { newWorker(node).ask("a.com") })
      assert.equal("10.0.0.6", node.shared.find("a.com").text)
      assert.equal("not_found", (newWorker(node).ask("b.com")))
    end)
  end

  it("without the file is a failure, and no epoch begins", function()
    assert.same({ nil, "file_error", PATH .. ": No such file or directory" }, { node.load() })
    assert.equal(0, node.nodeState.epochs.current())
  end)

  it("is left by a reload to who follows the file", function()
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5" })
    assert(node.load())
    local epoch, version = node.nodeState.epochs.current(), (node.disk.version(PATH))
    node.disk.put(PATH, { "SET route:a.com 10.0.0.6" })
    assert.is_true((node.load()))
    node.disk.remove(PATH)
    assert.is_true((node.load()))
    assert.equal("10.0.0.5", node.shared.find("a.com").text)
    assert.equal(epoch, node.nodeState.epochs.current())
    assert.is_true(restore.holdsVersion(node.state, version))
  end)

  it("says for how many routes there was no room, and serves the others", function()
    node = newNode(1)
    node.disk.put(PATH, { "SET route:a.com 10.0.0.5", "SET route:b.com 10.0.0.5" })
    assert.is_true((node.load()))
    assert.same({ { "error", PATH .. ": signpost_records is too small: 1 routes had no room" } }, node.log.lines)
    assert.same({ "b.com", "shared" }, { newWorker(node).ask("b.com") })
  end)
end)
