local nginx = require("spec.request.nginx")
local assignment = require("signpost.request.assignment")
local beginClone = require("signpost.request.clone").beginClone
local generated = require("spec.support.generated")
local members = require("spec.balance.members")
local pools = require("spec.balance.pools")
local routeFromHash = require("signpost.format.route").routeFromHash
local tables = require("spec.request.tables")

local A, B = "10.0.0.1:80", "10.0.0.2:80"

local nextAddress = 2 ^ 31

-- What a clone is assigned, of a request for `/x` of a.test.
local function begun(parts, more)
  nextAddress = nextAddress + 16
  local given = more or {}
  given.variables = { host = "a.test", uri = "/x", request_uri = "/x", connection = "1", connection_requests = "1" }
  given.address = nextAddress
  if given.isSubrequest == nil then
    given.isSubrequest, given.isInternal = true, true
  end
  local request = nginx.request(given)
  local made = nginx.run(request, beginClone, function()
    return parts
  end)
  return made, request
end

local function partsOf(...)
  local parts, health = tables.of(...)
  local function recalled(lookUp)
    return function(name)
      local answer = lookUp(name)
      return answer and answer.compiled.value
    end
  end
  return { health = health, recall = recalled(parts.lookUp), recallPool = recalled(parts.lookUpPool) }
end

describe("a clone", function()
  it("is assigned a peer by the route, its path and its pool", function()
    local route = assert(routeFromHash(generated.flat({ ["/"] = "10.0.0.1", ["/x"] = "@web/y" })))
    local made, request = begun(partsOf({ ["a.test"] = route }, { web = pools.text({ [B] = 1 }) }))
    assert.same({ B, "up", false, "1 1" }, { made.peer.name, made.as, made.isByAddress, made.main })
    assert.equal(made, nginx.run(request, assignment.currentAssignment))
  end)

  it("is not counted among the requests under way", function()
    local parts = partsOf({ ["a.test"] = "@web" }, { web = pools.text({ [A] = 1, [B] = 1, balance = "least_conn" }) })
    local pool = begun(parts).pool
    pool.picker.pick(members.any, 0)
    pool.picker.pick(members.any, 0)
    for _ = 1, 5 do
      local _, request = begun(parts)
      nginx.run(request, assignment.release)
    end
    for _ = 1, 8 do
      local one, other = pool.picker.pick(members.any, 0), pool.picker.pick(members.any, 0)
      assert.are_not.equal(one, other)
      pool.picker.done(one)
      pool.picker.done(other)
    end
  end)

  it("leaves the trial of a peer to others", function()
    local parts = partsOf({ ["a.test"] = "10.0.0.1" }, {}, { [A] = "due" })
    assert.equal("anyway", begun(parts).as)
    assert.same({ A }, parts.health.unused)
  end)

  it("is assigned nothing without a route, for a backend by address, or if it is no subrequest", function()
    assert.is_nil(begun(partsOf({})))
    assert.is_nil(begun(nil))
    assert.is_nil(begun(partsOf({ ["a.test"] = "@none" })))
    assert.is_nil(begun(partsOf({ ["a.test"] = "return 410" })))
    assert.is_nil(begun(partsOf({ ["a.test"] = "https://10.0.0.1" })))
    assert.is_nil(begun(partsOf({ ["a.test"] = "10.0.0.1" }), { isSubrequest = false }))
  end)
end)
