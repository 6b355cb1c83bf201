local choose = require("signpost.balance.choose")
local names = require("signpost.routing.names")
local plan = require("signpost.routing.plan")
local pools = require("spec.balance.pools")
local record = require("signpost.cache.record")

-- A worker's route table for the specs, with everything that a decision is made with but a cache and Redis.
local tables = {}

local function good(text)
  return assert(record.decodeRecord("r000000000" .. text, 0))
end

-- Health as it is told: `standings` by address; all others are up. Every claim of a trial is won.
function tables.health(standings)
  local health = { unused = {} }

  local function address(key)
    return key:match("^%S+")
  end

  function health.standing(key)
    return standings[address(key)] or "up"
  end

  function health.claimTrial(key)
    return standings[address(key)] == "due"
  end

  function health.trialUnused(key)
    health.unused[#health.unused + 1] = address(key)
  end

  return health
end

-- Routes and pools by name, as texts of records; `false` is a bad record. `failing`: what the look-up of a host or
-- `@pool` fails with, in place of what it has.
function tables.of(routes, poolTexts, standings, failing)
  failing = failing or {}
  local health = tables.health(standings or {})
  local maker = pools.maker(health)
  local planRoute, planPool = plan.routePlanner(maker), plan.poolPlanner(maker)
  local made = {}

  local function planned(key, planner, text)
    if made[key] == nil then
      made[key] = planner(text and good(text) or { kind = "bad", text = "because" }, nil, key)
    end
    return made[key]
  end

  local function found(name, value)
    return { name = name, compiled = { value = value }, level = "memory", clock = 1 }, nil, "memory"
  end

  local parts = { block = "signpost", nodeId = "signpost-1" }
  local chooser = choose.newChooser(health)
  parts.choose, parts.giveBack = chooser.choose, chooser.giveBack

  function parts.lookUp(host)
    if failing[host] then
      return nil, failing[host], "redis", "because"
    end
    for _, name in ipairs(names.namesOfHost(host)) do
      if routes[name] ~= nil then
        return found(name, planned(name, planRoute, routes[name]))
      end
    end
    return nil, "not_found", "absent", host
  end

  function parts.lookUpPool(name)
    if failing["@" .. name] then
      return nil, failing["@" .. name], "redis", "because"
    end
    if poolTexts == nil or poolTexts[name] == nil then
      return nil, "not_found", "absent", "@" .. name
    end
    return found("@" .. name, planned("@" .. name, planPool, poolTexts[name]))
  end

  return parts, health
end

return tables
