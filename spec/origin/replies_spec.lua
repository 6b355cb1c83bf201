local formsOf = require("signpost.origin.forms").formsOf
local replies = require("signpost.origin.replies")

local KEY, POOL_KEY = "route:a.com", "pool:web"
local ROUTE, POOL = formsOf("a.com"), formsOf("@web")
local CHANGED = "it changed its type while it was read"
local NIL = { kind = "nil" }
local WRONGTYPE = { kind = "error", message = "WRONGTYPE Operation against a key holding the wrong kind of value" }

local function text(said)
  return { kind = "text", text = said }
end

local function failure(message)
  return { kind = "error", message = message }
end

local function list(...)
  local items = {}
  for i, said in ipairs({ ... }) do
    items[i] = text(said)
  end
  return { kind = "list", items = items }
end

local function first(typeReply, getReply)
  return replies.firstReading(KEY, ROUTE, typeReply, getReply)
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
      "@web",
    }) do
      isRoute(target, first(text("string"), text(target)))
    end
  end)

  it("call a nil absent: Redis's own word that there is no key", function()
    isAbsent(first(text("none"), NIL))
  end)

  it("believe GET where the two differ, for the key changed in between", function()
    isAbsent(first(text("string"), NIL))
    isAbsent(first(text("hash"), NIL))
    isRoute("10.0.0.5", first(text("none"), text("10.0.0.5")))
    isRoute("10.0.0.5", first(text("hash"), text("10.0.0.5")))
  end)

  it("do without TYPE where it is not permitted", function()
    local noPermission = failure("NOPERM this user has no permissions to run the 'type' command")
    isRoute("10.0.0.5", first(noPermission, text("10.0.0.5")))
    isAbsent(first(noPermission, NIL))
    isBad("another type", first(noPermission, WRONGTYPE))
  end)

  for _, type in ipairs({ "hash", "list", "set" }) do
    it(("say how a %s is to be asked for, a route's as a route, a pool's as a pool"):format(type), function()
      local reading, err = first(text(type), WRONGTYPE)
      assert.is_nil(err)
      assert.same({ kind = "unread", form = ROUTE.others[type] }, reading)
      assert.same({ kind = "unread", form = POOL.others[type] },
        (replies.firstReading(POOL_KEY, POOL, text(type), WRONGTYPE)))
    end)
  end

  for _, type in ipairs({ "zset", "stream", "ReJSON-RL" }) do
    it(("call a %s bad, name the type, and say which were expected"):format(type), function()
      isBad("expected a string, a hash, a list or a set, found a " .. type, first(text(type), WRONGTYPE))
    end)
  end

  it("call bad for now what was of another type, or none, a moment before", function()
    isBad(CHANGED, first(text("string"), WRONGTYPE))
    isBad(CHANGED, first(text("none"), WRONGTYPE))
  end)

  it("read a pool's string as a pool", function()
    local reading = assert(replies.firstReading(POOL_KEY, POOL, text("string"), text("10.0.0.5, 10.0.0.6:81")))
    assert.same({ kind = "route", text = "\n10.0.0.5:80\t1\n10.0.0.6:81\t1" }, reading)
    isBad("expected", replies.firstReading(POOL_KEY, POOL, text("string"), text("@web")))
  end)

  for _, bad in ipairs({
    { "an empty string", "", "expected a target, got nothing" },
    { "blanks", "  ", "expected a target" },
    { "a port that is none", "10.0.0.5:65536", "expected a port from 1 to 65535" },
    { "a line feed", "10.0.0.5\n", "only printable ASCII" },
    { "another program's value", '{"backend":"10.0.0.5"}', "expected" },
    { "a pool without a name", "@", "expected a pool name" },
    { "a target that is too long", ("10.0.0.5 "):rep(1000), "no more than 4096 bytes" },
  }) do
    local what, value, pattern = unpack(bad)
    it(("call %s bad, and say why"):format(what), function()
      isBad(pattern, first(text("string"), text(value)))
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
        isDown(message, first(typeReply, failure(message)))
      end
    end)
  end

  it("call a list no answer: GET never gives one", function()
    for _, items in ipairs({ {}, { text("10.0.0.5") }, { WRONGTYPE } }) do
      isDown("GET route:a.com: expected a text, got a list",
        first(text("string"), { kind = "list", items = items }))
    end
  end)

  it("name no type where TYPE's reply is none", function()
    for _, typeReply in ipairs({ NIL, { kind = "list", items = {} } }) do
      isBad("found another type", first(typeReply, WRONGTYPE))
    end
  end)

  it("name the key and the error when there is no answer", function()
    isDown("GET route:a.com: LOADING", first(failure("LOADING x"), failure("LOADING x")))
  end)
end)

describe("the reply to the command of a form", function()
  local function second(reply, form)
    return replies.secondReading(KEY, form or ROUTE.others.hash, reply)
  end

  it("gives what the form reads, a route's or a pool's", function()
    isRoute("\n/\t10.0.0.5:80\n/api\t@api", second(list("/api", "@api", "/", "10.0.0.5")))
    isRoute("10.0.0.5:80 10.0.0.6:80", second(list("label", "10.0.0.5", "http://10.0.0.6/x"), ROUTE.others.list))
    isRoute("10.0.0.5:80", second(list("10.0.0.5"), ROUTE.others.set))
    isRoute("\n10.0.0.5:80\t2\ntries\t1", second(list("tries", "1", "10.0.0.5", "2"), POOL.others.hash))
  end)

  it("says of a bad one where it is bad, what was expected and what was there", function()
    isBad('field "/api": byte 10: expected a port from 1 to 65535, got "x"', second(list("/api", "10.0.0.5:x")))
    isBad('item 1: byte 1: expected a host, got nothing', second(list("label", ":80"), ROUTE.others.list))
    isBad('field "10.0.0.5": expected a weight', second(list("10.0.0.5", "heavy"), POOL.others.hash))
  end)

  it("calls an empty list absent: the key has gone meanwhile", function()
    for _, forms in ipairs({ ROUTE, POOL }) do
      for _, form in pairs(forms.others) do
        isAbsent(second(list(), form))
      end
    end
  end)

  it("calls a key of another type by now bad, until it is read again", function()
    isBad(CHANGED, second(WRONGTYPE))
  end)

  for _, message in ipairs({ "NOPERM no permission to run the 'hgetall' command", "LOADING Redis is loading", "" }) do
    it(("calls %q no answer, and names the command and the key"):format(message), function()
      isDown("HGETALL route:a.com: " .. message, second(failure(message)))
    end)
  end

  it("calls what is no list of texts no answer", function()
    isDown("HGETALL route:a.com: expected a list of texts, got a nil", second(NIL))
    isDown("expected a list of texts, got a text", second(text("10.0.0.5")))
    isDown("expected a list of texts", second({ kind = "list", items = { text("/"), NIL } }))
  end)
end)
