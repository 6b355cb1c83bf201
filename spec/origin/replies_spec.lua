local replies = require("signpost.origin.replies")
local readingOf = replies.readingOf

local KEY = "route:a.com"
local NIL = { kind = "nil" }
local WRONGTYPE = { kind = "error", message = "WRONGTYPE Operation against a key holding the wrong kind of value" }

local function text(said)
  return { kind = "text", text = said }
end

local function failure(message)
  return { kind = "error", message = message }
end

local function isRoute(expected, reading, err)
  assert.is_nil(err)
  assert.same({ kind = "route", text = expected }, reading)
end

local function isAbsent(reading, err)
  assert.is_nil(err)
  assert.same({ kind = "absent" }, reading)
end

local function isBad(pattern, reading, err)
  assert.is_nil(err)
  assert.equal("bad", reading.kind)
  assert.matches(pattern, reading.reason, 1, true)
end

local function isDown(pattern, reading, err, detail)
  assert.is_nil(reading)
  assert.equal("redis_down", err)
  assert.matches(pattern, detail, 1, true)
end

describe("the replies to TYPE and GET", function()
  it("give a string with a target as the route, byte for byte as it was written", function()
    for _, target in ipairs({
      "10.0.0.5:8080", " 10.0.0.5 , 10.0.0.6 ", "https://App.Internal", "return 301 https://b.com$request_uri",
    }) do
      isRoute(target, readingOf(KEY, text("string"), text(target)))
    end
  end)

  it("call a nil absent: Redis's own word that there is no key", function()
    isAbsent(readingOf(KEY, text("none"), NIL))
  end)

  it("believe GET where the two differ, for the key changed in between", function()
    isAbsent(readingOf(KEY, text("string"), NIL))
    isAbsent(readingOf(KEY, text("hash"), NIL))
    isRoute("10.0.0.5", readingOf(KEY, text("none"), text("10.0.0.5")))
    isRoute("10.0.0.5", readingOf(KEY, text("hash"), text("10.0.0.5")))
  end)

  it("do without TYPE where it is not permitted", function()
    local noPermission = failure("NOPERM this user has no permissions to run the 'type' command")
    isRoute("10.0.0.5", readingOf(KEY, noPermission, text("10.0.0.5")))
    isAbsent(readingOf(KEY, noPermission, NIL))
    isBad("another type", readingOf(KEY, noPermission, WRONGTYPE))
  end)

  for _, type in ipairs({ "hash", "list", "set", "zset", "stream", "ReJSON-RL" }) do
    it(("call a %s bad, and name the type"):format(type), function()
      isBad("found a " .. type, readingOf(KEY, text(type), WRONGTYPE))
      isBad("expected a string", readingOf(KEY, text(type), WRONGTYPE))
    end)
  end

  for _, bad in ipairs({
    { "an empty string", "", "expected a target, got nothing" },
    { "blanks", "  ", "expected a target" },
    { "a port that is none", "10.0.0.5:65536", "expected a port from 1 to 65535" },
    { "a line feed", "10.0.0.5\n", "only printable ASCII" },
    { "another program's value", '{"backend":"10.0.0.5"}', "expected" },
    { "a pool, which this version has not", "@web", "found the pool @web" },
    { "a target that is too long", ("10.0.0.5 "):rep(1000), "no more than 4096 bytes" },
  }) do
    local what, value, pattern = unpack(bad)
    it(("call %s bad, and say why"):format(what), function()
      isBad(pattern, readingOf(KEY, text("string"), text(value)))
    end)
  end

  for _, message in ipairs({
    "NOPERM this user has no permissions to access one of the keys used as arguments",
    "LOADING Redis is loading the dataset in memory",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "NOAUTH Authentication required.",
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    "CLUSTERDOWN Hash slot not served",
    "MOVED 3999 127.0.0.1:6381",
    "ERR max number of clients reached",
    "ERR this is not WRONGTYPE",
    "",
  }) do
    it(("call %q no answer, never absence nor a bad route"):format(message), function()
      for _, typeReply in ipairs({ text("none"), text("string"), text("hash"), failure(message), NIL }) do
        isDown(message, readingOf(KEY, typeReply, failure(message)))
      end
    end)
  end

  it("call a list no answer: GET never gives one", function()
    for _, items in ipairs({ {}, { text("10.0.0.5") }, { WRONGTYPE } }) do
      isDown("GET route:a.com: expected a text, got a list",
        readingOf(KEY, text("string"), { kind = "list", items = items }))
    end
  end)

  it("name no type where TYPE's reply is none", function()
    for _, typeReply in ipairs({ NIL, { kind = "list", items = {} } }) do
      isBad("found another type", readingOf(KEY, typeReply, WRONGTYPE))
    end
  end)

  it("name the key and the error when there is no answer", function()
    isDown("GET route:a.com: LOADING", readingOf(KEY, failure("LOADING x"), failure("LOADING x")))
  end)
end)

-- What a file of routes is read with: what it says of a value is what Redis's replies say of it.
describe("a value", function()
  it("that is a string is a target, bad, or a pool, which this version has not", function()
    assert.same({ kind = "route", text = " 10.0.0.5:8080 " }, replies.readTarget(" 10.0.0.5:8080 "))
    for _, value in ipairs({ "10.0.0.5:8080", "return 503", "", "10.0.0.5\n", "@web", "@", ("10.0.0.5 "):rep(1000) }) do
      assert.same((readingOf(KEY, text("string"), text(value))), replies.readTarget(value))
    end
  end)

  it("that is no string is bad, and says what it is", function()
    for _, type in ipairs({ "hash", "list", "set" }) do
      assert.same((readingOf(KEY, text(type), WRONGTYPE)), replies.readOther("a " .. type))
    end
  end)
end)
