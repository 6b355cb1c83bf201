local ____exports = {}
local countGhosts, itemsOf, BETWEEN_RUNS
--- Counts the items at the beginning of a run that are not tries. A run whose name could not be resolved has no try,
-- but leaves an item at the beginning of the next run. Only the last try of a run can have no status: so an item
-- without one that is followed by another was no try.
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
--- Counts the runs of `proxy_pass` that a request has had: this is the index, from 0, of the next one.
-- 
-- @param status `$upstream_status`
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
-- @param run the index of its run, from 0
-- @param number its number in the run, from 1; 0: the last try
-- @returns nothing if there was no such try, or if it did not end, for example because the client left
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
-- @returns the address of the last try in a run, whether it has ended or not
function ____exports.addressOf(addresses, run)
    local items = itemsOf(addresses, run)
    return items[#items]
end
return ____exports
