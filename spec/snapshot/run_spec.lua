local fakes = require("spec.support.fakes")
local newGathered = require("signpost.snapshot.gather").newGathered
local newLineWords = require("signpost.snapshot.line_words").newLineWords
local newRun = require("signpost.snapshot.run").newRun

describe("lines of one key that follow one another", function()
  local words, told, run
  before_each(function()
    words, told = newLineWords(4098), {}
    run = newRun(function(key, command, items, isTooMuch)
      told[#told + 1] = { key, command, { unpack(items) }, isTooMuch }
    end)
  end)

  local function add(line)
    assert(words.split(line))
    return run.add(words.word(0), words.word(1), words)
  end

  it("are told when the next key begins, or at the end, and once", function()
    add("HSET a / 1")
    add("HSET a /x 2")
    assert.same({}, told)
    add("RPUSH b l l")
    assert.same({ { "a", "HSET", { "/", "1", "/x", "2" }, false } }, told)
    run.finish()
    run.finish()
    assert.same({ "b", "RPUSH", { "l", "l" }, false }, told[2])
    assert.equal(2, #told)
  end)

  it("may be of a key that was told before", function()
    for _ = 1, 2 do
      add("DEL a")
      run.finish()
    end
    assert.same({ { "a", "DEL", {}, false }, { "a", "DEL", {}, false } }, told)
  end)

  it("are what gathering makes of them, whatever they are", function()
    local draw, many, refused = fakes.random(31), 0, 0
    for round = 1, 4000 do
      local gathered, expected, key = newGathered(), nil, "k" .. round % 2
      told = {}
      for _ = 1, draw(4) do
        local verb = ({ "HSET", "HSET", "RPUSH", "SADD", "DEL" })[draw(5)]
        local line = { verb, key }
        local most = draw(20) == 1 and 30 or 4
        for i = 1, verb == "DEL" and 0 or 2 * draw(most) do
          line[i + 2] = draw(200) == 1 and ("x"):rep(140000) or "v" .. draw(most * 3)
        end
        many = many + (#line > 18 and 1 or 0)
        local problem = gathered.add(verb, key, line)
        assert.equal(problem, add(table.concat(line, " ")))
        refused = refused + (problem and 1 or 0)
      end
      gathered.each(function(...)
        expected = { ... }
      end, function()
        return true
      end)
      run.finish()
      assert.same({ expected }, told)
    end
    assert(many > 100 and refused > 1000, ("%d long lines, %d refused"):format(many, refused))
  end)
end)
