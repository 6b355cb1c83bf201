local fakes = require("spec.support.fakes")
local newRights = require("signpost.redis.rights").newRights
local valueReader = require("signpost.redis.read_values").valueReader

local WRONGTYPE = { kind = "error", message = "WRONGTYPE Operation against a key holding the wrong kind of value" }
local NOT_RUN = "NOPERM this user has no permissions to run the command"
local NOT_READ = "NOPERM No permissions to access a key"

local function text(said)
  return { kind = "text", text = said }
end

local function failure(message)
  return { kind = "error", message = message }
end

local function oversized(detail)
  return { kind = "oversized", detail = detail }
end

local function wanted(...)
  local keys = {}
  for i, key in ipairs({ ... }) do
    keys[i] = { key = key, stringBytes = 10, prefix = "r:" }
  end
  return keys
end

describe("a reader of values", function()
  local redis, read, told
  before_each(function()
    redis, told = fakes.redis(fakes.scheduler()), 0
    read = valueReader(redis, newRights(redis.connectionsMade, function()
      told = told + 1
    end))
  end)

  -- A Redis that gives these replies, each list of them for one round trip; and what it was asked.
  local function replying(...)
    local replies, at, asked = { ... }, 0, {}
    local scripted = {
      ask = function(commands)
        at = at + 1
        for _, command in ipairs(commands) do
          asked[#asked + 1] = table.concat(command, " ")
        end
        asked[#asked + 1] = "|"
        return (assert(replies[at], "one round trip too many"))
      end,
      connectionsMade = function()
        return 1
      end,
    }
    return valueReader(scripted, newRights(scripted.connectionsMade, function() end)), asked
  end

  it("reads strings in one round trip, and of a long one no more than shows that it is too long", function()
    redis.set("r:a", "10.0.0.5")
    redis.set("r:b", ("x"):rep(1000))
    assert.same({ text("10.0.0.5"), text(("x"):rep(11)), { kind = "absent" } }, (read(wanted("r:a", "r:b", "r:c"))))
    assert.equal(1, #redis.asks)
  end)

  it("tells a string that is empty from a key that is not there", function()
    redis.set("r:a", "")
    assert.same({ text(""), { kind = "absent" } }, (read(wanted("r:a", "r:b"))))
  end)

  it("believes TYPE, which is asked last, where GETRANGE says nothing", function()
    local empty = text("")
    assert.same({ { kind = "absent" } }, (replying({ WRONGTYPE, text("none") })(wanted("r:a"))))
    -- It was not there, and then was.
    assert.same({ text("new") },
      (replying({ empty, text("string") }, { text("new"), text("string") })(wanted("r:a"))))
    -- It was a hash, and then a string, and so again.
    local changing = replying({ WRONGTYPE, text("string") }, { WRONGTYPE, text("string") })
    assert.equal("changed", changing(wanted("r:a"))[1].kind)
  end)

  it("asks how large a hash, list or set is before it asks for it, and then for all of it", function()
    local read_, asked = replying({ WRONGTYPE, text("hash"), WRONGTYPE, text("list"), WRONGTYPE, text("set") },
      { text("1"), text("90"), text("2"), text("90"), text("1"), text("90") },
      { { kind = "list", items = { text("f"), text("v") } }, { kind = "list", items = { text("l"), text("b") } },
        { kind = "list", items = { text("m") } } })
    assert.same({
      { kind = "items", type = "hash", items = { "f", "v" } },
      { kind = "items", type = "list", items = { "l", "b" } },
      { kind = "items", type = "set", items = { "m" } },
    }, (read_(wanted("h", "l", "s"))))
    assert.equal(table.concat({
      "getrange h 0 10", "type h", "getrange l 0 10", "type l", "getrange s 0 10", "type s", "|",
      "hlen h", "memory usage h samples 2048", "llen l", "memory usage l samples 2048", "scard s",
      "memory usage s samples 2048", "|",
      "hgetall h", "lrange l 0 2048", "smembers s", "|",
    }, "\n"), table.concat(asked, "\n"))
  end)

  it("never asks for what has too many items, or takes too much memory; the others are read all the same", function()
    local read_, asked = replying({ WRONGTYPE, text("hash"), WRONGTYPE, text("set"), WRONGTYPE, text("list") },
      { text("1000000"), text("90"), text("1"), text("500000000"), text("1"), text("90") },
      { { kind = "list", items = { text("l") } } })
    assert.same({
      { kind = "too_many", type = "hash", count = 1000000 },
      { kind = "too_large", reason = "expected no more than 1048576 bytes of memory in Redis, got 500000000" },
      { kind = "items", type = "list", items = { "l" } },
    }, (read_(wanted("h", "s", "l"))))
    assert.equal("lrange l 0 2048", asked[#asked - 1])
  end)

  it("takes what was emptied or removed meanwhile for absent, and what changed its type for changed", function()
    local empty = { kind = "list", items = {} }
    local gone = replying({ WRONGTYPE, text("hash") }, { text("0"), { kind = "nil" } }, { empty })
    assert.same({ { kind = "absent" } }, (gone(wanted("r:a"))))
    local changed = replying({ WRONGTYPE, text("hash") }, { WRONGTYPE, text("90") }, { WRONGTYPE })
    assert.equal("changed", changed(wanted("r:a"))[1].kind)
  end)

  it("says which type it cannot read", function()
    for _, type in ipairs({ "zset", "stream", "a\27b" }) do
      local value = replying({ WRONGTYPE, text(type) })(wanted("r:a"))[1]
      assert.equal("other_type", value.kind)
      assert.equal("expected a string, a hash, a list or a set, found a " .. type:gsub("\27", "\\x1B"), value.reason)
    end
  end)

  for _, message in ipairs({
    "LOADING Redis is loading the dataset in memory", "MASTERDOWN Link with MASTER is down",
    "NOAUTH Authentication required.",
    "BUSY Redis is busy running a script.", "CLUSTERDOWN Hash slot not served", "MOVED 3999 127.0.0.1:6381",
    "ERR max number of clients reached", "ERR this is not WRONGTYPE", "",
  }) do
    it(("calls %q no answer, at whatever step, and never absence"):format(message), function()
      local said = failure(message)
      for _, rounds in ipairs({
        { { said, said } },
        { { WRONGTYPE, said } },
        { { text(""), said } },
        { { WRONGTYPE, text("hash") }, { text("1"), text("90") }, { said } },
      }) do
        local values, err, detail = replying(unpack(rounds))(wanted("r:a"))
        assert.is_nil(values)
        assert.equal("redis_down", err)
        assert.matches(" r:a: " .. message, detail, 1, true)
      end
    end)
  end

  it("calls no answer what is none, and what is larger than was asked for", function()
    for _, rounds in ipairs({
      { { { kind = "nil" }, text("none") } },
      { { { kind = "list", items = {} }, text("none") } },
      { { text(""), { kind = "nil" } } },
      { { oversized("a list of 134217720 values") } },
      { { WRONGTYPE, text("hash") }, { text("many"), text("90") } },
      { { WRONGTYPE, text("hash") }, { text("1"), text("90") }, { text("x") } },
      { { WRONGTYPE, text("hash") }, { text("1"), text("90") }, { { kind = "list", items = { { kind = "nil" } } } } },
      { { text("x") } },
    }) do
      local values, err = replying(unpack(rounds))(wanted("r:a"))
      assert.same({ nil, "redis_down" }, { values, err })
    end
  end)

  it("reads again, by itself, what was too large together with others, and what stood after it", function()
    local none = { text(""), text("none") }
    local read_, asked = replying({ text("a"), text("string"), oversized("more than 4194304 bytes at once") },
      { text("b"), text("string"), none[1], none[2] })
    assert.same({ text("a"), text("b"), { kind = "absent" } }, (read_(wanted("r:a", "r:b", "r:c"))))
    assert.equal(6, select(2, table.concat(asked, " "):gsub("type r:%w", "")) + 1)
  end)

  it("calls too large what is so by itself, and reads the others", function()
    local huge = oversized("a list of 2000000 values")
    local items = { kind = "list", items = { text("x") } }
    local first = { WRONGTYPE, text("set"), WRONGTYPE, text("hash"), WRONGTYPE, text("set") }
    local sizes = { text("1"), text("9"), text("1"), text("9"), text("1"), text("9") }
    local read_ = replying(first, sizes, { items, huge }, { huge }, { items })
    local set = { kind = "items", type = "set", items = { "x" } }
    local reason = "expected no more than 2048 fields and 1048576 bytes, got a list of 2000000 values"
    assert.same({
      set,
      { kind = "too_large", reason = reason },
      set,
    }, (read_(wanted("r:a", "r:b", "r:c"))))
  end)

  describe("for a user of before", function()
    before_each(function()
      for _, command in ipairs({ "getrange", "hlen", "llen", "scard", "memory" }) do
        redis.refuseCommand(command, NOT_RUN)
      end
      redis.set("r:a", "10.0.0.5")
      redis.setType("r:h", "hash", { "f", "v" })
    end)

    local ALL = { text("10.0.0.5"), { kind = "items", type = "hash", items = { "f", "v" } }, { kind = "absent" } }

    it("reads by the commands of before, and from then on without a question too many", function()
      assert.same(ALL, (read(wanted("r:a", "r:h", "r:x"))))
      assert.equal(4, #redis.asks)
      assert.is_true(told > 0)
      told = 0
      assert.same(ALL, (read(wanted("r:a", "r:h", "r:x"))))
      assert.equal(4 + 2, #redis.asks)
      assert.equal(0, told)
    end)

    it("calls too large what the reader has cut off", function()
      local huge = oversized("a string of 500000000 bytes")
      local refused = failure(NOT_RUN)
      local read_ = replying({ refused, text("string") }, { huge }, { huge })
      local reason = "expected no more than 10 bytes, got a string of 500000000 bytes"
      assert.same({ { kind = "too_large", reason = reason } }, (read_(wanted("r:a"))))
      assert.same({ { kind = "too_large", reason = reason } }, (read_(wanted("r:a"))))
    end)
  end)

  it("reads without what a server does not know", function()
    redis.refuseCommand("memory", "ERR unknown command `MEMORY`, with args beginning with: `USAGE`")
    redis.setType("r:h", "hash", { "f", "v" })
    assert.same({ { kind = "items", type = "hash", items = { "f", "v" } } }, (read(wanted("r:h"))))
    redis.refuseCommand("memory", "ERR syntax error")
    assert.same({ { kind = "items", type = "hash", items = { "f", "v" } } }, (read(wanted("r:h"))))
  end)

  it("lets a key that this user may not read harm only itself, and remembers nothing of that", function()
    local no = failure(NOT_READ)
    local read_, asked = replying({ no, no, text("b"), text("string") }, { no, no })
    assert.same({ { kind = "refused", reason = "GET: " .. NOT_READ }, text("b") }, (read_(wanted("r:a", "r:b"))))
    assert.equal("getrange r:a 0 10", asked[1])
    -- All that were asked for, but not all there are.
    read_ = replying({ no, no }, { no, no }, { { kind = "nil" } })
    assert.same({ { kind = "refused", reason = "GET: " .. NOT_READ } }, (read_(wanted("r:a"))))
  end)

  it("calls Redis down for a user who may read no key, or not GET", function()
    local no = failure(NOT_READ)
    assert.same({ nil, "redis_down", "r:a: GET: " .. NOT_READ },
      { replying({ no, no }, { no, no }, { no })(wanted("r:a")) })
    assert.same({ nil, "redis_down", "GET r:a: " .. NOT_RUN },
      { replying({ failure(NOT_RUN), text("string") }, { failure(NOT_RUN), text("string") })(wanted("r:a")) })
  end)

  it("lets a type that this user may not read harm only its keys", function()
    redis.set("r:a", "10.0.0.5")
    redis.setType("r:s", "set", { "m" })
    redis.refuseCommand("smembers", NOT_RUN)
    assert.same({ text("10.0.0.5"), { kind = "forbidden", reason = "SMEMBERS: " .. NOT_RUN } },
      (read(wanted("r:a", "r:s"))))
    redis.refuseCommand("type", NOT_RUN)
    assert.same({ text("10.0.0.5"), { kind = "forbidden", reason = "TYPE: " .. NOT_RUN } },
      (read(wanted("r:a", "r:s"))))
  end)

  it("asks nothing for no keys", function()
    assert.same({ {} }, { replying()({}) })
  end)
end)
