local generated = require("spec.support.generated")
local options = require("signpost.format.pool_options")
local values = require("signpost.format.option_values")
local pool_definition = require("signpost.format.pool_definition")
local compilePool, poolFromHash, poolFromList, poolFromSet, poolFromString =
  pool_definition.compilePool, pool_definition.poolFromHash, pool_definition.poolFromList, pool_definition.poolFromSet,
  pool_definition.poolFromString
local OPTIONS, expectation = options.POOL_OPTIONS, options.expectation
local pick, repeated = generated.pick, generated.repeated

local GENERATED = generated.cases(20000)

local function detailOf(value, err, detail)
  assert.is_nil(value)
  assert.equal("bad_pool", err)
  assert(generated.isLoggable(detail), "not fit for a log: " .. tostring(detail))
  return detail
end

--- What a pool says that has one member and these fields.
local function definitionOf(fields)
  return assert(compilePool((assert(poolFromHash({ "10.0.0.5:80", "1", unpack(fields) }))))).options
end

local function http(form, host, port, weight)
  return { address = { scheme = "http", form = form, host = host, port = port }, weight = weight }
end

local FIVE, SIX = http("ipv4", "10.0.0.5", 8080, 1), http("ipv4", "10.0.0.6", 8080, 3)

local DEFAULTS = {
  balance = "round_robin",
  hashCookie = "off",
  tries = 3,
  reuse = "always",
  maxFails = 3,
  failWindow = 10,
  failTimeout = 10,
  failOn = { connect = true, timeout = true, statuses = {} },
  allDown = "try",
  healthInterval = 5,
  healthTimeout = 1,
  healthStatus = { [2] = true, [3] = true },
  rise = 2,
  fall = 3,
}

-- sentence, flat hash, text
local HASHES = {
  { "members with weights", { "10.0.0.6:8080", "3", "10.0.0.5:8080", "1" }, "\n10.0.0.5:8080\t1\n10.0.0.6:8080\t3" },
  { "a member that drains", { "10.0.0.5", "0", "10.0.0.6", "1000" }, "\n10.0.0.5:80\t0\n10.0.0.6:80\t1000" },
  { "members of every kind", { "https://App.internal", "1", "[FD00:0::5]", "2", "app:80", "3", "http://b", "4" },
    "\n[fd00::5]:80\t2\napp:80\t3\nb:80\t4\nhttps://app.internal:443\t1" },
  { "options among the members", { "tries", "2", "10.0.0.5", "1", "balance", "least_conn" },
    "\n10.0.0.5:80\t1\nbalance\tleast_conn\ntries\t2" },
  { "members that are backups", { "10.0.0.5", "1", "10.0.0.6", "2 \tbackup", "10.0.0.7", "0 backup" },
    "\n10.0.0.5:80\t1\n10.0.0.6:80\t2 backup\n10.0.0.7:80\t0 backup" },
  { "a member with an option's name, if it has a port", { "tries:80", "2" }, "\ntries:80\t2" },
}

local NAME_BYTE = "expected a letter, digit, dot, - or _ in a host name"

