local fakes = require("spec.support.fakes")
local newBackoff = require("signpost.watch.backoff").newBackoff
local usualKeys = require("spec.support.usual_keys")
local lease = require("signpost.state.lease")
local newLease, holderId = lease.newLease, lease.holderId
local newNodeState = require("signpost.state.node_state").newNodeState
local watcher = require("signpost.watch.watcher").watcher

local LOST = "redis_down: the tracking connection was lost: %s; it is made again"
local NOT_OPENED = "%s; without pushes, routes are refreshed every cache_ttl"

local PONG = "*2\r\n$4\r\npong\r\n$0\r\n\r\n"

local function firstByte(name)
  return name:byte()
end

local function one()
  return 1
end

-- What Redis pushes when these keys have changed; without any: when all have.
local function message(...)
  local keys = { ... }
  local payload = { #keys == 0 and "*-1\r\n" or ("*%d\r\n"):format(#keys) }
  for i, key in ipairs(keys) do
    payload[i + 1] = ("$%d\r\n%s\r\n"):format(#key, key)
  end
  return "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n" .. table.concat(payload)
end

-- A connection on which comes what the spec pushes, and the answer to each PING, unless Redis is silent.
local function newConnection(scheduler, isSilent)
  local incoming = {}
  local connection = { pings = 0, isClosed = false }

  connection.tracking = {
    receive = function()
      scheduler.await(function()
        return #incoming > 0
      end)
      local next = table.remove(incoming, 1)
      return next.bytes, next.err
    end,
    ping = function()
      connection.pings = connection.pings + 1
      if not isSilent() then
        incoming[#incoming + 1] = { bytes = PONG }
      end
    end,
    close = function()
      connection.isClosed = true
    end,
  }

  function connection.push(bytes)
    incoming[#incoming + 1] = { bytes = bytes }
    scheduler.settle()
  end

  function connection.lose()
    incoming[#incoming + 1] = { err = "connection reset by peer" }
    scheduler.settle()
  end

  return connection
end

-- A node whose workers watch the same Redis. Redis refuses to be watched while `refusal` says why, lets those wait who
-- open a connection while `isSlow`, and does not answer while `isSilent`.
local function newNode()
  local clock, scheduler = fakes.clock(), fakes.scheduler()
  local state, log = fakes.dict(nil, clock), fakes.log()
  local nodeState = newNodeState(state, firstByte, clock.now)
  local node = { clock = clock, nodeState = nodeState, log = log.lines, isSlow = false, isSilent = false }

  -- Seconds that have gone by, whatever the clock was set to.
  local passed = 0

  -- In steps that are sums of powers of two, so that times are exact.
  function node.turn(seconds)
    for _ = 1, seconds * 64 do
      clock.turn(1 / 64)
      passed = passed + 1 / 64
      scheduler.settle()
    end
  end

  local function pause(seconds)
    local ends = passed + seconds
    scheduler.await(function()
      return passed >= ends
    end)
  end

  local function breathe()
    pause(0.001)
  end

  -- Starts a worker; what it does is in the fields; `connection` is the last that it made.
  function node.worker(pid)
    local worker = { opens = 0, changes = 0, held = {}, reread = {}, waiting = 0, isExiting = false }
    local tasks = {}

    local function start(fn)
      local task = scheduler.start(fn)
      tasks[#tasks + 1] = task
      return task
    end

    local function race(first, second)
      local a, b = start(first), start(second)
      scheduler.await(function()
        return a.ended or b.ended
      end)
      scheduler.kill(a)
      scheduler.kill(b)
    end

    local function open()
      worker.opens = worker.opens + 1
      scheduler.await(function()
        return not node.isSlow
      end)
      if node.refusal ~= nil then
        return nil, unpack(node.refusal)
      end
      worker.connection = newConnection(scheduler, function()
        return node.isSilent
      end)
      return worker.connection.tracking, nil
    end

    local function runSoon(task)
      if node.hasNoTimer then
        return false
      end
      start(task)
      return true
    end

    local beat = watcher({
      runSoon = runSoon,
      open = open, lease = newLease(state, pid, clock.now), backoff = newBackoff(one), nodeState = nodeState, log = log,
      now = clock.now, pause = pause, breathe = breathe, race = race, keys = usualKeys, timeout = 3,
      holds = function(name)
        worker.onHolds(name)
        return worker.held[name] == true
      end,
      newReread = function(failed)
        worker.rereadFails = failed
        return function(names)
          if #names > 0 then
            worker.reread[#worker.reread + 1] = { unpack(names) }
          end
          return worker.waiting
        end
      end,
      isExiting = function()
        return worker.isExiting
      end,
      changed = function()
        worker.changes = worker.changes + 1
      end,
    })

    function worker.onHolds()
    end

    function worker.kill()
      for _, task in ipairs(tasks) do
        scheduler.kill(task)
      end
    end

    worker.task = start(function()
      local seconds = beat()
      -- In a worker that exits, nginx sets no further timer.
      while seconds ~= nil and not worker.isExiting do
        pause(seconds)
        seconds = beat()
      end
    end)
    scheduler.settle()
    return worker
  end

  -- Whether `act` makes all that is known so far to be read again before its use.
  function node.beginsEpoch(act, ...)
    local before = nodeState.epochs.current()
    act(...)
    return nodeState.epochs.current() > before
  end

  return node
end

describe("the watcher", function()
  local node, nodeState

  before_each(function()
    node = newNode()
    nodeState = node.nodeState
  end)

  describe("begins", function()
    it("by opening one connection, and an epoch", function()
      local worker = node.worker(101)
      assert.equal(1, worker.opens)
      assert.is_true(nodeState.epochs.current() > 0)
      assert.equal(1, worker.changes)
      node.worker(102)
      node.turn(2)
      assert.equal(1, worker.opens)
    end)

    it("the epoch only when the connection is there: what was read before may have missed a push", function()
      node.isSlow = true
      local worker = node.worker(101)
      assert.equal(1, worker.opens)
      assert.equal(0, nodeState.epochs.current())
      local duringOpen = nodeState.epochs.prepare()
      node.isSlow = false
      node.turn(0.125)
      assert.is_true(nodeState.epochs.current() > duringOpen)
    end)

    it("in one worker of a node", function()
      node.worker(101)
      local other = node.worker(102)
      node.turn(5)
      assert.equal(0, other.opens)
    end)

    it("in another worker within a second of the first one's death", function()
      local first, second = node.worker(101), node.worker(102)
      node.turn(1)
      first.kill()
      local epoch = nodeState.epochs.current()
      node.turn(1)
      assert.equal(1, second.opens)
      assert.is_true(nodeState.epochs.current() > epoch)
    end)
  end)

  describe("told of keys", function()
    local worker
    before_each(function()
      worker = node.worker(101)
      worker.held.a, worker.held.b = true, true
    end)

    it("moves the ticket of each, held or not, before it looks whether it is held", function()
      local moved, before = {}, { a = nodeState.tickets.of("a"), x = nodeState.tickets.of("x"),
        b = nodeState.tickets.of("b") }
      function worker.onHolds(name)
        moved[name] = nodeState.tickets.of(name) - before[name]
      end
      worker.connection.push(message("route:a", "route:x"))
      assert.same({ a = 1, x = 1 }, moved)
      assert.equal(before.b, nodeState.tickets.of("b"))
    end)

    it("has those read again that the node holds, a piece at a time", function()
      worker.connection.push(message("route:a", "route:x", "route:b"))
      node.turn(0.125)
      worker.connection.push(message("route:y"))
      node.turn(0.125)
      worker.connection.push(message("route:b"))
      assert.same({ { "a", "b" }, { "b" } }, worker.reread)
    end)

    it("listens to no more while thousands wait to be read again, and is not taken for silent", function()
      worker.waiting = 2001
      worker.connection.push(message("route:a"))
      worker.connection.push(message("route:b"))
      node.turn(2)
      assert.same({ { "a" } }, worker.reread)
      worker.waiting = 2000
      node.turn(0.125)
      assert.same({ { "a" }, { "b" } }, worker.reread)
      assert.equal(1, worker.opens)
    end)

    it("keeps the epoch", function()
      assert.is_false(node.beginsEpoch(worker.connection.push, message("route:a", "route:x")))
    end)

    it("tells that something has changed, also what is no route", function()
      local before, ticket = worker.changes, nodeState.tickets.of("pools:a")
      worker.connection.push(message("pools:a", "rout", "route:a"))
      assert.equal(before + 3, worker.changes)
      assert.same({ { "a" } }, worker.reread)
      assert.equal(ticket, nodeState.tickets.of("pools:a"))
    end)

    it("has pools read again like routes, each by its name", function()
      worker.held["@a"] = true
      local ofPools, ofRoutes = nodeState.tickets.of("@a"), nodeState.tickets.of("a")
      worker.connection.push(message("pool:a", "pool:x"))
      assert.same({ { "@a" } }, worker.reread)
      assert.equal(ofPools + 2, nodeState.tickets.of("@a"))
      assert.equal(ofRoutes, nodeState.tickets.of("a"))
    end)

    it("takes no route's key for a pool's", function()
      worker.held["@a"] = true
      local ticket = nodeState.tickets.of("@a")
      worker.connection.push(message("route:@a"))
      assert.same({}, worker.reread)
      assert.equal(ticket, nodeState.tickets.of("@a"))
    end)

    describe("again and again", function()
      local function push(...)
        worker.connection.push(message(...))
      end

      local function pushTwice(key)
        push(key, key)
      end

      before_each(function()
        worker.held["@web"] = true
      end)

      it("has the name read at once, then once in 20 ms, and after the last", function()
        local keys = {}
        for i = 1, 50 do
          keys[i] = "pool:web"
        end
        push(unpack(keys))
        assert.same({ { "@web" } }, worker.reread)
        node.turn(0.0625)
        assert.same({ { "@web" }, { "@web" } }, worker.reread)
        node.turn(1)
        assert.equal(2, #worker.reread)
      end)

      it("moves its ticket when it is read, so that what was asked for before is refused", function()
        local ticket = nodeState.tickets.of("@web")
        pushTwice("pool:web")
        assert.equal(ticket + 1, nodeState.tickets.of("@web"))
        node.turn(0.0625)
        assert.equal(ticket + 2, nodeState.tickets.of("@web"))
      end)

      it("has it read at most every 20 ms, for as long as it goes on, and once more", function()
        for _ = 1, 4 * 64 do
          push("pool:web")
          node.turn(1 / 64)
        end
        local during = #worker.reread
        assert.is_true(during >= 100 and during <= 4 / 0.02, during .. " times in 4 s")
        node.turn(0.0625)
        assert.is_true(#worker.reread <= during + 1)
      end)

      it("lets other names through meanwhile", function()
        push("pool:web", "pool:web", "route:a")
        assert.same({ { "@web", "a" } }, worker.reread)
      end)

      it("does not move the clock more often either for a name that was given up", function()
        local clock = nodeState.changeClock.value()
        push("route:x", "route:x", "route:x")
        assert.equal(clock + 1, nodeState.changeClock.value())
        node.turn(0.0625)
        assert.equal(clock + 2, nodeState.changeClock.value())
      end)

      it("has the last read before it lets go of a connection that was lost", function()
        local ticket = nodeState.tickets.of("@web")
        pushTwice("pool:web")
        local epoch = nodeState.epochs.current()
        node.refusal = { "redis_down", "connect: connection refused" }
        worker.connection.lose()
        node.turn(1 / 64)
        assert.same({ { "@web" }, { "@web" } }, worker.reread)
        assert.same({ ticket + 2, 0 }, { nodeState.tickets.of("@web"), nodeState.epochs.current() })
        assert.is_true(epoch > 0)
        node.turn(1)
        assert.equal(2, #worker.reread)
      end)

      it("has it read rather too often than never where nginx has no timer", function()
        node.hasNoTimer = true
        local ticket = nodeState.tickets.of("@web")
        pushTwice("pool:web")
        assert.equal(2, #worker.reread)
        assert.equal(ticket + 2, nodeState.tickets.of("@web"))
      end)
    end)

    it("keeps the connection when a key has a name too long to be held, and is soon through with it", function()
      local epoch = nodeState.epochs.current()
      local bytes = message(("route:"):rep(100000), "route:a")
      local a = nodeState.tickets.of("a")
      for at = 1, #bytes, 4096 do
        worker.connection.push(bytes:sub(at, at + 4095))
      end
      node.turn(0.0625)
      assert.equal(a + 1, nodeState.tickets.of("a"))
      assert.equal(epoch, nodeState.epochs.current())
      assert.is_false(worker.connection.isClosed)
    end)

    it("reads on across pieces", function()
      local a, b = nodeState.tickets.of("a"), nodeState.tickets.of("b")
      local bytes = message("route:a", "route:b")
      worker.connection.push(bytes:sub(1, 60))
      worker.connection.push(bytes:sub(61))
      node.turn(0.125)
      assert.equal(a + 1, nodeState.tickets.of("a"))
      assert.equal(b + 1, nodeState.tickets.of("b"))
    end)
  end)

  describe("when the clock is set back", function()
    it("tries to watch again at once", function()
      node.refusal = { "not_tracked", "CLIENT TRACKING: NOPERM" }
      local worker = node.worker(101)
      assert.equal(1, worker.opens)
      node.refusal = nil
      node.clock.turn(-3600)
      node.turn(1)
      assert.equal(2, worker.opens)
    end)

    it("takes over from a worker that died", function()
      local first, second = node.worker(101), node.worker(102)
      node.turn(0.5)
      first.kill()
      node.clock.turn(-3600)
      node.turn(1)
      assert.equal(1, second.opens)
    end)

    it("notices a silent connection no later", function()
      local worker = node.worker(101)
      node.turn(0.5)
      node.isSilent = true
      node.clock.turn(-3600)
      node.turn(4)
      assert.is_true(worker.opens > 1)
    end)

    it("has every worker look again at what it remembers", function()
      node.worker(101)
      node.turn(1)
      local before = nodeState.changeClock.value()
      node.clock.turn(-3600)
      node.turn(1)
      assert.is_true(nodeState.changeClock.value() > before)
    end)
  end)

  describe("begins a new epoch", function()
    local worker
    before_each(function()
      worker = node.worker(101)
    end)

    it("when everything may have changed", function()
      local before = worker.changes
      assert.is_true(node.beginsEpoch(worker.connection.push, message()))
      assert.equal(before + 1, worker.changes)
      assert.is_false(worker.connection.isClosed)
    end)

    it("when what has changed could not be read again", function()
      assert.is_true(node.beginsEpoch(worker.rereadFails))
    end)

    it("but not when it no longer watches", function()
      node.refusal = { "redis_down", "connect: connection refused" }
      worker.connection.lose()
      worker.rereadFails()
      assert.equal(0, nodeState.epochs.current())
    end)

    it("which ends with the connection like the first", function()
      worker.connection.push(message())
      node.turn(0.125)
      worker.connection.lose()
      assert.equal(0, nodeState.epochs.current())
    end)
  end)

  describe("that loses the connection", function()
    local worker
    before_each(function()
      worker = node.worker(101)
      node.turn(1)
      node.refusal = { "redis_down", "connect: connection refused" }
    end)

    it("ends the epoch at once, which moves the clock", function()
      local clock = nodeState.changeClock.value()
      worker.connection.lose()
      assert.equal(0, nodeState.epochs.current())
      assert.is_true(nodeState.changeClock.value() > clock)
      assert.is_true(worker.connection.isClosed)
    end)

    it("says so once, why it cannot be made again once, and that it is", function()
      worker.connection.lose()
      assert.same({ { "warn", LOST:format("connection reset by peer") } }, node.log)
      node.turn(60)
      assert.equal(2, #node.log)
      assert.same({ "warn", NOT_OPENED:format("redis_down: connect: connection refused") }, node.log[2])
      node.refusal = nil
      node.turn(6)
      assert.equal(3, #node.log)
      assert.same({ "warn", "changes are pushed again" }, node.log[3])
      assert.is_true(nodeState.epochs.current() > 0)
    end)

    it("makes it again ever more slowly, and as long as it takes", function()
      worker.connection.lose()
      node.turn(2)
      local soon = worker.opens
      assert.is_true(soon >= 4 and soon <= 6, soon .. " within 2 s")
      node.turn(60)
      local later = worker.opens - soon
      assert.is_true(later >= 11 and later <= 15, later .. " in a minute")
    end)

    it("that breaks at once each time does not make it again all the time", function()
      node.refusal = nil
      for _ = 1, 60 * 8 do
        worker.connection.lose()
        node.turn(0.125)
      end
      assert.is_true(worker.opens < 20, worker.opens .. " in a minute")
    end)

    it("that was a good one makes it again at once", function()
      node.refusal = nil
      for _ = 1, 10 do
        for _ = 1, 4 do
          node.turn(1)
          worker.connection.push(message("pool:a"))
        end
        worker.connection.lose()
        node.turn(0.5)
        assert.is_false(worker.connection.isClosed)
      end
    end)

    it("takes bytes that are not Redis's for a loss", function()
      worker.connection.push("HTTP/1.1 400 Bad Request\r\n")
      assert.is_true(worker.connection.isClosed)
      assert.equal(0, nodeState.epochs.current())
    end)

    it("still has read again what came before the bytes it does not understand", function()
      worker.held.a = true
      worker.connection.push(message("route:a") .. "?\r\n")
      assert.same({ { "a" } }, worker.reread)
    end)
  end)

  describe("in silence", function()
    local worker
    before_each(function()
      worker = node.worker(101)
      node.isSilent = true
    end)

    it("asks for a sign of life after a third of the timeout", function()
      node.turn(0.875)
      assert.equal(0, worker.connection.pings)
      node.turn(0.25)
      assert.equal(1, worker.connection.pings)
    end)

    it("keeps a connection that answers, and asks no more than once a second", function()
      node.isSilent = false
      node.turn(20)
      assert.equal(1, worker.opens)
      local pings = worker.connection.pings
      assert.is_true(pings >= 15 and pings <= 20, pings .. " in 20 s")
      assert.same({}, node.log)
    end)

    it("does not ask while there is something to hear", function()
      for _ = 1, 20 do
        node.turn(0.5)
        worker.connection.push(message("pool:a"))
      end
      assert.equal(0, worker.connection.pings)
    end)

    it("takes the connection for dead at the timeout", function()
      node.refusal = { "redis_down", "connect: connection refused" }
      local connection = worker.connection
      node.turn(2.875)
      assert.is_false(connection.isClosed)
      assert.equal(2, connection.pings)
      node.turn(0.25)
      assert.is_true(connection.isClosed)
      assert.equal(0, nodeState.epochs.current())
      assert.same({ "warn", LOST:format("nothing was heard for 3 s") }, node.log[1])
    end)
  end)

  it("tries again after a minute where Redis does not track, and says so once", function()
    node.refusal = { "not_tracked", "CLIENT TRACKING: NOPERM" }
    local worker = node.worker(101)
    node.turn(59)
    assert.equal(1, worker.opens)
    node.turn(2)
    assert.equal(2, worker.opens)
    node.turn(120)
    assert.same({ { "warn", NOT_OPENED:format("not_tracked: CLIENT TRACKING: NOPERM") } }, node.log)
    node.refusal = nil
    node.turn(61)
    assert.is_true(nodeState.epochs.current() > 0)
  end)

  it("ends what a killed worker has left, if it cannot watch itself", function()
    local first, second = node.worker(101), node.worker(102)
    first.kill()
    node.refusal = { "redis_down", "connect: connection refused" }
    assert.is_true(nodeState.epochs.current() > 0)
    node.turn(1)
    assert.is_true(second.opens > 0)
    assert.equal(0, nodeState.epochs.current())
  end)

  describe("of a worker that exits", function()
    it("lets go of the connection, the epoch and the lease, and is called no more", function()
      local worker = node.worker(101)
      worker.isExiting = true
      node.turn(0.5)
      assert.is_true(worker.task.ended)
      assert.is_true(worker.connection.isClosed)
      assert.equal(0, nodeState.epochs.current())
      assert.same({}, node.log)
      local other = node.worker(102)
      assert.equal(1, other.opens)
    end)

    it("that does not watch leaves the one that does alone", function()
      local worker, other = node.worker(101), node.worker(102)
      local epoch = nodeState.epochs.current()
      other.isExiting = true
      node.turn(2)
      assert.is_true(other.task.ended)
      assert.equal(epoch, nodeState.epochs.current())
      assert.is_false(worker.connection.isClosed)
    end)
  end)

  describe("after a reload", function()
    local old, new
    before_each(function()
      old = node.worker(101)
    end)

    it("watches in a new worker at once, though the old one is still there and renews its lease", function()
      new = node.worker(holderId(1, 102))
      local epoch = nodeState.epochs.current()
      node.turn(0.5)
      assert.is_true(old.connection.isClosed)
      assert.is_false(new.connection.isClosed)
      assert.equal(epoch, nodeState.epochs.current())
      old.isExiting = true
      node.turn(2)
      assert.same({ 1, 1 }, { old.opens, new.opens })
      assert.equal(epoch, nodeState.epochs.current())
      assert.same({}, node.log)
    end)

    it("watches in the old worker until the new one's connection is there", function()
      local epoch = nodeState.epochs.current()
      node.isSlow = true
      new = node.worker(holderId(1, 102))
      node.turn(0.5)
      assert.equal(1, new.opens)
      assert.is_false(old.connection.isClosed)
      assert.equal(epoch, nodeState.epochs.current())
      node.isSlow = false
      node.turn(0.5)
      assert.is_true(old.connection.isClosed)
      assert.is_true(nodeState.epochs.current() > epoch)
    end)

    it("makes one connection, however many new workers there are", function()
      local others = {}
      node.isSlow = true
      for pid = 102, 105 do
        others[#others + 1] = node.worker(holderId(1, pid))
      end
      node.turn(0.5)
      node.isSlow = false
      node.turn(2)
      local opens = 0
      for _, worker in ipairs(others) do
        opens = opens + worker.opens
      end
      assert.equal(1, opens)
    end)

    it("trusts the old worker no longer when the new ones cannot watch: the settings may be others", function()
      node.refusal = { "redis_down", "connect: connection refused" }
      node.worker(holderId(1, 102))
      assert.equal(0, nodeState.epochs.current())
      node.turn(0.5)
      assert.is_true(old.connection.isClosed)
      assert.equal(0, nodeState.epochs.current())
    end)
  end)

  it("closes a connection that took longer to open than its lease lasted, and begins no epoch with it", function()
    node.isSlow = true
    local first = node.worker(101)
    node.clock.turn(10)
    local second = node.worker(102)
    node.isSlow = false
    node.turn(0.125)
    assert.same({ 1, 1 }, { first.opens, second.opens })
    assert.is_true(first.connection.isClosed)
    assert.is_false(second.connection.isClosed)
    assert.same({ 0, 1 }, { first.changes, second.changes })
    assert.is_true(nodeState.epochs.current() > 0)
  end)

  it("stops without a word when another worker has taken over, and leaves that one's epoch alone", function()
    local first = node.worker(101)
    local epoch = nodeState.epochs.current()
    node.clock.turn(10) -- the first worker was stopped meanwhile
    local second = node.worker(102)
    node.turn(0.5)
    assert.is_true(first.connection.isClosed)
    assert.equal(1, first.opens)
    assert.is_false(second.connection.isClosed)
    assert.is_true(nodeState.epochs.current() > epoch)
    assert.same({}, node.log)
  end)
end)
