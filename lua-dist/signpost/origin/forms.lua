local ____exports = {}
local routeFromString
local ____route_forms = require("signpost.routing.route_forms")
local MOST_BACKENDS = ____route_forms.MOST_BACKENDS
local routeFromHash = ____route_forms.routeFromHash
local routeFromList = ____route_forms.routeFromList
local routeFromSet = ____route_forms.routeFromSet
local ____target = require("signpost.routing.target")
local parseTarget = ____target.parseTarget
local ____pool_spec = require("signpost.upstream.pool_spec")
local MOST_MEMBERS = ____pool_spec.MOST_MEMBERS
local poolFromHash = ____pool_spec.poolFromHash
local poolFromList = ____pool_spec.poolFromList
local poolFromSet = ____pool_spec.poolFromSet
local poolFromString = ____pool_spec.poolFromString
local ____keys = require("signpost.origin.keys")
local isPoolName = ____keys.isPoolName
function routeFromString(text)
    local ____, err, detail = parseTarget(text)
    if err ~= nil then
        return nil, "bad_route", detail
    end
    return text, nil
end
local function hashes(key)
    return {"hgetall", key}
end
local function sets(key)
    return {"smembers", key}
end
--- One more than `most` items, and never all of a list without end.
local function listsOf(most)
    local last = tostring(most)
    return function(key) return {"lrange", key, "0", last} end
end
local ROUTE_FORMS = {
    string = routeFromString,
    others = {
        hash = {command = hashes, read = routeFromHash},
        list = {
            command = listsOf(MOST_BACKENDS + 1),
            read = routeFromList
        },
        set = {command = sets, read = routeFromSet}
    }
}
local POOL_FORMS = {
    string = poolFromString,
    others = {
        hash = {command = hashes, read = poolFromHash},
        list = {
            command = listsOf(MOST_MEMBERS),
            read = poolFromList
        },
        set = {command = sets, read = poolFromSet}
    }
}
---
-- @returns what the key of a name of the cache may hold: a route's, or a pool's.
function ____exports.formsOf(name)
    return isPoolName(name) and POOL_FORMS or ROUTE_FORMS
end
return ____exports
