local ____exports = {}
local parseRedirect, checkAfterHost, isAbsolute, isPath, NOT_IN_URL, URL_BYTE, AFTER_HOST, URL_FORM
local ____complaint = require("signpost.text.complaint")
local refuse = ____complaint.refuse
function parseRedirect(status, text, before)
    local beforeUri = string.match(text, "^(.*)%$request_uri$")
    local appendRequestUri = beforeUri ~= nil
    local url = beforeUri or text
    local beforeHost, afterHost = string.match(url, "^(https?://[A-Za-z0-9._-]*)%$host(.*)$")
    if beforeHost ~= nil and afterHost ~= nil then
        local ____, err, detail = checkAfterHost(afterHost, before + #url - #afterHost)
        if err ~= nil then
            return nil, err, detail
        end
        return {
            kind = "return",
            status = status,
            url = beforeHost,
            afterHost = afterHost,
            appendRequestUri = appendRequestUri
        }, nil
    end
    local alien = string.find(url, NOT_IN_URL)
    if alien ~= nil then
        return refuse(
            before + alien,
            URL_BYTE,
            string.sub(text, alien)
        )
    end
    if not isAbsolute(url) and not isPath(url) then
        return refuse(before + 1, URL_FORM, text)
    end
    -- A URL of "/" and a request for "/evil.example/x" would give "//evil.example/x": another host.
    if appendRequestUri and url == "/" then
        return refuse(before + 1, "more than / before $request_uri", text)
    end
    return {kind = "return", status = status, url = url, appendRequestUri = appendRequestUri}, nil
end
function checkAfterHost(text, before)
    local alien = string.find(text, NOT_IN_URL)
    if alien ~= nil then
        return refuse(
            before + alien,
            URL_BYTE,
            string.sub(text, alien)
        )
    end
    local port = string.match(text, "^:[1-9]%d?%d?%d?%d?")
    if port == nil then
        port = ""
    end
    local goesOn = string.find(text, "^[^/?#]", #port + 1)
    if goesOn ~= nil then
        return refuse(before + 1, AFTER_HOST, text)
    end
    return true, nil
end
--- Whether a URL has a scheme and a host.
function isAbsolute(url)
    local start = string.find(url, "^https?://[^/?#]")
    return start ~= nil
end
--- Whether a URL is a path on the same host. Two slashes would begin a host.
function isPath(url)
    return string.sub(url, 1, 1) == "/" and string.sub(url, 2, 2) ~= "/"
end
local REDIRECTS = {
    [301] = true,
    [302] = true,
    [303] = true,
    [307] = true,
    [308] = true
}
--- Statuses that nginx does not send, each verified with nginx 1.22: 408 and 499 close the connection without a
-- response, and 494 to 497 are sent as 400. 444 closes it too, but is allowed, because users know it for that.
local UNANSWERED = {
    [408] = true,
    [494] = true,
    [495] = true,
    [496] = true,
    [497] = true,
    [499] = true
}
NOT_IN_URL = "[^!#%%&(-:=?-Z%[%]_a-z~]"
local STATUS = "301, 302, 303, 307, 308 or a status from 400 to 599"
local ANSWERED = "a status that nginx answers with: not 408, 494 to 497 or 499"
URL_BYTE = "a byte a URL may hold (others as %XX, $host as the host, $request_uri at the end only)"
AFTER_HOST = "the end of a host: a port, a path, $request_uri or nothing"
URL_FORM = "a URL that begins with http:// or https:// and a host, or with a single /"
--- Reads `return CODE` or `return CODE URL`.
-- 
-- @param text begins with the word `return`, and has no blanks around it
-- @param before bytes before it in the full text; error positions count from the start of the full text
-- @returns `bad_target` with the position, what was expected and what was found
function ____exports.parseReturn(text, before)
    local intro, code, gap, rest = string.match(text, "^(return[ \t]*)([^ \t]*)([ \t]*)(.*)$")
    if intro == nil then
        intro = ""
    end
    if code == nil then
        code = ""
    end
    if gap == nil then
        gap = ""
    end
    if rest == nil then
        rest = ""
    end
    local beforeCode = before + #intro
    local beforeRest = beforeCode + #code + #gap
    local digits = string.match(code, "^[345]%d%d$")
    local status = tonumber(digits)
    if status ~= nil and REDIRECTS[status] == true then
        return parseRedirect(status, rest, beforeRest)
    end
    if status == nil or status < 400 then
        return refuse(beforeCode + 1, STATUS, code)
    end
    if UNANSWERED[status] == true then
        return refuse(beforeCode + 1, ANSWERED, code)
    end
    if rest ~= "" then
        return refuse(
            beforeRest + 1,
            ("the end: " .. tostring(status)) .. " has no URL",
            rest
        )
    end
    return {kind = "return", status = status, appendRequestUri = false}, nil
end
--- The canonical text, which parses to the same target.
function ____exports.printReturn(target)
    if target.url == nil then
        return "return " .. tostring(target.status)
    end
    local url = target.afterHost == nil and target.url or (target.url .. "$host") .. target.afterHost
    return ((("return " .. tostring(target.status)) .. " ") .. url) .. (target.appendRequestUri and "$request_uri" or "")
end
return ____exports
