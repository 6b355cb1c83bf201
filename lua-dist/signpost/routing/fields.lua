local ____exports = {}
---
-- @param flat what `HGETALL` answers: name, value, name, value, …
-- @returns its fields, sorted by name
function ____exports.fieldsOf(flat)
    local fields = {}
    for i = 0, #flat - 1, 2 do
        fields[#fields + 1] = {name = flat[i + 1] or "", value = flat[i + 1 + 1] or ""}
    end
    table.sort(
        fields,
        function(a, b) return a.name < b.name end
    )
    return fields
end
---
-- @param fields whose names and values hold no byte below a blank
function ____exports.printFields(fields)
    local lines = {}
    for ____, ____value in ipairs(fields) do
        local name = ____value.name
        local value = ____value.value
        lines[#lines + 1] = (("\n" .. name) .. "\t") .. value
    end
    table.sort(lines)
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
