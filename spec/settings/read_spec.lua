local settings = require("signpost.settings.settings")
local KNOBS, read = settings.KNOBS, settings.readSettings

local URL = "redis://10.0.0.5:6380"

--- The settings with `changes`; a change to `nil` is left out.
local function given(changes)
  local all = { redis = URL }
  for name, value in pairs(changes or {}) do
    all[name] = value
  end
  return all
end

--- All that is wrong with what was given, as one text.
local function problems_of(what)
  local value, err, detail = read(what)
  assert.is_nil(value)
  assert.equal("bad_settings", err)
  return detail
end

describe("settings", function()
  it("that are not given fall back", function()
    local value, err = read(given())
    assert.is_nil(err)
    for name, knob in pairs(KNOBS) do
      if knob.part == nil then
        assert.equal(knob.fallback, value[name])
      end
    end
  end)

  it("that are given are kept, false and the empty string too", function()
    local value = assert(read(given({ cache_ttl = 0.5, redis_tls_verify = false, route_prefix = "" })))
    assert.equal(0.5, value.cache_ttl)
    assert.is_false(value.redis_tls_verify)
    assert.equal("", value.route_prefix)
  end)

  it("do not change what was given", function()
    local what = given({ cache_ttl = 1 })
    assert(read(what))
    assert.same(given({ cache_ttl = 1 }), what)
  end)

  it("hold the address and who to be there once: in the endpoint", function()
    local value = assert(read({ redis = "rediss://me:secret@h/3" }))
    local address = { kind = "tcp", host = "h", port = 6379, tls = true }
    assert.same({ address = address, user = "me", password = "secret", database = 3 }, value.endpoint)
    for name, knob in pairs(KNOBS) do
      if knob.part ~= nil then
        assert.is_nil(value[name])
      end
    end
  end)

  it("beside the address go into the endpoint", function()
    local beside = { redis = "unix:/s", redis_user = "me", redis_password = "secret", redis_database = 3 }
    local address = { kind = "unix", socket = "/s", tls = false }
    local expected = { address = address, user = "me", password = "secret", database = 3 }
    assert.same(expected, assert(read(beside)).endpoint)
  end)

  it("may split user and password between the address and themselves", function()
    local endpoint = assert(read({ redis = "redis://:secret@h", redis_user = "me" })).endpoint
    assert.equal("me", endpoint.user)
    assert.equal("secret", endpoint.password)
  end)

  it("have database 0 where none is given", function()
    assert.equal(0, assert(read(given())).endpoint.database)
  end)

  it("may have a snapshot of what Redis holds", function()
    local value = assert(read(given({ snapshot = "/var/lib/signpost/snapshot", snapshot_interval = 0.5 })))
    assert.equal("/var/lib/signpost/snapshot", value.snapshot)
    assert.equal(0.5, value.snapshot_interval)
    assert.is_nil(value.routes_file)
  end)

  it("do without Redis where there is a routes file: there is no endpoint then", function()
    local value = assert(read({ routes_file = "/etc/signpost/routes", route_prefix = "", cache_ttl = 1 }))
    assert.equal("/etc/signpost/routes", value.routes_file)
    assert.is_nil(value.endpoint)
    for name, knob in pairs(KNOBS) do
      if knob.part == nil and name ~= "routes_file" and name ~= "route_prefix" and name ~= "cache_ttl" then
        assert.equal(knob.fallback, value[name])
      end
    end
  end)
end)

