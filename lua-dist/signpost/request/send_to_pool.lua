local ____exports = {}
local keyFor
local ____decision = require("signpost.request.decision")
local refuse = ____decision.refuse
local refuseAtPool = ____decision.refuseAtPool
local ____hash_key = require("signpost.request.hash_key")
local hashKey = ____hash_key.hashKey
local ____upstream_block = require("signpost.request.upstream_block")
local blockFor = ____upstream_block.blockFor
function keyFor(pool, request, draft)
    local key, cookie = hashKey(pool.options, request, true)
    draft.cookie = cookie
    return key
end
--- Decides which peer of a pool a request goes to, and how nginx gets there. A request that has been here before is
-- refused first: it counts for no peer.
function ____exports.sendToPool(parts, request, pool, clock, draft)
    local hop = request.nextHop(parts.nodeId)
    if hop == nil then
        refuse(draft, "loop")
        return
    end
    local key = pool.isPlain and 0 or keyFor(pool, request, draft)
    local peer, as = parts.choose(pool, key, clock)
    if peer == nil then
        refuseAtPool(draft, pool, "no_peer_up")
        return
    end
    local block = pool.isPlain and parts.block or blockFor(pool.options.reuse, parts.block, request)
    local isByAddress = not pool.isPoolable or block == ""
    if isByAddress and peer.scheme == "https" and not request.isVerified() then
        parts.giveBack(pool, peer, as)
        refuseAtPool(draft, pool, "bad_route")
        return
    end
    draft.kind = "send"
    draft.hop = hop
    draft.pool = pool
    draft.key = key
    draft.peer = peer
    draft.as = as
    draft.isByAddress = isByAddress
    draft.upstream = isByAddress and peer.hostPort or block
end
return ____exports
