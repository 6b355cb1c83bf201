local ____exports = {}
local ____key_spaces = require("signpost.redis.key_spaces")
local spaceOf = ____key_spaces.spaceOf
---
-- @returns the reading, or a bad one if it leads to an address that the settings do not allow.
function ____exports.withinReach(reach, name, reading)
    if reach == nil or reading.kind ~= "good" then
        return reading
    end
    for ____, address in ipairs(spaceOf(name).addressesOf(reading.text)) do
        local reason = reach(address)
        if reason ~= nil then
            return {kind = "bad", reason = reason}
        end
    end
    return reading
end
---
-- @returns a reader whose good readings lead only to addresses that the settings allow.
function ____exports.readWithinReach(read, reach)
    if reach == nil then
        return read
    end
    return function(names)
        local readings, err, detail = read(names)
        if err ~= nil then
            return nil, err, detail
        end
        local allowed = {}
        for i = 0, #names - 1 do
            allowed[#allowed + 1] = ____exports.withinReach(reach, names[i + 1], readings[i + 1])
        end
        return allowed, nil
    end
end
return ____exports
