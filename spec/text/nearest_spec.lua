local nearest = require("signpost.text.nearest").nearest

local NAMES = { "redis", "redis_user", "redis_send_timeout", "redis_read_timeout", "cache_ttl", "max_lookups" }

describe("the nearest known name", function()
  for _, case in ipairs({
    { "cache_ttl", "cache_ttl", "no slip" },
    { "cach_ttl", "cache_ttl", "one missing" },
    { "cachee_ttl", "cache_ttl", "one too many" },
    { "cache_ttx", "cache_ttl", "one wrong" },
    { "cahce_ttl", "cache_ttl", "two swapped, which is one slip" },
    { "mxa_olokusp", "max_lookups", "three swaps" },
    { "rdeis", "redis", "two swapped in a short word, which has room for one slip" },
    { "CACHE-TTL", "cache_ttl", "upper case is no slip" },
    { "maxLookups", "max_lookups", "another style" },
    { "max_lookup", "max_lookups", "one missing at the end" },
    { "x_max_lookups", "max_lookups", "two too many at the beginning" },
  }) do
    local word, meant, why = case[1], case[2], case[3]
    it(("of %s is %s: %s"):format(word, meant, why), function()
      assert.equal(meant, nearest(word, NAMES))
    end)
  end

  for _, word in ipairs({ "", "r", "ttl", "rodas", "upstream", "redis_timeout", "cache_size_max", "snapshot" }) do
    it(("of %q is none: nothing is near enough"):format(word), function()
      assert.is_nil(nearest(word, NAMES))
    end)
  end

  it("does not depend on the order of the names where two are equally near", function()
    assert.equal("redis_read_timeout", nearest("redis_rend_timeout", { "redis_send_timeout", "redis_read_timeout" }))
    assert.equal("redis_read_timeout", nearest("redis_rend_timeout", { "redis_read_timeout", "redis_send_timeout" }))
  end)

  it("costs nothing for a huge word", function()
    local started = os.clock()
    assert.is_nil(nearest(("redis"):rep(200000), NAMES))
    assert.is_true(os.clock() - started < 0.5)
  end)

  it("is none where there are no names", function()
    assert.is_nil(nearest("redis", {}))
  end)
end)
