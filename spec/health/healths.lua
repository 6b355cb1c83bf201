local crc32 = require("spec.support.crc32")
local newHealth = require("signpost.health.health").newHealth
local standing_store = require("signpost.health.standing_store")

-- Health for the specs, as a worker has it.
local healths = {}

local function atOnce(_, task)
  task()
  return true
end

-- In a dict that holds nothing else. `changed`, if given, is called when a peer goes out or comes back; `alone` is the
-- lock, for specs in which tasks can lose the processor to each other.
function healths.new(dict, clock, changed, alone)
  return newHealth({
    store = standing_store.storeApart(dict, clock.now),
    alone = alone or atOnce,
    now = clock.now,
    changed = changed or function() end,
  })
end

-- In a dict that holds other things.
function healths.amongOthers(dict, clock)
  return newHealth({
    store = standing_store.storeAmongOthers(dict, crc32),
    alone = atOnce,
    now = clock.now,
    changed = function() end,
  })
end

return healths
