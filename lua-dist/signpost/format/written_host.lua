local ____exports = {}
local mayBeWrittenOtherwise, isLikeHost, BLANK, DOT, COLON, CAPITAL_A, CAPITAL_Z
--- Whether a name has a capital letter, white space or a colon, or ends in a dot. LuaJIT compiles this loop; it does not
-- compile a pattern search.
function mayBeWrittenOtherwise(name)
    for i = 1, #name do
        local byte = string.byte(name, i)
        if byte <= BLANK or byte >= CAPITAL_A and byte <= CAPITAL_Z or byte == COLON then
            return true
        end
    end
    return string.byte(name, -1) == DOT
end
function isLikeHost(host, needsDot)
    local bracketed = string.find(host, "^%[[%x:.]+%]$")
    if bracketed ~= nil then
        return true
    end
    local labels = string.match(host, "^%*?(.*)$")
    if labels == nil then
        labels = ""
    end
    local alien = string.find(labels, ____exports.NOT_IN_HOST)
    local dot = string.find(labels, ".", 1, true)
    return labels ~= "" and alien == nil and (dot ~= nil or not needsDot)
end
--- Matches all of ASCII except letters, digits, `-`, `_` and `.`.
____exports.NOT_IN_HOST = "[%c -,/:-@[-^`{-~]"
BLANK = 32
DOT = 46
COLON = 58
CAPITAL_A = 65
CAPITAL_Z = 90
--- Finds the name that requests look up for a host that a key writes in another form. Hosts of requests are in lower
-- case, without port, final dot or blanks, so no request matches a key that has any of these.
-- 
-- @param needsDot whether to ignore names without a dot. If routes have no key prefix, the keys of any other program
-- may look like a host and a port
-- @returns the name that requests look up; nothing if requests can match the given name, or if it does not look like a
-- host
function ____exports.matchableName(name, needsDot)
    if not mayBeWrittenOtherwise(name) then
        return nil
    end
    local trimmed = string.match(
        string.lower(name),
        "^%s*(.-)%s*$"
    )
    if trimmed == nil then
        trimmed = ""
    end
    local withoutPort = string.match(trimmed, "^(.*[^:]):%d+$")
    local host = string.match(withoutPort or trimmed, "^(.-)%.?$")
    if host == nil then
        host = ""
    end
    return host ~= name and isLikeHost(host, needsDot) and host or nil
end
return ____exports
