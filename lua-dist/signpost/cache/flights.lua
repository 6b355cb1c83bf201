local ____exports = {}
--- One read for many requests (singleflight): a request for names that are being read waits for that read, and reads only
-- the rest.
-- 
-- Invariant: in one worker, at most one read is under way for a name. A flight never lands if nginx ended its request
-- half-way because the client went away. The first request that has waited `waitTimeout` for it removes it, so that the
-- name can be read again and its place under `maxLookups` is free.
function ____exports.coalesce(readThrough, rules)
    local readUpTo, fly, giveUpOverdue, ____end, outcome, flights, underWay
    function readUpTo(limit, names)
        local unread = {}
        local awaited = {}
        for ____, name in ipairs(names) do
            local flight = flights[name]
            if flight == nil then
                unread[#unread + 1] = name
            else
                awaited[#awaited + 1] = flight
            end
        end
        local found = {}
        if #unread > 0 then
            if underWay >= limit then
                giveUpOverdue()
            end
            if underWay >= limit then
                rules.count("busy")
                return nil, "busy", tostring(underWay) .. " look-ups are under way, which is max_lookups"
            end
            awaited[#awaited + 1] = fly(unread)
        end
        for ____, flight in ipairs(awaited) do
            local all, err, detail = outcome(flight)
            if err ~= nil then
                return nil, err, detail
            end
            for name, known in pairs(all) do
                found[name] = known
            end
        end
        return found, nil
    end
    function fly(names)
        local flight = {
            names = names,
            gate = rules.newGate(),
            started = rules.now(),
            ended = false
        }
        for ____, name in ipairs(names) do
            flights[name] = flight
        end
        underWay = underWay + 1
        local found, failure, detail = readThrough(names)
        if failure == nil then
            flight.found = found
        else
            flight.failure = failure
            flight.detail = detail
        end
        ____end(flight)
        return flight
    end
    --- A flight that never lands may have nobody waiting for it, and its place is needed.
    function giveUpOverdue()
        local overdue = rules.now() - rules.waitTimeout
        for ____, flight in pairs(flights) do
            if flight.started <= overdue then
                ____end(flight)
            end
        end
    end
    function ____end(flight)
        if flight.ended then
            return
        end
        flight.ended = true
        underWay = underWay - 1
        for ____, name in ipairs(flight.names) do
            flights[name] = nil
        end
        flight.gate.open()
    end
    function outcome(flight)
        if not flight.ended and not flight.gate.wait(rules.waitTimeout) then
            ____end(flight)
        end
        if flight.found ~= nil then
            return flight.found, nil
        end
        local detail = flight.detail or ("another request's look-up had no answer within " .. tostring(rules.waitTimeout)) .. " s"
        return nil, flight.failure or "redis_down", detail
    end
    flights = {}
    underWay = 0
    return {
        read = function(names) return readUpTo(rules.maxLookups, names) end,
        readUnlimited = function(names) return readUpTo(math.huge, names) end
    }
end
return ____exports
