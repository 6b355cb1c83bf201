local crc32 = require("spec.support.crc32")
local fake_files = require("spec.support.fake_files")
local fakes = require("spec.support.fakes")
local usualKeys = require("spec.support.usual_keys")
local newRights = require("signpost.redis.rights").newRights
local parseCommand = require("signpost.snapshot.command_line").parseCommand
local readRoutes = require("signpost.snapshot.read_file").readRoutes
local routeReader = require("signpost.redis.read_routes").routeReader
local valueReader = require("signpost.redis.read_values").valueReader
local writeSnapshot = require("signpost.snapshot.write_file").writeSnapshot

local PATH = "/var/lib/signpost/snapshot"
local BOTH = { "pool:", "route:" }

local function valuesOf(redis)
  return valueReader(redis, newRights(function()
    return 1
  end, function() end))
end

local function begins(key, prefix)
  return key:sub(1, #prefix) == prefix
end

describe("a snapshot", function()
  local draw, redis, disk, log
  before_each(function()
    draw, log = fakes.random(4711), fakes.log()
    redis, disk = fake_files.redis(draw), fake_files.disk()
  end)

  local function write(prefixes, breathe)
    local file = assert(disk.create(PATH))
    return writeSnapshot(file, {
      redis = redis,
      readValues = valuesOf(redis),
      log = log,
      prefixes = prefixes or BOTH,
      breathe = breathe or function()
        return true
      end,
    })
  end

  local function lines()
    local all = {}
    for line in disk.text(PATH):gmatch("([^\n]*)\n") do
      all[#all + 1] = line
    end
    return all
  end

  -- What `redis-cli < file` makes of an empty Redis.
  local function restored()
    local other = fake_files.redis(draw)
    for _, line in ipairs(lines()) do
      other.run(unpack((assert(parseCommand(line)))))
    end
    return other.dump()
  end

  -- What the snapshot should hold, if nothing changes meanwhile.
  local function expected(prefixes)
    local keys = {}
    for key, value in pairs(redis.dump()) do
      for _, prefix in ipairs(prefixes or BOTH) do
        if begins(key, prefix) and value.type ~= "zset" and value.type ~= "stream" then
          keys[key] = value
        end
      end
    end
    return keys
  end

  local function word(most)
    local bytes = {}
    for i = 1, draw(most) do
      bytes[i] = string.char(draw(4) == 1 and draw(256) - 1 or 31 + draw(95))
    end
    return table.concat(bytes)
  end

  local function writeRandomly(key)
    redis.run("DEL", key)
    local verb = ({ "SET", "SET", "SET", "HSET", "RPUSH", "SADD", "ZADD", "XADD" })[draw(8)]
    if verb == "SET" then
      redis.run("SET", key, draw(2) == 1 and "10.0.0." .. draw(255) or word(20))
      return
    end
    local words = {}
    for i = 1, 2 * draw(4) do
      words[i] = word(6)
    end
    redis.run(verb, key, unpack(words))
  end

  it("is a file of commands, one a line, that people can read", function()
    redis = fake_files.redis(fake_files.inOrder)
    redis.run("SET", "route:a.com", "10.0.0.5:8080")
    redis.run("SET", "route:b.com", "10.0.0.5, 10.0.0.6")
    redis.run("HSET", "pool:web", "10.0.0.5:8080", "1", "balance", "least_conn")
    redis.run("RPUSH", "route:c.com", "label", "http://10.0.0.7", "http://10.0.0.7")
    redis.run("SADD", "route:d.com", "10.0.0.5", "10.0.0.6")
    assert.equal(5, (write()))
    local written = lines()
    table.sort(written)
    assert.same({
      "DEL pool:web",
      "DEL route:c.com",
      "DEL route:d.com",
      "HSET pool:web 10.0.0.5:8080 1 balance least_conn",
      "RPUSH route:c.com label http://10.0.0.7 http://10.0.0.7",
      "SADD route:d.com 10.0.0.5 10.0.0.6",
      "SET route:a.com 10.0.0.5:8080",
      'SET route:b.com "10.0.0.5, 10.0.0.6"',
    }, written)
  end)

  it("is whole but for keys whose names were too long to be read", function()
    redis.run("SET", "route:a.com", "10.0.0.5:8080")
    local ask, most = redis.ask, nil
    function redis.ask(commands, passedOverBytes)
      local replies, err, detail = ask(commands)
      if replies and commands[1][1] == "scan" then
        most = passedOverBytes
        local found = replies[1].items[2].items
        found[#found + 1] = { kind = "oversized", detail = "a string of 20000000 bytes" }
      end
      return replies, err, detail
    end
    assert.equal(1, (write()))
    assert.same({ "SET route:a.com 10.0.0.5:8080" }, lines())
    assert.is_true(most >= 128 + 254)
  end)

  it("of nothing is an empty file", function()
    redis.run("SET", "other", "x")
    assert.equal(0, (write()))
    assert.equal("", disk.text(PATH))
  end)

  it("holds what the prefixes hold, byte for byte, and nothing else, in whatever batches it comes", function()
    for seed = 1, 60 do
      draw = fakes.random(seed)
      redis, disk = fake_files.redis(draw), fake_files.disk()
      for _ = 1, draw(150) do
        writeRandomly(({ "route:", "pool:", "router", "Route:", "" })[draw(5)] .. word(10))
      end
      assert(write())
      assert.same(expected(), restored())
    end
  end)

  -- A route or a pool of any type; some are good.
  local function writeRecord(key)
    local function address()
      return "10.0.0." .. draw(255)
    end
    redis.run("DEL", key)
    local verb = ({ "SET", "HSET", "HSET", "RPUSH", "SADD" })[draw(5)]
    if verb == "SET" then
      redis.run("SET", key, draw(2) == 1 and address() .. " " .. address() or "@web")
    elseif verb == "HSET" and begins(key, "route:") then
      redis.run("HSET", key, "/", address(), "/a b", "@web", "/" .. word(4), "return 503")
    elseif verb == "HSET" then
      redis.run("HSET", key, address(), tostring(draw(5)), "tries", tostring(draw(3)), "host", "a.com")
    else
      redis.run(verb, key, address(), address(), draw(9) == 1 and word(5) or address())
    end
  end

  it("reads back as what the reader of Redis finds", function()
    for i = 1, 600 do
      local key = ({ "route:", "pool:" })[draw(2)] .. word(10)
      local writeAny = i % 3 == 0 and writeRandomly or writeRecord
      writeAny(key)
    end
    assert(write())
    local found, names, keys, goods = {}, {}, usualKeys, 0
    local parts = { files = disk, log = fakes.log(), keys = keys, hash = crc32 }
    assert.equal(0, (readRoutes(PATH, parts, function(name, reading)
      found[name] = reading
      goods = goods + (reading.kind == "good" and 1 or 0)
    end, function()
      return true
    end)))
    for key in pairs(expected()) do
      keys.eachName(key, function(name)
        names[#names + 1] = name
      end)
    end
    local wanted = {}
    for i, reading in ipairs((assert(routeReader(valuesOf(redis), keys)(names)))) do
      wanted[names[i]] = reading
    end
    assert.same(wanted, found)
    assert(goods > 200, goods .. " good records")
  end)

  it("knows no patterns in prefixes", function()
    for _, prefix in ipairs({ "*", "?", "r*:", "[ab]:", "[^a]", "\\", "\\*", "a\\", "%a", "^a$", "\0*" }) do
      redis, disk = fake_files.redis(draw), fake_files.disk()
      for _, before in ipairs({ prefix, "a:", "ab:", "r:", "rx:", "\\x", "x", "" }) do
        redis.run("SET", before .. "host", before)
      end
      assert(write({ prefix }))
      assert.same(expected({ prefix }), restored())
    end
  end)

  it("holds everything where the prefix is empty", function()
    for _ = 1, 100 do
      writeRandomly(word(10))
    end
    assert(write({ "" }))
    assert.same(expected({ "" }), restored())
  end)

  it("hands SCAN's cursors on as they are, and lets requests have their turn after each batch", function()
    for i = 1, 500 do
      redis.run("SET", "route:" .. i, "10.0.0.5")
    end
    local batches, breaths = 0, 0
    redis.meddle(function(commands)
      if commands[1] ~= nil and commands[1][1] == "scan" then
        assert.equal(batches, breaths)
        batches = batches + 1
      end
    end)
    assert(write({ "route:" }, function()
      breaths = breaths + 1
      return true
    end))
    assert(batches > 10, batches .. " batches")
    assert.equal(batches, breaths)
  end)

  it("leaves out a key that is gone, or of another type, by the time it is read", function()
    redis.run("SET", "route:gone", "10.0.0.5")
    redis.run("HSET", "route:list", "/", "10.0.0.5")
    redis.run("SADD", "route:string", "10.0.0.5")
    redis.run("SADD", "route:emptied", "10.0.0.5")
    redis.run("SET", "route:kept", "10.0.0.5")
    redis.meddle(function(commands)
      for _, command in ipairs(commands) do
        local key = command[2]
        if command[1] == "getrange" and key == "route:gone" then
          redis.run("DEL", key)
        elseif command[1] == "hlen" and key == "route:list" then
          redis.run("DEL", key)
          redis.run("RPUSH", key, "label", "10.0.0.6")
        elseif command[1] == "smembers" and key == "route:string" then
          redis.run("SET", key, "10.0.0.6")
        elseif command[1] == "smembers" and key == "route:emptied" then
          redis.run("DEL", key)
        end
      end
    end)
    assert(write())
    assert.same({ ["route:kept"] = { type = "string", text = "10.0.0.5" } }, restored())
  end)

  it("is right of every key that does not change meanwhile, whatever the others do", function()
    for seed = 1, 30 do
      draw = fakes.random(seed)
      redis, disk = fake_files.redis(draw), fake_files.disk()
      local still = {}
      for i = 1, 100 do
        writeRandomly("route:still" .. i)
        writeRandomly("route:restless" .. i)
      end
      for key, value in pairs(expected()) do
        still[key] = begins(key, "route:still") and value or nil
      end
      redis.meddle(function()
        for _ = 1, 10 do
          local key = "route:restless" .. draw(120)
          if draw(3) == 1 then
            redis.run("DEL", key)
          else
            writeRandomly(key)
          end
        end
      end)
      assert(write())
      local found = restored()
      for key in pairs(found) do
        assert(still[key] ~= nil or begins(key, "route:restless"), key)
        found[key] = still[key] and found[key]
      end
      assert.same(still, found)
    end
  end)

  for _, message in ipairs({
    "NOPERM this user has no permissions to run this command",
    "LOADING Redis is loading the dataset in memory",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  }) do
    for _, command in ipairs({ "scan", "type", "get", "hgetall", "lrange", "smembers" }) do
      it(("is not made of less than everything: %s says %s"):format(command, message:match("%u+")), function()
        redis.run("SET", "route:a", "10.0.0.5")
        redis.run("HSET", "route:b", "/", "10.0.0.5")
        redis.run("RPUSH", "route:c", "10.0.0.5")
        redis.run("SADD", "route:d", "10.0.0.5")
        redis.refuse(command, message)
        -- What is asked first, where it is permitted.
        redis.refuse("getrange", command == "get" and message or nil)
        local keys, err, detail = write()
        assert.is_nil(keys)
        assert.equal("redis_down", err)
        assert.matches(message, detail, 1, true)
      end)
    end
  end

  it("is not made of less than everything: Redis goes away at any moment", function()
    for i = 1, 100 do
      redis.run("SET", "route:" .. i, "10.0.0.5")
    end
    assert(write())
    for last = 1, #redis.asks do
      redis.down(nil)
      local asked = 0
      redis.meddle(function()
        asked = asked + 1
        if asked == last then
          redis.down("10.0.0.9:6379: no answer: closed")
        end
      end)
      local keys, err, detail = write()
      -- The batches are of other sizes each time.
      if keys == nil then
        assert.same({ "redis_down", "10.0.0.9:6379: no answer: closed" }, { err, detail })
        assert.equal(last, asked)
      else
        assert(asked < last, ("%d round trips, all done, at the %dth Redis went away"):format(asked, last))
      end
    end
  end)

  it("is not made of what is no answer to what was asked", function()
    local none, zero = { kind = "nil" }, { kind = "text", text = "0" }
    local empty = { kind = "list", items = {} }
    local noKeys, noCursor = { kind = "list", items = { zero } }, { kind = "list", items = { empty } }
    for _, reply in ipairs({ none, zero, empty, noKeys, noCursor }) do
      local _, err, detail = writeSnapshot(assert(disk.create(PATH)), {
        redis = {
          ask = function()
            return { reply }, nil
          end,
        },
        readValues = error,
        log = log,
        prefixes = BOTH,
        breathe = error,
      })
      assert.same({ "redis_down", "SCAN: expected a cursor and keys, got a " .. reply.kind }, { err, detail })
    end
  end)

  it("is not made of too few answers", function()
    redis.run("SET", "route:a", "10.0.0.5")
    for _, missing in ipairs({ 1, 2 }) do
      local short = {
        ask = function(commands)
          local replies = redis.ask(commands)
          for _ = 1, commands[1][1] == "scan" and 0 or missing do
            replies[#replies] = nil
          end
          return replies, nil
        end,
      }
      local _, err = writeSnapshot(assert(disk.create(PATH)), {
        redis = short,
        readValues = valuesOf(short),
        log = log,
        prefixes = { "route:" },
        breathe = function()
          return true
        end,
      })
      assert.equal("redis_down", err)
    end
  end)

  it("leaves out what is beyond the limits, says so in one line, and in the file", function()
    redis = fake_files.redis(fake_files.inOrder)
    redis.run("SET", "route:long", ("x"):rep(70000))
    redis.run("SET", "route:kept", ("x"):rep(65536))
    local fields = {}
    for i = 1, 2 * 2049 do
      fields[i] = "f" .. i
    end
    redis.run("HSET", "route:many", unpack(fields))
    redis.run("SADD", "route:heavy", "10.0.0.5")
    redis.takes("route:heavy", 500000000)
    assert.equal(1, (write({ "route:" })))
    assert.equal(1, #log.lines)
    assert.matches('^3 keys are not in the snapshot, such as "route:%a+": expected no more than ', log.lines[1][2])
    local written = lines()
    assert.equal('ECHO "3 keys are not in the snapshot', written[#written]:sub(1, 36))
    -- What is left out is not known to be absent.
    local bad = readRoutes(PATH, { files = disk, log = fakes.log(), keys = usualKeys }, function() end,
      function()
        return true
      end)
    assert.equal(1, bad)
  end)

  it("leaves out a key that may not be read, where others may", function()
    redis = fake_files.redis(fake_files.inOrder)
    redis.run("SET", "route:kept", "10.0.0.5")
    redis.run("SET", "route:secret", "10.0.0.6")
    local secretive = {
      ask = function(commands)
        local replies = redis.ask(commands)
        for i, command in ipairs(commands) do
          if command[2] == "route:secret" then
            replies[i] = { kind = "error", message = "NOPERM No permissions to access a key" }
          end
        end
        return replies, nil
      end,
    }
    assert.equal(1, (writeSnapshot(assert(disk.create(PATH)), {
      redis = secretive,
      readValues = valuesOf(secretive),
      log = log,
      prefixes = { "route:" },
      breathe = function()
        return true
      end,
    })))
    assert.matches('"route:secret": GET: NOPERM', log.lines[1][2], 1, true)
  end)

  it("is given up, between two batches, as soon as another worker watches Redis", function()
    for i = 1, 500 do
      redis.run("SET", "route:" .. i, "10.0.0.5")
    end
    local breaths = 3
    local keys, err, detail = write(BOTH, function()
      breaths = breaths - 1
      return breaths > 0
    end)
    assert.same({ nil, "given_up", "another worker watches Redis now" }, { keys, err, detail })
    local asked = #redis.asks
    assert(asked <= 9, asked .. " round trips for three batches")
  end)

  it("is given up, with the system's words, when the disk is full or broken", function()
    for i = 1, 100 do
      redis.run("SET", "route:" .. i, "10.0.0.5")
    end
    for _, bytes in ipairs({ 0, 1, 100, 1000 }) do
      disk.leave(bytes)
      assert.same({ nil, "file_error", PATH .. ": No space left on device" }, { write() })
    end
    disk.leave(math.huge)
    disk.breakAt("write")
    assert.same({ nil, "file_error", PATH .. ": Input/output error" }, { write() })
  end)
end)