-- sentence, flat hash, problem
local BAD_HASHES = {
  { "without fields", {}, "expected a member, got none" },
  { "of options alone", { "balance", "round_robin" }, "expected a member, got none" },
  { "with a bad address", { "10.0.0.5;x", "1" }, 'field "10.0.0.5;x": byte 9: ' .. NAME_BYTE .. ', got ";x"' },
  { "with an address that has a path", { "http://a/x", "1" },
    'field "http://a/x": byte 9: expected a port or the end: a target has no path, got "/x"' },
  { "with an address that is no more than a name and a path", { "a/x", "1" },
    'field "a/x": byte 2: expected a port or the end: a target has no path, got "/x"' },
  { "with a line feed in an address", { "a:1\nb:2", "1" },
    'field "a:1\\x0Ab:2": byte 3: expected a port from 1 to 65535, got "1\\x0Ab:2"' },
  { "with the same address in two spellings", { "10.0.0.5", "1", "http://10.0.0.5:80", "1" },
    'field "http://10.0.0.5:80": expected each address once, got "10.0.0.5:80" again' },
  { "with a misspelt option", { "blance", "hash" }, 'field "blance": no such option; did you mean balance?' },
  { "with an option in upper case", { "Tries", "3" }, 'field "Tries": no such option; did you mean tries?' },
  { "with a name that is neither", { "backend1", "3" },
    'field "backend1": no such option; a member whose name has no dot needs its port' },
  { "with a field without a name", { "", "3" },
    'field "": no such option; a member whose name has no dot needs its port' },
  { "with balance hash alone", { "a:1", "1", "balance", "hash" },
    'field "balance": expected hash_on beside hash, got nothing' },
  { "with hash_on alone", { "a:1", "1", "hash_on", "ip" }, 'field "hash_on": expected balance hash beside it' },
  { "with a cookie issued that nothing is hashed on", { "a:1", "1", "hash_cookie", "issue" },
    'field "hash_cookie": expected hash_on cookie:NAME beside issue' },
  { "with a cookie issued where a header decides", { "a:1", "1", "balance", "hash", "hash_on", "header:cookie_x",
    "hash_cookie", "issue" }, 'field "hash_cookie": expected hash_on cookie:NAME beside issue' },
  { "with hash_on beside another balance", { "a:1", "1", "balance", "least_conn", "hash_on", "ip" },
    'field "hash_on": expected balance hash beside it' },
}

local BAD_WEIGHTS = { "", "-1", "1001", "1.5", "1e2", "0x1", "01", "+1", " 1", "1 ", "one", "1\n", "nan", "inf",
  "backup",
  "1 backup ",
  "1backup", "1001 backup", "1 Backup", "-1 backup", "1 backup down",
  ("1"):rep(400) }

-- option, what is written, what it is (in camelCase), its canonical text if it is another
local VALUES = {
  { "balance", "round_robin", "round_robin" },
  { "balance", "least_conn", "least_conn" },
  { "hash_cookie", "off", "off" },
  { "host", "App.Example.com", "app.example.com", "app.example.com" },
  { "host", "app.example.com:80", "app.example.com:80" },
  { "host", "localhost", "localhost" },
  { "host", "10.0.0.5:8080", "10.0.0.5:8080" },
  { "host", "[FD00:0::5]", "[fd00::5]", "[fd00::5]" },
  { "host", "[::1]:8080", "[::1]:8080" },
  { "tries", "1", 1 },
  { "tries", "10", 10 },
  { "connect_timeout", "1", 1 },
  { "read_timeout", "3600000", 3600000 },
  { "reuse", "always", "always" },
  { "reuse", "safe", "safe" },
  { "reuse", "never", "never" },
  { "max_fails", "0", 0 },
  { "max_fails", "1000", 1000 },
  { "fail_window", "0.1", 0.1 },
  { "fail_window", "30.50", 30.5, "30.5" },
  { "fail_timeout", "3600", 3600 },
  { "fail_on", "connect", { connect = true, timeout = false, statuses = {} } },
  { "fail_on", " 503\ttimeout 500  503 ", { connect = false, timeout = true,
    statuses = { [500] = true, [503] = true } }, "500 503 timeout" },
  { "all_down", "try", "try" },
  { "all_down", "fail", "fail" },
  { "health_path", "/", "/" },
  { "health_path", "/up?full=1&x={$;}", "/up?full=1&x={$;}" },
  { "health_path", "/" .. ("x"):rep(1023), "/" .. ("x"):rep(1023) },
  { "health_interval", "0.5", 0.5 },
  { "health_timeout", "0.25", 0.25 },
  { "health_status", "204", { [204] = true } },
  { "health_status", "3xx 200 2xx 404 200", { [2] = true, [3] = true, [200] = true, [404] = true },
    "200 2xx 3xx 404" },
  { "rise", "100", 100 },
  { "fall", "1", 1 },
}

