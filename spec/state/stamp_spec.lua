local stamp = require("signpost.state.stamp")

local NOW = 1700000000.5

describe("a stamp", function()
  it("fits into 32 bits and is never 0, whenever it is made", function()
    for _, time in ipairs({ 0, 1, NOW, 2 ^ 32 / 1000, 4e9 }) do
      local made = stamp.stampOf(time)
      assert.is_true(made > 0 and made < 2 ^ 32 and made % 1 == 0)
    end
  end)

  it("is from the future when the clock was set back since, also over the end of its range", function()
    local wraps = math.ceil(NOW * 1000 / 2 ^ 32) * 2 ^ 32 / 1000
    for _, time in ipairs({ NOW, wraps + 1, wraps - 1 }) do
      local made = stamp.stampOf(time)
      for _, back in ipairs({ 2, 60, 3600, 86400 }) do
        assert.is_true(stamp.isFromFuture(made, time - back))
        assert.is_false(stamp.isFromFuture(made, time + back))
      end
      assert.is_false(stamp.isFromFuture(made, time))
      assert.is_false(stamp.isFromFuture(made, time - 0.5))
    end
  end)

  it("that was never made is not from the future", function()
    assert.is_false(stamp.isFromFuture(nil, NOW))
    assert.is_false(stamp.isFromFuture(0, NOW))
  end)
end)
