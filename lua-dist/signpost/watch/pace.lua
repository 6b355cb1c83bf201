local ____exports = {}
local recentNames, INTERVAL_SECONDS, MOST_RECENT
local ____elapsed = require("signpost.state.elapsed")
local isWithin = ____elapsed.isWithin
--- Two tables take turns, so that no name has to be removed. A table is replaced after one interval or more, or when it
-- has `MOST_RECENT` names.
function recentNames(begin)
    local current = {}
    local previous = {}
    local since = begin
    local count = 0
    return {
        isRecent = function(name, time)
            local at = current[name] or previous[name]
            return at ~= nil and isWithin(INTERVAL_SECONDS, at, time)
        end,
        note = function(name, time)
            if not isWithin(INTERVAL_SECONDS, since, time) or count >= MOST_RECENT then
                previous = current
                current = {}
                since = time
                count = 0
            end
            current[name] = time
            count = count + 1
        end
    }
end
INTERVAL_SECONDS = 0.02
MOST_RECENT = 2000
--- The clock only decides how long a name is put off. If it is set back, no name is put off any longer.
function ____exports.newPace(now)
    local take, putOff, count
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
    local recent = recentNames(now())
    putOff = {}
    count = 0
    return {
        allows = function(name)
            if not recent.isRecent(
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
        handled = function(name) return recent.note(
            name,
            now()
        ) end,
        due = function()
            local time = now()
            return take(function(name) return not recent.isRecent(name, time) end)
        end,
        all = function() return take(function() return true end) end,
        waiting = function() return count end
    }
end
return ____exports