-- what of a request may decide: what is written, what it is, its canonical text if it is another
local HASH_ONS = {
  { "ip", { variable = "remote_addr" } },
  { "uri", { variable = "uri" } },
  { "header:X-User", { variable = "http_x_user" }, "header:x-user" },
  { "cookie:SID", { variable = "cookie_SID" } },
  { "header:!#$%&'*+-.^_`|~09az", { variable = "http_!#$%&'*+_.^_`|~09az" } },
  { "cookie:" .. ("x"):rep(128), { variable = "cookie_" .. ("x"):rep(128) } },
}

-- option, then what it may not be
local BAD_VALUES = {
  { "balance", "", "random", "Hash", "hash ", "round_robin least_conn" },
  { "hash_on", "", "IP", "header", "header:", "cookie:", "cookie:a b", "header:a:b", "header:a;b", "header:a\nb",
    "header:\255", "header:(x)", "body:x", "uri:x", "cookie:" .. ("x"):rep(129) },
  { "hash_cookie", "", "on", "Issue" },
  { "host", "", "http://a", "https://a", "//a", "a b", "a;b", "a$host", "a\r\nX: y", "::1", "[::1", "a:0", "a:65536",
    "a:", "a/b", "me@a", "10.0.0.256", "-a", "@web", ("a"):rep(64), "unix:80" },
  { "tries", "", "0", "11", "1.0", "-1", " 1", "3x" },
  { "connect_timeout", "0", "3600001", "1s", "0.5" },
  { "read_timeout", "0", "3600001", "1e3" },
  { "reuse", "", "Safe", "on", "none" },
  { "max_fails", "-1", "1001" },
  { "fail_window", "0", "0.09", "3600.1", ".5", "5.", "05", "1e1", "1,5", "+5", "0x5", "inf", "nan", "10s", "1.2.3" },
  { "fail_timeout", "0", "3601" },
  { "fail_on", "", " ", "connect,timeout", "Connect", "499", "600", "5xx", "error", "connect timeout x", "500\n" },
  { "all_down", "", "TRY", "503" },
  { "health_path", "", "up", "/a b", "/a\r\nHost: evil", "/\0", "/\127", "/\195\182", "http://a/",
    "/" .. ("x"):rep(1024) },
  { "health_interval", "0.4", "3601" },
  { "health_timeout", "0", "61" },
  { "health_status", "", "2XX", "0xx", "6xx", "99", "600", "200,204", "2x", "xx", "200-299", "0200", "2" },
  { "rise", "0", "101" },
  { "fall", "0", "101" },
}

describe("the table of pool options", function()
  local places = {}

  for name, option in pairs(OPTIONS) do
    it(name .. " has a name in snake_case, a meaning that is a sentence, a form, and a place of its own", function()
      assert.matches("^%l[%l_]*%l$", name)
      assert.matches("^%u.*%.$", option.meaning)
      assert.matches("^%l[ -~]+$", expectation(option))
      assert.is_nil(places[option.order])
      places[option.order] = name
    end)

    if option.fallback then
      it(name .. "'s default is what it may be, in its canonical text", function()
        assert.equal(option.fallback, values.readOption(option, option.fallback).text)
      end)
    end

    if option.min then
      it(name .. " may be its least and its most, and nothing beyond", function()
        assert.is_true(option.min < option.max)
        for _, at in ipairs({ option.min, option.max }) do
          assert.equal(at, values.readOption(option, tostring(at)).value)
        end
        assert.is_nil(values.readOption(option, tostring(option.min - 1)))
        assert.is_nil(values.readOption(option, tostring(option.max + 1)))
      end)
    end
  end

  it("names no option that could be taken for an address", function()
    for name in pairs(OPTIONS) do
      assert.is_nil(name:find("[.:%[/]"))
    end
  end)

  it("says what each option may be", function()
    assert.equal("round_robin, least_conn or hash", expectation(OPTIONS.balance))
    assert.equal("try or fail", expectation(OPTIONS.all_down))
    assert.equal("an integer from 1 to 10", expectation(OPTIONS.tries))
    assert.equal("a number from 0.5 to 3600 s", expectation(OPTIONS.health_interval))
  end)
end)

