local crc32 = require("spec.support.crc32")
local fake_files = require("spec.support.fake_files")
local fakes = require("spec.support.fakes")
local newKeys = require("signpost.redis.keys").newKeys
local readRoutes = require("signpost.snapshot.read_file").readRoutes

local PATH = "/etc/signpost/routes"

describe("a file of routes", function()
  local disk, log, told, turn
  before_each(function()
    disk, log, told = fake_files.disk(), fakes.log(), {}
    turn = function()
      return true
    end
  end)

  after_each(function()
    assert.equal(0, disk.opened())
  end)

  local function read(lines, prefixes)
    if lines ~= nil then
      disk.put(PATH, lines)
    end
    local parts = {
      files = disk,
      log = log,
      keys = newKeys(prefixes or { route_prefix = "route:", pool_prefix = "pool:" }),
      hash = crc32,
    }
    return readRoutes(PATH, parts, function(name, reading)
      told[#told + 1] = { name, reading.kind, reading.text or reading.reason }
    end, function()
      return turn()
    end)
  end

  local function logged()
    local messages = {}
    for i, line in ipairs(log.lines) do
      assert.equal("error", line[1])
      messages[i] = line[2]
    end
    return messages
  end

  it("tells of each route in turn, under its name without the prefix", function()
    assert.equal(0, (read({
      "SET route:a.com 10.0.0.5:8080",
      'SET route:*.b.com "10.0.0.5:80, 10.0.0.6"',
      'SET route:* "return 503"',
      "SET route:a.com 10.0.0.7",
    })))
    assert.same({
      { "a.com", "good", "10.0.0.5:8080" },
      { "*.b.com", "good", "10.0.0.5:80, 10.0.0.6" },
      { "*", "good", "return 503" },
      { "a.com", "good", "10.0.0.7" },
    }, told)
    assert.same({}, log.lines)
  end)

  it("tells of routes and pools of every type", function()
    assert.equal(0, (read({
      "HSET route:a.com / @web /api 10.0.0.5",
      "SET route:b.com @web",
      "HSET pool:web 10.0.0.5:8080 1 balance least_conn",
      'RPUSH route:c.com "my label" http://10.0.0.7/x 10.0.0.6',
      "SADD route:d.com 10.0.0.6 10.0.0.5",
      "SADD pool:set 10.0.0.6",
      "RPUSH pool:list 10.0.0.6",
      'SET pool:string "10.0.0.6 10.0.0.5"',
    })))
    local found = {}
    for _, one in ipairs(told) do
      assert.equal("good", one[2], one[3])
      found[one[1]] = one[3]
    end
    assert.same({
      ["a.com"] = "\n/\t@web\n/api\t10.0.0.5:80",
      ["b.com"] = "@web",
      ["@web"] = "\n10.0.0.5:8080\t1\nbalance\tleast_conn",
      ["c.com"] = "10.0.0.7:80 10.0.0.6:80",
      ["d.com"] = "10.0.0.5:80 10.0.0.6:80",
      ["@set"] = "\n10.0.0.6:80\t1",
      ["@list"] = "\n10.0.0.6:80\t1",
      ["@string"] = "\n10.0.0.5:80\t1\n10.0.0.6:80\t1",
    }, found)
    assert.same({}, log.lines)
  end)

  it("tells what its lines make of a key together, as Redis would, and once", function()
    assert.equal(0, (read({
      "HSET pool:web 10.0.0.5 1",
      "HSET route:a.com / 10.0.0.9",
      "HSET pool:web 10.0.0.6 2 10.0.0.5 3",
      "SET route:b.com 10.0.0.9",
      "DEL route:a.com",
      "HSET route:a.com /api @web",
      "HSET pool:gone 10.0.0.5 1",
      "DEL pool:gone",
    })))
    assert.same({
      { "b.com", "good", "10.0.0.9" },
      { "@gone", "absent" },
      { "@web", "good", "\n10.0.0.5:80\t3\n10.0.0.6:80\t2" },
      { "a.com", "good", "\n/api\t@web" },
    }, told)
  end)

  it("says of what is no target what Redis's reader would, and is none the worse for it", function()
    assert.equal(0, (read({
      "SET route:a 10.0.0.5:0",
      'SET route:c ""',
      "HSET route:d api 10.0.0.5",
      "RPUSH route:e label a:0",
      "SADD route:f /api",
      "SET pool:a @web",
      "HSET pool:b 10.0.0.5 heavy",
    })))
    local reasons = {
      a = "expected a port", c = "expected a target, got nothing", d = 'field "api", byte 1: expected a path',
      e = "item 1: byte 3: expected a port", f = 'member "/api"', ["@a"] = "expected", ["@b"] = "expected a weight",
    }
    assert.equal(7, #told)
    for _, one in ipairs(told) do
      assert.equal("bad", one[2])
      assert.matches(reasons[one[1]], one[3], 1, true)
    end
    assert.same({}, log.lines)
  end)

  it("says the same of the same target, however often it comes", function()
    local lines = {}
    for i = 1, 12000 do
      lines[i] = ("SET route:h%d %s"):format(i, i % 2 == 0 and "10.0.0." .. i % 256 or "10.0.0.5:x" .. i)
    end
    lines[#lines + 1] = "SET route:last 10.0.0.4"
    lines[#lines + 1] = "SET route:bad 10.0.0.5:x1"
    assert.equal(0, (read(lines)))
    assert.equal(12002, #told)
    for i = 1, 12000 do
      assert.equal(i % 2 == 0 and "good" or "bad", told[i][2])
    end
    assert.same({ "last", "good", "10.0.0.4" }, told[12001])
    assert.same({ told[1][2], told[1][3] }, { told[12002][2], told[12002][3] })
  end)

  it("says the same of the same hash, list or set, and never takes one for another", function()
    assert.equal(0, (read({
      "HSET route:a / 10.0.0.5", 'RPUSH route:b "/\\x0010.0.0.5" 10.0.0.6', "RPUSH route:c / 10.0.0.5 10.0.0.6",
      "SADD route:d 10.0.0.5 10.0.0.6", 'SADD route:e "10.0.0.5\\x0010.0.0.6"', "SADD route:f 10.0.0.5 10.0.0.6",
      "HSET route:g / 10.0.0.5", "SADD pool:h 10.0.0.5 10.0.0.6", "RPUSH route:i / 10.0.0.5 10.0.0.6",
    })))
    local found = {}
    for _, one in ipairs(told) do
      found[one[1]] = one[2] == "good" and one[3] or one[2]
    end
    local two = "10.0.0.5:80 10.0.0.6:80"
    assert.same({
      a = "\n/\t10.0.0.5:80", b = "10.0.0.6:80", c = two, d = two, e = "bad", f = two, g = "\n/\t10.0.0.5:80",
      ["@h"] = "\n10.0.0.5:80\t1\n10.0.0.6:80\t1", i = two,
    }, found)
  end)

  it("leaves out a line that is too long, by its number, and uses the others", function()
    local lines = { "SET route:a 10.0.0.5", "SET route:b " .. ("x"):rep(600000), "HSET route:c / 10.0.0.5" }
    assert.equal(1, (read(lines)))
    assert.same({ { "a", "good", "10.0.0.5" }, { "c", "good", "\n/\t10.0.0.5:80" } }, told)
    assert.same({ PATH .. ": line 2: expected a line of no more than 524288 bytes" }, logged())
  end)

  it("says that a key of too many items is bad, whether on one line or on many; others are none the worse", function()
    local one, many = { "HSET route:one" }, { "HSET pool:a 10.0.0.5 1" }
    for i = 1, 5000 do
      one[i + 1] = ("/%d @a"):format(i)
      many[i + 1] = ("HSET route:many /%d @a"):format(i)
    end
    many[#many + 1] = table.concat(one, " ")
    many[#many + 1] = "DEL route:gone"
    assert.equal(0, (read(many)))
    local reason = "expected no more than 4096 fields and values, items or members, and 262144 bytes, got more"
    assert.same({
      { "@a", "good", "\n10.0.0.5:80\t1" }, { "many", "bad", reason }, { "one", "bad", reason }, { "gone", "absent" },
    }, told)
    assert.same({}, log.lines)
  end)

  it("is the same whatever numbers its keys have: all the same, or each its own", function()
    local lines, draw = {}, fakes.random(11)
    for i = 1, 400 do
      local key = "route:k" .. draw(60)
      local form = ({ "SET %s 10.0.0.%d", "HSET %s /%d @a", "RPUSH %s l 10.0.0.%d", "DEL %s" })[draw(4)]
      lines[i] = form:format(key, draw(9))
    end
    local function last()
      told = {}
      assert(read(lines))
      local found = {}
      for _, one in ipairs(told) do
        found[one[1]] = one[2] ~= "absent" and one[3] or nil
      end
      return found
    end
    local real, found = crc32, last()
    crc32 = function()
      return 7
    end
    local same = last()
    crc32 = real
    assert.same(same, found)
  end)

  it("says that a deleted route is absent", function()
    assert.equal(0, (read({ "SET route:a.com 10.0.0.5", "DEL route:a.com", 'del "route:b.com"' })))
    assert.same({ { "a.com", "good", "10.0.0.5" }, { "a.com", "absent" }, { "b.com", "absent" } }, told)
  end)

  it("takes a command in any case, and bytes as they are", function()
    assert.equal(0, (read({ "set route:a 10.0.0.5", "SeT route:\255\128 10.0.0.5", 'Set "route:\\x00" 10.0.0.5' })))
    assert.same({ { "a", "good", "10.0.0.5" }, { "\255\128", "good", "10.0.0.5" }, { "\0", "good", "10.0.0.5" } },
      told)
  end)

  it("may have CRLF ends, as redis-cli takes them, empty lines, and no end of the last", function()
    local text = 'SET route:a 10.0.0.5\r\n\r\n\n  \r\nDEL route:b\r\nSET route:c "10.0.0.5"\r\nSET route:d 10.0.0.6'
    assert.equal(0, (read(text)))
    assert.same({
      { "a", "good", "10.0.0.5" }, { "c", "good", "10.0.0.5" }, { "d", "good", "10.0.0.6" }, { "b", "absent" },
    }, told)
  end)

  it("may be empty", function()
    assert.equal(0, (read("")))
    assert.same({}, told)
  end)

  it("takes a key under both prefixes for what the longer one says, and for the other if it is good there", function()
    assert.equal(0, (read({
      "SET a.com 10.0.0.5", "HSET pool:web 10.0.0.5 1", "SET pool:x 10.0.0.6",
    }, { route_prefix = "", pool_prefix = "pool:" })))
    assert.same({
      { "a.com", "good", "10.0.0.5" },
      { "@x", "good", "\n10.0.0.6:80\t1" },
      { "pool:x", "good", "10.0.0.6" },
      { "@web", "good", "\n10.0.0.5:80\t1" },
    }, told)
    told = {}
    assert.equal(0, (read({ "SET route:a @web", "SET route:b 10.0.0.5:x", "SADD c 10.0.0.5" },
      { route_prefix = "route:", pool_prefix = "" })))
    assert.same({ "a", "good", "@web" }, told[1])
    assert.same({ "b", "bad" }, { told[2][1], told[2][2] })
    assert.same({ "@c", "good", "\n10.0.0.5:80\t1" }, told[3])
    assert.equal(3, #told)
  end)

  it("may have prefixes that look like patterns", function()
    assert.equal(1, (read({ "SET %w.a 10.0.0.5", "SET [p]web 10.0.0.5", "SET xx.b 10.0.0.5" },
      { route_prefix = "%w.", pool_prefix = "[p]" })))
    assert.same({ { "a", "good", "10.0.0.5" }, { "@web", "good", "\n10.0.0.5:80\t1" } }, told)
  end)

  it("passes over keys that no host and no target can name", function()
    assert.equal(0, (read({
      "SET route: 10.0.0.5", "SET route:" .. ("x"):rep(70000) .. " 10.0.0.5", "DEL route:", "SET route:@web 10.0.0.5",
      "SADD pool: 10.0.0.5", "SADD pool:" .. ("x"):rep(70000) .. " 10.0.0.5",
    })))
    assert.equal(0, #told)
    assert.equal(0, #log.lines)
  end)

  for _, case in ipairs({
    { "GET route:a", "expected SET, DEL, HSET, RPUSH or SADD" },
    { "ZADD route:a 1 10.0.0.5", "expected SET, DEL, HSET, RPUSH or SADD" },
    { "FLUSHALL", "expected SET, DEL, HSET, RPUSH or SADD" },
    { "# a remark", "expected SET, DEL, HSET, RPUSH or SADD" },
    { "\239\187\191SET route:a 10.0.0.5", "expected SET, DEL, HSET, RPUSH or SADD" },
    { '""', "expected SET, DEL, HSET, RPUSH or SADD" },
    { "SET", "expected SET with a key and its value" },
    { "SET route:a", "expected SET with a key and its value" },
    { "set route:a 10.0.0.5 10.0.0.6", "expected SET with a key and its value" },
    { "SET route:a 10.0.0.5 EX 10", "expected SET with a key and its value" },
    { "DEL", "expected DEL with a key" },
    { "DEL route:a route:b", "expected DEL with a key" },
    { "DEL route:a 10.0.0.5", "expected DEL with a key" },
    { "HSET route:a /", "expected HSET with a key, fields and their values" },
    { "HSET route:a / 10.0.0.5 /api", "expected HSET with a key, fields and their values" },
    { "RPUSH route:a", "expected RPUSH with a key and its items" },
    { "SADD route:a", "expected SADD with a key and its members" },
    { "SET router:a 10.0.0.5", "expected a key that begins with route: or pool:" },
    { "SET ROUTE:a 10.0.0.5", "expected a key that begins with route: or pool:" },
    { "SET route 10.0.0.5", "expected a key that begins with route: or pool:" },
    { "DEL a", "expected a key that begins with route: or pool:" },
    { 'SET route:a "10.0.0.5', 'expected the closing " of byte 13' },
  }) do
    it("says by its number why a line is left out, and uses the others: " .. case[1]:gsub("[^ -~]", "?"), function()
      assert.equal(1, (read({ "SET route:before 10.0.0.5", "", case[1], "SET route:after 10.0.0.5" })))
      assert.same({ { "before", "good", "10.0.0.5" }, { "after", "good", "10.0.0.5" } }, told)
      assert.equal(1, #logged())
      assert.equal(1, (logged()[1]:find(("%s: line 3: %s"):format(PATH, case[2]), 1, true)), logged()[1])
    end)
  end

  it("leaves out a line that Redis would refuse, for the key is of another type, and says so", function()
    assert.equal(2, (read({
      "HSET route:a / 10.0.0.5", "RPUSH route:a label 10.0.0.6", "SADD pool:web 10.0.0.5", "hset pool:web 10.0.0.6 1",
    })))
    assert.same({ { "a", "good", "\n/\t10.0.0.5:80" }, { "@web", "good", "\n10.0.0.5:80\t1" } }, told)
    assert.same({
      PATH .. ": line 2: expected HSET or DEL, for the key is a hash",
      PATH .. ": line 4: expected SADD or DEL, for the key is a set",
    }, logged())
  end)

  it("says twenty bad lines one by one, and of more how many they are", function()
    local lines = {}
    for i = 1, 20 do
      lines[i] = "nonsense"
    end
    assert.equal(20, (read(lines)))
    assert.equal(20, #logged())
    assert.matches("line 20: ", logged()[20], 1, true)

    for i = 21, 1000 do
      lines[i] = "nonsense"
    end
    lines[1001] = "SET route:a 10.0.0.5"
    assert.equal(1000, (read(lines)))
    assert.equal(20 + 21, #logged())
    assert.equal(PATH .. ": 1000 bad lines in all", logged()[41])
    assert.same({ { "a", "good", "10.0.0.5" } }, told)
  end)

  it("takes the last form of a key, where Redis would refuse a line for the key is a string", function()
    assert.equal(0, (read({ "SET route:a 10.0.0.5", "HSET route:a / 10.0.0.6", "HSET route:a /x @web" })))
    assert.same({ { "a", "good", "10.0.0.5" }, { "a", "good", "\n/\t10.0.0.6:80\n/x\t@web" } }, told)
  end)

  local function filled(count, form)
    local lines = {}
    for i = 1, count do
      lines[i] = form:format(i)
    end
    return lines
  end

  for what, case in pairs({
    ["routes that are strings"] = { filled(2000, "SET route:h%d 10.0.0.5"), 9 },
    ["lists, which are read twice"] = { filled(2000, "RPUSH route:h%d label 10.0.0.5"), 19 },
    ["one hash, of many lines"] = { filled(2000, "HSET route:h /%d 10.0.0.5"), 19 },
    ["deletions"] = { filled(2000, "DEL route:h%d"), 19 },
    ["bad lines"] = { filled(2000, "nonsense %d"), 9 },
    ["empty lines"] = { filled(2000, ""), 9 },
    ["long lines"] = { filled(20, "RPUSH route:h%d label" .. (" 10.0.0.5"):rep(1000)), 12 },
  }) do
    it("is read in pieces, between which others have their turn: " .. what, function()
      local turns = 0
      turn = function()
        turns = turns + 1
        return true
      end
      assert(read(case[1]))
      assert(turns >= case[2], turns .. " turns")
    end)

    it("is given up at any turn that says so, and nothing more is told: " .. what, function()
      for last = 1, case[2] do
        local turns, before = 0, nil
        told = {}
        turn = function()
          turns, before = turns + 1, #told
          return turns < last
        end
        assert.same({ nil, "given_up", PATH }, { read(case[1]) })
        assert.same({ last, before }, { turns, #told })
        assert.equal(0, disk.opened())
      end
    end)
  end

  it("that cannot be read to its end is not taken for a shorter one", function()
    local lines = { "SET route:a 10.0.0.5", "HSET route:b / 10.0.0.5", "SET route:c 10.0.0.5" }
    for readable = 0, 2 do
      told = {}
      disk.failAfter(readable)
      assert.same({ nil, "file_error", PATH .. ": Input/output error" }, { read(lines) })
      assert.equal(math.min(readable, 1), #told)
      assert.equal(0, disk.opened())
    end
  end)

  it("that is not there is no file with no routes", function()
    assert.same({ nil, "file_error", PATH .. ": No such file or directory" }, { read() })
    assert.same({}, told)
  end)

  it("may be anything at all: every line is used or counted, and none raises", function()
    local draw = fakes.random(7)
    local pieces = { "SET route:a 10.0.0.5", "DEL route:", "HSET ", "a ", '"', "'", "\\", "\0", "\r", "\255" }
    local lines, empty = {}, 0
    for i = 1, 5000 do
      local line = {}
      for j = 1, draw(4) do
        line[j] = pieces[draw(#pieces)]
      end
      lines[i] = table.concat(line)
      empty = empty + (lines[i]:find("^%s*$") and 1 or 0)
    end
    local bad = assert(read(lines))
    assert.equal(math.min(bad, 20) + (bad > 20 and 1 or 0), #log.lines)
    assert(#told > 100, #told .. " routes")
    assert(#told + bad <= 5000 - empty, ("%d routes, %d bad lines, %d empty ones"):format(#told, bad, empty))
  end)
end)
