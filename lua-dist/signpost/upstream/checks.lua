local ____exports = {}
local rulesText, statusesText, newCheck
local ____address = require("signpost.routing.address")
local printAddress = ____address.printAddress
local printHostPort = ____address.printHostPort
local ____text = require("signpost.settings.text")
local numberText = ____text.numberText
function rulesText(spec, path)
    local interval = numberText(spec.healthInterval)
    local timeout = numberText(spec.healthTimeout)
    return (((((((((path .. " ") .. interval) .. " ") .. timeout) .. " ") .. tostring(spec.rise)) .. " ") .. tostring(spec.fall)) .. " ") .. statusesText(spec.healthStatus)
end
function statusesText(statuses)
    local listed = {}
    for status in pairs(statuses) do
        listed[#listed + 1] = status
    end
    table.sort(listed)
    return table.concat(listed, " ")
end
function newCheck(address, path, spec, rules)
    local peer = printAddress(address)
    local hostHeader = spec.host or printHostPort(address)
    return {
        id = (((peer .. " ") .. hostHeader) .. " ") .. rules,
        peer = peer,
        address = address,
        hostHeader = hostHeader,
        path = path,
        statuses = spec.healthStatus,
        interval = spec.healthInterval,
        timeout = spec.healthTimeout,
        rise = spec.rise,
        fall = spec.fall
    }
end
---
-- @returns a check for each member that gets requests; none for a pool without `health_path`. Checks of several pools
-- have the same `id` only if all that is asked and all that is made of the answer is the same.
function ____exports.checksOf(spec)
    local checks = {}
    local path = spec.healthPath
    if path == nil then
        return checks
    end
    local rules = rulesText(spec, path)
    for ____, ____value in ipairs(spec.members) do
        local address = ____value.address
        local weight = ____value.weight
        if weight > 0 then
            checks[#checks + 1] = newCheck(address, path, spec, rules)
        end
    end
    return checks
end
return ____exports
