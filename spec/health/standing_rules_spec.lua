local pools = require("spec.balance.pools")
local parseAddress = require("signpost.format.address").parseAddress

local A = "10.0.0.1:80"

-- What health knows the member of a pool with these options by.
local function key(options, name)
  local fields = { [A] = 1 }
  for option, value in pairs(options) do
    fields[option] = value
  end
  return pools.of(fields, nil, 1, name).peers[1].healthKey
end

-- Everything that leads to a verdict: of requests, and of checks.
local DECIDES = {
  { fail_on = "connect" },
  { fail_on = "timeout" },
  { max_fails = 4 },
  { fail_window = 11 },
  { fail_timeout = 11 },
  { connect_timeout = 100 },
  { read_timeout = 100 },
  { connect_timeout = 100, read_timeout = 100 },
  { host = "shop.example.com" },
  { health_path = "/up" },
  { health_path = "/nope" },
  { health_path = "/up", host = "shop.example.com" },
  { health_path = "/up", health_interval = 6 },
  { health_path = "/up", health_timeout = 6 },
  { health_path = "/up", health_status = "418" },
  { health_path = "/up", rise = 1 },
  { health_path = "/up", fall = 1 },
}

-- What leads to none.
local DECIDES_NOTHING = {
  { balance = "least_conn" },
  { balance = "hash", hash_on = "ip" },
  { tries = 1 },
  { reuse = "never" },
  { all_down = "fail" },
  { fail_on = "timeout connect" },
  { max_fails = 3 },
  { health_interval = 60 },
  { rise = 100 },
}

describe("what is known of a backend", function()
  it("is shared by routes that name it and by pools whose rules are the same", function()
    local route = pools.maker().ofAddresses({ assert(parseAddress(A)), assert(parseAddress("10.0.0.2:80")) }, nil)
    assert.equal(A, route.peers[1].healthKey)
    assert.equal(A, key({}))
    for _, options in ipairs(DECIDES_NOTHING) do
      assert.equal(A, key(options), next(options))
    end
  end)

  it("is shared by no two pools whose rules differ in anything", function()
    local seen = { [A] = true }
    for i, options in ipairs(DECIDES) do
      local known = key(options)
      assert.is_nil(seen[known], "options " .. i)
      seen[known] = true
    end
  end)

  it("is shared by pools of any name, if the same options are written in another order", function()
    local one = key({ health_path = "/up", health_status = "204 3xx", max_fails = 7 }, "one")
    assert.equal(one, key({ max_fails = 7, health_status = "3xx 204", health_path = "/up" }, "other"))
  end)

  it("is a pool's own where statuses of requests count", function()
    local options = { fail_on = "connect 503" }
    assert.equal(key(options, "one"), key(options, "one"))
    assert.not_equal(key(options, "one"), key(options, "other"))
  end)

  it("is apart for each scheme", function()
    local pool = pools.of({ ["https://10.0.0.1:80"] = 1, [A] = 1 })
    assert.not_equal(pool.peers[1].healthKey, pool.peers[2].healthKey)
  end)

  it("is worked out once for a pool, whatever its size", function()
    local digests, digest = 0, pools.digest
    pools.digest = function(text)
      digests = digests + 1
      return digest(text)
    end
    local fields = { max_fails = 9 }
    for i = 1, 100 do
      fields["10.0.0." .. i .. ":80"] = 1
    end
    pools.of(fields)
    pools.digest = digest
    assert.equal(1, digests)
  end)
end)
