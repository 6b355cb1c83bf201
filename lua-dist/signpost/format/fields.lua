local ____exports = {}
local areInOrder, isBefore
--- Whether a flat list is sorted by name. Many are, because most hashes have one or two fields.
function areInOrder(flat)
    for i = 2, #flat - 1, 2 do
        if flat[i + 1] < flat[i - 2 + 1] then
            return false
        end
    end
    return true
end
---
-- @returns the text of one field, for `joinFields`. Name and value must contain no byte below a blank (0x20).
function ____exports.printField(name, value)
    return (("\n" .. name) .. "\t") .. value
end
---
-- @param lines results of `printField`, in any order; they are sorted in place
function ____exports.joinFields(lines)
    local last = ""
    local isSorted = true
    for ____, line in ipairs(lines) do
        if line < last then
            isSorted = false
        end
        last = line
    end
    if not isSorted then
        table.sort(lines)
    end
    return table.concat(lines)
end
---
-- @param flat the reply to `HGETALL`: name, value, name, value, …
-- @returns its fields, sorted by name
function ____exports.fieldsOf(flat)
    local fields = {}
    for i = 0, #flat - 1, 2 do
        fields[#fields + 1] = {name = flat[i + 1] or "", value = flat[i + 1 + 1] or ""}
    end
    if not areInOrder(flat) then
        table.sort(fields, isBefore)
    end
    return fields
end
isBefore = function(one, other) return one.name < other.name end
---
-- @returns the flat list, sorted by name: the given list itself if it is already sorted.
function ____exports.sortedByName(flat)
    if areInOrder(flat) then
        return flat
    end
    local copy = {}
    for ____, ____value in ipairs(____exports.fieldsOf(flat)) do
        local name = ____value.name
        local value = ____value.value
        copy[#copy + 1] = name
        copy[#copy + 1] = value
    end
    return copy
end
---
-- @param fields names and values must contain no byte below a blank (0x20)
function ____exports.printFields(fields)
    local lines = {}
    for ____, ____value in ipairs(fields) do
        local name = ____value.name
        local value = ____value.value
        lines[#lines + 1] = ____exports.printField(name, value)
    end
    return ____exports.joinFields(lines)
end
---
-- @returns the fields; nothing if the text is not a result of `printFields` with at least one field
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
-- @returns an error message if the texts have more than `maxBytes` together, or nothing
function ____exports.sizeProblem(texts, maxBytes)
    local bytes = 0
    for ____, text in ipairs(texts) do
        bytes = bytes + #text
    end
    return bytes > maxBytes and (("expected no more than " .. tostring(maxBytes)) .. " bytes, got ") .. tostring(bytes) or nil
end
--- A copy of the texts, sorted by their bytes. The given list does not change.
function ____exports.sorted(texts)
    local copy = {}
    for ____, text in ipairs(texts) do
        copy[#copy + 1] = text
    end
    table.sort(copy)
    return copy
end
return ____exports
