local ____exports = {}
--- Milliseconds, in 32 bits; 0 stands for no stamp.
local RANGE = 2 ^ 32
--- Milliseconds by which another worker's stamp may be ahead, because each worker reads the time only now and then.
local AHEAD = 1000
---
-- @param time seconds since 1970
function ____exports.stampOf(time)
    return math.max(
        1,
        math.floor(time * 1000) % RANGE
    )
end
--- Whether the clock was set back since an entry was stamped.
-- 
-- @param stamp the entry's flags; none, or 0, for one that was never stamped, such as one of version 0.1.0
-- @param time seconds since 1970
function ____exports.isFromFuture(stamp, time)
    if stamp == nil or stamp == 0 then
        return false
    end
    local ahead = (stamp - ____exports.stampOf(time)) % RANGE
    return ahead > AHEAD and ahead < RANGE / 2
end
return ____exports
