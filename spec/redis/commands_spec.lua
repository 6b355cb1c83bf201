local commands = require("signpost.redis.commands")

describe("commands", function()
  local encode = commands.encodeCommands

  it("are arrays of strings, one after the other", function()
    assert.equal("*2\r\n$3\r\nget\r\n$7\r\nroute:a\r\n*1\r\n$4\r\nping\r\n",
      encode({ { "get", "route:a" }, { "ping" } }))
    assert.equal("", encode({}))
  end)

  it("hold any bytes, each word as one", function()
    for _, key in ipairs({ "a b", "a\r\nFLUSHALL\r\n", "a\0b", "\255", '"', "" }) do
      assert.equal("*2\r\n$3\r\nget\r\n$" .. #key .. "\r\n" .. key .. "\r\n", encode({ { "get", key } }))
    end
  end)
end)

describe("the prefixes that cover all keys", function()
  local covering = commands.coveringPrefixes

  for _, case in ipairs({
    { "route:", "pool:", { "pool:", "route:" } },
    { "a:", "b:", { "a:", "b:" } },
    { "b:", "a:", { "b:", "a:" } },
    { "route:", "route:pool:", { "route:" } },
    { "routes:", "r", { "r" } },
    { "route:", "", { "" } },
    { "", "pool:", { "" } },
    { "a.", "aa", { "a.", "aa" } },
    { "*", "*a", { "*" } },
    { "a", "ba", { "a", "ba" } },
  }) do
    local one, other, expected = unpack(case)
    it(("are none with another of them: %q and %q"):format(one, other), function()
      assert.same(expected, covering({ one, other }))
    end)
  end

  it("are as many as it takes", function()
    assert.same({ "i:", "pool:", "route:" }, covering({ "route:", "pool:", "i:r:", "i:", "i:p:", "route:x" }))
    assert.same({ "" }, covering({ "route:", "pool:", "", "i:" }))
    assert.same({}, covering({}))
  end)

  it("begin every key that begins with one of the two, and only such", function()
    local texts = { "", "a", "b", "aa", "ab", "ba", "aab", "aba" }
    for _, one in ipairs(texts) do
      for _, other in ipairs(texts) do
        for _, key in ipairs(texts) do
          local found = 0
          for _, prefix in ipairs(covering({ one, other })) do
            found = found + (key:sub(1, #prefix) == prefix and 1 or 0)
          end
          local isMeant = key:sub(1, #one) == one or key:sub(1, #other) == other
          assert.equal(isMeant and 1 or 0, found, ("%q of %q and %q"):format(key, one, other))
        end
      end
    end
  end)
end)
