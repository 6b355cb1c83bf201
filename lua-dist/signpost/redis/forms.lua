local ____exports = {}
local ____route = require("signpost.format.route")
local routeFromHash = ____route.routeFromHash
local routeFromList = ____route.routeFromList
local routeFromSet = ____route.routeFromSet
local routeFromString = ____route.routeFromString
local tooManyBackends = ____route.tooManyBackends
local tooManyPaths = ____route.tooManyPaths
local ____target = require("signpost.format.target")
local TARGET_BYTES = ____target.TARGET_BYTES
local ____pool_definition = require("signpost.format.pool_definition")
local POOL_BYTES = ____pool_definition.POOL_BYTES
local poolFromHash = ____pool_definition.poolFromHash
local poolFromList = ____pool_definition.poolFromList
local poolFromSet = ____pool_definition.poolFromSet
local poolFromString = ____pool_definition.poolFromString
local tooManyMembers = ____pool_definition.tooManyMembers
--- What a route's key may hold.
____exports.ROUTE_FORMS = {
    stringBytes = TARGET_BYTES,
    string = routeFromString,
    others = {
        hash = {read = routeFromHash, tooMany = tooManyPaths},
        list = {
            read = routeFromList,
            tooMany = function(count) return tooManyBackends(count - 1) end
        },
        set = {read = routeFromSet, tooMany = tooManyBackends}
    }
}
--- What a pool's key may hold.
____exports.POOL_FORMS = {
    stringBytes = POOL_BYTES,
    string = poolFromString,
    others = {
        hash = {
            read = poolFromHash,
            tooMany = function(count) return tooManyMembers(tostring(count) .. " fields") end
        },
        list = {
            read = poolFromList,
            tooMany = function(count) return tooManyMembers(tostring(count)) end
        },
        set = {
            read = poolFromSet,
            tooMany = function(count) return tooManyMembers(tostring(count)) end
        }
    }
}
return ____exports
