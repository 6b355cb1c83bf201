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
