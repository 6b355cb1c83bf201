local ____exports = {}
local isAmong, pickWeighted, creditByPlace, merge, boundCredits
local ____picker = require("signpost.balance.picker")
local weighTheSame = ____picker.weighTheSame
local withoutDrained = ____picker.withoutDrained
--- Whether the peer is still a member, with the same weight.
function isAmong(turns, peer)
    for ____, turn in ipairs(turns) do
        if turn.peer == peer then
            return true
        end
    end
    return false
end
--- Each peer's credit grows by its weight; the peer with the most credit is picked and pays the sum.
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
--- Turns places in the rotation into credits: the next member is owed a whole turn, the last one none.
function creditByPlace(turns, last)
    local count = #turns
    local index = 0
    for ____, turn in ipairs(turns) do
        local wait = (index - last - 1 + count) % count
        turn.credit = turn.peer.weight * (1 - wait / count)
        index = index + 1
    end
end
--- Keeps the credit of members that stay. Newcomers owe up to a turn, so that they come last.
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
--- Limits credits to what the rotation itself can reach. Otherwise a member whose weight was lowered would wait out its
-- old share, and members that come and go would leave credit to the others, so that a newcomer waited long for its
-- first turn.
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
--- Smooth weighted round robin, as in nginx: each peer in turn, as often as its weight says, with its turns spread
-- evenly among those of the others. Weights 5, 1, 1 give a a b a c a a. A peer that is down loses its turn, not its
-- place. While all weights are equal, the cost of a pick does not grow with the number of peers; otherwise a pick
-- looks at each.
-- 
-- @param random chooses where the rotation begins, so that not all workers begin with the same peer
function ____exports.roundRobin(random)
    local turns = {}
    local isWeighted = false
    --- While all weights are equal, `turns` is the rotation itself, and this is the index of the last pick.
    local last = -1
    --- Turns that were given back: the next requests get them. Otherwise a client that sends every other request without
    -- its password, for example, would always get the same peer. There are at most as many as requests were under way at
    -- once.
    local returned = {}
    local function takeReturned(mayTake)
        local peer = table.remove(returned)
        -- A peer that is down loses its turn.
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
            if returned[1] ~= nil then
                ____temp_0 = takeReturned(mayTake)
            else
                ____temp_0 = nil
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
