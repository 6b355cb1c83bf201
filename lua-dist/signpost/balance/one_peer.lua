local ____exports = {}
local nothing
function nothing()
end
--- No choice: this peer, or none. It has no members but this one, whatever it is told.
function ____exports.onePeer(peer)
    return {
        pick = function(mayTake) return mayTake(peer) and peer or nil end,
        done = nothing,
        giveBack = nothing,
        update = nothing
    }
end
return ____exports
