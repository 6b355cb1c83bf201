local ____exports = {}
local leastBusy, isLessBusy, firstAbove, withRequests, join, addUp
local ____picker = require("signpost.balance.picker")
local withoutDrained = ____picker.withoutDrained
--- Examines all members; among equally busy ones it draws, by weight.
-- @param drawn wins against members that are as busy: it was drawn already
function leastBusy(members, mayTake, random, drawn)
    local best = drawn
    local tiedWeight = drawn == nil and 0 or math.huge
    for ____, load in ipairs(members) do
        if mayTake(load.peer) and (best == nil or not isLessBusy(best, load)) then
            local weight = load.peer.weight
            local isTied = best ~= nil and not isLessBusy(load, best)
            tiedWeight = isTied and tiedWeight + weight or weight
            if not isTied or random() * tiedWeight < weight then
                best = load
            end
        end
    end
    return best
end
function isLessBusy(a, b)
    return a.inFlight * b.peer.weight < b.inFlight * a.peer.weight
end
--- @returns the index of the first of the ascending numbers that is greater; the last if none is
function firstAbove(numbers, value)
    local low = 0
    local high = #numbers - 1
    while low < high do
        local middle = math.floor((low + high) / 2)
        if (numbers[middle + 1] or 0) > value then
            high = middle
        else
            low = middle + 1
        end
    end
    return low
end
--- @returns the members with requests: a peer that is taken out and put back keeps its count
function withRequests(loads)
    local busy = {}
    for name, load in pairs(loads) do
        if load.inFlight > 0 then
            busy[name] = load
        end
    end
    return busy
end
function join(loads, peers)
    local members = {}
    for ____, peer in ipairs(peers) do
        local load = loads[peer.name] or ({peer = peer, inFlight = 0})
        load.peer = peer
        loads[peer.name] = load
        members[#members + 1] = load
    end
    return members
end
function addUp(members)
    local sums = {}
    local sum = 0
    for ____, ____value in ipairs(members) do
        local peer = ____value.peer
        sum = sum + peer.weight
        sums[#sums + 1] = sum
    end
    return sums
end
--- How many draws may hit a peer that may not be taken before all peers are examined.
local DRAWS = 4
--- Power of two choices: the less busy of two peers that are drawn at random, by weight. Busy means requests of this
-- worker per unit of weight. Two draws are nearly as good as examining all peers, their cost does not grow with the
-- number of peers, and workers, which do not know each other's requests, do not all choose the same peer.
-- 
-- Every pick must be reported as `done`; otherwise that peer looks busy for ever.
function ____exports.leastConn(random)
    local loads = {}
    local members = {}
    --- For each member, the sum of the weights up to and including its own.
    local sums = {}
    local function draw(mayTake, besides)
        local total = sums[#sums] or 0
        for _ = 1, DRAWS do
            local load = members[firstAbove(
                sums,
                random() * total
            ) + 1]
            if load ~= nil and load ~= besides and mayTake(load.peer) then
                return load
            end
        end
        return nil
    end
    local function choose(mayTake)
        local one = draw(mayTake)
        if one == nil then
            return leastBusy(members, mayTake, random)
        end
        if #members == 1 then
            return one
        end
        local other = draw(mayTake, one)
        if other == nil then
            return leastBusy(members, mayTake, random, one)
        end
        return isLessBusy(other, one) and other or one
    end
    local function done(peer)
        local load = loads[peer.name]
        if load ~= nil and load.inFlight > 0 then
            load.inFlight = load.inFlight - 1
        end
    end
    return {
        pick = function(mayTake)
            local load = choose(mayTake)
            if load == nil then
                return nil
            end
            load.inFlight = load.inFlight + 1
            return load.peer
        end,
        done = done,
        giveBack = done,
        update = function(peers)
            loads = withRequests(loads)
            members = join(
                loads,
                withoutDrained(peers)
            )
            sums = addUp(members)
        end
    }
end
return ____exports
