local nginx = require("spec.request.nginx")
local assignment = require("signpost.request.assignment")
local pools = require("spec.balance.pools")
local rewriteRequest = require("signpost.request.rewrite").rewriteRequest
local tables = require("spec.request.tables")

local A = "10.0.0.1:80"

-- What the snippets set before the rewrite phase, for a GET of / of a.test.
local function variables(more)
  local values = {
    host = "a.test", http_host = "a.test", uri = "/", request_uri = "/", request_method = "GET", scheme = "http",
    remote_addr = "198.51.100.7", signpost_http_version = "0.2.0", signpost_location_version = "0.2.0",
    signpost_server_version = "0.2.0", signpost_route = "a.test", signpost_cache = "memory", signpost_pool = "",
    signpost_scheme = "http", signpost_error = "",
  }
  for name, value in pairs(more or {}) do
    values[name] = value
  end
  return values
end

local function partsOf(...)
  local parts, health = tables.of(...)
  parts.health, parts.refusals, parts.usedPools, parts.checks = health, { writer = "text", retryAfter = 5 }, {}, 0
  function parts.used(name, pool)
    parts.usedPools[name] = pool
  end
  function parts.checkSnippets()
    parts.checks = parts.checks + 1
  end
  return parts
end

local nextAddress = 2 ^ 30

local function rewritten(parts, more, given)
  given = given or {}
  nextAddress = nextAddress + 16
  given.variables, given.address = variables(more), nextAddress
  local request = nginx.request(given)
  nginx.run(request, rewriteRequest, parts)
  return request.variables, request
end

describe("the rewrite phase", function()
  it("says where proxy_pass goes, adds this node to CDN-Loop, and assigns the peer", function()
    local vars, request = rewritten(partsOf({ ["a.test"] = "10.0.0.1" }))
    assert.same({ "signpost", "signpost", "http", "a.test", "" },
      { vars.upstream, vars.signpost_upstream, vars.signpost_scheme, vars.signpost_route, vars.signpost_pool })
    assert.equal("signpost-1", request.headers["cdn-loop"])
    assert.equal(A, nginx.run(request, assignment.currentAssignment).peer.name)
    assert.is_nil(vars.signpost_host)
  end)

  it("says the key that matched, the pool and its Host, and that the pool is in use", function()
    local text = pools.text({ [A] = 1, host = "inner.test" })
    local parts = partsOf({ ["*.test"] = "@web" }, { web = text })
    local vars = rewritten(parts)
    assert.same({ "*.test", "web", "inner.test" }, { vars.signpost_route, vars.signpost_pool, vars.signpost_host })
    assert.equal(A, parts.usedPools.web.picker.pick(function()
      return true
    end, 0).name)
  end)

  it("says that a pool is in use though no peer of it is up: it wants its checks", function()
    local text = pools.text({ [A] = 1, all_down = "fail" })
    local parts = partsOf({ ["a.test"] = "@web" }, { web = text }, { [A] = "out" })
    local vars = rewritten(parts)
    assert.same({ "no_peer_up", "web" }, { vars.signpost_error, vars.signpost_pool })
    assert.is_not_nil(parts.usedPools.web)
  end)

  it("goes by address and by https where the peer is so", function()
    local parts = partsOf({ ["a.test"] = "https://app.internal/v2" })
    local vars, request = rewritten(parts, { request_uri = "/x", uri = "/x" })
    assert.same({ "app.internal:443/v2/x", "https" }, { vars.upstream, vars.signpost_scheme })
    assert.is_true(nginx.run(request, assignment.currentAssignment).isByAddress)
  end)

  it("corrects a Host that names another host", function()
    assert.equal("a.test", rewritten(partsOf({ ["a.test"] = "10.0.0.1" }), { http_host = "b.test" }).signpost_host)
  end)

  it("gives the client its cookie", function()
    local fields = { [A] = 1, ["10.0.0.2:80"] = 1, balance = "hash", hash_on = "cookie:id", hash_cookie = "issue" }
    local _, request = rewritten(partsOf({ ["a.test"] = "@web" }, { web = pools.text(fields) }))
    assert(request.response.headers["Set-Cookie"][1]:find("^id="))
  end)

  it("refuses with the failure's word, and assigns nothing", function()
    local vars, request = rewritten(partsOf({}))
    assert.same({ "no_route", "", "absent" }, { vars.signpost_error, vars.signpost_route, vars.signpost_cache })
    assert.is_nil(nginx.run(request, assignment.currentAssignment))
    assert.is_nil(request.headers["cdn-loop"])
  end)

  it("answers what the route itself answers", function()
    local _, request = rewritten(partsOf({ ["a.test"] = "return 302 https://b.test/" }))
    assert.same({ 302, "https://b.test/" }, { request.response.exit, request.response.location })
  end)

  it("checks the snippets when the worker's memory has no answer", function()
    local parts = partsOf({ ["a.test"] = "10.0.0.1" })
    rewritten(parts)
    assert.equal(0, parts.checks)
    rewritten(partsOf({}))
    parts.lookUp = function()
      return nil, "redis_down", "redis", "because"
    end
    assert.same({ "redis", "redis_down", "a.test" }, (function(vars)
      return { vars.signpost_cache, vars.signpost_error, vars.signpost_route }
    end)(rewritten(parts)))
    assert.equal(1, parts.checks)
  end)

  it("begins anew after an internal redirect: the peer of before is given back, and its variables are", function()
    local parts = partsOf({ ["a.test"] = "https://app.internal", ["b.test"] = "10.0.0.1" })
    local vars, request = rewritten(parts)
    request.isInternal, vars.host, vars.http_host = true, "b.test", "b.test"
    vars.upstream_status, vars.upstream_addr = "502", "10.9.9.9:443"
    nginx.run(request, rewriteRequest, parts)
    assert.same({ "signpost", "http", "b.test", "b.test" },
      { vars.upstream, vars.signpost_scheme, vars.signpost_route, vars.signpost_host })
    local now = nginx.run(request, assignment.currentAssignment)
    assert.same({ A, 1 }, { now.peer.name, now.run })
  end)

  it("decides rightly for a request that waits for Redis while another is decided", function()
    local parts = partsOf({ ["a.test"] = "@web", ["b.test"] = "10.0.0.2" }, { web = pools.text({ [A] = 1 }) })
    local lookUpPool = parts.lookUpPool
    local other
    parts.lookUpPool = function(name)
      parts.lookUpPool = lookUpPool
      local waiting = _G.ngx
      other = rewritten(parts, { host = "b.test", http_host = "b.test", signpost_route = "b.test" })
      rawset(_G, "ngx", waiting)
      return lookUpPool(name)
    end
    nextAddress = nextAddress + 16
    local request = nginx.request({ variables = variables(), address = nextAddress })
    nginx.run(request, function()
      rewriteRequest(parts)
    end)
    assert.same({ "web", "a.test", "" }, {
      request.variables.signpost_pool, request.variables.signpost_route, other.signpost_pool,
    })
  end)
end)
