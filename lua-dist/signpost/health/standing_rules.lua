local ____exports = {}
local rulesText, checkText, statusesText, DEFAULT_TEXT
local ____numbers = require("signpost.text.numbers")
local numberText = ____numbers.numberText
local ____pool_definition = require("signpost.format.pool_definition")
local NO_OPTIONS = ____pool_definition.NO_OPTIONS
--- Different rules have different texts: only the last line, the owner, can contain a line feed.
function rulesText(options, owner)
    local ____options_0 = options
    local failOn = ____options_0.failOn
    local maxFails = ____options_0.maxFails
    local failWindow = ____options_0.failWindow
    local failTimeout = ____options_0.failTimeout
    local connectTimeout = ____options_0.connectTimeout
    local readTimeout = ____options_0.readTimeout
    local firstStatus = next(failOn.statuses)
    return table.concat(
        {
            (((tostring(failOn.connect) .. " ") .. tostring(failOn.timeout)) .. " ") .. statusesText(failOn.statuses),
            (((tostring(maxFails) .. " ") .. numberText(failWindow)) .. " ") .. numberText(failTimeout),
            (tostring(connectTimeout or "-") .. " ") .. tostring(readTimeout or "-"),
            options.host or "",
            checkText(options),
            firstStatus == nil and "" or owner
        },
        "\n"
    )
end
--- How members are checked. It is empty for a pool that requests no checks.
function checkText(options)
    local ____options_1 = options
    local healthPath = ____options_1.healthPath
    local healthInterval = ____options_1.healthInterval
    local healthTimeout = ____options_1.healthTimeout
    local healthStatus = ____options_1.healthStatus
    local rise = ____options_1.rise
    local fall = ____options_1.fall
    if healthPath == nil then
        return ""
    end
    local times = (numberText(healthInterval) .. " ") .. numberText(healthTimeout)
    return (((((((healthPath .. " ") .. times) .. " ") .. tostring(rise)) .. " ") .. tostring(fall)) .. " ") .. statusesText(healthStatus)
end
function statusesText(statuses)
    local listed = {}
    for status in pairs(statuses) do
        listed[#listed + 1] = status
    end
    table.sort(listed)
    return table.concat(listed, " ")
end
--- Identifies the rules by which a pool judges its members. A peer's health belongs to its address and these rules.
-- Pools share it only if everything that leads to a verdict is the same. Otherwise the author of one pool could take
-- out the members of another.
-- 
-- A verdict from statuses belongs to one pool, because that pool's requests provoke it. The pool's name is then part of
-- the rules.
-- 
-- @param owner the pool's name; used only if `fail_on` lists statuses
-- @returns "" for the rules of a pool without options
function ____exports.rulesId(options, owner, digest)
    if options == NO_OPTIONS then
        return ""
    end
    local text = rulesText(options, owner)
    return text == DEFAULT_TEXT and "" or digest(text)
end
--- The key of a peer's health. A peer's name has no blank, so peers with different names or rules never share a key.
function ____exports.healthKey(peerName, rules)
    return rules == "" and peerName or (peerName .. " ") .. rules
end
DEFAULT_TEXT = rulesText(NO_OPTIONS, "")
return ____exports
