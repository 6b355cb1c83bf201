local ____exports = {}
local countGhosts, itemsOf, BETWEEN_RUNS
--- A run before that had no try, because its name could not be resolved, leaves an item at the beginning of the next run. A
-- try without a status is the last of its run, so what has none and is followed by another was no try.
function countGhosts(statuses)
    local count = 0
    while statuses[count + 1] == "-" and count + 1 < #statuses do
        count = count + 1
    end
    return count
end
function itemsOf(list, run)
    local items = {}
    local index = 0
    for tries in string.gmatch((list or "") .. BETWEEN_RUNS, "(.-) : ") do
        if index == run then
            for item in string.gmatch(tries .. ", ", "(.-), ") do
                items[#items + 1] = item
            end
        end
        index = index + 1
    end
    return items
end
BETWEEN_RUNS = " : "
---
-- @param status `$upstream_status`
-- @returns how many runs of `proxy_pass` the request has had: the index, from 0, of the next one
function ____exports.countRuns(status)
    if status == nil or status == "" then
        return 0
    end
    local count = 0
    for run in string.gmatch(status .. BETWEEN_RUNS, "(.-) : ") do
        if run ~= "" then
            count = count + 1
        end
    end
    return count
end
--- Finds one try in nginx's lists.
-- 
-- @param run from 0
-- @param number the try's in its run, from 1; 0: the last
-- @returns nothing if there was no such try, or it came to no end, as when the client went away meanwhile
function ____exports.attemptOf(lists, run, number)
    local statuses = itemsOf(lists.status, run)
    local index = number == 0 and #statuses - 1 or number - 1 + countGhosts(statuses)
    local status = tonumber(statuses[index + 1])
    if status == nil then
        return nil
    end
    return {
        status = status,
        address = itemsOf(lists.address, run)[index + 1] or "",
        isConnected = (itemsOf(lists.connectTime, run)[index + 1] or "-") ~= "-",
        isAnswered = (itemsOf(lists.headerTime, run)[index + 1] or "-") ~= "-"
    }
end
---
-- @returns the address of the last try in a run, whether it has come to an end or not.
function ____exports.addressOf(addresses, run)
    local items = itemsOf(addresses, run)
    return items[#items]
end
return ____exports
