local ____exports = {}
local allUp
--- A peer that is due is not up: only one request may have it.
function allUp(peers, health)
    for ____, ____value in ipairs(peers) do
        local healthKey = ____value.healthKey
        if health.standing(healthKey) ~= "up" then
            return false
        end
    end
    return true
end
--- Whether all of a pool's peers are up, so that a request need not ask for any of them. Asked anew only when the change
-- clock has moved: until then, the answer costs a comparison.
-- 
-- @returns the answer for the time of the clock, which must have been read before
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
