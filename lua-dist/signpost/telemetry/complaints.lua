local ____exports = {}
local KEY_PREFIX = "bad:"
--- Says in the log why a route cannot be used: once for each change on a node, not once a worker nor once a refresh.
-- 
-- @param keyPrefix what Redis's key has before the name
function ____exports.complaints(state, log, count, keyPrefix)
    return {
        bad = function(name, reason, lastGood)
            local said = state:get(KEY_PREFIX .. name)
            if said == reason then
                return
            end
            state:safe_set(KEY_PREFIX .. name, reason)
            count("bad_routes")
            local meanwhile = lastGood == nil and "it has no last good value" or "its last good value serves: " .. lastGood
            log.error(((((("bad_route " .. keyPrefix) .. name) .. ": ") .. reason) .. "; ") .. meanwhile)
        end,
        good = function(name)
            state:delete(KEY_PREFIX .. name)
        end
    }
end
return ____exports
