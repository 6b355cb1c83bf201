local ____exports = {}
--- Picks a backup only when no other member may be taken. Each of the two groups is balanced by itself, by a picker that
-- outlives this one.
function ____exports.withBackups(members, backups)
    return {
        pick = function(mayTake, key) return members.pick(mayTake, key) or backups.pick(mayTake, key) end,
        done = function(peer)
            members.done(peer)
            backups.done(peer)
        end,
        giveBack = function(peer)
            members.giveBack(peer)
            backups.giveBack(peer)
        end,
        update = function()
        end
    }
end
return ____exports