describe("a pool's hash", function()
  for _, example in ipairs(HASHES) do
    local sentence, flat, text = unpack(example)
    it("can have " .. sentence, function()
      assert.equal(text, poolFromHash(flat))
    end)
  end

  for _, example in ipairs(BAD_HASHES) do
    local sentence, flat, problem = unpack(example)
    it(sentence .. " is bad", function()
      assert.equal(problem, detailOf(poolFromHash(flat)))
    end)
  end

  for _, weight in ipairs(BAD_WEIGHTS) do
    it(("with the weight %q is bad"):format(weight:sub(1, 9)), function()
      local detail = detailOf(poolFromHash({ "10.0.0.5:80", weight }))
      assert.matches('^field "10.0.0.5:80": expected a weight, an integer from 0 to 1000, got "', detail)
    end)
  end

  for name, meant in pairs({ balanced = "balance", conect_timeout = "connect_timeout", healthpath = "health_path",
    ["max-fails"] = "max_fails", hashon = "hash_on", FALL = "fall" }) do
    it(("suggests %s for %s"):format(meant, name), function()
      local problem = ('field "%s": no such option; did you mean %s?'):format(name, meant)
      assert.equal(problem, detailOf(poolFromHash({ "a:1", "1", name, "1" })))
    end)
  end

  it("says the same problem in whatever order its fields come", function()
    for _ = 1, 50 do
      local flat = generated.flat({ ["b:x"] = "1", ["a:1"] = "1", tries = "0", fall = "x", ["http://a:1"] = "1" })
      assert.equal('field "b:x": byte 3: expected a port from 1 to 65535, got "x"', detailOf(poolFromHash(flat)))
    end
  end)
end)

