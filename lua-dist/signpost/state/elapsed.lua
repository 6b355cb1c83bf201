local ____exports = {}
--- Whether fewer than `seconds` have passed since `since`. A time in the future does not count: the clock was set back
-- meanwhile.
function ____exports.isWithin(seconds, since, time)
    return time >= since and time - since < seconds
end
return ____exports
