local ____exports = {}
local areInOrder, isBefore
--- Most hashes have one field or two, and then many are in order already.
function areInOrder(fields)
    for i = 1, #fields - 1 do
        if isBefore(fields[i + 1], fields[i]) then
            return false
        end
    end
    return true
end
---
-- @param flat what `HGETALL` answers: name, value, name, value, …
-- @returns its fields, sorted by name
function ____exports.fieldsOf(flat)
    local fields = {}
    for i = 0, #flat - 1, 2 do
        fields[#fields + 1] = {name = flat[i + 1] or "", value = flat[i + 1 + 1] or ""}
    end
    if not areInOrder(fields) then
        table.sort(fields, isBefore)
    end
    return fields
end
isBefore = function(one, other) return one.name < other.name end
---
-- @param fields whose names and values hold no byte below a blank
function ____exports.printFields(fields)
    local lines = {}
    local isSorted = true
    local last = ""
    for ____, ____value in ipairs(fields) do
        local name = ____value.name
        local value = ____value.value
        local line = (("\n" .. name) .. "\t") .. value
        if line < last then
            isSorted = false
        end
        last = line
        lines[#lines + 1] = line
    end
    if not isSorted then
        table.sort(lines)
    end
    return table.concat(lines)
end
---
-- @returns nothing for a text that is not one of `printFields` with at least one field
function ____exports.parseFields(text)
    local fields = {}
    local bytes = 0
    for name, value in string.gmatch(text, "\n([^\t\n]+)\t([^\t\n]*)") do
        fields[#fields + 1] = {name = name, value = value}
        bytes = bytes + (#name + #value + 2)
    end
    return bytes > 0 and bytes == #text and fields or nil
end
---
-- @returns what is wrong with texts that have more than `maxBytes` together, or nothing
function ____exports.sizeProblem(texts, maxBytes)
    local bytes = 0
    for ____, text in ipairs(texts) do
        bytes = bytes + #text
    end
    return bytes > maxBytes and (("expected no more than " .. tostring(maxBytes)) .. " bytes, got ") .. tostring(bytes) or nil
end
--- The texts in ascending order of their bytes; the list that was given stays as it is.
function ____exports.sorted(texts)
    local copy = {}
    for ____, text in ipairs(texts) do
        copy[#copy + 1] = text
    end
    table.sort(copy)
    return copy
end
return ____exports
