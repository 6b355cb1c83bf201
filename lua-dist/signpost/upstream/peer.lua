local ____exports = {}
local ____address = require("signpost.routing.address")
local printAddress = ____address.printAddress
local printHostPort = ____address.printHostPort
---
-- @param weight 0 or more
function ____exports.newPeer(address, weight)
    return {
        name = printAddress(address),
        scheme = address.scheme,
        host = address.form == "ipv6" and ("[" .. address.host) .. "]" or address.host,
        port = address.port,
        hostPort = printHostPort(address),
        isPoolable = address.scheme == "http" and address.form ~= "name",
        weight = weight
    }
end
return ____exports
