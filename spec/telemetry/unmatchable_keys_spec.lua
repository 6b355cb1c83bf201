local fakes = require("spec.support.fakes")
local newKeys = require("signpost.redis.keys").newKeys
local unmatchableKeys = require("signpost.telemetry.unmatchable_keys").unmatchableKeys

describe("keys that no request matches", function()
  local log, keys
  before_each(function()
    log = fakes.log()
    keys = newKeys({ route_prefix = "route:", pool_prefix = "pool:" }, nil, unmatchableKeys(log))
  end)

  local function see(key)
    local names = {}
    keys.eachName(key, function(name)
      names[#names + 1] = name
    end)
    return names
  end

  it("are said once, with the key that is meant, and are read all the same", function()
    assert.same({ "App.Example.com" }, see("route:App.Example.com"))
    see("route:App.Example.com")
    see("route:app.example.com:80")
    assert.equal(2, #log.lines)
    assert.same({ "warn", "route:App.Example.com: no request matches this key, because hosts are looked up as "
      .. "route:app.example.com" }, log.lines[1])
  end)

  it("are no pools, and none that can be matched", function()
    for _, key in ipairs({ "pool:Web.A:80", "route:a.com", "route:*", "route:@Web", "other:A.com" }) do
      see(key)
    end
    assert.same({}, log.lines)
  end)

  it("are said on one line, whatever bytes they hold, and not without end", function()
    for i = 1, 3000 do
      see(("route:A%d.com \n"):format(i))
    end
    assert.equal(1000, #log.lines)
    for _, line in ipairs(log.lines) do
      assert.is_nil(line[2]:find("[^ -~]"))
    end
  end)
end)
