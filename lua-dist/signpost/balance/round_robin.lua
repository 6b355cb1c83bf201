local ____exports = {}
local isAmong, pickWeighted, creditByPlace, merge, boundCredits
local ____picker = require("signpost.balance.picker")
local weighTheSame = ____picker.weighTheSame
local withoutDrained = ____picker.withoutDrained
--- Whether it still is a member, and as it was.
function isAmong(turns, peer)
    for ____, turn in ipairs(turns) do
        if turn.peer == peer then
            return true
        end
    end
    return false
end
--- Everyone earns its weight; who has most is picked and pays for all.
function pickWeighted(turns, mayTake)
    local best = nil
    local earned = 0
    for ____, turn in ipairs(turns) do
        if mayTake(turn.peer) then
            turn.credit = turn.credit + turn.peer.weight
            earned = earned + turn.peer.weight
            if best == nil or turn.credit > best.credit then
                best = turn
            end
        end
    end
    if best == nil then
        return nil
    end
    best.credit = best.credit - earned
    return best.peer
end
--- Says with credits what the rotation without weights says with places: the next is owed a whole turn, the last none.
function creditByPlace(turns, last)
    local count = #turns
    local index = 0
    for ____, turn in ipairs(turns) do
        local wait = (index - last - 1 + count) % count
        turn.credit = turn.peer.weight * (1 - wait / count)
        index = index + 1
    end
end
--- Those that stay, with their credit; then the newcomers, who owe up to a turn, so that they come last.
function merge(turns, peers, random, isWeighted)
    local known = {}
    for ____, turn in ipairs(turns) do
        known[turn.peer.name] = turn
    end
    local merged = {}
    local newcomers = {}
    for ____, peer in ipairs(peers) do
        local turn = known[peer.name]
        if turn == nil then
            newcomers[#newcomers + 1] = peer
        else
            turn.peer = peer
            merged[#merged + 1] = turn
        end
    end
    if isWeighted then
        boundCredits(merged)
    end
    for ____, peer in ipairs(newcomers) do
        merged[#merged + 1] = {
            peer = peer,
            credit = (random() - 1) * peer.weight
        }
    end
    return merged
end
--- Makes credits no larger than the rotation itself would. Otherwise who has lost weight would wait out its old share, and
-- members that come and go would leave so much to the others that a newcomer would wait long for its first turn.
function boundCredits(turns)
    local total = 0
    for ____, turn in ipairs(turns) do
        total = total + turn.peer.weight
    end
    for ____, turn in ipairs(turns) do
        turn.credit = math.max(
            -total,
            math.min(turn.credit, total)
        )
    end
end
--- Each peer in turn, as often as its weight says, and the turns of one spread evenly among those of the others: weights
-- 5, 1, 1 give a a b a c a a (nginx's smooth weighted round robin). A peer that is down loses its turn, not its place.
-- While all weigh the same, a pick costs the same however many they are; otherwise it looks at each.
-- 
-- @param random where the rotation begins, so that not all workers begin with the same peer
function ____exports.roundRobin(random)
    local turns = {}
    local isWeighted = false
    --- Without weights, `turns` is the rotation itself, and this the index of the last one picked.
    local last = -1
    --- Turns that were given back: the next requests have them. Otherwise who sends every other request without a password, say,
    -- would always have the same peer. No more of them than requests were under way at once.
    local returned = {}
    local function takeReturned(mayTake)
        local peer = table.remove(returned)
        -- One that is down loses its turn.
        while peer ~= nil and not mayTake(peer) do
            peer = table.remove(returned)
        end
        return peer
    end
    local function pickNext(mayTake)
        local count = #turns
        for step = 1, count do
            local index = (last + step) % count
            local turn = turns[index + 1]
            if turn ~= nil and mayTake(turn.peer) then
                last = index
                return turn.peer
            end
        end
        return nil
    end
    return {
        pick = function(mayTake)
            local ____temp_0
            if returned[1] == nil then
                ____temp_0 = nil
            else
                ____temp_0 = takeReturned(mayTake)
            end
            local peer = ____temp_0
            if peer ~= nil then
                return peer
            end
            if isWeighted then
                return pickWeighted(turns, mayTake)
            end
            return pickNext(mayTake)
        end,
        done = function()
        end,
        giveBack = function(peer)
            if isAmong(turns, peer) then
                returned[#returned + 1] = peer
            end
        end,
        update = function(peers)
            returned = {}
            if not isWeighted then
                creditByPlace(turns, last)
            end
            local weighty = withoutDrained(peers)
            isWeighted = not weighTheSame(weighty)
            turns = merge(turns, weighty, random, isWeighted)
            if not isWeighted then
                table.sort(
                    turns,
                    function(a, b) return a.credit > b.credit end
                )
                last = -1
            end
        end
    }
end
return ____exports
