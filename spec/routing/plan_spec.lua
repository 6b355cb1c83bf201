local plan = require("signpost.routing.plan")
local planOf, nextHop, badRoute = plan.planOf, plan.nextHop, plan.badRoute

local function upstreams(proxyPlan, requests)
  local taken = {}
  for i = 1, requests do
    taken[i] = nextHop(proxyPlan).upstream
  end
  return taken
end

describe("a plan", function()
  for _, example in ipairs({
    { "10.0.0.5:8080", "http", "10.0.0.5:8080" },
    { "10.0.0.5", "http", "10.0.0.5:80" },
    { "http://10.0.0.5:8080", "http", "10.0.0.5:8080" },
    { "[FD00:0::5]:8080", "http", "[fd00::5]:8080" },
    { "[fd00::5]", "http", "[fd00::5]:80" },
    { "App.Internal", "http", "app.internal:80" },
    { "https://app.internal", "https", "app.internal:443" },
    { "https://[fd00::5]", "https", "[fd00::5]:443" },
  }) do
    local text, scheme, upstream = unpack(example)
    it(("sends %s to %s, always with its port, by %s"):format(text, upstream, scheme), function()
      assert.same({ scheme = scheme, upstream = upstream }, nextHop(planOf(text)))
    end)
  end

  it("with one address sends every request there", function()
    assert.same({ "10.0.0.5:80", "10.0.0.5:80", "10.0.0.5:80" }, upstreams(planOf("10.0.0.5"), 3))
  end)

  it("with several sends to each in turn, beginning with the first", function()
    assert.same({ "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80",
      "10.0.0.1:80" }, upstreams(planOf("10.0.0.1 10.0.0.2,10.0.0.3"), 7))
  end)

  it("gives an address that is written twice two turns", function()
    assert.same({ "10.0.0.1:80", "10.0.0.1:80", "10.0.0.2:80", "10.0.0.1:80" },
      upstreams(planOf("10.0.0.1 10.0.0.1 10.0.0.2"), 4))
  end)

  it("takes its turns without regard to another plan's", function()
    local one, other = planOf("10.0.0.1 10.0.0.2"), planOf("10.0.0.1 10.0.0.2")
    nextHop(one)
    assert.equal("10.0.0.1:80", nextHop(other).upstream)
    assert.equal("10.0.0.2:80", nextHop(one).upstream)
  end)

  it("keeps the scheme with its address", function()
    local mixed = planOf("10.0.0.1 https://app.internal")
    assert.equal("http", nextHop(mixed).scheme)
    assert.equal("https", nextHop(mixed).scheme)
    assert.equal("http", nextHop(mixed).scheme)
  end)

  it("answers by itself where the target says return", function()
    assert.same({ kind = "return", status = 503, appendRequestUri = false }, planOf("return 503"))
    assert.same({ kind = "return", status = 301, url = "https://b.com", appendRequestUri = true },
      planOf("return 301 https://b.com$request_uri"))
  end)

  it("fails as bad_route where there is no target in the text, and says why", function()
    for _, text in ipairs({ "", "10.0.0.5:0", "nonsense!", "return 200", "a\0b" }) do
      local failing = planOf(text)
      assert.equal("fail", failing.kind)
      assert.equal("bad_route", failing.word)
      assert.matches("expected", failing.detail, 1, true)
    end
  end)

  it("fails as bad_route where the target is a pool, which this version has not", function()
    assert.same({ kind = "fail", word = "bad_route", detail = "@web names a pool" }, planOf("@web"))
  end)

  it("of a route that never was good fails with its reason", function()
    assert.same({ kind = "fail", word = "bad_route", detail = "found a hash" }, badRoute("found a hash"))
  end)
end)
