local ____exports = {}
local randomToken, RANDOM_BYTES
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
local ____cdn_loop = require("signpost.routing.cdn_loop")
local NODE_ID_PREFIX = ____cdn_loop.NODE_ID_PREFIX
local ____random_bytes = require("signpost.platform.random_bytes")
local randomHex = ____random_bytes.randomHex
--- If the system has no random bytes, the time and the process id tell nodes apart.
function randomToken()
    return randomHex(RANDOM_BYTES) or string.format(
        "%x-%x",
        ngx.now() * 1000,
        ngx.worker.pid()
    )
end
local KEY = STATE_KEYS.nodeId
RANDOM_BYTES = 8
--- The id that was made before workers were forked, so the same in all of them. Used if the dict has no room or loses
-- it.
local made
--- Names this node in `CDN-Loop`. The id is made when nginx starts and kept in the state dict, so that all workers have
-- the same one, also after a reload. It is random, because host names are not unique.
function ____exports.nodeId(state)
    local known = state:get(KEY)
    if known ~= nil then
        made = known
        return made
    end
    if made == nil then
        made = NODE_ID_PREFIX .. randomToken()
    end
    -- dropped: if another worker was faster, its id is found now; without room, none
    state:safe_add(KEY, made)
    local id = state:get(KEY)
    return id or made
end
return ____exports
