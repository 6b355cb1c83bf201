local ____exports = {}
local isLikeHost
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
--- All of ASCII but letters, digits, `-`, `_` and `.`.
____exports.NOT_IN_HOST = "[%c -,/:-@[-^`{-~]"
--- Of a route's name as a key has it: the name that such hosts are looked up as. Requests come with hosts in lower case,
-- without port, final dot or blanks, so no request ever matches a key that has any of these.
-- 
-- @param needsDot takes a name without a dot for something that is no host: where routes have no prefix, the keys of any
-- other program may look like a host and a port
-- @returns nothing if requests can match the name as it is, or if it is nothing like a host's
function ____exports.matchableName(name, needsDot)
    local odd = string.find(name, "[%u%s:]")
    if odd == nil and string.sub(name, -1) ~= "." then
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
