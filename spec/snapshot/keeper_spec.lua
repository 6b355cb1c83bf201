local fake_files = require("spec.support.fake_files")
local fakes = require("spec.support.fakes")
local keeper = require("signpost.snapshot.keeper").keeper
local newRights = require("signpost.redis.rights").newRights
local parseCommand = require("signpost.snapshot.command_line").parseCommand
local valueReader = require("signpost.redis.read_values").valueReader

local PATH = "/var/lib/signpost/snapshot"
local INTERVAL = 60

local function yes()
  return true
end

describe("the keeper of a snapshot", function()
  local clock, log, scheduler, background, disk, redis, state, isTracked, holder
  before_each(function()
    clock, log, scheduler = fakes.clock(), fakes.log(), fakes.scheduler()
    background = fakes.background(scheduler)
    disk, redis = fake_files.disk(), fake_files.redis(fake_files.inOrder)
    isTracked, holder, state = true, 1, fakes.dict(nil, clock)
    for i = 1, 20 do
      redis.run("SET", "route:" .. i, "10.0.0.5")
    end
  end)

  -- A worker; the first has the lease. Each round trip and each breath is a moment at which others have their turn.
  local function newWorker(me, interval)
    local function isMine()
      return holder == me
    end

    local waiting = {
      ask = function(commands)
        scheduler.await(yes)
        return redis.ask(commands)
      end,
    }

    return keeper({
      path = PATH,
      me = me,
      state = state,
      interval = interval or INTERVAL,
      files = disk,
      writing = {
        redis = waiting,
        readValues = valueReader(waiting, newRights(redis.connectionsMade, function() end)),
        log = log,
        prefixes = { "pool:", "route:" },
        breathe = function()
          scheduler.await(yes)
          return isMine()
        end,
      },
      isMine = isMine,
      isTracked = function()
        return isTracked
      end,
      runSoon = background.runSoon,
      now = clock.now,
      log = log,
    })
  end

  -- The next look at whether a snapshot is due; how many were begun.
  local function tick(worker)
    worker.tick()
    local begun = background.queued()
    background.run()
    return begun
  end

  local function finish(worker)
    local begun = tick(worker)
    scheduler.settle()
    return begun
  end

  -- What the file restores; nothing if there is none.
  local function held()
    if disk.text(PATH) == nil then
      return nil
    end
    local other = fake_files.redis(fake_files.inOrder)
    for line in disk.text(PATH):gmatch("[^\n]*\n") do
      other.run(unpack((assert(parseCommand(line)))))
    end
    return other.dump()
  end

  local function isNew()
    assert.same(redis.dump(), held())
    assert.same({ PATH }, disk.paths())
    assert.equal(0, disk.opened())
  end

  it("writes one as soon as there is a worker that watches Redis", function()
    holder = nil
    local worker = newWorker(1)
    assert.equal(0, finish(worker))
    holder = 1
    assert.equal(1, finish(worker))
    isNew()
    assert.same({}, log.lines)
  end)

  it("leaves it to the worker that watches Redis", function()
    local one, other = newWorker(1), newWorker(2)
    assert.equal(0, finish(other))
    assert.equal(1, finish(one))
    other.changed()
    clock.turn(INTERVAL)
    assert.equal(0, finish(other))
    holder = 2
    redis.run("SET", "route:1", "10.0.0.6")
    assert.equal(1, finish(other))
    isNew()
  end)

  it("writes the next only when something has changed", function()
    local worker = newWorker(1)
    finish(worker)
    for _ = 1, 10 do
      clock.turn(INTERVAL)
      assert.equal(0, finish(worker))
    end
    redis.run("DEL", "route:1")
    worker.changed()
    worker.changed()
    assert.equal(1, finish(worker))
    isNew()
    clock.turn(INTERVAL)
    assert.equal(0, finish(worker))
  end)

  it("writes one every interval while nobody would say that something has changed", function()
    isTracked = false
    local worker = newWorker(1)
    for i = 1, 3 do
      redis.run("SET", "route:1", "10.0.0." .. i)
      assert.equal(1, finish(worker))
      isNew()
      clock.turn(INTERVAL - 0.1)
      assert.equal(0, finish(worker))
      clock.turn(0.1)
    end
  end)

  it("writes one at most every interval, from when the last was finished", function()
    local worker = newWorker(1)
    tick(worker)
    clock.turn(2 * INTERVAL)
    scheduler.settle()
    worker.changed()
    assert.equal(0, finish(worker))
    clock.turn(INTERVAL - 0.1)
    assert.equal(0, finish(worker))
    clock.turn(0.1)
    assert.equal(1, finish(worker))
  end)

  it("waits no longer than an interval when the clock is set back", function()
    local worker = newWorker(1)
    finish(worker)
    clock.turn(-3600)
    worker.changed()
    clock.turn(INTERVAL)
    assert.equal(1, finish(worker))
  end)

  it("writes another for what changes while it writes", function()
    local worker = newWorker(1)
    tick(worker)
    scheduler.step(scheduler.ready()[1])
    worker.changed()
    redis.run("SET", "route:new", "10.0.0.7")
    scheduler.settle()
    clock.turn(INTERVAL)
    assert.equal(1, finish(worker))
    isNew()
    clock.turn(INTERVAL)
    assert.equal(0, finish(worker))
  end)

  it("never writes two at once", function()
    local worker = newWorker(1, 0.1)
    assert.equal(1, tick(worker))
    while scheduler.ready()[1] ~= nil do
      worker.changed()
      clock.turn(1)
      assert.equal(0, tick(worker))
      scheduler.step(scheduler.ready()[1])
    end
    clock.turn(0.1)
    assert.equal(1, finish(worker))
    isNew()
  end)

  it("tries again at the next look when nginx has no timer", function()
    local worker = newWorker(1)
    background.refuse()
    assert.equal(0, finish(worker))
    background.accept()
    assert.equal(1, finish(worker))
    isNew()
  end)

  for _, case in ipairs({
    {
      "Redis cannot be asked", "no new snapshot: redis_down: 10.0.0.9:6379: connect: timeout",
      function() redis.down("10.0.0.9:6379: connect: timeout") end,
      function() redis.down(nil) end,
    },
    {
      "Redis refuses to tell", "no new snapshot: redis_down: SCAN: NOPERM no",
      function() redis.refuse("scan", "NOPERM no") end,
      function() redis.refuse("scan", nil) end,
    },
    {
      "Redis goes away half-way", "no new snapshot: redis_down: 10.0.0.9:6379: no answer: closed",
      function()
        local asked = 0
        redis.meddle(function()
          asked = asked + 1
          if asked == 20 then
            redis.down("10.0.0.9:6379: no answer: closed")
          end
        end)
      end,
      function()
        redis.meddle(nil)
        redis.down(nil)
      end,
    },
    {
      "the directory cannot be written", "Permission denied",
      function() disk.breakAt("create") end,
      function() disk.breakAt(nil) end,
    },
    {
      "the disk is full", "No space left on device",
      function() disk.leave(100) end,
      function() disk.leave(math.huge) end,
    },
    {
      "the disk breaks as the file is made safe", "Input/output error",
      function() disk.breakAt("publish") end,
      function() disk.breakAt(nil) end,
    },
  }) do
    local what, message, breakIt, mend = unpack(case)
    it("keeps the old one when " .. what .. ", says so, and tries again without being asked", function()
      local worker = newWorker(1)
      finish(worker)
      local old = disk.text(PATH)
      redis.run("SET", "route:new", "10.0.0.7")
      worker.changed()
      clock.turn(INTERVAL)
      breakIt()
      for i = 1, 2 do
        assert.equal(1, finish(worker))
        assert.equal(old, disk.text(PATH))
        assert.equal(0, disk.opened())
        assert.equal("error", log.lines[i][1])
        assert.matches("no new snapshot: ", log.lines[i][2], 1, true)
        assert.matches(message, log.lines[i][2], 1, true)
        assert.equal(0, finish(worker))
        clock.turn(INTERVAL)
      end
      mend()
      assert.equal(1, finish(worker))
      isNew()
      assert.equal(2, #log.lines)
    end)
  end

  it("is not stopped for ever by what raises, nor leaves the file open, nor forgets the change", function()
    local worker = newWorker(1)
    redis.meddle(function()
      error("attempt to index a nil value")
    end)
    for i = 1, 3 do
      assert.equal(1, finish(worker))
      assert.equal(i, #background.raised)
      assert.matches("attempt to index a nil value", background.raised[i], 1, true)
      assert.equal(0, disk.opened())
      assert.same({}, disk.paths())
      clock.turn(INTERVAL)
    end
    redis.meddle(nil)
    assert.equal(1, finish(worker))
    isNew()
  end)

  it("hands over to another worker without a word, for that is no failure", function()
    local one, other = newWorker(1), newWorker(2)
    tick(one)
    scheduler.step(scheduler.ready()[1])
    holder = 2
    scheduler.settle()
    assert.is_nil(disk.text(PATH))
    assert.equal(0, disk.opened())
    assert.equal(1, finish(other))
    isNew()
    assert.same({}, log.lines)
  end)

  it("leaves the old file or the new one, each whole, whenever it is killed, and begins anew", function()
    local old = redis.dump()
    local steps, ended = 0, false
    while not ended do
      disk, redis, scheduler = fake_files.disk(), fake_files.redis(fake_files.inOrder), fakes.scheduler()
      background = fakes.background(scheduler)
      for i = 1, 20 do
        redis.run("SET", "route:" .. i, "10.0.0.5")
      end
      finish(newWorker(1))
      redis.run("SET", "route:new", "10.0.0.7")

      tick(newWorker(1))
      for _ = 1, steps do
        if scheduler.ready()[1] ~= nil then
          scheduler.step(scheduler.ready()[1])
        end
      end
      ended = scheduler.alive() == 0
      for _, task in ipairs(scheduler.ready()) do
        scheduler.kill(task)
      end
      assert.same(ended and redis.dump() or old, held())

      finish(newWorker(1))
      assert.same(redis.dump(), held())
      steps = steps + 1
    end
    assert(steps > 20, steps .. " steps")
  end)

  it("never lets another worker's file be half, whenever they take over from each other", function()
    for seed = 1, 60 do
      local draw = fakes.random(seed)
      disk, redis = fake_files.disk(), fake_files.redis(draw)
      for i = 1, 20 do
        redis.run("SET", "route:" .. i, ("10.0.0.%d "):format(i):rep(draw(4)))
      end
      local workers = { newWorker(1, 0.1), newWorker(2, 0.1), newWorker(3, 0.1) }
      for _ = 1, 60 do
        if draw(3) == 1 then
          holder = draw(3)
          workers[holder].changed()
        end
        clock.turn(0.1)
        tick(workers[draw(3)])
        local going = scheduler.ready()[draw(3)]
        for _ = 1, draw(100) do
          if going ~= nil and not going.ended then
            scheduler.step(going)
          end
        end
        local found = held()
        if found ~= nil then
          assert.same(redis.dump(), found)
        end
      end
      scheduler.settle()
      workers[holder].changed()
      clock.turn(1)
      assert.equal(1, finish(workers[holder]))
      assert.same(redis.dump(), held())
      assert.equal(0, disk.opened())
    end
    assert.equal(0, #log.lines)
  end)

  it("removes what a killed worker has left also when the clock was set back since", function()
    local left = PATH .. ".7.tmp"
    disk.put(left, "SET route:half")
    state:set("begun_snapshots", left)
    state:set("alive:" .. left, 1, 5, require("signpost.state.stamp").stampOf(clock.now()))
    clock.turn(-3600)
    finish(newWorker(1))
    assert.same({ PATH }, disk.paths())
  end)

  describe("that is overdue", function()
    local OVERDUE = { "error", ("the snapshot %s is overdue: for 301 s no new one could be written"):format(PATH) }

    -- Looks each second at whether a snapshot is due.
    local function pass(seconds, worker)
      for _ = 1, seconds do
        clock.turn(1)
        tick(worker)
      end
    end

    it("is complained of once, when workers only take over from each other, and once said to be there again",
      function()
        local workers = { newWorker(1), newWorker(2) }
        for turn = 0, 699 do
          holder = turn % 2 + 1
          workers[holder].changed()
          tick(workers[holder])
          for _, task in ipairs(scheduler.ready()) do
            scheduler.step(task)
          end
          holder = 3 - holder
          scheduler.settle()
          clock.turn(1)
        end
        assert.is_nil(disk.text(PATH))
        assert.equal(1, #log.lines)
        assert.equal("error", log.lines[1][1])
        assert.matches("is overdue: for 3%d%d s no new one could be written", log.lines[1][2])
        holder = 1
        clock.turn(INTERVAL)
        assert.equal(1, finish(workers[1]))
        isNew()
        assert.same({ "warn", ("the snapshot %s is written again, after 760 s"):format(PATH) }, log.lines[2])
        workers[1].changed()
        clock.turn(INTERVAL)
        assert.equal(1, finish(workers[1]))
        assert.equal(2, #log.lines)
      end)

    it("is complained of while the writing takes too long", function()
      local worker = newWorker(1)
      assert.equal(1, tick(worker))
      pass(300, worker)
      assert.same({}, log.lines)
      pass(300, worker)
      assert.same({ OVERDUE }, log.lines)
      scheduler.settle()
      assert.same({ "warn", ("the snapshot %s is written again, after 600 s"):format(PATH) }, log.lines[2])
    end)

    it("is complained of when nginx has no timer for it", function()
      local worker = newWorker(1)
      background.refuse()
      pass(600, worker)
      assert.same({ OVERDUE }, log.lines)
    end)

    it("takes no other entry's room in a full dict", function()
      state = fakes.dict(2, clock)
      state:set("one", 7)
      state:set("other", 9)
      tick(newWorker(1))
      background.refuse()
      pass(600, newWorker(1))
      assert.same({ 7, 9 }, { (state:get("one")), (state:get("other")) })
    end)

    it("is complained of again and again in a dict that has no room to note it", function()
      local worker = newWorker(1)
      background.refuse()
      tick(worker)
      state.refuse()
      pass(303, worker)
      assert.is_true(#log.lines > 1)
      assert.matches("is overdue", log.lines[2][2])
    end)

    it("is none that need not be written: nothing has changed for long, and then something does", function()
      local worker = newWorker(1)
      finish(worker)
      pass(5000, worker)
      worker.changed()
      clock.turn(1)
      finish(worker)
      isNew()
      assert.same({}, log.lines)
    end)

    it("is not overdue because the clock was set back, and is afterwards", function()
      local worker = newWorker(1)
      tick(worker)
      clock.turn(-3600)
      tick(worker)
      pass(300, worker)
      assert.same({}, log.lines)
      pass(1, worker)
      assert.equal(1, #log.lines)
    end)
  end)

  it("removes what a worker has left that was killed while it wrote, once that is certain", function()
    local left = PATH .. ".7.tmp"
    disk.put(left, "SET route:half")
    state:set("begun_snapshots", left)
    state:set("alive:" .. left, 1, 5)
    local worker = newWorker(1)
    finish(worker)
    assert.same({ PATH, left }, disk.paths())
    state:delete("alive:" .. left)
    clock.turn(INTERVAL)
    worker.changed()
    finish(worker)
    assert.same({ PATH }, disk.paths())
  end)
end)
