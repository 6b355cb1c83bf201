local fake_files = require("spec.support.fake_files")
local fakes = require("spec.support.fakes")
local newGathered = require("signpost.snapshot.gather").newGathered
local parseCommand = require("signpost.snapshot.command_line").parseCommand

describe("what is gathered of a file", function()
  local gathered
  before_each(function()
    gathered = newGathered()
  end)

  local function add(line)
    local words = assert(parseCommand(line))
    return gathered.add(words[1]:upper(), words[2], words)
  end

  local function yes()
    return true
  end

  local function all()
    local told = {}
    assert.is_true(gathered.each(function(key, command, items)
      told[#told + 1] = { key, command, items }
    end, yes))
    return told
  end

  it("is told key by key, in the order in which they came, each with its command and items", function()
    add("HSET b / 10.0.0.5")
    add("DEL a")
    add("RPUSH c label 10.0.0.5 10.0.0.5")
    add('sadd d "10.0.0.5"')
    assert.same({
      { "b", "HSET", { "/", "10.0.0.5" } },
      { "a", "DEL", {} },
      { "c", "RPUSH", { "label", "10.0.0.5", "10.0.0.5" } },
      { "d", "SADD", { "10.0.0.5" } },
    }, all())
  end)

  it("adds up several lines of one key, wherever they stand", function()
    add("HSET b / 1")
    add("RPUSH c 1 2")
    add("HSET b /api 2 / 3")
    add("RPUSH c 2")
    add("HSET b /c 4")
    assert.same({ { "b", "HSET", { "/", "3", "/api", "2", "/c", "4" } }, { "c", "RPUSH", { "1", "2", "2" } } }, all())
  end)

  it("begins anew after a DEL", function()
    add("HSET a / 1")
    add("HSET a /x 2")
    add("DEL a")
    add("RPUSH a 1")
    assert.same({ { "a", "RPUSH", { "1" } } }, all())
  end)

  it("is not what has become a string, and is what came after that", function()
    add("HSET a / 1")
    add("HSET a /x 1")
    gathered.forget("a")
    add("HSET b / 1")
    gathered.forget("b")
    add("HSET a /y 2")
    assert.same({ { "a", "HSET", { "/y", "2" } } }, all())
  end)

  it("is told key by key, between which the telling can be ended: then nothing more is told", function()
    local lines = { "HSET a / 12", "HSET b / 1", "HSET b /x 1", "DEL c", "RPUSH d 1" }
    for last = 1, 4 do
      gathered = newGathered()
      for _, line in ipairs(lines) do
        add(line)
      end
      local told, passed = {}, {}
      assert.is_false(gathered.each(function(key)
        told[#told + 1] = key
      end, function(bytes)
        passed[#passed + 1] = bytes
        return #passed < last
      end))
      assert.same({ unpack({ 3, 5, 0, 1 }, 1, last) }, passed)
      assert.equal(("abcd"):sub(1, last - 1), table.concat(told))
    end
  end)

  it("is told once", function()
    add("HSET a / 1")
    all()
    assert.same({}, all())
  end)

  it("refuses a command for a key of another type, which stays as it is", function()
    assert.is_nil(add("HSET a / 1"))
    assert.equal("expected HSET or DEL, for the key is a hash", add("RPUSH a 1"))
    assert.equal("expected HSET or DEL, for the key is a hash", add("SADD a 1"))
    assert.is_nil(add("RPUSH b 1"))
    assert.equal("expected RPUSH or DEL, for the key is a list", add("HSET b / 1"))
    assert.is_nil(add("SADD c 1"))
    assert.equal("expected SADD or DEL, for the key is a set", add("HSET c / 1"))
    assert.same({ { "a", "HSET", { "/", "1" } }, { "b", "RPUSH", { "1" } }, { "c", "SADD", { "1" } } }, all())
  end)

  -- A key, filled by one line or by many.
  local function fill(verb, count, form)
    local words = { verb, "big" }
    for i = 1, count do
      words[#words + 1] = form:format(i)
      if verb == "HSET" then
        words[#words + 1] = "v"
      end
    end
    return words
  end

  local function told()
    local keys = {}
    gathered.each(function(key, command, items, isTooMuch)
      keys[#keys + 1] = { key, command, #items, isTooMuch }
    end, yes)
    return keys
  end

  for verb, most in pairs({ HSET = 2048, RPUSH = 4096, SADD = 4096 }) do
    it("is all of a key up to 4,096 items, and only that there is more of one that has more: " .. verb, function()
      for _, isOneLine in ipairs({ true, false }) do
        for extra = 0, 1 do
          local words = fill(verb, most + extra, "%d")
          local step = isOneLine and #words or verb == "HSET" and 2 or 1
          for i = 3, #words, step do
            gathered.add(verb, "big", { verb, "big", unpack(words, i, math.min(i + step - 1, #words)) })
          end
          gathered.add("HSET", "other", { "HSET", "other", "/", "1" })
          assert.same({ { "big", verb, extra == 0 and 4096 or 0, extra == 1 }, { "other", "HSET", 2, false } }, told())
        end
      end
    end)

    it("is all of a key up to 262,144 bytes, and only that there is more of one that has more: " .. verb, function()
      for extra = 0, 1 do
        local words = { verb, "big", ("a"):rep(131072), ("b"):rep(131072 + extra) }
        gathered.add(verb, "big", words)
        assert.same({ { "big", verb, extra == 0 and 2 or 0, extra == 1 } }, told())
      end
    end)
  end

  it("counts a field with its last value, and a member once", function()
    for _ = 1, 5000 do
      gathered.add("HSET", "a", { "HSET", "a", "/", ("x"):rep(1000), "/api", "y" })
      gathered.add("SADD", "b", { "SADD", "b", "m", "n" })
    end
    assert.same({ { "a", "HSET", 4, false }, { "b", "SADD", 2, false } }, told())
  end)

  it("begins anew after a DEL, also of a key that had too much", function()
    gathered.add("RPUSH", "big", fill("RPUSH", 5000, "%d"))
    assert.equal("expected RPUSH or DEL, for the key is a list", add("SADD big 1"))
    add("RPUSH big 1")
    add("DEL big")
    add("RPUSH big 2")
    assert.same({ { "big", "RPUSH", { "2" }, false } }, (function()
      local keys = {}
      gathered.each(function(...)
        keys[#keys + 1] = { ... }
      end, yes)
      return keys
    end)())
  end)

  it("is what Redis holds after the same commands, whatever they are", function()
    for seed = 1, 200 do
      local draw, found = fakes.random(seed), {}
      local redis = fake_files.redis(fake_files.inOrder)
      gathered = newGathered()
      for _ = 1, draw(60) do
        local verb = ({ "HSET", "RPUSH", "SADD", "DEL" })[draw(4)]
        local words = { verb, "k" .. draw(5) }
        for _ = 1, verb == "DEL" and 0 or 2 * draw(3) do
          words[#words + 1] = "v" .. draw(6)
        end
        local refused = add(table.concat(words, " "))
        assert.equal(refused == nil, (pcall(redis.run, unpack(words))))
      end
      for _, one in ipairs(all()) do
        if one[2] ~= "DEL" then
          redis.run("SET", "told", "x")
          redis.run("DEL", "told")
          redis.run(one[2], "told", unpack(one[3]))
          found[one[1]] = redis.dump().told
        end
      end
      redis.run("DEL", "told")
      assert.same(redis.dump(), found)
    end
  end)
end)
