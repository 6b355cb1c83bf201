local nginx = require("spec.request.nginx")
local assignment = require("signpost.request.assignment")
local choose = require("signpost.balance.choose")
local members = require("spec.balance.members")
local pools = require("spec.balance.pools")

local A, B = "10.0.0.1:80", "10.0.0.2:80"

local nextAddress = 4096

-- A request at an address of its own, unless it is given another's.
local function newRequest(given)
  nextAddress = nextAddress + 16
  given = given or {}
  given.address = given.address or nextAddress
  return nginx.request(given)
end

local health = { unused = {} }
function health.standing()
  return "up"
end
function health.trialUnused(key)
  health.unused[#health.unused + 1] = key
end

-- Assigns the pool's next peer to a request.
local function assign(request, pool, more)
  more = more or {}
  return nginx.run(request, function()
    local peer = choose.chooseUp(pool, 0)
    return assignment.assign(assignment.requestId(), {
      pool = pool, key = 0, peer = peer, as = more.as or "up", isByAddress = more.isByAddress or false,
    }, more.run or 0, more.main or "")
  end)
end

local function begin(request, main)
  return nginx.run(request, function()
    return assignment.earlierAssignment(assignment.requestId(), request.isInternal, main or "", { health = health })
  end)
end

local function twoPeers(balance)
  return pools.of({ [A] = 1, [B] = 1, balance = balance })
end

-- How many requests under way each member has: a member with fewer is picked.
local function isIdle(pool)
  local first, second = pool.picker.pick(members.any, 0), pool.picker.pick(members.any, 0)
  pool.picker.done(first)
  pool.picker.done(second)
  return first ~= second
end

describe("an assignment", function()
  before_each(function()
    health.unused = {}
  end)

  it("is what its request finds in later phases, and no other request", function()
    local pool = twoPeers()
    local one, other = newRequest(), newRequest()
    local made = assign(one, pool)
    assert.equal(made, nginx.run(one, assignment.currentAssignment))
    assert.is_nil(nginx.run(other, assignment.currentAssignment))
    assert.equal(made, nginx.run(one, assignment.release))
    assert.is_nil(nginx.run(one, assignment.currentAssignment))
    assert.is_nil(nginx.run(one, assignment.release))
  end)

  it("gives its peer back when it ends: as done if it was tried, as never sent if not", function()
    local pool = twoPeers("round_robin")
    local one = newRequest()
    local peer = assign(one, pool).peer
    nginx.run(one, assignment.release)
    assert.equal(peer, pool.picker.pick(members.any, 0)) -- its turn was given back
    local other = newRequest()
    local made = assign(other, pool)
    made.tries = 1
    nginx.run(other, assignment.release)
    assert.are_not.equal(made.peer, pool.picker.pick(members.any, 0))
  end)

  it("is counted until it ends", function()
    local pool = twoPeers("least_conn")
    local one = newRequest()
    assign(one, pool)
    assert.is_false(isIdle(pool) and isIdle(pool) and isIdle(pool) and isIdle(pool))
    nginx.run(one, assignment.release)
    assert.is_true(isIdle(pool))
  end)

  it("that is not counted gives nothing back", function()
    local pool = twoPeers("least_conn")
    assign(newRequest(), pool)
    local clone = newRequest()
    local made = assign(clone, pool)
    made.isCounted = false
    pool.picker.done(made.peer)
    pool.picker.pick(members.any, 0)
    pool.picker.pick(members.any, 0)
    nginx.run(clone, assignment.release)
    assert.is_false(isIdle(pool) and isIdle(pool) and isIdle(pool) and isIdle(pool))
  end)

  it("has nothing of the request before at its address", function()
    local pool = twoPeers()
    local first = newRequest()
    local made = assign(first, pool, { isByAddress = true, as = "anyway", run = 2 })
    made.tried, made.failed, made.tries, made.isCounted = { [A] = true }, { [A] = true }, 3, false
    nginx.run(first, assignment.release)
    local second = assign(newRequest({ address = first.address }), pool)
    assert.same({ "up", false, 0, 0, {}, {}, "", true }, {
      second.as, second.isByAddress, second.tries, second.run, second.tried, second.failed, second.main,
      second.isCounted,
    })
  end)

  it("is found by its request again after an internal redirect, and ended for any other", function()
    local pool = twoPeers("least_conn")
    local one = newRequest()
    local made = assign(one, pool, { as = "trial" })
    one.isInternal = true
    assert.equal(made, begin(one))
    assert.is_nil(begin(newRequest({ address = one.address })))
    assert.same({ made.peer.healthKey }, health.unused)
    assert.is_true(isIdle(pool))
    assert.is_nil(nginx.run(one, assignment.release))
  end)

  it("of a subrequest is not taken for its main request's at the same address, nor the other way round", function()
    local pool = twoPeers()
    local sub = newRequest({
      isInternal = true, isSubrequest = true, variables = { connection = "7", connection_requests = "1" },
    })
    assert.equal("7 1", nginx.run(sub, assignment.mainRequest))
    assign(sub, pool, { main = "7 1" })
    assert.is_not_nil(nginx.run(sub, assignment.currentAssignment))
    local later = newRequest({ address = sub.address, isInternal = true })
    assert.is_nil(nginx.run(later, assignment.currentAssignment))
    assert.is_nil(begin(later))
    assert.is_nil(nginx.run(sub, assignment.currentAssignment))
  end)

  it("of a subrequest ends with its main request", function()
    local pool = twoPeers("least_conn")
    local connection = { connection = "8", connection_requests = "2" }
    local main = newRequest({ variables = connection })
    local subs = {}
    for i = 1, 3 do
      subs[i] = newRequest({ isInternal = true, isSubrequest = true, variables = connection })
      assign(subs[i], pool, { as = i == 3 and "trial" or "up", main = "8 2" })
    end
    nginx.run(newRequest({ variables = { connection = "8", connection_requests = "3" } }), function()
      assignment.releaseSubrequests(health)
    end)
    assert.is_not_nil(nginx.run(subs[1], assignment.currentAssignment))
    nginx.run(main, function()
      assignment.releaseSubrequests(health)
    end)
    for _, sub in ipairs(subs) do
      assert.is_nil(nginx.run(sub, assignment.currentAssignment))
    end
    assert.equal(1, #health.unused)
    assert.is_true(isIdle(pool))
  end)

  it("stays whatever the number of others that have ended", function()
    local pool = twoPeers()
    local kept = newRequest()
    local made = assign(kept, pool)
    for _ = 1, 20000 do
      local request = newRequest()
      assign(request, pool)
      nginx.run(request, assignment.release)
    end
    assert.equal(made, nginx.run(kept, assignment.currentAssignment))
    assert.is_true(made.isActive)
  end)
end)
