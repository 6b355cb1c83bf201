local ____exports = {}
local isWithin, INTERVAL
function isWithin(since, time)
    return time >= since and time - since < INTERVAL
end
INTERVAL = 0.02
--- So many names are remembered at most as handled lately.
local MOST_RECENT = 2000
--- Nothing depends on the clock but how long a name is put off: one that is set back ends that.
function ____exports.newPace(now)
    local isRecent, take, recent, before, putOff, count
    function isRecent(name, time)
        local at = recent[name] or before[name]
        return at ~= nil and isWithin(at, time)
    end
    function take(isWanted)
        local taken = {}
        local left = {}
        for name in pairs(putOff) do
            if isWanted(name) then
                taken[#taken + 1] = name
            else
                left[name] = true
            end
        end
        putOff = left
        count = count - #taken
        return taken
    end
    recent = {}
    before = {}
    local recentSince = now()
    local recentCount = 0
    putOff = {}
    count = 0
    return {
        allows = function(name)
            if not isRecent(
                name,
                now()
            ) then
                return true
            end
            if not (putOff[name] ~= nil) then
                putOff[name] = true
                count = count + 1
            end
            return false
        end,
        handled = function(name)
            local time = now()
            if not isWithin(recentSince, time) or recentCount >= MOST_RECENT then
                before = recent
                recent = {}
                recentSince = time
                recentCount = 0
            end
            recent[name] = time
            recentCount = recentCount + 1
        end,
        due = function()
            local time = now()
            return take(function(name) return not isRecent(name, time) end)
        end,
        all = function() return take(function() return true end) end,
        waiting = function() return count end
    }
end
return ____exports
