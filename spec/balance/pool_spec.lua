local members = require("spec.balance.members")
local parseAddress = require("signpost.format.address").parseAddress
local pools = require("spec.balance.pools")

local A, B, C, D = "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80"

local function addresses(...)
  local list = {}
  for i, text in ipairs({ ... }) do
    list[i] = assert(parseAddress(text))
  end
  return list
end

local function namesAndWeights(pool)
  local weights = {}
  for _, peer in ipairs(pool.peers) do
    weights[peer.name] = peer.weight
  end
  return weights
end

describe("a pool made from its text", function()
  it("has a peer for each member, one that drains too", function()
    local pool = pools.of({ [A] = 3, ["https://app.internal"] = 1, [B] = 0 })
    assert.same({ [A] = 3, ["https://app.internal:443"] = 1, [B] = 0 }, namesAndWeights(pool))
  end)

  it("has the options and the health rules that the text says", function()
    local pool = pools.of({ [A] = 1, max_fails = 7, fail_window = 2.5, fail_timeout = 30, tries = 2 })
    assert.equal(2, pool.options.tries)
    assert.same({ maxFails = 7, failWindow = 2.5, failTimeout = 30 }, pool.rules)
  end)

  it("lets a request try each member that does not drain, if the option does not say fewer", function()
    assert.equal(2, pools.of({ [A] = 1, [B] = 1, [C] = 0 }).tries)
    assert.equal(3, pools.of({ [A] = 1, [B] = 1, [C] = 1, [D] = 1 }).tries)
    assert.equal(1, pools.of({ [A] = 1, [B] = 1, tries = 1 }).tries)
  end)

  it("shares requests out by the weights", function()
    local pool = pools.of({ [A] = 3, [B] = 1, [C] = 0 })
    assert.same({ [A] = 300, [B] = 100 }, pools.counts(pools.picked(pool, 400)))
  end)

  it("is balanced as the text says: hash gives a key the same peer on every worker", function()
    local fields = { [A] = 1, [B] = 1, [C] = 1, balance = "hash", hash_on = "ip" }
    local one, other = pools.of(fields, nil, 1), pools.of(fields, nil, 2)
    assert.same(pools.picked(one, 100), pools.picked(other, 100))
    assert.equal(one.picker.pick(members.any, 42), one.picker.pick(members.any, 42))
  end)

  it("is balanced as the text says: least_conn gives the peer that has no request", function()
    local pool = pools.of({ [A] = 1, [B] = 1, balance = "least_conn" })
    local busy = pool.picker.pick(members.any, 1)
    for key = 1, 100 do
      local peer = pool.picker.pick(members.any, key)
      assert.not_equal(busy.name, peer.name)
      pool.picker.done(peer)
    end
  end)

  it("is poolable if every member is plain http to an IP address", function()
    assert.is_true(pools.of({ [A] = 1, ["[fd00::1]:80"] = 1 }).isPoolable)
    assert.is_true(pools.of({ [A] = 1, ["https://10.0.0.9"] = 0 }).isPoolable)
    for _, other in ipairs({ "https://10.0.0.9", "app.internal" }) do
      assert.is_false(pools.of({ [A] = 1, [other] = 1 }).isPoolable, other)
    end
  end)

  it("is plain if no option asks for anything of the request itself", function()
    assert.is_true(pools.of({ [A] = 1, tries = 2, balance = "least_conn", reuse = "always" }).isPlain)
    for option, value in pairs({ host = "a.b", connect_timeout = 1, read_timeout = 1, reuse = "safe" }) do
      assert.is_false(pools.of({ [A] = 1, [option] = value }).isPlain, option)
    end
    assert.is_false(pools.of({ [A] = 1, reuse = "never" }).isPlain)
    assert.is_false(pools.of({ [A] = 1, balance = "hash", hash_on = "ip" }).isPlain)
  end)

  it("is bad when the text is not a pool's, and the one before goes on as it was", function()
    local maker = pools.maker()
    local before = assert(maker.ofText(pools.text({ [A] = 1, [B] = 1 }), nil))
    local pool, err, detail = maker.ofText("\n" .. C .. "\t1\ntries\t0", before)
    assert.is_nil(pool)
    assert.equal("bad_pool", err)
    assert.equal('field "tries": expected an integer from 1 to 10, got "0"', detail)
    assert.same({ [A] = 50, [B] = 50 }, pools.counts(pools.picked(before, 100)))
  end)
end)

describe("whether all of a pool are up", function()
  local function allUp(weights, standings)
    local health = {
      standing = function(name)
        return standings[name] or "up"
      end,
    }
    return pools.of(weights, health).areAllUp(1)
  end

  it("is so unless a member is out or due", function()
    assert.is_true(allUp({ [A] = 1, [B] = 1 }, {}))
    assert.is_false(allUp({ [A] = 1, [B] = 1 }, { [B] = "out" }))
    assert.is_false(allUp({ [A] = 1, [B] = 1 }, { [B] = "due" }))
  end)

  it("does not hang on one that drains: it gets no trial that could bring it back", function()
    assert.is_true(allUp({ [A] = 1, [B] = 0 }, { [B] = "due" }))
  end)
end)

