local entryFor = require("signpost.routing.path_entry").entryFor
local plan = require("signpost.routing.plan")
local pools = require("spec.balance.pools")
local routeFromHash = require("signpost.format.route").routeFromHash

local function good(text)
  return { kind = "good", text = text }
end

-- Routes and pools of one worker.
local function planners()
  local maker = pools.maker()
  return plan.routePlanner(maker), plan.poolPlanner(maker)
end

local function hash(fields)
  local flat = {}
  for name, value in pairs(fields) do
    flat[#flat + 1], flat[#flat + 2] = name, value
  end
  return good((assert(routeFromHash(flat))))
end

local function picks(pool, count)
  return table.concat(pools.picked(pool, count), " ")
end

describe("the plan of a route", function()
  local planOf
  before_each(function()
    planOf = planners()
  end)

  it("with one address sends every request there", function()
    local made = planOf(good("10.0.0.5"), nil)
    assert.equal("backends", made.kind)
    assert.equal(("10.0.0.5:80 "):rep(3), picks(made, 3) .. " ")
  end)

  it("with several sends to each in turn", function()
    local made = planOf(good("10.0.0.1 10.0.0.2,10.0.0.3"), nil)
    assert.same({ ["10.0.0.1:80"] = 4, ["10.0.0.2:80"] = 4, ["10.0.0.3:80"] = 4 },
      pools.counts(pools.picked(made, 12)))
  end)

  it("gives an address that is written twice two turns", function()
    local made = planOf(good("10.0.0.1 10.0.0.1 10.0.0.2"), nil)
    assert.same({ ["10.0.0.1:80"] = 6, ["10.0.0.2:80"] = 3 }, pools.counts(pools.picked(made, 9)))
  end)

  it("goes on with the rotation of the one before it", function()
    local before = planOf(good("10.0.0.1 10.0.0.2"), nil)
    local last = pools.picked(before, 1)[1]
    local after = planOf(good("10.0.0.2 10.0.0.1"), before)
    assert.are_not.equal(last, pools.picked(after, 1)[1])
  end)

  it("keeps the scheme with its address", function()
    local made = planOf(good("https://app.internal"), nil)
    local peer = made.peers[1]
    assert.same({ "https", "app.internal:443", false }, { peer.scheme, peer.hostPort, made.isPoolable })
  end)

  it("answers by itself where the target says return", function()
    assert.same({ kind = "return", status = 503, appendRequestUri = false }, planOf(good("return 503"), nil))
    assert.same({ kind = "return", status = 301, url = "https://b.com", appendRequestUri = true },
      planOf(good("return 301 https://b.com$request_uri"), nil))
  end)

  it("fails as no_peer_up for a list that has lost its last backend", function()
    local routeFromList = require("signpost.format.route").routeFromList
    assert.same({ kind = "fail", word = "no_peer_up" }, planOf(good(assert(routeFromList({ "label" }))), nil))
  end)

  it("keeps the path of a target with the prefix that it replaces", function()
    local made = planOf(hash({ ["/api/"] = "@api/v2", ["/one"] = "10.0.0.5/", ["/"] = "10.0.0.6/" }), nil)
    local byPrefix = {}
    for _, entry in ipairs(made.paths) do
      byPrefix[entry.prefix] = entry.to
    end
    assert.same({ kind = "with_rules", path = { prefix = "/api", path = "/v2" }, isHttpsOnly = false,
      to = { kind = "pool_ref", name = "api" } }, byPrefix["/api"])
    local one = byPrefix["/one"]
    assert.same({ prefix = "/one", path = "/" }, one.path)
    assert.equal("10.0.0.5:80", picks(one.to, 1))
    assert.equal("backends", byPrefix[""].kind)
  end)

  it("keeps that it is for https only", function()
    assert.same({ kind = "with_rules", isHttpsOnly = true, to = { kind = "pool_ref", name = "web" } },
      planOf(good("https_only @web"), nil))
    assert.same({ kind = "with_rules", isHttpsOnly = true, path = { prefix = "", path = "/v2" },
      to = { kind = "pool_ref", name = "web" } }, planOf(good("https_only @web/v2"), nil))
  end)

  it("takes no notice of a slash after the target of a whole host, and goes on with the rotation", function()
    local before = planOf(good("10.0.0.1/ 10.0.0.2/"), nil)
    assert.equal("backends", before.kind)
    local last = pools.picked(before, 1)[1]
    local after = planOf(good("10.0.0.1/v2 10.0.0.2/v2"), before)
    assert.same({ prefix = "", path = "/v2" }, after.path)
    local then_ = pools.picked(after.to, 1)[1]
    assert.are_not.equal(last, then_)
    assert.are_not.equal(then_, pools.picked(planOf(good("10.0.0.1 10.0.0.2"), after), 1)[1])
  end)

  it("names a pool", function()
    assert.same({ kind = "pool_ref", name = "web" }, planOf(good("@web"), nil))
  end)

  it("fails as bad_route if there never was a good value, or the text is none", function()
    local failing = { kind = "fail", word = "bad_route" }
    assert.same(failing, planOf({ kind = "bad", text = "expected a target" }, nil))
    for _, text in ipairs({ "", "10.0.0.5:0", "nonsense!", "return 200", "a\0b", "\n/\t" }) do
      assert.same(failing, planOf(good(text), nil))
    end
  end)

  describe("with paths", function()
    local made
    before_each(function()
      made = planOf(hash({ ["/"] = "@web", ["/api"] = "10.0.0.1 10.0.0.2", ["/old"] = "return 410" }), nil)
    end)

    local function planAt(route, path)
      return entryFor(route.paths, path, path, error).to
    end

    local function kindAt(path)
      return planAt(made, path).kind
    end

    it("is the longest prefix's, at a segment's end", function()
      assert.same({ "pool_ref", "backends", "backends", "return", "pool_ref", "pool_ref" },
        { kindAt("/"), kindAt("/api"), kindAt("/api/v1"), kindAt("/old/"), kindAt("/apix"), kindAt("/older") })
    end)

    it("has no route for a path that none holds", function()
      made = planOf(hash({ ["/api"] = "10.0.0.1" }), nil)
      assert.same({ kind = "fail", word = "no_route" }, planAt(made, "/"))
    end)

    it("goes on with the rotation of a path whose targets change", function()
      local last = pools.picked(planAt(made, "/api"), 1)[1]
      local after = planOf(hash({ ["/api"] = "10.0.0.1 10.0.0.2", ["/new"] = "@web" }), made)
      assert.are_not.equal(last, pools.picked(planAt(after, "/api"), 1)[1])
    end)
  end)
end)

describe("the plan of a pool", function()
  local planOf
  before_each(function()
    planOf = select(2, planners())
  end)

  it("sends to its members, by weight", function()
    local made = planOf(good(pools.text({ ["10.0.0.1:80"] = 1, ["10.0.0.2:80"] = 3 })), nil)
    assert.same({ ["10.0.0.1:80"] = 2, ["10.0.0.2:80"] = 6 }, pools.counts(pools.picked(made, 8)))
  end)

  it("goes on with the rotation of the one before it, and when it was bad meanwhile begins anew", function()
    local before = planOf(good(pools.text({ ["10.0.0.1:80"] = 1, ["10.0.0.2:80"] = 1 })), nil)
    local text = pools.text({ ["10.0.0.1:80"] = 1, ["10.0.0.2:80"] = 1, ["10.0.0.3:80"] = 1 })
    assert.equal(before.picker, planOf(good(text), before).picker)
    local bad = planOf({ kind = "bad", text = "expected a member" }, before)
    assert.are_not.equal(before.picker, planOf(good(text), bad).picker)
  end)

  it("fails as bad_route if there never was a good value, or the text is none", function()
    local failing = { kind = "fail", word = "bad_route" }
    assert.same(failing, planOf({ kind = "bad", text = "expected a member" }, nil))
    assert.same(failing, planOf(good("10.0.0.1:80"), nil))
  end)
end)

describe("the plans of bad records", function()
  it("are told of with the reason, those of others not", function()
    local told = {}
    local planner = require("signpost.routing.plan").sayingBad(function(known)
      return known.kind
    end, function(...)
      told[#told + 1] = { ... }
    end)
    for _, kind in ipairs({ "good", "bad", "absent" }) do
      assert.equal(kind, planner({ kind = kind, text = "because" }, nil, "a.test"))
    end
    assert.same({ { "a.test", "because" } }, told)
  end)
end)
