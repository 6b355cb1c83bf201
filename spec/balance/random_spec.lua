local newRandom = require("signpost.balance.random").newRandom

describe("random numbers", function()
  it("are from 0 up to 1, without 1", function()
    local random = newRandom(12345)
    for _ = 1, 100000 do
      local number = random()
      assert(number >= 0 and number < 1, number)
    end
  end)

  it("fill that evenly, and their pairs do", function()
    for _, seed in ipairs({ 0, 1, -1, 4711, 2 ^ 31, 2 ^ 32 - 1 }) do
      local random, counts, last = newRandom(seed), {}, nil
      for _ = 1, 160000 do
        local cell = math.floor(random() * 4)
        local pair = cell * 4 + (last or 0)
        counts[pair], last = (counts[pair] or 0) + 1, cell
      end
      for pair = 0, 15 do
        assert(math.abs((counts[pair] or 0) - 10000) < 500, ("seed %.0f: %d"):format(seed, counts[pair] or 0))
      end
    end
  end)

  it("are the same for the same seed", function()
    local one, other = newRandom(7), newRandom(7)
    for _ = 1, 100 do
      assert.equal(one(), other())
    end
  end)

  it("begin evenly, and no two alike, for seeds in a row, as workers have them", function()
    local seen, counts = {}, {}
    for seed = 1, 10000 do
      local first = newRandom(seed)()
      assert.is_nil(seen[first])
      seen[first] = true
      local tenth = math.floor(first * 10)
      counts[tenth] = (counts[tenth] or 0) + 1
    end
    for tenth = 0, 9 do
      assert(math.abs(counts[tenth] - 1000) < 150, tenth .. ": " .. counts[tenth])
    end
  end)

  it("leave math.random as it is", function()
    math.randomseed(42)
    local expected = { math.random(), math.random() }
    math.randomseed(42)
    local first = math.random()
    local random = newRandom(1)
    random()
    assert.same(expected, { first, math.random() })
  end)
end)
