local ____exports = {}
local readingFrom
local ____key_spaces = require("signpost.redis.key_spaces")
local spaceOf = ____key_spaces.spaceOf
local ____replies = require("signpost.redis.replies")
local readingOf = ____replies.readingOf
function readingFrom(forms, value)
    if value.kind == "absent" then
        return value
    end
    if value.kind == "text" then
        return readingOf(forms.string, value.text)
    end
    if value.kind ~= "items" and value.kind ~= "too_many" then
        return {kind = "bad", reason = value.reason}
    end
    local form = forms.others[value.type]
    if value.kind == "too_many" then
        return {
            kind = "bad",
            reason = form.tooMany(value.count)
        }
    end
    return readingOf(form.read, value.items)
end
--- Reads routes and pools by name. Each reading is valid on its own: a name's own ticket says whether it has changed
-- since it was asked for.
function ____exports.routeReader(readValues, keys)
    return function(names)
        local wanted = {}
        for ____, name in ipairs(names) do
            wanted[#wanted + 1] = {
                key = keys.keyOf(name),
                stringBytes = spaceOf(name).forms.stringBytes,
                prefix = keys.prefixOf(name)
            }
        end
        local values, err, detail = readValues(wanted)
        if err ~= nil then
            return nil, err, detail
        end
        local readings = {}
        for i = 0, #names - 1 do
            readings[#readings + 1] = readingFrom(
                spaceOf(names[i + 1]).forms,
                values[i + 1]
            )
        end
        return readings, nil
    end
end
return ____exports
