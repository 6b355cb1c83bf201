local fakes = require("spec.support.fakes")
local newNodeState = require("signpost.state.node_state").newNodeState
local readThrough = require("signpost.cache.read_through").readThrough
local sharedLevel = require("signpost.cache.shared").sharedLevel

local NOW = 1700000000

local function firstByte(name)
  return name:byte()
end

local function nothing()
end

-- Reading through to a Redis that holds `texts`. `onRead(call, names)` happens after Redis has looked and before its
-- answer is there; `reads` holds the names of each call.
local function newReader(texts)
  local clock, tally = fakes.clock(NOW), fakes.tally()
  local nodeState = newNodeState(fakes.dict(nil, clock), firstByte, clock.now)
  local shared = sharedLevel({
    records = fakes.dict(), absent = fakes.dict(), nodeState = nodeState, count = tally.count,
    complaints = { bad = nothing, good = nothing },
  })
  local reader = { clock = clock, nodeState = nodeState, shared = shared, texts = texts, reads = {}, onRead = nothing }

  local function look(names)
    local readings = {}
    for i, name in ipairs(names) do
      readings[i] = texts[name] and { kind = "good", text = texts[name] } or { kind = "absent" }
    end
    return readings
  end

  reader.read = readThrough({
    read = function(names)
      reader.reads[#reader.reads + 1] = { unpack(names) }
      local readings = look(names)
      if reader.onRead(#reader.reads, names) == "down" then
        return nil, "redis_down", "connect: connection refused"
      end
      return readings, nil
    end,
    shared = shared, nodeState = nodeState, now = clock.now,
  })

  -- Redis changes, and the push of it comes.
  function reader.change(name, text)
    texts[name] = text
    nodeState.tickets.move(name)
  end

  return reader
end

local function known(kind, text, epoch)
  return { kind = kind, text = text, checked = NOW, epoch = epoch or 0 }
end

describe("reading through", function()
  local reader
  before_each(function()
    reader = newReader({ a = "10.0.0.1:80", c = "10.0.0.3:80" })
  end)

  it("gives what Redis says of each name, and keeps it", function()
    local found = reader.read({ "a", "b" })
    assert.same({ a = known("good", "10.0.0.1:80"), b = known("absent", "") }, found)
    assert.same(found.a, reader.shared.find("a"))
    assert.same(found.b, reader.shared.find("b"))
    assert.same({ { "a", "b" } }, reader.reads)
  end)

  it("says why it could not read, and keeps nothing", function()
    reader.onRead = function()
      return "down"
    end
    assert.same({ n = 3, nil, "redis_down", "connect: connection refused" },
      { n = 3, reader.read({ "a" }) })
    assert.is_nil(reader.shared.find("a"))
  end)

  it("counts from before the question: the time and the epoch", function()
    local epoch = reader.nodeState.epochs.begin()
    reader.onRead = function()
      reader.clock.turn(5)
      reader.nodeState.epochs.begin()
    end
    local found = reader.read({ "a" })
    assert.same(known("good", "10.0.0.1:80", epoch), found.a)
    assert.same(found.a, reader.shared.find("a"))
  end)

  it("reads again what a push has changed meanwhile", function()
    reader.onRead = function(call)
      if call == 1 then
        reader.change("a", "10.0.0.2:80")
      end
    end
    local found = reader.read({ "a", "c" })
    assert.equal(2, #reader.reads)
    assert.equal("a", reader.reads[2][1])
    assert.same({ a = known("good", "10.0.0.2:80"), c = known("good", "10.0.0.3:80") }, found)
    assert.same(found.a, reader.shared.find("a"))
  end)

  -- Whoever joins the read in its second round must not get a name as it was in the first.
  it("gives every name as it is in the last round", function()
    reader.onRead = function(call)
      if call == 1 then
        reader.change("a", "10.0.0.2:80")
      elseif call == 2 then
        reader.change("c", "10.0.0.4:80")
      end
    end
    local found = reader.read({ "a", "c" })
    assert.equal("10.0.0.2:80", found.a.text)
    assert.equal("10.0.0.4:80", found.c.text)
    assert.same(found.c, reader.shared.find("c"))
  end)

  it("says that Redis is gone when it goes between two rounds", function()
    reader.onRead = function(call)
      reader.change("a", "10.0.0.2:80")
      return call == 2 and "down" or nil
    end
    local found, err = reader.read({ "a" })
    assert.is_nil(found)
    assert.equal("redis_down", err)
  end)

  it("gives up after eight rounds on a name that changes each time: an answer for now, which is not kept", function()
    reader.onRead = function(call)
      reader.change("a", "10.0.1." .. call .. ":80")
    end
    local found = reader.read({ "a", "c" })
    assert.equal(8, #reader.reads)
    assert.equal("10.0.1.7:80", found.a.text)
    assert.is_true(found.a.isFleeting)
    assert.is_nil(reader.shared.find("a"))
    assert.same(known("good", "10.0.0.3:80"), found.c)
    assert.same(found.c, reader.shared.find("c"))
  end)

  it("gives an answer for now, too, while another worker holds the name's lock", function()
    local found
    reader.nodeState.alone("a", function()
      found = reader.read({ "a" })
    end)
    assert.is_true(found.a.isFleeting)
    assert.equal("10.0.0.1:80", found.a.text)
    assert.is_nil(reader.shared.find("a"))
  end)

  it("gives in the eighth round what is quiet by then", function()
    reader.onRead = function(call)
      if call < 8 then
        reader.change("a", "10.0.1." .. call .. ":80")
      end
    end
    local found = reader.read({ "a" })
    assert.same(known("good", "10.0.1.7:80"), found.a)
    assert.same(found.a, reader.shared.find("a"))
  end)
end)
