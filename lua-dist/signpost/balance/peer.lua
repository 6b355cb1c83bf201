local ____exports = {}
local ____address = require("signpost.format.address")
local printAddress = ____address.printAddress
local printHostPort = ____address.printHostPort
local ____standing_rules = require("signpost.health.standing_rules")
local healthKey = ____standing_rules.healthKey
---
-- @param weight 0 or more
-- @param rules the pool's; see `rulesId`. Empty: the rules of addresses that a route names itself
function ____exports.newPeer(address, weight, rules)
    if rules == nil then
        rules = ""
    end
    local name = printAddress(address)
    return {
        name = name,
        healthKey = healthKey(name, rules),
        scheme = address.scheme,
        host = address.form == "ipv6" and ("[" .. address.host) .. "]" or address.host,
        port = address.port,
        hostPort = printHostPort(address),
        isPoolable = address.scheme == "http" and address.form ~= "name",
        weight = weight
    }
end
return ____exports
