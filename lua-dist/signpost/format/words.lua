local ____exports = {}
local companyIn, parseWord, cutPath, DOTLESS, PORTLESS, ALONE
local ____address = require("signpost.format.address")
local printAddress = ____address.printAddress
local ____backend = require("signpost.format.backend")
local parseBackend = ____backend.parseBackend
local ____complaint = require("signpost.text.complaint")
local refuse = ____complaint.refuse
local ____target_path = require("signpost.format.target_path")
local parseTargetPath = ____target_path.parseTargetPath
function companyIn(text)
    local separator = string.find(text, "[ \t,]")
    if separator == nil then
        return ALONE
    end
    -- Inside brackets, a colon and digits are part of an IPv6 address.
    local unbracketed = string.gsub(text, "%[[^%]]*%]", "")
    local port = string.find(unbracketed, ":%d")
    return {areSeveral = true, hasPort = port ~= nil}
end
function parseWord(word, before, company)
    local origin, rest = cutPath(word)
    local address, err, detail = parseBackend(origin, before)
    if err ~= nil then
        return nil, err, detail
    end
    local path, pathErr, pathDetail = parseTargetPath(rest, before + #origin)
    if pathErr ~= nil then
        return nil, pathErr, pathDetail
    end
    local sign = string.find(origin, ":", 1, true)
    if company.areSeveral and address.form == "name" and sign == nil then
        local dot = string.find(address.host, ".", 1, true)
        if dot == nil then
            return refuse(before + 1, DOTLESS, word)
        end
        if company.hasPort then
            return refuse(before + 1, PORTLESS, word)
        end
    end
    return {address = address, path = path}, nil
end
--- @returns the text up to the first slash after the scheme, and the rest
function cutPath(word)
    local withScheme = string.match(word, "^%a[%w+.-]*://[^/]*")
    local hostPort = string.match(word, "^[^/]*")
    if hostPort == nil then
        hostPort = ""
    end
    local origin = withScheme or hostPort
    return origin, string.sub(word, #origin + 1)
end
DOTLESS = "a port after a name without a dot, where there are several addresses"
PORTLESS = "a port after a name, where another address has one"
local ONE_PATH = "the same path after each address"
--- Reads addresses separated by blanks, by one comma, or by both. All have the same path after them, or none has a path.
-- 
-- Among several words, a name without port and scheme may be meant as something else, such as nginx's `backup` or the
-- Host to send. It is refused if it has no dot, or if another word has a port.
-- 
-- @param text has no blank at its beginning or end
-- @param before bytes before it in the full text; error positions count from the start of the full text
-- @param maxBytes the maximum length of the addresses when each is printed with its port
-- @param ignoresSlash whether a path of a single slash counts as no path
-- @returns `bad_target` with the position, what was expected and what was found
function ____exports.parseWords(text, before, maxBytes, ignoresSlash)
    local company = companyIn(text)
    local addresses = {}
    local path
    local start = 1
    local printedBytes = 0
    -- The appended comma puts a separator after every address, and turns a trailing comma into an empty address.
    for word, separator in string.gmatch(text .. ",", "([^ \t,]*)([ \t]*[ \t,][ \t]*)") do
        local beforeWord = before + start - 1
        if word == "" then
            return refuse(
                beforeWord + 1,
                "an address",
                string.sub(text, start)
            )
        end
        local parsed, err, detail = parseWord(word, beforeWord, company)
        if err ~= nil then
            return nil, err, detail
        end
        local own = ignoresSlash and parsed.path == "/" and "" or parsed.path
        if path == nil then
            path = own
        end
        if own ~= path then
            return refuse(beforeWord + 1, ONE_PATH, word)
        end
        printedBytes = printedBytes + (#printAddress(parsed.address) + #path + 1)
        if printedBytes > maxBytes + 1 then
            return refuse(
                beforeWord + 1,
                ("no more than " .. tostring(maxBytes)) .. " bytes of addresses, each with its port",
                word
            )
        end
        addresses[#addresses + 1] = parsed.address
        start = start + (#word + #separator)
    end
    return {addresses = addresses, path = path or ""}, nil
end
ALONE = {areSeveral = false, hasPort = false}
return ____exports