describe("a pool's option", function()
  for _, example in ipairs(VALUES) do
    local name, written, value, canonical = unpack(example)
    it(("%s can be %q"):format(name, written:sub(1, 40)), function()
      local field = name:gsub("_(%l)", string.upper)
      assert.same(value, definitionOf({ name, written })[field])
      local text = "\n10.0.0.5:80\t1\n" .. name .. "\t" .. (canonical or written)
      assert.equal(text, poolFromHash({ "10.0.0.5:80", "1", name, written }))
    end)
  end

  for _, example in ipairs(HASH_ONS) do
    local written, value, canonical = unpack(example)
    it(("hash_on can be %q beside balance hash"):format(written:sub(1, 40)), function()
      local definition = definitionOf({ "balance", "hash", "hash_on", written })
      assert.equal("hash", definition.balance)
      assert.same(value, definition.hashOn)
      local text = "\n10.0.0.5:80\t1\nbalance\thash\nhash_on\t" .. (canonical or written)
      assert.equal(text, poolFromHash({ "10.0.0.5:80", "1", "balance", "hash", "hash_on", written }))
    end)
  end

  for _, example in ipairs(BAD_VALUES) do
    local name = example[1]
    for i = 2, #example do
      it(("%s cannot be %q"):format(name, example[i]:sub(1, 40)), function()
        local start = ('field "%s": expected %s, got "'):format(name, expectation(OPTIONS[name]))
        local detail = detailOf(poolFromHash({ "a:1", "1", name, example[i] }))
        assert.equal(start, detail:sub(1, #start))
      end)
    end
  end

  it("that is not given has its default, or is absent", function()
    assert.same(DEFAULTS, compilePool((poolFromHash({ "10.0.0.5:8080", "1" }))).options)
  end)

  it("has its place in the specs above", function()
    for _, examples in ipairs({ VALUES, BAD_VALUES }) do
      local seen = { hash_on = true }
      for _, example in ipairs(examples) do
        seen[example[1]] = true
      end
      for name in pairs(OPTIONS) do
        assert.is_true(seen[name], name)
      end
    end
  end)

  it("of statuses has a status if it has its class", function()
    local statuses = definitionOf({ "health_status", "2xx 404" }).healthStatus
    for _, status in ipairs({ 200, 204, 299, 404 }) do
      assert.is_true(values.hasStatus(statuses, status))
    end
    for _, status in ipairs({ 199, 300, 400, 405, 500 }) do
      assert.is_false(values.hasStatus(statuses, status))
    end
  end)
end)

describe("a pool's set, list or string", function()
  local TEXT = "\n10.0.0.5:8080\t1\n10.0.0.6:80\t1\napp:80\t1"

  it("is its members, of equal weight", function()
    assert.equal(TEXT, poolFromSet({ "app", "10.0.0.6", "http://10.0.0.5:8080" }))
    assert.equal(TEXT, poolFromList({ "app", "10.0.0.6", "http://10.0.0.5:8080" }))
    assert.equal(TEXT, poolFromString(" app:80,10.0.0.6\thttp://10.0.0.5:8080/ \n"))
    assert.equal(TEXT, poolFromHash({ "10.0.0.6", "1", "app:80", "1", "10.0.0.5:8080", "1" }))
  end)

  it("ignores a slash, blanks and line ends after a member", function()
    assert.equal(TEXT, poolFromSet({ "app/", "10.0.0.6\n", "HTTP://10.0.0.5:8080/ \t" }))
    assert.equal(TEXT, poolFromList({ "app.\r\n", "http://10.0.0.6/", "10.0.0.5:8080" }))
    assert.equal(TEXT, poolFromHash({ "10.0.0.6/", "1", "http://app/", "1", "10.0.0.5:8080", "1" }))
    assert.equal('byte 1: expected addresses without a path, got "/x"', detailOf(poolFromString("a:1/x b:2/x")))
    assert.equal('member "a:1/x": byte 4: expected the end: a target has no path, got "/x"',
      detailOf(poolFromSet({ "a:1/x" })))
  end)

  it("keeps its members as they were given", function()
    local members = { "b", "a" }
    poolFromSet(members)
    assert.same({ "b", "a" }, members)
  end)

  it("without members is bad", function()
    assert.equal("expected a member, got none", detailOf(poolFromSet({})))
    assert.equal("expected a member, got none", detailOf(poolFromList({})))
    assert.equal("byte 1: expected an address, got nothing", detailOf(poolFromString("")))
    assert.equal('byte 1: expected an address, got "  "', detailOf(poolFromString("  ")))
  end)

  it("with the same address twice is bad", function()
    local problem = 'expected each address once, got "10.0.0.5:80" again'
    assert.equal('member "http://10.0.0.5": ' .. problem, detailOf(poolFromSet({ "http://10.0.0.5", "10.0.0.5" })))
    assert.equal("item 2: " .. problem, detailOf(poolFromList({ "10.0.0.5", "a", "10.0.0.5:80" })))
    assert.equal(problem, detailOf(poolFromString("10.0.0.5:80 10.0.0.5")))
  end)

  it("with a member that is no address is bad", function()
    local problem = "byte 1: " .. NAME_BYTE .. ', got "@web"'
    assert.equal('member "@web": ' .. problem, detailOf(poolFromSet({ "a", "@web" })))
    assert.equal("item 1: " .. problem, detailOf(poolFromList({ "a", "@web" })))
    assert.equal(problem, detailOf(poolFromString("@web")))
    assert.equal("item 0: byte 3: " .. NAME_BYTE .. ', got " site"', detailOf(poolFromList({ "my site", "a" })))
    assert.equal('byte 1: expected a port after a name without a dot, where there are several addresses, got "return"',
      detailOf(poolFromString("return 503")))
  end)
end)

describe("a pool", function()
  local function addresses(count, length)
    return repeated(count, function(i)
      return ("h%04d.%s:80"):format(i, ("x"):rep(length - 9))
    end)
  end

  local function weighted(members)
    local flat = {}
    for i, member in ipairs(members) do
      flat[2 * i - 1], flat[2 * i] = member, "1"
    end
    return flat
  end

  it("has at most 1024 members", function()
    local full, more = addresses(1024, 12), addresses(1025, 12)
    local text = poolFromSet(full)
    assert.equal(1024, #compilePool(text).members)
    assert.equal(text, poolFromList(full))
    assert.equal(text, poolFromHash(weighted(full)))
    assert.equal(text, poolFromString(table.concat(full, " ")))
    local problem = "expected no more than 1024 members, got 1025"
    assert.equal(problem, detailOf(poolFromSet(more)))
    assert.equal(problem, detailOf(poolFromList(more)))
    assert.equal(problem, detailOf(poolFromHash(weighted(more))))
    assert.equal(problem, detailOf(poolFromString(table.concat(more, " "))))
    local far = addresses(100000, 16)
    assert.equal("expected no more than 1024 members, got 100000 fields", detailOf(poolFromHash(weighted(far))))
    assert.equal("expected no more than 1024 members, got 100000", detailOf(poolFromSet(far)))
    assert.equal("expected no more than 1024 members, got 100000", detailOf(poolFromList(far)))
  end)

  it("of 1024 members may have every option, too", function()
    local flat = weighted(addresses(1024, 12))
    local given = { balance = "hash", hash_on = "ip", host = "a", health_path = "/" }
    for name, option in pairs(OPTIONS) do
      flat[#flat + 1], flat[#flat + 2] = name, given[name] or option.fallback or "1"
    end
    assert.is_string(poolFromHash(flat))
  end)

  it("has at most 65536 bytes", function()
    local function limit(got)
      return "expected no more than 65536 bytes, each member with port and weight, got " .. got
    end
    local full = addresses(1024, 61) -- and a line feed, a tab and the weight
    full[1] = full[1]:gsub("xx", "x.x", 1):gsub("^h", "") -- another label, the same length
    assert.equal(65536, #poolFromSet(full))
    full[1] = "h" .. full[1]
    assert.equal(limit(65537), detailOf(poolFromSet(full)))
    assert.equal(limit(65537), detailOf(poolFromList(full)))
    assert.equal(limit(65537), detailOf(poolFromHash(weighted(full))))
    assert.equal(limit(65537), detailOf(poolFromString(table.concat(full, " "))))
    assert.equal("expected no more than 65536 bytes, got 65537", detailOf(poolFromSet({ ("a"):rep(65537) })))
    assert.equal("expected no more than 65536 bytes, got 65537", detailOf(poolFromList({ ("a"):rep(65537) })))
    assert.equal("expected no more than 65536 bytes, got 65537", detailOf(poolFromHash({ "a", ("a"):rep(65536) })))
    assert.equal("byte 65537: expected no more than 65536 bytes, got \"a\"", detailOf(poolFromString(("a"):rep(65537))))
  end)
end)

describe("a compiled pool", function()
  it("has its members in the order of their addresses", function()
    assert.same({ FIVE, SIX }, compilePool((poolFromHash({ "10.0.0.6:8080", "3", "10.0.0.5:8080", "1" }))).members)
  end)

  for _, text in ipairs({
    "", "\n", "@web", "10.0.0.5:80", "10.0.0.5:80\t1", "\n10.0.0.5:80", "\n10.0.0.5:80\t", "\n10.0.0.5:80\t1\n",
    "\n10.0.0.5:80\t1\t", "\n10.0.0.5:80\t1\n10.0.0.5\t1", "\n\t1", "\n10.0.0.5:80\t1\nbalance\thash", "\n/\t@web",
    "\n\n10.0.0.5:80\t1",
  }) do
    it(("does not come of %q"):format(text), function()
      detailOf(compilePool(text))
    end)
  end
end)

-- Generated pools with what they mean.

--- How a value of each kind is written, and what it then is.
local MAKE = {
  integer = function(option)
    local value = pick({ option.min, option.max, math.random(option.min, option.max) })
    return tostring(value), value
  end,
  number = function(option)
    local value = pick({ option.min, option.max, math.random(math.ceil(option.min), option.max) })
    return tostring(value) .. (value % 1 == 0 and pick({ "", ".0", ".00" }) or pick({ "", "0" })), value
  end,
  choice = function(option)
    local choice = pick(option.choices)
    return choice, choice
  end,
  host = function()
    local address = generated.address()
    local written = address.canonical:gsub("^https://", "")
    if math.random() < 0.5 then
      written = written:gsub(":%d+$", "")
    end
    return pick({ written, written:upper() }), written
  end,
  path = function()
    local path = "/" .. generated.bytes(math.random(0, 20), "abc/?#=$;{}\"'\\")
    return path, path
  end,
  hash_on = function()
    local name = generated.bytes(math.random(1, 9), "abcXYZ-_$'")
    return unpack(pick({
      { "ip", { variable = "remote_addr" } },
      { "uri", { variable = "uri" } },
      { "header:" .. name, { variable = "http_" .. name:lower():gsub("-", "_") } },
      { "cookie:" .. name, { variable = "cookie_" .. name } },
    }))
  end,
  failures = function()
    local value = { connect = false, timeout = false, statuses = {} }
    local words = repeated(math.random(1, 4), function()
      local word = pick({ "connect", "timeout", math.random(500, 599) })
      if value[word] == false then
        value[word] = true
      else
        value.statuses[word] = type(word) == "number" or nil
      end
      return word
    end)
    return table.concat(words, pick({ " ", "\t", "  " })), value
  end,
  statuses = function()
    local value = {}
    local words = repeated(math.random(1, 4), function()
      local status = pick({ math.random(1, 5), math.random(100, 599) })
      value[status] = true
      return status < 100 and status .. "xx" or status
    end)
    return table.concat(words, pick({ " ", "\t", "  " })), value
  end,
}

--- A pool's fields as they are written, and what they mean.
local function randomPool()
  local fields, given, members = {}, {}, {}
  for key, value in pairs(DEFAULTS) do
    given[key] = value
  end
  local list = generated.addresses(math.random(1, 6))
  table.sort(list, function(a, b)
    return a.canonical < b.canonical
  end)
  for i, address in ipairs(list) do
    local weight = pick({ 0, 1, 1, 1000, math.random(0, 1000) })
    local isBackup = math.random() < 0.2 or nil
    fields[address.written] = weight .. (isBackup and " backup" or "")
    members[i] = { address = address.parts, weight = weight, isBackup = isBackup }
  end
  local function set(name)
    fields[name], given[(name:gsub("_(%l)", string.upper))] = MAKE[OPTIONS[name].kind](OPTIONS[name])
  end
  for name in pairs(OPTIONS) do
    if name ~= "hash_on" and math.random() < 0.3 then
      set(name)
    end
  end
  if given.balance == "hash" then
    set("hash_on")
  end
  if not (given.hashOn and given.hashOn.variable:find("^cookie_")) then
    fields.hash_cookie, given.hashCookie = nil, "off"
  end
  return { fields = fields, definition = { members = members, options = given } }
end

local BITS = {
  " ", "/", "//", "://", "https://", ":", "[", "]", "%", "@", ",", ".", "-", "0", "00", "1", "65536", "x", "\t", "xx",
  "5", "hash", "_", "\na:1\t1",
}

-- A bar stands where the hostile bytes go.
local PLACES = { "|10.0.0.5:80", "10.0.0|.5:80", "a.b:80|", "http://|a", "http://a|", "[|fd00::5]" }

local TOKEN = "^[%w!#$%%&'*+.^_`|~-]+$"

--- Names and paths of HTTP are not for nginx's configuration: they have rules of their own.
local function isSafeDefinition(definition)
  local hashOn, healthPath = definition.options.hashOn, definition.options.healthPath
  local name = hashOn and hashOn.name
  return generated.isSafe(definition, { hashOn = true, healthPath = true })
    and (name == nil or name:find(TOKEN))
    and (healthPath == nil or healthPath:find("^/[!-~]*$"))
end

describe("of many generated", function()
  it("pools, each means what its text means, whatever the order of its fields", function()
    generated.forAll(GENERATED, randomPool, function(pool)
      local text, _, detail = poolFromHash(generated.flat(pool.fields))
      assert(text, detail)
      assert(text == (poolFromHash(generated.flat(pool.fields))), "another order, another text")
      local definition, _, problem = compilePool(text)
      assert(definition, problem)
      assert(generated.isSame(pool.definition, definition), "another meaning: " .. text)
    end)
  end)

  it("sets, lists and strings of members, all have one text, whatever the order", function()
    generated.forAll(GENERATED, function()
      return generated.addresses(math.random(1, 8))
    end, function(list)
      local members, fields, lines = {}, {}, {}
      for i, address in ipairs(list) do
        members[i], fields[address.canonical] = address.written, "1"
        lines[i] = "\n" .. address.canonical .. "\t1"
      end
      table.sort(lines)
      local text = table.concat(lines)
      assert(text == (poolFromSet(generated.shuffled(members))), "another text of the set")
      assert(text == (poolFromList(generated.shuffled(members))), "another text of the list")
      assert(text == (poolFromHash(generated.flat(fields))), "another text of the hash")
      assert(text == (poolFromString(table.concat(generated.shuffled(members), " "))), "another text of the string")
    end)
  end)

  it("damaged pools, each is a safe pool whose text is canonical, or is refused", function()
    local taken, total = 0, 0
    local function check(text, err, detail)
      total = total + 1
      if text == nil then
        assert(err == "bad_pool" and generated.isLoggable(detail), tostring(detail))
        return
      end
      taken = taken + 1
      local definition, _, problem = compilePool(text)
      assert(definition, problem)
      assert(isSafeDefinition(definition), "unsafe: " .. text)
      local flat = {}
      for name, value in text:gmatch("\n(.-)\t([^\n]*)") do
        flat[#flat + 1], flat[#flat + 2] = name, value
      end
      assert((poolFromHash(flat)) == text, "not canonical: " .. text)
    end
    generated.forAll(GENERATED, function()
      local flat = generated.flat(randomPool().fields)
      local at = math.random(#flat)
      flat[at] = generated.damaged(flat[at], BITS)
      return flat
    end, function(flat)
      check(poolFromHash(flat))
      local texts = repeated(math.random(1, 3), function()
        return generated.damaged(generated.address().written, BITS)
      end)
      check(poolFromSet(texts))
      check(poolFromList(texts))
      check(poolFromString(table.concat(texts, " ")))
    end)
    assert(taken > total / 10 and taken < total * 4 / 5, "one-sided: " .. taken .. " of " .. total .. " taken")
  end)

  it("hostile bytes in any place, none comes through", function()
    for text, bytes in generated.hostileTexts(PLACES) do
      local isEnd = text:find("[\r\n\t]$") and generated.isBlank(bytes)
      if not isEnd then
        detailOf(poolFromSet({ text }))
        detailOf(poolFromList({ text }))
        detailOf(poolFromHash({ text, "1" }))
      end
      detailOf(poolFromHash({ "a:1", "1" .. bytes }))
      detailOf(poolFromHash({ "a:1", "1", "host", text }))
      -- A tab is a blank in a string: there it separates.
      if bytes ~= "\t" and not isEnd then
        detailOf(poolFromString(text))
      end
    end
  end)
end)
