local fakes = require("spec.support.fakes")
local refresher = require("signpost.cache.refresh").refresher

-- A worker's refresher, on a reader whose every call waits for the spec to say how it went. Names are due, but for
-- those in `fresh`.
local function newRefresher()
  local scheduler = fakes.scheduler()
  local reader, background, fresh = fakes.slowReader(scheduler), fakes.background(scheduler), {}
  local worker = { calls = reader.calls, background = background, fresh = fresh, settle = scheduler.settle }
  worker.failures, worker.breaths = 0, 0

  worker.refreshSoon = refresher({
    read = reader.read,
    runSoon = background.runSoon,
    isDue = function(name)
      return not fresh[name]
    end,
    breathe = function()
      worker.breaths = worker.breaths + 1
    end,
    failed = function()
      worker.failures = worker.failures + 1
    end,
  })
  return worker
end

local function numbered(first, last)
  local names = {}
  for i = first, last do
    names[#names + 1] = "name " .. i
  end
  return names
end

describe("a refresh", function()
  local worker, calls, background

  before_each(function()
    worker = newRefresher()
    calls, background = worker.calls, worker.background
  end)

  -- The read under way goes well: what it read is fresh from then on.
  local function land(call)
    for _, name in ipairs(call.names) do
      worker.fresh[name] = true
    end
    call.answer({})
    worker.settle()
  end

  it("reads nothing in the request that asks for it", function()
    worker.refreshSoon({ "a", "b" })
    assert.equal(0, #calls)
    assert.equal(1, background.queued())
  end)

  it("reads what was asked for, in one go", function()
    worker.refreshSoon({ "a", "b" })
    worker.refreshSoon({ "c" })
    background.run()
    assert.equal(1, #calls)
    assert.same({ "a", "b", "c" }, calls[1].names)
  end)

  it("asked for twice is asked for once", function()
    for _ = 1, 100 do
      worker.refreshSoon({ "a", "b", "a" })
    end
    assert.equal(1, background.queued())
    background.run()
    assert.same({ "a", "b" }, calls[1].names)
    land(calls[1])
    assert.equal(1, #calls)
  end)

  it("of very many names reads each once, those asked for twice in a row too", function()
    for i = 1, 3000 do
      worker.refreshSoon({ "name " .. i, "name " .. i })
    end
    background.run()
    local read = {}
    for i = 1, 150 do
      for _, name in ipairs(calls[i].names) do
        read[#read + 1] = name
      end
      land(calls[i])
    end
    assert.same(numbered(1, 3000), read)
    assert.equal(150, #calls)
  end)

  it("asked for nothing needs no timer", function()
    worker.refreshSoon({})
    assert.equal(0, background.queued())
  end)

  it("reads at most twenty names in one go, and every name once", function()
    worker.refreshSoon(numbered(1, 50))
    background.run()
    for i = 1, 3 do
      assert.equal(i, #calls)
      land(calls[i])
    end
    assert.equal(3, #calls)
    assert.same(numbered(1, 20), calls[1].names)
    assert.same(numbered(21, 40), calls[2].names)
    assert.same(numbered(41, 50), calls[3].names)
  end)

  it("says how many names wait", function()
    assert.equal(2, worker.refreshSoon({ "a", "b", "a" }))
    background.run()
    assert.equal(0, worker.refreshSoon({}))
    assert.equal(60, worker.refreshSoon(numbered(1, 60)))
    land(calls[1])
    assert.equal(40, worker.refreshSoon({}))
  end)

  it("lets requests have their turn between two reads, and only then", function()
    worker.refreshSoon(numbered(1, 50))
    background.run()
    for i = 1, 3 do
      assert.equal(i - 1, worker.breaths)
      land(calls[i])
    end
    worker.refreshSoon({ "name 51" })
    background.run()
    assert.equal(2, worker.breaths)
  end)

  it("of exactly twenty names is one read", function()
    worker.refreshSoon(numbered(1, 20))
    background.run()
    land(calls[1])
    assert.equal(1, #calls)
  end)

  it("leaves out what another worker has read meanwhile", function()
    worker.refreshSoon({ "a", "b", "c" })
    worker.fresh.b, worker.fresh.c = true, true
    background.run()
    assert.same({ "a" }, calls[1].names)
  end)

  it("of what another worker has read meanwhile is no read at all", function()
    worker.refreshSoon({ "a", "b" })
    worker.fresh.a, worker.fresh.b = true, true
    background.run()
    assert.equal(0, #calls)
  end)

  it("looks again whether a name is due just before its batch is read", function()
    worker.refreshSoon(numbered(1, 22))
    background.run()
    worker.fresh["name 21"] = true
    land(calls[1])
    assert.same({ "name 22" }, calls[2].names)
  end)

  it("reads, with the same timer, the names asked for while it is reading", function()
    worker.refreshSoon({ "a" })
    background.run()
    worker.refreshSoon({ "b" })
    worker.refreshSoon({ "c", "b" })
    assert.equal(0, background.queued())
    land(calls[1])
    assert.same({ "b", "c" }, calls[2].names)
  end)

  it("does not read again a name that was asked for while it was being read", function()
    worker.refreshSoon({ "a" })
    background.run()
    worker.refreshSoon({ "a" })
    land(calls[1])
    assert.equal(1, #calls)
  end)

  it("can be asked for again after it is done", function()
    for i = 1, 3 do
      worker.fresh.a = nil
      worker.refreshSoon({ "a" })
      background.run()
      assert.equal(i, #calls)
      land(calls[i])
    end
  end)

  it("that fails is dropped, and the names after it are read all the same", function()
    worker.refreshSoon(numbered(1, 21))
    background.run()
    calls[1].answer(nil, "redis_down", "gone")
    worker.settle()
    assert.same({ "name 21" }, calls[2].names)
    land(calls[2])
    assert.equal(2, #calls)
    worker.refreshSoon({ "name 1" })
    background.run()
    assert.same({ "name 1" }, calls[3].names)
  end)

  it("that fails is told of, each batch of it, and one that goes well is not", function()
    worker.refreshSoon(numbered(1, 50))
    background.run()
    calls[1].answer(nil, "redis_down", "gone")
    worker.settle()
    assert.equal(1, worker.failures)
    calls[2].answer(nil, "redis_down", "gone")
    worker.settle()
    land(calls[3])
    assert.equal(2, worker.failures)
  end)

  it("that nginx has no timer for is told of: nobody may ever ask again", function()
    background.refuse()
    worker.refreshSoon({ "a" })
    assert.equal(1, worker.failures)
  end)

  it("that nginx had no timer for is done when one is asked for again", function()
    background.refuse()
    worker.refreshSoon({ "a" })
    worker.refreshSoon({ "b" })
    background.accept()
    assert.equal(0, background.queued())
    worker.refreshSoon({ "b" })
    background.run()
    assert.same({ "a", "b" }, calls[1].names)
  end)

  it("that raises costs what is queued and is told of, but does not end the refreshing for ever", function()
    local names, raises, failures = {}, true, 0
    local refreshSoon = refresher({
      read = function(batch)
        assert(not raises, "a bug")
        names[#names + 1] = batch[1]
        return {}
      end,
      isDue = function()
        return true
      end,
      runSoon = background.runSoon,
      breathe = function() end,
      failed = function()
        failures = failures + 1
      end,
    })
    refreshSoon({ "a" })
    background.run()
    assert.equal(1, failures)
    assert.equal(1, #background.raised)
    raises = false
    refreshSoon({ "a" })
    refreshSoon({ "b" })
    background.run()
    assert.same({ "a" }, names)
    assert.equal(1, failures)
  end)
end)