describe("a problem with the settings", function()
  local TTL = "cache_ttl: expected a number from 0.1 to 86400 s, got "
  local MEMORY_SIZE = "memory_size: expected an integer from 100 to 1000000 hosts per worker, got "
  local DATABASE = "redis_database: expected an integer from 0 to 65535, got "
  local ROUTE_PREFIX = "route_prefix: expected a string of 0 to 128 bytes, got "
  local USER = "redis_user: expected a string of 1 to 512 bytes, got "
  local VERIFY = "redis_tls_verify: expected true or false, got "
  local PREFIXES = "pool_prefix: expected another than route_prefix, got "
  local ALONE = "redis_user: expected a password with it, got none (redis_password)"
  local TWICE = ": expected once, got it in the address (redis) too"
  local NEITHER = "redis: must be given, or routes_file in its place"
  local ROUTES_FILE = "routes_file: expected "
  local SNAPSHOT = "snapshot: expected "

  for _, case in ipairs({
    { "no table", "redis://h", "settings: expected a table, got a string" },
    { "nothing", nil, "settings: expected a table, got nothing" },
    { "no address", {}, NEITHER },
    { "nothing but a snapshot", { snapshot = "/s" }, NEITHER },

    { "an unknown name", given({ upstream = 1 }), '"upstream": no such setting' },
    { "a slip", given({ cach_ttl = 1 }), '"cach_ttl": no such setting; did you mean cache_ttl?' },
    { "another style", given({ maxLookups = 1 }), '"maxLookups": no such setting; did you mean max_lookups?' },
    { "a hostile name", given({ ["a\r\nb\0\255"] = 1 }), '"a\\x0D\\x0Ab\\x00\\xFF": no such setting' },
    { "an empty name", given({ [""] = 1 }), '"": no such setting' },
    { "a number as name", given({ "cache_ttl" }), "settings: expected names as keys, got the number 1" },
    { "a boolean as name", given({ [true] = 1 }), "settings: expected names as keys, got true" },
    { "a table as name", given({ [{}] = 1 }), "settings: expected names as keys, got a table" },

    { "a string for a number", given({ cache_ttl = "10" }), TTL .. 'the string "10"' },
    { "false for a number", given({ cache_ttl = false }), TTL .. "false" },
    { "a function for a number", given({ cache_ttl = print }), TTL .. "a function" },
    { "userdata for a number", given({ cache_ttl = io.stdout }), TTL .. "a userdata" },
    { "64 bits for a number", given({ cache_ttl = 10LL }), TTL .. "a cdata" },
    { "a huge string", given({ cache_ttl = ("x"):rep(1e6) }), TTL .. 'the string "' .. ("x"):rep(40) .. '"...' },
    { "a number for a string", given({ route_prefix = 5 }), ROUTE_PREFIX .. "the number 5" },
    { "a string for a boolean", given({ redis_tls_verify = "off" }), VERIFY .. 'the string "off"' },
    { "0 for a boolean", given({ redis_tls_verify = 0 }), VERIFY .. "the number 0" },

    { "too little", given({ cache_ttl = 0.09 }), TTL .. "the number 0.09" },
    { "just too little", given({ cache_ttl = 0.1 - 2 ^ -56 }), TTL .. "the number 0.099999999999999992" },
    { "too much", given({ cache_ttl = 86401 }), TTL .. "the number 86401" },
    { "NaN", given({ cache_ttl = 0 / 0 }), TTL .. "the number NaN" },
    { "the other NaN", given({ cache_ttl = -(0 / 0) }), TTL .. "the number NaN" },
    { "infinity", given({ cache_ttl = 1 / 0 }), TTL .. "the number inf" },
    { "minus infinity", given({ cache_ttl = -1 / 0 }), TTL .. "the number -inf" },
    { "NaN for an integer", given({ memory_size = 0 / 0 }), MEMORY_SIZE .. "the number NaN" },
    { "infinity for an integer", given({ memory_size = 1 / 0 }), MEMORY_SIZE .. "the number inf" },
    { "half an integer", given({ memory_size = 100.5 }), MEMORY_SIZE .. "the number 100.5" },
    { "too small an integer", given({ memory_size = 99 }), MEMORY_SIZE .. "the number 99" },
    { "out of a range without unit", given({ redis_database = -1 }), DATABASE .. "the number -1" },
    { "a long string", given({ route_prefix = ("x"):rep(129) }), ROUTE_PREFIX .. "129 bytes" },
    { "an empty user", given({ redis_user = "", redis_password = "x" }), USER .. "0 bytes" },

    { "equal prefixes", given({ route_prefix = "a", pool_prefix = "a" }), PREFIXES .. '"a" for both' },
    { "no prefixes", given({ route_prefix = "", pool_prefix = "" }), PREFIXES .. '"" for both' },
    { "the other's default", given({ route_prefix = "pool:" }), PREFIXES .. '"pool:" for both' },

    { "a bad address", { redis = "redis://h/x:" }, "redis: " .. select(3, settings.parseRedisUrl("redis://h/x:")) },
    { "two origins", given({ routes_file = "/r" }), ROUTES_FILE .. "no redis beside it" },
    { "a snapshot of a file", { routes_file = "/r", snapshot = "/s" }, ROUTES_FILE .. "no snapshot beside it" },
    { "a relative file", { routes_file = "etc/r" }, ROUTES_FILE .. 'an absolute path, got "etc/r"' },
    { "a file at home", { routes_file = "~/r" }, ROUTES_FILE .. 'an absolute path, got "~/r"' },
    { "an empty path", { routes_file = "" }, ROUTES_FILE .. "a string of 1 to 4096 bytes, got 0 bytes" },
    { "a file that is none", { routes_file = true }, ROUTES_FILE .. "a string of 1 to 4096 bytes, got true" },
    { "a relative snapshot", given({ snapshot = "s" }), SNAPSHOT .. 'an absolute path, got "s"' },
    { "a hostile path", given({ snapshot = "\r\n" }), SNAPSHOT .. 'an absolute path, got "\\x0D\\x0A"' },
    {
      "a snapshot too often", given({ snapshot_interval = 0 }),
      "snapshot_interval: expected a number from 0.1 to 86400 s, got the number 0",
    },

    { "a user alone", given({ redis_user = "me" }), ALONE },
    { "two users", { redis = "redis://me:p@h", redis_user = "me" }, "redis_user" .. TWICE },
    { "two passwords", { redis = "redis://:p@h", redis_password = "p" }, "redis_password" .. TWICE },
    { "two databases", { redis = "redis://h/0", redis_database = 0 }, "redis_database" .. TWICE },
  }) do
    it("is " .. case[1], function()
      assert.equal(case[3], problems_of(case[2]))
    end)
  end

  it("does not hide another: all are in one message, one a line, in the same order every time", function()
    local expected = {
      '"upstream": no such setting',
      '"zone": no such setting',
      TTL .. "the number -1",
      MEMORY_SIZE .. "the number -1",
      "redis: expected a string of 1 to 8192 bytes, got a number",
      ROUTE_PREFIX .. "the number -1",
      "settings: expected names as keys, got the number 1",
    }
    local names = { "upstream", "cache_ttl", "memory_size", "redis", "route_prefix", "zone" }
    for turn = 1, #names do
      local what = { -1 }
      for i = 1, #names do
        what[names[(i + turn) % #names + 1]] = -1
      end
      assert.equal(table.concat(expected, "\n"), problems_of(what))
    end
  end)

  it("is as many as there are with the origins", function()
    local detail = problems_of(given({ routes_file = "r", snapshot = "s" }))
    assert.equal(table.concat({
      ROUTES_FILE .. 'an absolute path, got "r"',
      ROUTES_FILE .. "no redis beside it",
      ROUTES_FILE .. "no snapshot beside it",
      SNAPSHOT .. 'an absolute path, got "s"',
    }, "\n"), detail)
  end)

  it("is a login beside a routes file: there is nobody to log in to", function()
    for name, value in pairs({ redis_user = "me", redis_password = "secret", redis_database = 3 }) do
      assert.matches(("^%s: expected .*redis"):format(name), problems_of({ routes_file = "/r", [name] = value }))
    end
  end)

  it("is two where both prefixes are wrong, and no third about their being equal", function()
    local detail = problems_of(given({ route_prefix = false, pool_prefix = false }))
    assert.equal("pool_prefix: expected a string of 0 to 128 bytes, got false\n" .. ROUTE_PREFIX .. "false", detail)
  end)

  for why, what in pairs({
    ["a bad prefix is not compared"] = given({ route_prefix = 5, pool_prefix = "route:" }),
    ["a bad address may have had the password"] = { redis = "x", redis_user = "me" },
    ["a bad password is one"] = given({ redis_user = "me", redis_password = 5 }),
  }) do
    it("has no second one in its wake: " .. why, function()
      assert.is_nil(problems_of(what):find("\n", 1, true))
    end)
  end

  it("never shows a password", function()
    for _, what in ipairs({
      { redis = "redis://me:hunter2@h:0" },
      { redis = "hunter2" },
      { redis = URL, redis_password = "hunter2", cache_ttl = 0 },
      { redis = "redis://:x@h", redis_password = "hunter2" },
      { redis = "redis://:hunter2@h", redis_password = "x" },
      { redis = URL, redis_password = ("hunter2"):rep(5000) },
      { redis = ("hunter2"):rep(5000) },
      { redis = URL, redis_pasword = "hunter2" },
      { redis = URL, "hunter2" },
      "redis://:hunter2@h",
    }) do
      assert.is_nil(problems_of(what):find("hunter2", 1, true))
    end
    assert.is_nil(problems_of(given({ redis_password = 4711 })):find("4711", 1, true))
  end)
end)

describe("a list of ranges", function()
  for problem, value in pairs({
    ['expected a list of ranges of IP addresses, got the string "::/0"'] = "::/0",
    ["expected a list of ranges of IP addresses, got a table"] = { a = "::/0" },
    ["expected 1 to 256 ranges, got 0"] = {},
    ["item 2: expected a string, got the number 5"] = { "::/0", 5 },
    ['item 2: expected a range of IP addresses, such as 10.0.0.0/8 or fd00::/8, got "10/8"'] = { "::/0", "10/8" },
    ['item 1: expected no bits set after the first 8 of the address, got "10.0.0.5/8"'] = { "10.0.0.5/8" },
  }) do
    it("is refused where that is wrong: " .. problem, function()
      assert.equal("deny_targets: " .. problem, problems_of(given({ deny_targets = value })))
    end)
  end
end)

describe("refusals", function()
  it("are written by Signpost or by nginx, and by nobody else", function()
    assert.equal("text", assert(read(given({}))).refusals)
    assert.equal("nginx", assert(read(given({ refusals = "nginx" }))).refusals)
    local EXPECTED = 'refusals: expected "text" or "nginx", got '
    assert.equal(EXPECTED .. 'the string "html"', problems_of(given({ refusals = "html" })))
    assert.equal(EXPECTED .. "true", problems_of(given({ refusals = true })))
  end)
end)

describe("several tables", function()
  local function with(tables, others)
    local what = given({ tables = tables })
    for name, value in pairs(others or {}) do
      what[name] = value
    end
    return what
  end

  local function prefixes(route, pool)
    return { route_prefix = route, pool_prefix = pool }
  end

  it("are as given", function()
    local tables = { internal = prefixes("i:route:", "i:pool:"), lab_2 = prefixes("lab:", "lab:pool:") }
    assert.same(tables, assert(read(with(tables))).tables)
    assert.is_nil(assert(read(given({}))).tables)
  end)

  local NAMES = "expected names of at most 32 bytes, a to z, 0 to 9 and _, got "
  local many = {}
  for i = 1, 17 do
    many["t" .. i] = prefixes("r" .. i .. ":", "p" .. i .. ":")
  end
  for problem, tables in pairs({
    ['expected a table of tables by name, got the string "internal"'] = "internal",
    ["expected 1 to 16 tables, got 0"] = {},
    ["expected 1 to 16 tables, got 17"] = many,
    [NAMES .. 'the string "a/b"'] = { ["a/b"] = prefixes("i:", "j:") },
    [NAMES .. 'the string "Internal"'] = { Internal = prefixes("i:", "j:") },
    [NAMES .. "the number 1"] = { prefixes("i:", "j:") },
    [NAMES .. 'the string "' .. ("x"):rep(33) .. '"'] = { [("x"):rep(33)] = prefixes("i:", "j:") },
    ["internal: expected a table with route_prefix and pool_prefix, got true"] = { internal = true },
    ["internal.pool_prefix: expected a string of 1 to 128 bytes, got nothing"] = { internal = prefixes("i:") },
    ["internal.route_prefix: expected a string of 1 to 128 bytes, got 0 bytes"] = { internal = prefixes("", "i:") },
    ['internal: expected route_prefix and pool_prefix, got the string "redis" too'] = {
      internal = { route_prefix = "i:", pool_prefix = "j:", redis = "redis://h" },
    },
  }) do
    it("are refused where that is wrong: " .. problem, function()
      assert.equal("tables: " .. problem, problems_of(with(tables)))
    end)
  end

  local SHARED = "tables: internal.%s: expected a prefix that shares no key with %s, got %q beside %q"
  for _, case in ipairs({
    { "pool_prefix", "internal.route_prefix", "i:", "i:", with({ internal = prefixes("i:", "i:") }) },
    { "route_prefix", "route_prefix", "route:", "route:", with({ internal = prefixes("route:", "i:") }) },
    { "pool_prefix", "pool_prefix", "pool:i:", "pool:", with({ internal = prefixes("i:", "pool:i:") }) },
    { "pool_prefix", "pool_prefix", "p", "pool:", with({ internal = prefixes("i:", "p") }) },
    { "pool_prefix", "extra.route_prefix", "x:i", "x:",
      with({ extra = prefixes("x:", "y:"), internal = prefixes("i:", "x:i") }) },
  }) do
    local part, other, prefix, beside, what = unpack(case)
    it(("do not share keys: %s %q beside %s %q"):format(part, prefix, other, beside), function()
      assert.equal(SHARED:format(part, other, prefix, beside), problems_of(what))
    end)
  end

  it("go with no empty prefix of the default table: it holds every key", function()
    local detail = problems_of(with({ internal = prefixes("i:route:", "i:pool:") }, { route_prefix = "" }))
    assert.equal(SHARED:format("pool_prefix", "route_prefix", "i:pool:", "") .. "\n"
      .. SHARED:format("route_prefix", "route_prefix", "i:route:", ""), detail)
  end)

  it("may have prefixes of which one begins with the other, if both are the table's own", function()
    assert.is_table(read(with({ internal = prefixes("i:", "i:pool:") })))
  end)
end)

describe("any table at all", function()
  local NAMES = {}
  local LONG = ("x"):rep(9000)
  local STRANGE = { true, false, {}, print, io.stdout, 7LL, 0 / 0, 1 / 0, -1 / 0, -0.0, 1e308, "", "\0\n", LONG }
  for name in pairs(KNOBS) do
    NAMES[#NAMES + 1] = name
  end
  table.sort(NAMES)

  --- Mostly what may be, often at the edge, sometimes just beyond.
  local function plausible(knob)
    if knob.kind == "boolean" then
      return math.random(2) == 1
    elseif knob.kind == "string" then
      return (math.random(2) == 1 and "/" or "") .. ("k"):rep(math.random(0, 9))
    elseif knob.kind == "ranges" then
      return ({ { "10.0.0.0/8" }, { "::/0", "10.0.0.5" }, { "x" }, { 1 }, "::/0" })[math.random(5)]
    elseif knob.kind == "choice" then
      return ({ knob.choices[1], knob.choices[2], "x" })[math.random(3)]
    elseif knob.kind == "tables" then
      local good, same = { route_prefix = "i:r:", pool_prefix = "i:p:" }, { route_prefix = "r:", pool_prefix = "r:" }
      return ({ { internal = good }, { internal = same }, { Internal = good }, {}, { x = 1 } })[math.random(5)]
    end
    local edge = ({ knob.min, knob.max, knob.min + math.random() * (knob.max - knob.min) })[math.random(3)]
    return ({ edge, math.floor(edge), edge + 1, edge - 1 })[math.random(4)]
  end

  local function address()
    return ({ URL, "unix:/s", "redis://:p@h/1", "rediss://u:p@[::1]", "redis://u@h", "x" })[math.random(6)]
  end

  local function any_table()
    local what = {}
    what[math.random(8) == 1 and "routes_file" or "redis"] = math.random(20) > 1 and address() or nil
    what.routes_file = what.routes_file and "/routes"
    for _ = 1, math.random(0, 3) do
      local name = NAMES[math.random(#NAMES)]
      what[name] = name == "redis" and address() or plausible(KNOBS[name])
    end
    if math.random(4) == 1 then
      what[NAMES[math.random(#NAMES)]] = STRANGE[math.random(#STRANGE)]
    end
    if math.random(20) == 1 then
      local key = STRANGE[math.random(#STRANGE)]
      what[key == key and key or "NaN is no key"] = 1
    end
    return what
  end

  local LUA_TYPES = { integer = "number", ranges = "table", choice = "string", tables = "table" }

  local function is_settled(value, what)
    for name, knob in pairs(KNOBS) do
      if knob.part == nil then
        local expected = what[name]
        if expected == nil then
          expected = knob.fallback
        end
        assert.equal(expected, value[name])
        if expected ~= nil then
          assert.equal(LUA_TYPES[knob.kind] or knob.kind, type(value[name]))
        end
        if knob.kind == "number" or knob.kind == "integer" then
          assert.is_true(value[name] >= knob.min and value[name] <= knob.max)
        end
        if knob.kind == "integer" then
          assert.equal(0, value[name] % 1)
        end
      end
    end
    assert.is_true(value.route_prefix ~= value.pool_prefix)
    assert.is_true((value.endpoint == nil) == (value.routes_file ~= nil))
    for _, path in pairs({ value.routes_file or value.snapshot }) do
      assert.equal("/", path:sub(1, 1))
    end
    if value.endpoint ~= nil then
      assert.equal(what.redis:sub(1, 7) == "rediss:", value.endpoint.address.tls)
      assert.is_true(value.endpoint.user == nil or value.endpoint.password ~= nil)
    end
  end

  it("is either settings, all within their ranges and as given, or problems; it never raises", function()
    math.randomseed(20263)
    local settled, refused, without = 0, 0, 0
    for _ = 1, 20000 do
      local what = any_table()
      local value, err, detail = read(what)
      if value then
        assert.is_nil(err)
        is_settled(value, what)
        settled = settled + 1
        without = without + (value.endpoint == nil and 1 or 0)
      else
        assert.equal("bad_settings", err)
        assert.is_nil(detail:find("[^\n -~]"))
        for line in (detail .. "\n"):gmatch("(.-)\n") do
          assert.matches("^%S.*: %l.+", line)
        end
        refused = refused + 1
      end
    end
    assert.is_true(settled > 2000 and refused > 2000, settled .. " settled, " .. refused .. " refused")
    assert.is_true(without > 200, without .. " without Redis")
  end)
end)
