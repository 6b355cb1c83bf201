local parseBackend = require("signpost.format.backend").parseBackend
local parseIpRange = require("signpost.format.ip_range").parseIpRange
local planners = require("signpost.routing.plan")
local pools = require("spec.balance.pools")
local newReach = require("signpost.format.reach").newReach
local plansWithin = require("signpost.routing.plans_within").plansWithin
local withinReach = require("signpost.redis.within_reach").withinReach

local DENY = { "127.0.0.0/8", "::1", "169.254.0.0/16", "10.0.0.0/30" }

local DENIED = {
  "127.0.0.1", "127.255.255.255:1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]",
  "[::ffff:0.0.0.0]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254", "10.0.0.3:80",
  "[::ffff:169.254.169.254]",
}

local OPEN = { "10.0.0.4", "126.255.255.255", "128.0.0.0", "[::2]", "[fd00::5]", "[64:ff9b::a00:4]", "[2002:a00:4::]" }

describe("where routes may lead", function()
  it("is anywhere unless ranges are given", function()
    assert.is_nil(newReach(nil, nil))
  end)

  it("is not where deny_targets say, in whatever spelling", function()
    local problemWith = newReach(nil, DENY)
    for _, text in ipairs(DENIED) do
      assert(problemWith(assert(parseBackend(text))), text)
    end
    for _, text in ipairs(OPEN) do
      assert.is_nil(problemWith(assert(parseBackend(text))), text)
    end
    assert.equal('expected a backend outside 169.254.0.0/16 of deny_targets, got "169.254.169.254:80"',
      problemWith(assert(parseBackend("169.254.169.254"))))
  end)

  it("is where allow_targets say, in whatever spelling, unless deny_targets say otherwise", function()
    local problemWith = newReach({ "10.0.0.0/8", "fd00::/8" }, { "10.1.0.0/16" })
    for _, text in ipairs({ "10.0.0.5", "[::ffff:10.0.0.5]", "[fd12::1]", "10.255.255.255" }) do
      assert.is_nil(problemWith(assert(parseBackend(text))), text)
    end
    for _, text in ipairs({ "10.1.0.1", "[::ffff:10.1.2.3]", "11.0.0.0", "[fe00::1]", "[::10.0.0.5]", "a" }) do
      assert(problemWith(assert(parseBackend(text))), text)
    end
    assert.equal('expected a backend in one of allow_targets, got "11.0.0.0:80"',
      problemWith(assert(parseBackend("11.0.0.0"))))
    assert.equal('expected an IP address, as allow_targets or deny_targets is set, got "a:80"',
      problemWith(assert(parseBackend("a"))))
  end)

  it("is asked of every address of a route or pool", function()
    local problemWith = newReach(nil, DENY)
    local function kindOf(name, text)
      return withinReach(problemWith, name, { kind = "good", text = text }).kind
    end
    assert.equal("bad", kindOf("a.test", "10.0.0.9 127.0.0.1:80"))
    assert.equal("bad", kindOf("a.test", "\n/\t@web\n/x\t127.0.0.1:80"))
    assert.equal("bad", kindOf("a.test", "127.0.0.1:80/v2"))
    assert.equal("bad", kindOf("@web", "\n10.0.0.9:80\t1\n127.0.0.1:80\t0"))
    assert.equal("good", kindOf("a.test", "10.0.0.9:80"))
    assert.equal("good", kindOf("a.test", "\n/\t@web\n/x\treturn 403"))
    assert.equal("good", kindOf("@web", "\n10.0.0.9:80\t1"))
    assert.same({ kind = "absent" }, withinReach(problemWith, "a", { kind = "absent" }))
  end)

  it("is asked again when a record is compiled, whatever else its target says", function()
    local planOf = plansWithin(newReach(nil, DENY), planners.routePlanner(pools.maker()), function() end)
    for _, text in ipairs({ "127.0.0.1:80", "127.0.0.1:80/v2", "\n/\t@web\n/x\t127.0.0.1:80/" }) do
      assert.same({ kind = "fail", word = "bad_route" }, planOf({ kind = "good", text = text }, nil, "a.test"))
    end
    assert.equal("with_rules", planOf({ kind = "good", text = "10.0.0.9:80/v2" }, nil, "a.test").kind)
  end)
end)

describe("a record that was good under other settings", function()
  local function planned(plan)
    local told = {}
    local planner = plansWithin(newReach(nil, DENY), function()
      return plan
    end, function(...)
      told[#told + 1] = { ... }
    end)
    return planner({}, nil, "a.test"), told
  end

  local function proxy(...)
    local members = {}
    for i, text in ipairs({ ... }) do
      members[i] = { address = assert(parseBackend(text)), weight = 1 }
    end
    return { kind = "backends", definition = { members = members } }
  end

  local REASON = 'expected a backend outside 127.0.0.0/8 of deny_targets, got "127.0.0.1:80"'

  it("does not serve if it leads where it may not, and somebody is told why", function()
    for _, plan in ipairs({
      proxy("10.0.0.9", "127.0.0.1"),
      { kind = "paths", paths = { { prefix = "", to = { kind = "pool_ref", name = "a" } },
        { prefix = "/x", to = proxy("127.0.0.1") } } },
    }) do
      local made, told = planned(plan)
      assert.same({ kind = "fail", word = "bad_route" }, made)
      assert.same({ { "a.test", REASON } }, told)
    end
  end)

  it("serves if it leads elsewhere", function()
    local elsewhere = { proxy("10.0.0.9"), { kind = "return", status = 403 }, { kind = "pool_ref", name = "a" } }
    for _, plan in ipairs(elsewhere) do
      assert.same({ plan, {} }, { planned(plan) })
    end
  end)
end)

describe("a range", function()
  for _, text in ipairs({ "0.0.0.0/0", "::/0", "10.0.0.5", "10.0.0.5/32", "fd00::/8", "::1/128", "10.128.0.0/9" }) do
    it("can be " .. text, function()
      assert(parseIpRange(text))
    end)
  end
  for _, text in ipairs({
    "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0/8", "::/129", "[::]/0", "a/8",
    "10.0.0.0/-1",
  }) do
    it(("cannot be %q"):format(text), function()
      local _, err, detail = parseIpRange(text)
      assert.equal("bad_range", err)
      assert(detail:find("^expected a range of IP addresses, such as 10.0.0.0/8 or fd00::/8, got "), detail)
    end)
  end
  it("has no bits set after its length", function()
    local _, _, detail = parseIpRange("10.0.0.5/8")
    assert.equal('expected no bits set after the first 8 of the address, got "10.0.0.5/8"', detail)
  end)
end)
