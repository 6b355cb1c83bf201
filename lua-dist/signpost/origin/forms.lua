local ____exports = {}
local ____route_forms = require("signpost.routing.route_forms")
local routeFromHash = ____route_forms.routeFromHash
local routeFromList = ____route_forms.routeFromList
local routeFromSet = ____route_forms.routeFromSet
local routeFromString = ____route_forms.routeFromString
local tooManyBackends = ____route_forms.tooManyBackends
local tooManyPaths = ____route_forms.tooManyPaths
local ____target = require("signpost.routing.target")
local TARGET_BYTES = ____target.TARGET_BYTES
local ____pool_spec = require("signpost.upstream.pool_spec")
local POOL_BYTES = ____pool_spec.POOL_BYTES
local poolFromHash = ____pool_spec.poolFromHash
local poolFromList = ____pool_spec.poolFromList
local poolFromSet = ____pool_spec.poolFromSet
local poolFromString = ____pool_spec.poolFromString
local tooManyMembers = ____pool_spec.tooManyMembers
local ____keys = require("signpost.origin.keys")
local isPoolName = ____keys.isPoolName
local ROUTE_FORMS = {
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
local POOL_FORMS = {
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
---
-- @returns what the key of a name of the cache may hold: a route's, or a pool's.
function ____exports.formsOf(name)
    return isPoolName(name) and POOL_FORMS or ROUTE_FORMS
end
return ____exports
