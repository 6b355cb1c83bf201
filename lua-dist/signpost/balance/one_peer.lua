local ____exports = {}
local nothing
function nothing()
end
--- Always picks the same peer, if it may be taken. Updates change nothing.
function ____exports.onePeer(peer)
    return {
        pick = function(mayTake) return mayTake(peer) and peer or nil end,
        done = nothing,
        giveBack = nothing,
        update = nothing
    }
end
return ____exports
