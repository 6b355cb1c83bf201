local ____exports = {}
local oneLine, SHOWN_BYTES
local ____keys = require("signpost.origin.keys")
local isPoolName = ____keys.isPoolName
function oneLine(text)
    local listed = string.gsub(text, "\n", ", ")
    local spaced = string.gsub(listed, "\t", " ")
    local line = string.gsub(spaced, "^, ", "")
    return #line > SHOWN_BYTES and string.sub(line, 1, SHOWN_BYTES) .. "..." or line
end
local KEY_PREFIX = "bad:"
SHOWN_BYTES = 200
--- Says in the log why a route or a pool cannot be used: once for each change on a node, not once a worker nor once a
-- refresh.
function ____exports.complaints(state, log, count, keys)
    return {
        bad = function(name, reason, lastGood)
            local said = state:get(KEY_PREFIX .. name)
            if said == reason then
                return
            end
            state:safe_set(KEY_PREFIX .. name, reason)
            count("bad_routes")
            local word = isPoolName(name) and "bad_pool" or "bad_route"
            local meanwhile = lastGood == nil and "it has no last good value" or "its last good value serves: " .. oneLine(lastGood)
            log.error((((((word .. " ") .. keys.keyOf(name)) .. ": ") .. reason) .. "; ") .. meanwhile)
        end,
        good = function(name)
            state:delete(KEY_PREFIX .. name)
        end
    }
end
return ____exports
