local ____exports = {}
local newCheck
local ____address = require("signpost.format.address")
local printHostPort = ____address.printHostPort
function newCheck(pool, peer, address, path, options)
    return {
        id = peer.healthKey,
        pool = pool,
        peer = peer.name,
        address = address,
        hostHeader = options.host or printHostPort(address),
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
-- have the same `id` only if they send the same request and treat the answer in the same way.
function ____exports.checksOf(poolName, pool)
    local ____pool_0 = pool
    local definition = ____pool_0.definition
    local peers = ____pool_0.peers
    local checks = {}
    local path = definition.options.healthPath
    if path == nil then
        return checks
    end
    for index = 0, #peers - 1 do
        local peer, member = peers[index + 1], definition.members[index + 1]
        if peer ~= nil and member ~= nil and peer.weight > 0 then
            checks[#checks + 1] = newCheck(
                poolName,
                peer,
                member.address,
                path,
                definition.options
            )
        end
    end
    return checks
end
return ____exports
