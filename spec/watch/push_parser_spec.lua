local fakes = require("spec.support.fakes")
local pushParser = require("signpost.watch.push_parser").pushParser

local PONG = "*2\r\n$4\r\npong\r\n$0\r\n\r\n"
local SUBSCRIBED = "*3\r\n$9\r\nsubscribe\r\n$20\r\n__redis__:invalidate\r\n:1\r\n"
local MESSAGE = "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"
local EVERYTHING = MESSAGE .. "*-1\r\n"

local function bulk(text)
  return ("$%d\r\n%s\r\n"):format(#text, text)
end

local function changed(keys)
  local parts = { MESSAGE, ("*%d\r\n"):format(#keys) }
  for _, key in ipairs(keys) do
    parts[#parts + 1] = bulk(key)
  end
  return table.concat(parts)
end

-- A parser, and all that it told of: keys, and `true` for everything.
local function newParser()
  local told = {}
  local parser = pushParser({
    key = function(key)
      told[#told + 1] = key
    end,
    everything = function()
      told[#told + 1] = true
    end,
  })
  return parser, told
end

local function readAll(...)
  local parser, told = newParser()
  for _, piece in ipairs({ ... }) do
    assert.is_nil(parser.feed(piece))
  end
  return told
end

local function problemOf(bytes)
  local parser = newParser()
  return parser.feed(bytes)
end

describe("the push parser", function()
  it("tells of each key of a message", function()
    assert.same({ "route:a.com", "route:b.com" }, readAll(changed({ "route:a.com", "route:b.com" })))
  end)

  it("takes keys as they are", function()
    local keys = { "", "\r\n", "*3\r\n$7\r\nmessage\r\n", "\0\255", ("k"):rep(70000) }
    assert.same(keys, readAll(changed(keys)))
  end)

  it("passes over a key too long to be a route's or a pool's, and goes on with the next", function()
    local long = ("k"):rep(131073)
    local stream = changed({ "a", long, "b", "\r\n" .. long, long }) .. changed({ long }) .. PONG .. EVERYTHING
    for _, size in ipairs({ 1000, 4096, 65537, #stream }) do
      local pieces = {}
      for at = 1, #stream, size do
        pieces[#pieces + 1] = stream:sub(at, at + size - 1)
      end
      pieces[#pieces + 1] = changed({ "c" })
      assert.same({ "a", "b", true, "c" }, readAll(unpack(pieces)))
    end
  end)

  it("holds nothing of it, and lets requests have their turn now and then", function()
    local parser, told = newParser()
    assert.is_nil(parser.feed(MESSAGE .. "*2\r\n$400000000\r\n"))
    local piece = ("k"):rep(1000000)
    collectgarbage()
    local before = collectgarbage("count")
    local breaths = 0
    for _ = 1, 400 do
      assert.is_nil(parser.feed(piece))
      breaths = breaths + (parser.wantsBreath() and 1 or 0)
    end
    assert.is_true(breaths >= 4 and breaths <= 8, breaths .. " breaths")
    collectgarbage()
    assert.is_true(collectgarbage("count") - before < 2000)
    assert.is_nil(parser.feed("\r"))
    assert.is_nil(parser.feed("\n" .. bulk("a")))
    assert.is_true(parser.wantsBreath())
    assert.same({ "a" }, told)
  end)

  it("tells that everything may have changed, however the nil is written", function()
    assert.same({ true }, readAll(EVERYTHING))
    assert.same({ true }, readAll(MESSAGE .. "$-1\r\n"))
  end)

  it("passes over pongs, replies to SUBSCRIBE, and messages without keys", function()
    local stream = SUBSCRIBED .. PONG .. changed({}) .. changed({ "a" }) .. "+PONG\r\n" .. EVERYTHING .. PONG
    assert.same({ "a", true, "b" }, readAll(stream .. changed({ "b" })))
  end)

  it("says the same wherever the stream is split", function()
    local stream = SUBSCRIBED .. changed({ "a", "", "b\r\nc" }) .. PONG .. EVERYTHING .. changed({ "d" })
    local expected = { "a", "", "b\r\nc", true, "d" }
    for at = 0, #stream do
      assert.same(expected, readAll(stream:sub(1, at), stream:sub(at + 1)))
    end
    local bytes = {}
    for i = 1, #stream do
      bytes[i] = stream:sub(i, i)
    end
    assert.same(expected, readAll(unpack(bytes)))
  end)

  it("tells of keys as they come, before the message has ended", function()
    assert.same({ "a" }, readAll(changed({ "a", "b" }):sub(1, -2)))
  end)

  it("loses none of 100,000 keys that come in pieces", function()
    local keys = {}
    for i = 1, 100000 do
      keys[i] = "route:host-" .. i .. ".example.com"
    end
    local stream = changed(keys)
    local parser, told = newParser()
    for at = 1, #stream, 32768 do
      assert.is_nil(parser.feed(stream:sub(at, at + 32767)))
    end
    assert.equal(#keys, #told)
    assert.equal(table.concat(keys, " "), table.concat(told, " "))
  end)

  it("says what Redis has to complain of", function()
    assert.equal("Redis says ERR no", problemOf("-ERR no\r\n"))
  end)

  it("refuses what Redis does not say", function()
    for _, bytes in ipairs({
      "HTTP/1.1 400 Bad Request\r\n", "\r\n", "$x\r\n", "$-2\r\n", "$536870913\r\n", "$\r\n", "*-2\r\n", "*x\r\n",
      "*1\r\n*1\r\n", MESSAGE .. "*1\r\n*1\r\n", "*2\r\n$4\r\npong\r\n*1\r\n", ("x"):rep(70000),
    }) do
      assert.is_string(problemOf(bytes), bytes:sub(1, 40))
    end
  end)

  it("never raises, whatever comes", function()
    local stream = SUBSCRIBED .. changed({ "a", "b" }) .. PONG .. EVERYTHING
    local pick = {
      "*", "$", ":", "+", "-", "\r\n", "\r", "1", "3", "-1", "nan", "inf", "0x2", "1e9", "0.5", MESSAGE, "\0",
    }
    for seed = 1, 2000 do
      local draw, pieces = fakes.random(seed), {}
      for i = 1, draw(30) do
        pieces[i] = draw(3) == 1 and string.char(draw(256) - 1) or pick[draw(#pick)]
      end
      local at = draw(#stream)
      local parser = newParser()
      local problem = parser.feed(stream:sub(1, at)) or parser.feed(table.concat(pieces))
      problem = problem or parser.feed(stream:sub(at + 1))
      assert.is_true(problem == nil or type(problem) == "string")
    end
  end)
end)
