local members = require("spec.balance.members")
local pools = require("spec.balance.pools")
local chooseCarefully = require("signpost.balance.choose").chooseCarefully

local MAIN, SPARE = "10.0.0.1:80", "10.0.0.2:80"

-- What health says of each peer by its address; all are up unless said.
local function healthOf(standings)
  return {
    standing = function(key)
      return standings[key:match("^[^ ]*")] or "up"
    end,
    claimTrial = function()
      return true
    end,
  }
end

local function pickedOf(pool, mayTake)
  local names = {}
  for key = 1, 20 do
    local peer = pool.picker.pick(mayTake or members.any, key)
    names[#names + 1] = peer and peer.name or "none"
    if peer then
      pool.picker.done(peer)
    end
  end
  return pools.counts(names)
end

local function without(...)
  local refused = {}
  for _, name in ipairs({ ... }) do
    refused[name] = true
  end
  return function(peer)
    return not refused[peer.name]
  end
end

for _, options in ipairs({
  { balance = "round_robin" },
  { balance = "least_conn" },
  { balance = "hash", hash_on = "ip" },
}) do
  describe("a backup of a pool with " .. options.balance, function()
    local function pool(fields)
      for name, value in pairs(options) do
        fields[name] = value
      end
      return pools.of(fields)
    end

    it("gets nothing while another member may be taken, and all when none may", function()
      local made = pool({ [MAIN] = 1, ["10.0.0.3"] = 3, [SPARE] = "1000 backup" })
      assert.is_nil(pickedOf(made)[SPARE])
      assert.is_nil(pickedOf(made, without(MAIN))[SPARE])
      assert.same({ [SPARE] = 20 }, pickedOf(made, without(MAIN, "10.0.0.3:80")))
      assert.same({ none = 20 }, pickedOf(made, without(MAIN, "10.0.0.3:80", SPARE)))
    end)

    it("gets all when the others drain, and nothing if it drains itself", function()
      assert.same({ [SPARE] = 20 }, pickedOf(pool({ [MAIN] = 0, [SPARE] = "1 backup" })))
      assert.same({ none = 20 }, pickedOf(pool({ [MAIN] = 0, [SPARE] = "0 backup" })))
      assert.same({ [SPARE] = 20 }, pickedOf(pool({ [SPARE] = "1 backup" })))
    end)

    it("is tried after the others, and when all are out the others are tried first", function()
      local made = pool({ [MAIN] = 1, [SPARE] = "1 backup" })
      assert.equal(2, made.tries)
      local health = healthOf({})
      assert.equal(MAIN, chooseCarefully(made, health, 1, {}).peer.name)
      local second = chooseCarefully(made, health, 1, { [MAIN] = true })
      assert.same({ SPARE, "up" }, { second.peer.name, second.as })
      local allOut = healthOf({ [MAIN] = "out", [SPARE] = "out" })
      assert.equal(MAIN, chooseCarefully(made, allOut, 1, {}).peer.name)
      assert.equal(SPARE, chooseCarefully(made, healthOf({ [MAIN] = "out" }), 1, {}).peer.name)
      assert.equal("trial", chooseCarefully(made, healthOf({ [MAIN] = "due" }), 1, {}).as)
    end)
  end)
end

describe("the others of a pool that gets a backup, and loses it,", function()
  it("go on with their rotation and their counts", function()
    local maker = pools.maker()
    local function made(fields, before)
      return (assert(maker.ofText(pools.text(fields), before, "web")))
    end
    local pool = made({ [MAIN] = 1, ["10.0.0.3"] = 1 })
    local names = {}
    for i = 1, 12 do
      names[i] = pools.picked(pool, 1)[1]
      local fields = { [MAIN] = 1, ["10.0.0.3"] = 1, [SPARE] = i % 2 == 1 and "1 backup" or nil }
      pool = made(fields, pool)
    end
    for i = 2, #names do
      assert.are_not.equal(names[i - 1], names[i])
    end
  end)
end)
