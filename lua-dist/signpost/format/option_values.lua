local ____exports = {}
local readNumber, readChoice, readHashOn, readHost, readPath, readFailures, readStatuses, wordsOf, has, TOKEN_BYTES, PATH_BYTES, FORMS
local ____address = require("signpost.format.address")
local parseAddress = ____address.parseAddress
local ____scan = require("signpost.text.scan")
local matches = ____scan.matches
local wholeNumber = ____scan.wholeNumber
local ____numbers = require("signpost.text.numbers")
local numberText = ____numbers.numberText
--- Reads a decimal number without sign, exponent or leading zeros.
function readNumber(text, min, max)
    local isDecimal = matches(text, "^%d+$") or matches(text, "^%d+%.%d+$")
    local ____temp_0
    if isDecimal and not matches(text, "^0%d") then
        ____temp_0 = tonumber(text)
    else
        ____temp_0 = nil
    end
    local value = ____temp_0
    if value == nil or value < min or value > max then
        return nil
    end
    return {
        value = value,
        text = numberText(value)
    }
end
function readChoice(text, choices)
    for ____, choice in ipairs(choices) do
        if text == choice then
            return {value = choice, text = text}
        end
    end
    return nil
end
function readHashOn(text)
    if text == "ip" then
        return {value = {variable = "remote_addr"}, text = text}
    end
    if text == "uri" then
        return {value = {variable = "uri"}, text = text}
    end
    local kind, written = string.match(text, "^(%l+):([%w!#$%%&'*+.^_`|~-]+)$")
    if written == nil then
        written = ""
    end
    if kind ~= "header" and kind ~= "cookie" or #written > TOKEN_BYTES then
        return nil
    end
    local name = kind == "header" and string.lower(written) or written
    local underscored = string.gsub(name, "-", "_")
    return {value = {variable = kind == "header" and "http_" .. underscored or "cookie_" .. name}, text = (kind .. ":") .. name}
end
function readHost(text)
    local scheme = string.find(text, "//", 1, true)
    local address, err = parseAddress(text)
    if scheme ~= nil or err ~= nil then
        return nil
    end
    local host = address.form == "ipv6" and ("[" .. address.host) .. "]" or address.host
    -- The host is sent as written: no port is added to it, not even 80.
    local value = matches(text, ":%d+$") and (host .. ":") .. tostring(address.port) or host
    return {value = value, text = value}
end
function readPath(text)
    return #text <= PATH_BYTES and matches(text, "^/[!-~]*$") and ({value = text, text = text}) or nil
end
function readFailures(text)
    local words = wordsOf(text)
    local statuses = {}
    for ____, word in ipairs(words) do
        local status = wholeNumber(word, 500, 599)
        if status ~= nil then
            statuses[status] = true
        elseif word ~= "connect" and word ~= "timeout" then
            return nil
        end
    end
    local value = {
        connect = has(words, "connect"),
        timeout = has(words, "timeout"),
        statuses = statuses
    }
    if #words == 0 then
        return nil
    end
    return {
        value = value,
        text = table.concat(words, " ")
    }
end
function readStatuses(text)
    local words = wordsOf(text)
    local value = {}
    for ____, word in ipairs(words) do
        local digit = string.match(word, "^([1-5])xx$")
        local ____temp_1
        if digit == nil then
            ____temp_1 = wholeNumber(word, 100, 599)
        else
            ____temp_1 = tonumber(digit)
        end
        local status = ____temp_1
        if status == nil then
            return nil
        end
        value[status] = true
    end
    if #words == 0 then
        return nil
    end
    return {
        value = value,
        text = table.concat(words, " ")
    }
end
--- The words between the blanks, sorted, without duplicates.
function wordsOf(text)
    local words = {}
    local seen = {}
    for word in string.gmatch(text, "[^ \t]+") do
        if not (seen[word] ~= nil) then
            words[#words + 1] = word
        end
        seen[word] = true
    end
    table.sort(words)
    return words
end
function has(words, wanted)
    for ____, word in ipairs(words) do
        if word == wanted then
            return true
        end
    end
    return false
end
TOKEN_BYTES = 128
PATH_BYTES = 1024
---
-- @returns nothing if `text` is not what `expectation(option)` describes
function ____exports.readOption(option, text)
    if option.kind == "integer" then
        local value = wholeNumber(text, option.min, option.max)
        if value == nil then
            return nil
        end
        return {value = value, text = text}
    end
    if option.kind == "number" then
        return readNumber(text, option.min, option.max)
    end
    if option.kind == "choice" then
        return readChoice(text, option.choices)
    end
    return FORMS[option.kind](text)
end
--- Whether the set contains the status or its class.
function ____exports.hasStatus(statuses, status)
    return statuses[status] == true or statuses[math.floor(status / 100)] == true
end
FORMS = {
    hash_on = readHashOn,
    host = readHost,
    path = readPath,
    failures = readFailures,
    statuses = readStatuses
}
return ____exports
