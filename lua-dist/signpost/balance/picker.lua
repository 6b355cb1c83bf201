local ____exports = {}
--- Whether all peers have the same weight: a rotation then needs no weights.
function ____exports.weighTheSame(peers)
    local first = peers[1]
    for ____, peer in ipairs(peers) do
        if peer.weight ~= (first and first.weight) then
            return false
        end
    end
    return true
end
---
-- @returns the peers that can be chosen: those that do not drain
function ____exports.withoutDrained(peers)
    local weighty = {}
    for ____, peer in ipairs(peers) do
        if peer.weight > 0 then
            weighty[#weighty + 1] = peer
        end
    end
    return weighty
end
return ____exports
