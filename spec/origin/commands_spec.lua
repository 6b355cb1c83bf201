local commands = require("signpost.origin.commands")

describe("the commands that read routes", function()
  it("are TYPE and GET of each key, in the order of the keys", function()
    assert.same({ { "type", "route:a" }, { "get", "route:a" }, { "type", "route:*" }, { "get", "route:*" } },
      commands.commandsFor({ "route:a", "route:*" }))
  end)

  it("bring as many replies for each key as is said", function()
    for keys = 0, 10 do
      local names = {}
      for i = 1, keys do
        names[i] = "route:" .. i
      end
      assert.equal(keys * commands.REPLIES_PER_KEY, #commands.commandsFor(names))
    end
  end)

  it("hold the keys byte for byte, each as one argument", function()
    for _, key in ipairs({ "a b", "a\r\nFLUSHALL\r\n", "a\0b", "\255", '"', "" }) do
      assert.same({ { "type", key }, { "get", key } }, commands.commandsFor({ key }))
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
      assert.same(expected, covering(one, other))
    end)
  end

  it("begin every key that begins with one of the two, and only such", function()
    local texts = { "", "a", "b", "aa", "ab", "ba", "aab", "aba" }
    for _, one in ipairs(texts) do
      for _, other in ipairs(texts) do
        for _, key in ipairs(texts) do
          local found = 0
          for _, prefix in ipairs(covering(one, other)) do
            found = found + (key:sub(1, #prefix) == prefix and 1 or 0)
          end
          local isMeant = key:sub(1, #one) == one or key:sub(1, #other) == other
          assert.equal(isMeant and 1 or 0, found, ("%q of %q and %q"):format(key, one, other))
        end
      end
    end
  end)
end)
