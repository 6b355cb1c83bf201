local ____exports = {}
local isPlainPath, isWordByte, withoutSlash, SLASH
local ____complaint = require("signpost.text.complaint")
local refuse = ____complaint.refuse
--- Fast path: whether a path begins with a slash and contains only letters, digits, `-`, `_` and single slashes. Such a
-- path is valid. LuaJIT compiles this loop; it does not compile a pattern search.
function isPlainPath(text)
    local isAfterSlash = false
    for i = 1, #text do
        local byte = string.byte(text, i)
        local isSlash = byte == SLASH
        local ____isSlash_0
        if isSlash then
            ____isSlash_0 = isAfterSlash
        else
            ____isSlash_0 = not isWordByte(byte)
        end
        if ____isSlash_0 then
            return false
        end
        isAfterSlash = isSlash
    end
    return string.byte(text) == SLASH
end
--- Whether the byte is a letter, a digit, `-` or `_`.
function isWordByte(byte)
    return byte >= 97 and byte <= 122 or byte >= 48 and byte <= 57 or byte >= 65 and byte <= 90 or byte == 45 or byte == 95
end
function withoutSlash(text)
    return string.byte(text, #text) == SLASH and string.sub(text, 1, -2) or text
end
SLASH = 47
local PREFIX_BYTES = 1024
--- Patterns that nginx removes from a path before it becomes `$uri`. A prefix that contains one would never match.
local NEVER_IN_URI = {"//", "/%.%.?%f[%z/]", "[?#]", "%%%x%x"}
---
-- @param entries in any order
-- @returns the entries in the order that `matchPath` needs
function ____exports.newPathTable(entries)
    local paths = {}
    for ____, entry in ipairs(entries) do
        paths[#paths + 1] = entry
    end
    table.sort(
        paths,
        function(a, b) return #a.prefix > #b.prefix end
    )
    return paths
end
--- Reads a path prefix, the name of a field in a route's hash. `/api/` is the same as `/api`.
-- 
-- @param text begins with `/` and is normalized and decoded as nginx's `$uri` is; at most 1024 bytes
-- @returns the prefix as `PathEntry` holds it; `bad_target` with the position, what was expected and what was found
function ____exports.parsePrefix(text)
    if #text > PREFIX_BYTES then
        return refuse(
            PREFIX_BYTES + 1,
            ("no more than " .. tostring(PREFIX_BYTES)) .. " bytes in a path",
            string.sub(text, PREFIX_BYTES + 1)
        )
    end
    if isPlainPath(text) then
        return withoutSlash(text), nil
    end
    if string.byte(text) ~= SLASH then
        return refuse(1, "a path that begins with /", text)
    end
    local control = string.find(text, "%c")
    if control ~= nil then
        return refuse(
            control,
            "no control byte in a path",
            string.sub(text, control)
        )
    end
    for ____, pattern in ipairs(NEVER_IN_URI) do
        local alien = string.find(text, pattern)
        if alien ~= nil then
            return refuse(
                alien,
                "a path as nginx's $uri has it: no //, . or .., no query, no %XX",
                string.sub(text, alien)
            )
        end
    end
    return withoutSlash(text), nil
end
--- The text of a prefix: `parsePrefix(printPrefix(prefix))` returns the same prefix.
function ____exports.printPrefix(prefix)
    return prefix == "" and "/" or prefix
end
return ____exports
