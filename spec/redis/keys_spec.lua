local keys = require("signpost.redis.keys")
local keySpaces = require("signpost.redis.key_spaces")
local newKeys, POOLS, ROUTES = keys.newKeys, keySpaces.POOLS, keySpaces.ROUTES

local function isPoolName(name)
  return keySpaces.spaceOf(name) == POOLS
end

local function namesOf(key, routePrefix, poolPrefix)
  local names = {}
  newKeys({ route_prefix = routePrefix or "route:", pool_prefix = poolPrefix or "pool:" }).eachName(key, function(name)
    names[#names + 1] = name
  end)
  return names
end

describe("the keys of Redis", function()
  it("are a route's prefix and its name, or a pool's prefix and its name without the sign", function()
    local both = newKeys({ route_prefix = "route:", pool_prefix = "pool:" })
    assert.equal("route:a.com", both.keyOf("a.com"))
    assert.equal("route:*.com", both.keyOf("*.com"))
    assert.equal("pool:web", both.keyOf("@web"))
    assert.equal("a.com", newKeys({ route_prefix = "", pool_prefix = "pool:" }).keyOf("a.com"))
    assert.equal("web", newKeys({ route_prefix = "route:", pool_prefix = "" }).keyOf("@web"))
  end)

  for _, case in ipairs({
    { "a route's", "route:a.com", { "a.com" } },
    { "a pool's", "pool:web", { "@web" } },
    { "one under neither prefix", "router:a", {} },
    { "a prefix cut short", "route", {} },
    { "a prefix alone", "route:", {} },
    { "the other prefix alone", "pool:", {} },
    { "a route's that no host can name, for it would be a pool", "route:@web", {} },
    { "a route's that is too long for a host", "route:" .. ("x"):rep(255), {} },
    { "a pool's that is too long for a target", "pool:" .. ("x"):rep(129), {} },
  }) do
    local what, key, names = unpack(case)
    it(("are read for these names: %s"):format(what), function()
      assert.same(names, namesOf(key))
    end)
  end

  it("are read for the longest names there are", function()
    assert.same({ ("x"):rep(254) }, namesOf("route:" .. ("x"):rep(254)))
    assert.same({ "@" .. ("x"):rep(128) }, namesOf("pool:" .. ("x"):rep(128)))
  end)

  it("are read for two names where one prefix begins with the other, first that of the longer", function()
    assert.same({ "@web", "pool:web" }, namesOf("pool:web", "", "pool:"))
    assert.same({ "a.com", "@route:a.com" }, namesOf("route:a.com", "route:", ""))
    assert.same({ "@web", "p:web" }, namesOf("r:p:web", "r:", "r:p:"))
    assert.same({ "a.com" }, namesOf("r:a.com", "r:", "r:p:"))
    assert.same({ "@a.com" }, namesOf("a.com", "route:", ""))
  end)

  it("take prefixes as they are, and bytes too", function()
    assert.same({ "a" }, namesOf("%w.a", "%w.", "[p]"))
    assert.same({ "@a" }, namesOf("[p]a", "%w.", "[p]"))
    assert.same({}, namesOf("xx.a", "%w.", "[p]"))
    assert.same({ "\0\255" }, namesOf("route:\0\255"))
  end)

  it("lead back from every name that is read for one; and it begins as its kind does", function()
    local prefixes = { "", "a", "a:", "a:b:", "b:", "@" }
    local told = 0
    for _, routePrefix in ipairs(prefixes) do
      for _, poolPrefix in ipairs(prefixes) do
        local both = newKeys({ route_prefix = routePrefix, pool_prefix = poolPrefix })
        for _, key in ipairs({ "a", "a:x", "a:b:x", "b:@x", "@x", "a:@x", "a:b:@", "@@" }) do
          for _, name in ipairs(routePrefix ~= poolPrefix and namesOf(key, routePrefix, poolPrefix) or {}) do
            told = told + 1
            assert.equal(key, both.keyOf(name))
            assert.is_true(both.covers(key))
            local prefix = isPoolName(name) and poolPrefix or routePrefix
            assert.equal(prefix, key:sub(1, #prefix))
          end
        end
      end
    end
    assert(told > 50, told .. " names")
  end)

  it("are covered whether or not there can be a name", function()
    local both = newKeys({ route_prefix = "route:", pool_prefix = "pool:" })
    for _, key in ipairs({ "route:a", "pool:a", "route:", "pool:", "route:@web" }) do
      assert.is_true(both.covers(key), key)
    end
    for _, key in ipairs({ "", "route", "Route:a", "other:a", " route:a" }) do
      assert.is_false(both.covers(key), key)
    end
  end)
end)

describe("the keys of several tables", function()
  local all = newKeys({ route_prefix = "route:", pool_prefix = "pool:" }, {
    internal = { route_prefix = "i:route:", pool_prefix = "i:pool:" },
    lab = { route_prefix = "lab:", pool_prefix = "lab:pool:" },
  })

  local function told(key)
    local names = {}
    all.eachName(key, function(name)
      names[#names + 1] = name
    end)
    return names
  end

  for key, names in pairs({
    ["route:a.com"] = { "a.com" },
    ["pool:web"] = { "@web" },
    ["i:route:a.com"] = { "internal/a.com" },
    ["i:route:*.com"] = { "internal/*.com" },
    ["i:pool:web"] = { "@internal/web" },
    ["lab:pool:web"] = { "@lab/web", "lab/pool:web" },
  }) do
    it("lead from " .. key .. " to its names, and back", function()
      assert.same(names, told(key))
      for _, name in ipairs(names) do
        assert.equal(key, all.keyOf(name))
        assert.equal(key, all.prefixOf(name) .. key:sub(#all.prefixOf(name) + 1))
        assert.equal(key:find("pool:web", 1, true) ~= nil and name:sub(1, 1) == "@", isPoolName(name))
      end
      assert.is_true(all.covers(key))
    end)
  end

  it("are read for no name of another table, whatever stands after the prefix", function()
    for _, key in ipairs({
      "route:internal/a.com", "pool:internal/web", "i:route:lab/a.com", "route:/a.com", "i:route:@web", "i:route:",
    }) do
      assert.same({}, told(key), key)
    end
  end)

  it("are those of one table where there are no others: no name with a slash leads to a key of its own", function()
    local one = newKeys({ route_prefix = "route:", pool_prefix = "pool:" })
    assert.equal("route:internal/a.com", one.keyOf("internal/a.com"))
    assert.equal("pool:internal/web", one.keyOf("@internal/web"))
  end)

  it("begin with as many prefixes, the default table's first", function()
    assert.equal(6, #all.prefixes)
    assert.matches("^route: or pool: or ", all.expected)
    assert.equal("route: or pool:", newKeys({ route_prefix = "route:", pool_prefix = "pool:" }).expected)
  end)
end)

describe("a pool's name in the cache", function()
  it("says which table it is of", function()
    assert.same({ nil, "web" }, { keys.splitTable("web") })
    assert.same({ "internal", "web" }, { keys.splitTable("internal/web") })
    assert.equal("@internal/", keys.beginningOf(POOLS, "internal"))
    assert.equal("internal/", keys.beginningOf(ROUTES, "internal"))
    assert.equal("@", keys.beginningOf(POOLS, nil))
  end)
end)

describe("a name of the cache", function()
  it("is of the space whose sign it begins with, and else a route's", function()
    for name, space in pairs({
      ["@web"] = POOLS, ["@"] = POOLS, ["a.com"] = ROUTES, ["*"] = ROUTES, ["a@b"] = ROUTES,
    }) do
      assert.equal(space, keySpaces.spaceOf(name), name)
    end
    assert.equal(ROUTES, keySpaces.spaceOf(""))
  end)

  it("is of one space: no two have the same sign, or one that begins with the other's", function()
    for i, one in ipairs(keySpaces.KEY_SPACES) do
      for j, other in ipairs(keySpaces.KEY_SPACES) do
        local begins = one.sign ~= "" and other.sign:sub(1, #one.sign) == one.sign
        assert.is_true(i == j or not begins and one.sign ~= other.sign, one.prefixSetting)
      end
    end
  end)
end)
