local ____exports = {}
local rulesText, statusesText, newCheck
local ____address = require("signpost.routing.address")
local printAddress = ____address.printAddress
local printHostPort = ____address.printHostPort
local ____text = require("signpost.settings.text")
local numberText = ____text.numberText
function rulesText(options, path)
    local interval = numberText(options.healthInterval)
    local timeout = numberText(options.healthTimeout)
    return (((((((((path .. " ") .. interval) .. " ") .. timeout) .. " ") .. tostring(options.rise)) .. " ") .. tostring(options.fall)) .. " ") .. statusesText(options.healthStatus)
end
function statusesText(statuses)
    local listed = {}
    for status in pairs(statuses) do
        listed[#listed + 1] = status
    end
    table.sort(listed)
    return table.concat(listed, " ")
end
function newCheck(address, path, options, rules)
    local peer = printAddress(address)
    local hostHeader = options.host or printHostPort(address)
    return {
        id = (((peer .. " ") .. hostHeader) .. " ") .. rules,
        peer = peer,
        address = address,
        hostHeader = hostHeader,
        path = path,
        statuses = options.healthStatus,
        interval = options.healthInterval,
        timeout = options.healthTimeout,
        rise = options.rise,
        fall = options.fall
    }
end
---
-- @returns a check for each member that gets requests; none for a pool without `health_path`. Checks of several pools
-- have the same `id` only if all that is asked and all that is made of the answer is the same.
function ____exports.checksOf(____bindingPattern0)
    local options
    local members
    members = ____bindingPattern0.members
    options = ____bindingPattern0.options
    local checks = {}
    local path = options.healthPath
    if path == nil then
        return checks
    end
    local rules = rulesText(options, path)
    for ____, ____value in ipairs(members) do
        local address = ____value.address
        local weight = ____value.weight
        if weight > 0 then
            checks[#checks + 1] = newCheck(address, path, options, rules)
        end
    end
    return checks
end
return ____exports
