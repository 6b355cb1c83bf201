local ____exports = {}
local allUp
--- A peer that is due does not count as up, because only one request may try it.
function allUp(peers, health)
    for ____, ____value in ipairs(peers) do
        local healthKey = ____value.healthKey
        if health.standing(healthKey) ~= "up" then
            return false
        end
    end
    return true
end
--- Tells whether all peers of a pool are up, so that a request need not look up any of them. The answer is computed
-- again only after the change clock has moved. Until then it costs one comparison.
-- 
-- @returns a function that takes the change clock's value and returns the answer. The caller must read the clock first
function ____exports.rememberAllUp(peers, health)
    local askedAt = nil
    local areUp = false
    return function(clock)
        if clock ~= askedAt then
            areUp = allUp(peers, health)
            askedAt = clock
        end
        return areUp
    end
end
return ____exports
