local ____exports = {}
--- Whether all weigh the same: then whole numbers, or none, do what weights would.
function ____exports.weighTheSame(peers)
    local first = peers[1]
    for ____, peer in ipairs(peers) do
        if peer.weight ~= (first and first.weight) then
            return false
        end
    end
    return true
end
--- The peers that can be chosen at all.
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
