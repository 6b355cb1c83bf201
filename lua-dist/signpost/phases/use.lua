local ____exports = {}
local requestId
local ____ffi = require("ffi")
local cast = ____ffi.cast
local ____resty_2Ecore_2Ebase = require("resty.core.base")
local get_request = ____resty_2Ecore_2Ebase.get_request
local ____choose = require("signpost.upstream.choose")
local letGo = ____choose.letGo
function requestId()
    return tonumber(cast(
        "uintptr_t",
        get_request() or 0
    )) or 0
end
--- No peer's name. Uses have it in place of nothing: an empty field would come and go in the table, whose fields would then
-- lie now here, now there, and what LuaJIT has compiled for the one is of no use for the other.
____exports.NONE = {}
--- By nginx's address of the request: that costs a third of what `ngx.ctx` does, and outlasts an internal redirect. A use
-- that is over is used again: to make and to drop one for each request would cost as much as all else that is done here.
local uses = {}
local count = 0
--- So many requests at once are rare; but there may be that many addresses, in the course of time.
local MANY = 4096
--- How many uses there may be before those that are over are dropped: twice those that are on, so that it is seldom.
local room = MANY
local function makeRoom()
    count = count + 1
    if count <= room then
        return
    end
    for id, one in pairs(uses) do
        if not one.isOn then
            uses[id] = nil
            count = count - 1
        end
    end
    room = math.max(MANY, 2 * count)
end
--- Notes what this request uses; what it used before must have been released.
function ____exports.use(pool, key, ____bindingPattern0, redirects)
    local as
    local peer
    peer = ____bindingPattern0.peer
    as = ____bindingPattern0.as
    local id = requestId()
    local last = uses[id]
    if last == nil then
        makeRoom()
        uses[id] = {
            pool = pool,
            key = key,
            peer = peer,
            as = as,
            tries = 0,
            redirects = redirects,
            tried = ____exports.NONE,
            failed = ____exports.NONE,
            isOn = true
        }
        return
    end
    last.pool = pool
    last.key = key
    last.peer = peer
    last.as = as
    last.tries = 0
    last.redirects = redirects
    last.tried = ____exports.NONE
    last.failed = ____exports.NONE
    last.isOn = true
end
---
-- @returns what this request uses.
function ____exports.inUse()
    local last = uses[requestId()]
    return (last and last.isOn) == true and last or nil
end
---
-- @returns what this request used; from now on it uses nothing.
function ____exports.release()
    local last = ____exports.inUse()
    if last == nil then
        return nil
    end
    last.isOn = false
    letGo(last.pool, last.peer)
    return last
end
return ____exports