describe("a pool made from a route's addresses", function()
  local maker
  before_each(function()
    maker = pools.maker()
  end)

  it("has them as peers of equal weight, but who is named twice weighs 2", function()
    local pool = maker.ofAddresses(addresses("10.0.0.2", "10.0.0.1", "http://10.0.0.2:80", "https://a.b"), nil)
    assert.same({ [A] = 1, [B] = 2, ["https://a.b:443"] = 1 }, namesAndWeights(pool))
    assert.same({ [A] = 100, [B] = 200, ["https://a.b:443"] = 100 }, pools.counts(pools.picked(pool, 400)))
  end)

  it("is the pool that a set of them would be", function()
    local fromText = pools.of({ [A] = 1, [B] = 1, [C] = 1 })
    local pool = maker.ofAddresses(addresses(C, A, B), nil)
    assert.same(fromText.definition, pool.definition)
    assert.same(fromText.peers, pool.peers)
    assert.same(fromText.rules, pool.rules)
    assert.is_true(pool.isPoolable)
  end)

  it("may name one address as often as a route has room for", function()
    local thousands = {}
    for i = 1, 3000 do
      thousands[i] = addresses(A)[1]
    end
    thousands[3001] = addresses(B)[1]
    assert.same({ [A] = 3000, [B] = 1 }, namesAndWeights(maker.ofAddresses(thousands, nil)))
  end)

  it("is the same table for all routes with the same single address, as long as one uses it", function()
    local pool = maker.ofAddresses(addresses(A), nil)
    assert.equal(pool, maker.ofAddresses(addresses(A, A), nil))
    assert.not_equal(pool, maker.ofAddresses(addresses(B), pool))
    local forgotten = setmetatable({ maker.ofAddresses(addresses(C), nil) }, { __mode = "v" })
    collectgarbage()
    collectgarbage()
    assert.is_nil(forgotten[1])
  end)

  it("of a single one gives that, unless it may not be taken, and is no part of what replaces it", function()
    local pool = maker.ofAddresses(addresses(A), nil)
    assert.same({ [A] = 3 }, pools.counts(pools.picked(pool, 3)))
    assert.is_nil(pool.picker.pick(function()
      return false
    end, 0))
    local after = maker.ofAddresses(addresses(A, B), pool)
    assert.same({ [A] = 2, [B] = 2 }, pools.counts(pools.picked(after, 4)))
    assert.same({ [A] = 3 }, pools.counts(pools.picked(pool, 3)))
  end)

  it("goes on with the rotation of the one it replaces", function()
    local before = maker.ofAddresses(addresses(A, B), nil)
    local first = pools.picked(before, 1)[1]
    local after = maker.ofAddresses(addresses(B, A), before)
    assert.not_equal(first, pools.picked(after, 1)[1])
  end)
end)

describe("a pool that replaces another", function()
  local maker
  before_each(function()
    maker = pools.maker()
  end)

  local function replace(before, fields)
    return (assert(maker.ofText(pools.text(fields), before)))
  end

  it("goes on with the rotation: who comes new is not served before those that wait", function()
    for picks = 0, 5 do
      local before = replace(nil, { [A] = 1, [B] = 1, [C] = 1 })
      pools.picked(before, picks)
      local turns = pools.picked(before, 3)
      local after = replace(before, { [A] = 1, [B] = 1, [C] = 1, [D] = 1, tries = 2 })
      assert.same({ turns[1], turns[2], turns[3], D }, pools.picked(after, 4))
    end
  end)

  it("gives no more to who has left, and to who came from the first", function()
    local before = replace(nil, { [A] = 1, [B] = 1 })
    pools.picked(before, 7)
    local after = replace(before, { [B] = 1, [C] = 1 })
    assert.same({ [B] = 50, [C] = 50 }, pools.counts(pools.picked(after, 100)))
  end)

  it("knows of the requests under way, and lets them end", function()
    local before = replace(nil, { [A] = 1, [B] = 1, balance = "least_conn" })
    local busy = before.picker.pick(members.any, 1)
    local after = replace(before, { [A] = 1, [B] = 1, balance = "least_conn", tries = 2 })
    assert.is_nil(pools.counts(pools.picked(after, 200))[busy.name])
    before.picker.done(busy)
    assert.is_truthy(pools.counts(pools.picked(after, 200))[busy.name])
  end)

  it("begins anew when it is balanced in another way", function()
    local before = replace(nil, { [A] = 1, [B] = 1 })
    local after = replace(before, { [A] = 1, [B] = 1, balance = "hash", hash_on = "uri" })
    local peer = after.picker.pick(members.any, 42)
    for _ = 1, 10 do
      assert.equal(peer, after.picker.pick(members.any, 42))
    end
    -- and the old one still serves those who have it
    assert.same({ [A] = 5, [B] = 5 }, pools.counts(pools.picked(before, 10)))
  end)

  it("has options, rules and members of its own", function()
    local before = replace(nil, { [A] = 1, max_fails = 1 })
    local after = replace(before, { ["app.internal:80"] = 1, max_fails = 2 })
    assert.equal(1, before.rules.maxFails)
    assert.equal(2, after.rules.maxFails)
    assert.is_true(before.isPoolable)
    assert.is_false(after.isPoolable)
  end)
end)
