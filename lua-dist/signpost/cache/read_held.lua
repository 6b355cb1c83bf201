local ____exports = {}
local ____record = require("signpost.cache.record")
local NEVER_SEEN = ____record.NEVER_SEEN
--- Replaces reads from Redis if there is none. Everything there is has been loaded from the routes file, perhaps after
-- the request looked for it. It stores nothing: only the follower of the file writes, so nothing overwrites what it
-- has just loaded.
function ____exports.readHeld(shared, nodeState)
    return function(names)
        local epoch = nodeState.epochs.current()
        local found = {}
        for ____, name in ipairs(names) do
            local known = shared.find(name)
            -- Without an epoch, for a moment after the dict lost it, every record serves.
            local isValid = known ~= nil and (epoch == 0 or nodeState.epochs.covers(epoch, known.epoch))
            found[name] = isValid and known or NEVER_SEEN
        end
        return found, nil
    end
end
return ____exports
