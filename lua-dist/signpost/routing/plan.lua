local ____exports = {}
local planOfTarget
local ____address = require("signpost.routing.address")
local printHostPort = ____address.printHostPort
local ____target = require("signpost.routing.target")
local parseTarget = ____target.parseTarget
---
-- @returns the plan of a route that never had a good value.
function ____exports.badRoute(detail)
    return {kind = "fail", word = "bad_route", detail = detail}
end
function planOfTarget(target)
    if target.kind == "return" then
        return target
    end
    if target.kind == "pool" then
        return ____exports.badRoute(("@" .. target.name) .. " names a pool")
    end
    local hops = {}
    for ____, peer in ipairs(target.peers) do
        hops[#hops + 1] = {
            upstream = printHostPort(peer),
            scheme = peer.scheme
        }
    end
    return {kind = "proxy", hops = hops, turn = 0}
end
---
-- @returns the plan of a target's text; one that cannot be parsed is a plan to fail as `bad_route`.
function ____exports.planOf(text)
    local target, err, detail = parseTarget(text)
    return err == nil and planOfTarget(target) or ____exports.badRoute(detail)
end
---
-- @returns the next of the plan's hops: each in turn, for they weigh the same.
function ____exports.nextHop(plan)
    local ____plan_0 = plan
    local hops = ____plan_0.hops
    local turn = ____plan_0.turn
    plan.turn = turn + 1 < #hops and turn + 1 or 0
    return hops[turn + 1]
end
return ____exports
