local ____exports = {}
local readUpTo, fly, giveUpOverdue, ____end, outcomeOf, land
function readUpTo(board, limit, names)
    local unread = {}
    local awaited = {}
    for ____, name in ipairs(names) do
        local flight = board.flights[name]
        if flight == nil then
            unread[#unread + 1] = name
        else
            awaited[#awaited + 1] = flight
        end
    end
    if #unread > 0 then
        if board.underWay >= limit then
            giveUpOverdue(board)
        end
        if board.underWay >= limit then
            board.rules.count("busy")
            return nil, "busy", tostring(board.underWay) .. " look-ups are under way, which is max_lookups"
        end
        awaited[#awaited + 1] = fly(board, unread)
    end
    return outcomeOf(board, awaited)
end
function fly(board, names)
    local ____board_0 = board
    local rules = ____board_0.rules
    local flights = ____board_0.flights
    local readThrough = ____board_0.readThrough
    local flight = {
        names = names,
        gate = rules.newGate(),
        started = rules.now(),
        ended = false
    }
    for ____, name in ipairs(names) do
        flights[name] = flight
    end
    board.underWay = board.underWay + 1
    local found, failure, detail = readThrough(names)
    if failure == nil then
        flight.found = found
    else
        flight.failure = failure
        flight.detail = detail
    end
    ____end(board, flight)
    return flight
end
--- Ends overdue flights: no request may be waiting for a flight that never lands, and its place is needed.
function giveUpOverdue(board)
    local overdue = board.rules.now() - board.rules.waitTimeout
    for ____, flight in pairs(board.flights) do
        if flight.started <= overdue then
            ____end(board, flight)
        end
    end
end
function ____end(board, flight)
    if flight.ended then
        return
    end
    flight.ended = true
    board.underWay = board.underWay - 1
    for ____, name in ipairs(flight.names) do
        board.flights[name] = nil
    end
    flight.gate.open()
end
--- Waits for the flights, and merges what they have found.
function outcomeOf(board, awaited)
    local found = {}
    for ____, flight in ipairs(awaited) do
        local all, err, detail = land(board, flight)
        if err ~= nil then
            return nil, err, detail
        end
        for name, known in pairs(all) do
            found[name] = known
        end
    end
    return found, nil
end
function land(board, flight)
    local ____board_rules_1 = board.rules
    local waitTimeout = ____board_rules_1.waitTimeout
    if not flight.ended and not flight.gate.wait(waitTimeout) then
        ____end(board, flight)
    end
    if flight.found ~= nil then
        return flight.found, nil
    end
    local detail = flight.detail or ("another request's look-up had no answer within " .. tostring(waitTimeout)) .. " s"
    return nil, flight.failure or "redis_down", detail
end
--- One read for many requests (singleflight): a request for names that are being read waits for that read, and reads
-- only the rest.
-- 
-- Invariant: in one worker, at most one read is under way for a name. A flight never lands if nginx ended its request
-- half-way because the client went away. The first request that has waited `waitTimeout` for it removes it, so that the
-- name can be read again and its place under `maxLookups` is free.
function ____exports.coalesce(readThrough, rules)
    local board = {readThrough = readThrough, rules = rules, flights = {}, underWay = 0}
    return {
        read = function(names) return readUpTo(board, rules.maxLookups, names) end,
        readUnlimited = function(names) return readUpTo(board, math.huge, names) end
    }
end
return ____exports
