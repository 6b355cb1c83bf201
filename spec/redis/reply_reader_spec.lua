local fakes = require("spec.support.fakes")
local bounds = require("signpost.redis.reply_limits")
local reader = require("signpost.redis.reply_reader")

local LIMITS = bounds.REPLY_LIMITS

-- A seed of one's own choice: SEED=4711 busted spec/redis/reply_reader_spec.lua
local SEED = tonumber(os.getenv("SEED")) or os.time() % 1000000

local function text(said)
  return { kind = "text", text = said }
end

local function list(...)
  return { kind = "list", items = { ... } }
end

local NIL = { kind = "nil" }

-- A connection that gives these bytes, in pieces of at most `size`, and is closed then. It counts what was taken.
local function connection(bytes, size)
  local at, taken = 1, { bytes = 0 }
  return function()
    local piece = bytes:sub(at, at + (type(size) == "function" and size() or size or #bytes) - 1)
    if piece == "" then
      return nil, "lost", "closed"
    end
    at = at + #piece
    taken.bytes = taken.bytes + #piece
    return piece, nil
  end, taken
end

-- A connection that never ends.
local function endless(bytes)
  local piece, taken = bytes:rep(math.ceil(16384 / #bytes)), { bytes = 0 }
  return function()
    taken.bytes = taken.bytes + #piece
    return piece, nil
  end, taken
end

local function noBreath() end

local function readAll(count, bytes, size)
  local answers, err, detail = reader.readReplies(count, connection(bytes, size), noBreath)
  return answers and answers.replies, err or nil, detail
end

describe("the replies of Redis", function()
  for what, case in pairs({
    ["a status"] = { "+OK\r\n", text("OK") },
    ["an empty status"] = { "+\r\n", text("") },
    ["an error"] = { "-ERR no\r\n", { kind = "error", message = "ERR no" } },
    ["a number"] = { ":-12\r\n", text("-12") },
    ["a string"] = { "$5\r\na\r\nb\0\r\n", text("a\r\nb\0") },
    ["an empty string"] = { "$0\r\n\r\n", text("") },
    ["no string"] = { "$-1\r\n", NIL },
    ["a list"] = { "*3\r\n$1\r\na\r\n:1\r\n*1\r\n+b\r\n", list(text("a"), text("1"), list(text("b"))) },
    ["an empty list"] = { "*0\r\n", list() },
    ["no list"] = { "*-1\r\n", NIL },
    ["RESP3's null"] = { "_\r\n", NIL },
    ["RESP3's booleans"] = { "#t\r\n", text("t") },
    ["RESP3's double"] = { ",-1.5e+3\r\n", text("-1.5e+3") },
    ["RESP3's infinity"] = { ",-inf\r\n", text("-inf") },
    ["RESP3's big number"] = { "(3492890328409238509324850943850943825024385\r\n",
      text("3492890328409238509324850943850943825024385") },
    ["RESP3's error"] = { "!6\r\nERR\r\nx\r\n", { kind = "error", message = "ERR\\x0D\\x0Ax" } },
    ["RESP3's text of a format"] = { "=8\r\ntxt:\r\nab\r\n", text("\r\nab") },
    ["RESP3's set"] = { "~2\r\n+a\r\n+b\r\n", list(text("a"), text("b")) },
    ["RESP3's map, as RESP2 has a hash"] = { "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n",
      list(text("a"), text("1"), text("b"), text("2")) },
    ["what RESP3 says of a value, not told"] = { "|1\r\n+ttl\r\n:3600\r\n+OK\r\n", text("OK") },
    ["a push of RESP3, passed over"] = { ">2\r\n+invalidate\r\n*1\r\n+k\r\n+OK\r\n", text("OK") },
  }) do
    local bytes, expected = unpack(case)
    it("may be " .. what, function()
      for size = 1, #bytes do
        assert.same({ { expected } }, { readAll(1, bytes, size) })
      end
    end)
  end

  it("are read one for each command, in their order, whatever pieces they come in", function()
    local bytes = "+OK\r\n$3\r\nabc\r\n*2\r\n$-1\r\n-ERR x\r\n:7\r\n"
    for size = 1, #bytes do
      assert.same({ text("OK"), text("abc"), list(NIL, { kind = "error", message = "ERR x" }), text("7") },
        (readAll(4, bytes, size)))
    end
  end)

  it("are read no further than was asked: what comes after them is handed on", function()
    local bytes = "+OK\r\n*3\r\n$7\r\nmessage"
    for size = 1, #bytes do
      local answers = assert(reader.readReplies(1, connection(bytes, size), noBreath))
      assert.same({ text("OK") }, answers.replies)
      assert.equal(bytes:sub(6):sub(1, #answers.rest), answers.rest)
    end
    assert.equal("*3\r\n$7\r\nmessage", assert(reader.readReplies(1, connection(bytes), noBreath)).rest)
  end)

  it("never come of a connection that is lost, in the middle of any", function()
    local bytes = "*2\r\n$3\r\nabc\r\n%1\r\n+a\r\n!5\r\nERR x\r\n"
    for length = 0, #bytes - 1 do
      assert.same({ nil, "lost", "closed" }, { readAll(1, bytes:sub(1, length), 3) })
    end
  end)

  it("tell an error as one printable line, that does not fill a log", function()
    local replies = readAll(1, "-ERR \27[31m\0\200" .. ("x"):rep(1000) .. "\r\n")
    assert.equal("ERR \\x1B[31m\\x00\\xC8", replies[1].message:sub(1, 20))
    assert.is_true(#replies[1].message < 350)
    assert.is_nil(replies[1].message:find("[^ -~]"))
  end)

  it("let requests have their turn, in the middle of a large one", function()
    local breaths = 0
    local bytes = "*5000\r\n" .. ("+a\r\n"):rep(5000)
    assert(reader.readReplies(1, connection(bytes), function()
      breaths = breaths + 1
    end))
    assert.is_true(breaths >= 10, breaths .. " breaths")
  end)
end)

describe("what is larger than the limits", function()
  for what, case in pairs({
    ["12 bytes that announce a list"] = { "*134217720\r\n", "a list of 134217720 values" },
    ["a map twice as large as it says"] = { "%9000\r\n", "a list of 18000 values" },
    ["a set"] = { "~134217720\r\n", "a list of 134217720 values" },
    ["a push"] = { ">134217720\r\n", "a list of 134217720 values" },
    ["what is said of a value"] = { "|134217720\r\n", "a list of 268435440 values" },
    ["a string"] = { "$500000001\r\n", "a string of 500000001 bytes" },
    ["an error of RESP3"] = { "!500000001\r\n", "a string of 500000001 bytes" },
    ["a size of many digits"] = { "$" .. ("9"):rep(400) .. "\r\n", "a string of inf bytes" },
    ["lists in a list, each small enough"] = { "*9000\r\n*5000\r\n", "a list of 5000 values" },
  }) do
    local bytes, detail = unpack(case)
    it(("is not waited for: %s"):format(what), function()
      -- The connection has no more to give: whoever waited for it would find it closed.
      assert.same({ { { kind = "oversized", detail = detail } } }, { readAll(1, bytes) })
    end)
  end

  it("ends the reading, and is the last reply", function()
    assert.same({ { text("OK"), { kind = "oversized", detail = "a string of 2000000 bytes" } } },
      { readAll(4, "+OK\r\n$2000000\r\nabc") })
  end)

  it("is allowed up to the limit, and not one more", function()
    local most = ("x"):rep(LIMITS.bulkBytes)
    assert.equal(most, readAll(1, ("$%d\r\n%s\r\n"):format(#most, most), 16384)[1].text)
    assert.equal("oversized", readAll(1, ("$%d\r\n%sx\r\n"):format(#most + 1, most), 16384)[1].kind)
    local line = ("x"):rep(LIMITS.lineBytes - 1)
    assert.equal(line, readAll(1, "+" .. line .. "\r\n", 100)[1].text)
    assert.equal("malformed", select(2, readAll(1, "+x" .. line .. "\r\n", 100)))
  end)

  -- What is taken of a connection that never ends: no more than the whole of an exchange may be, and a last piece.
  for what, case in pairs({
    ["a line"] = { "+", "x", "malformed", LIMITS.lineBytes },
    ["lists in lists"] = { "", "*1\r\n", "malformed", LIMITS.totalBytes },
    ["values of a list"] = { "*9999\r\n", "+a\r\n", nil, LIMITS.totalBytes },
    ["strings of a list, each small enough"] = { "*9999\r\n", "$10000\r\n" .. ("x"):rep(10000) .. "\r\n", "oversized",
      LIMITS.totalBytes },
    ["pushes"] = { "", ">1\r\n+a\r\n", "oversized", LIMITS.totalBytes },
    ["what is said of a value that never comes"] = { "", "|0\r\n", "oversized", LIMITS.totalBytes },
    ["empty lists"] = { "*9999\r\n", "*0\r\n", nil, LIMITS.totalBytes },
  }) do
    local first, more, word, most = unpack(case)
    it(("is never read, though it never ends: %s"):format(what), function()
      local receive, taken = endless(more)
      local hasBegun = false
      local answers, err = reader.readReplies(1, function()
        if not hasBegun and first ~= "" then
          hasBegun = true
          return first, nil
        end
        return receive()
      end, noBreath)
      local last = answers and answers.replies[#answers.replies]
      assert.equal(word, err or last.kind == "oversized" and "oversized" or nil)
      assert.is_true(taken.bytes <= most + 40000, taken.bytes .. " bytes were taken")
    end)
  end
end)

describe("a string in a list that may be passed over", function()
  local limits = bounds.limitsPassingOver(10)

  local function readPassing(bytes, size)
    local answers, err, detail = reader.readReplies(1, connection(bytes, size), noBreath, limits)
    return answers and answers.replies[1], err or nil, detail, answers and answers.rest
  end

  local LONG = { kind = "oversized", detail = "a string of 11 bytes" }

  it("stands there as oversized, and what comes after it is read", function()
    local bytes = "*4\r\n$10\r\naaaaaaaaaa\r\n$11\r\nb\r\nbbbbbbbb\r\n$1\r\nc\r\n$11\r\nddddddddddd\r\n*"
    for size = 1, #bytes do
      local reply, err, _, rest = readPassing(bytes, size)
      assert.same({ list(text("aaaaaaaaaa"), LONG, text("c"), LONG), nil }, { reply, err })
      assert.is_true(rest == "" or rest == "*")
    end
  end)

  it("may be larger than all that is read otherwise, and requests have their turn meanwhile", function()
    local piece, given, breaths = ("x"):rep(16384), 0, 0
    local size = 16384 * 2000
    local function receive()
      given = given + 1
      return given == 1 and ("*2\r\n$%d\r\n"):format(size) or given == 2002 and "\r\n+a\r\n" or piece, nil
    end
    local answers = assert(reader.readReplies(1, receive, function()
      breaths = breaths + 1
    end, limits))
    assert.same({ list({ kind = "oversized", detail = ("a string of %d bytes"):format(size) }, text("a")) },
      answers.replies)
    assert.is_true(breaths >= 100, breaths .. " breaths")
  end)

  it("must end as it says, and the connection must last", function()
    assert.equal("malformed", select(2, readPassing("*1\r\n$11\r\nbbbbbbbbbbb+\n")))
    assert.equal("lost", select(2, readPassing("*1\r\n$11\r\nbbbbbbbbbbb\r")))
    assert.equal("lost", select(2, readPassing("*1\r\n$11\r\nbb")))
  end)

  it("is none that stands alone: it ends the reading as ever", function()
    assert.same({ text("bbbbbbbbbbb") }, { (readPassing("$11\r\nbbbbbbbbbbb\r\n")) })
    assert.equal("oversized", readPassing("$2000000\r\n").kind)
  end)
end)

describe("what is not Redis", function()
  for _, bytes in ipairs({
    "HTTP/1.1 400 Bad Request\r\n", "220 mail.example.com ESMTP\r\n", "\r\n", "\0\r\n", "$abc\r\n", "$\r\n", "*\r\n",
    "*-2\r\n", "$-2\r\n", "$ 1\r\n", "$1e3\r\n", "$0x10\r\n", "*?\r\n", "$?\r\n", ":\r\n", ":1.5\r\n", "(x\r\n",
    ",\r\n", "#\r\n", "#x\r\n", "_x\r\n", "%-1\r\n", "~-1\r\n", ">-1\r\n", "!-1\r\n", "=-1\r\n", ".\r\n",
    "$3\r\nabcd\r\n", "$3\r\nab\r\n\r\n", "*1\r\n>1\r\n+a\r\n",
  }) do
    it(("is malformed: %q"):format(bytes), function()
      for size = 1, #bytes do
        local _, err, detail = readAll(1, bytes, size)
        assert.equal("malformed", err)
        assert.matches("^not a reply of Redis: expected [ -~]+$", detail)
      end
    end)
  end
end)

describe("random bytes of Redis", function()
  local draw

  local function bytesOf(most)
    local bytes = {}
    for i = 1, draw(most) - 1 do
      bytes[i] = string.char(draw(256) - 1)
    end
    return table.concat(bytes)
  end

  local function lineOf(most)
    return (bytesOf(most):gsub("[\r\n]", "."))
  end

  local function bulk(sign, bytes)
    return ("%s%d\r\n%s\r\n"):format(sign, #bytes, bytes)
  end

  local generate

  local function many(sign, count, depth, each)
    local wire, items = { ("%s%d\r\n"):format(sign, count) }, {}
    for i = 1, count * (each or 1) do
      wire[i + 1], items[i] = generate(depth + 1)
    end
    return table.concat(wire), { kind = "list", items = items }
  end

  -- Bytes, and what they say.
  local KINDS = {
    function()
      local said = lineOf(10)
      return "+" .. said .. "\r\n", text(said)
    end,
    function()
      local said = tostring(draw(2000) - 1000)
      return ":" .. said .. "\r\n", text(said)
    end,
    function()
      local said = bytesOf(60)
      return bulk("$", said), text(said)
    end,
    function()
      local said = bytesOf(30)
      return bulk("=", "txt:" .. said), text(said)
    end,
    function()
      return ({ "$-1\r\n", "*-1\r\n", "_\r\n" })[draw(3)], NIL
    end,
    function()
      return "-ERR x\r\n", { kind = "error", message = "ERR x" }
    end,
    function(depth)
      return many(({ "*", "~" })[draw(2)], draw(5) - 1, depth)
    end,
    function(depth)
      return many("%", draw(3) - 1, depth, 2)
    end,
    function(depth)
      local said = many("|", draw(2) - 1, depth, 2)
      local wire, value = generate(depth + 1)
      return said .. wire, value
    end,
  }

  function generate(depth)
    return KINDS[draw(depth > 4 and 6 or #KINDS)](depth)
  end

  local function generateReplies(count)
    local wire, expected = {}, {}
    for i = 1, count do
      local push = draw(5) == 1 and (many(">", draw(3), 1)) or ""
      local bytes
      bytes, expected[i] = generate(1)
      wire[i] = push .. bytes
    end
    return table.concat(wire), expected
  end

  local function randomSize()
    return draw(3) == 1 and draw(2) or draw(200)
  end

  it(("say what they were made to say, in whatever pieces (SEED=%d)"):format(SEED), function()
    for seed = SEED, SEED + 1500 do
      draw = fakes.random(seed)
      local wire, expected = generateReplies(draw(5))
      local answers = assert(reader.readReplies(#expected, connection(wire, randomSize), noBreath))
      assert.same(expected, answers.replies, "SEED=" .. seed)
      assert.equal("", answers.rest)
    end
  end)

  -- Changes, drops, doubles and swaps bytes.
  local function garble(wire)
    for _ = 1, draw(4) do
      local at = draw(#wire)
      local last = at + draw(8) - 1
      local middle = ({
        string.char(draw(256) - 1), "", wire:sub(at, last):rep(2), "\r\n", tostring(10 ^ draw(12)), "*", "$", "|", "%",
      })[draw(9)]
      wire = wire:sub(1, at - 1) .. middle .. wire:sub(last + 1)
      wire = wire == "" and "x" or wire
    end
    return wire
  end

  it(("never raise, never ask for more than the limits, when garbled (SEED=%d)"):format(SEED), function()
    local limits = { lineBytes = 200, bulkBytes = 500, values = 60, depth = 6, totalBytes = 1000 }
    local words = {}
    for seed = SEED, SEED + 8000 do
      draw = fakes.random(seed)
      local wire, expected = generateReplies(draw(4))
      local receive, taken = connection(garble(wire):rep(draw(20)), randomSize)
      local answers, err, detail = reader.readReplies(#expected, receive, noBreath, limits)
      local last = answers and answers.replies[#answers.replies]
      local word = err or last and last.kind == "oversized" and "oversized" or "read"
      words[word] = (words[word] or 0) + 1
      assert.is_true(answers ~= nil or err == "lost" or err == "malformed", "SEED=" .. seed)
      assert.is_true(answers ~= nil or type(detail) == "string" and not detail:find("[^ -~]"), "SEED=" .. seed)
      assert.is_true(taken.bytes <= limits.totalBytes + 200, "SEED=" .. seed)
      assert.is_true(answers == nil or word == "oversized" or #answers.replies == #expected, "SEED=" .. seed)
    end
    -- The rarest comes about 60 times: with fewer than 20 the generator would be broken.
    for _, word in ipairs({ "read", "lost", "malformed", "oversized" }) do
      assert.is_true((words[word] or 0) >= 20, ("%s: %d"):format(word, words[word] or 0))
    end
  end)
end)
