local ____exports = {}
local abandon, nameOfConnection, requestId
local ____ffi = require("ffi")
local cast = ____ffi.cast
local ____resty_2Ecore_2Ebase = require("resty.core.base")
local get_request = ____resty_2Ecore_2Ebase.get_request
local ____choose = require("signpost.balance.choose")
local letGo = ____choose.letGo
local ____tries = require("signpost.request.tries")
local wasTried = ____tries.wasTried
--- Ends a use without a word about what became of it.
function abandon(one, health)
    one.isOn = false
    if one.isCounted then
        letGo(one.pool, one.peer, true)
    end
    if one.as == "trial" then
        health.trialUnused(one.peer.healthKey)
    end
end
---
-- @returns the name of the main request; empty if this is it.
function ____exports.mainRequest()
    return ngx.is_subrequest and nameOfConnection() or ""
end
--- A request and its subrequests share the connection, and nginx numbers both connections and the requests on one.
function nameOfConnection()
    return ((ngx.var.connection or "") .. " ") .. (ngx.var.connection_requests or "")
end
function requestId()
    return tonumber(cast(
        "uintptr_t",
        get_request() or 0
    )) or 0
end
--- That of a request that nginx has led nowhere else before.
____exports.AT_FIRST = {run = 0, main = ""}
--- No peer's name. Uses have it in place of nothing: an empty field would come and go in the table, whose fields would then
-- lie now here, now there, and what LuaJIT has compiled for the one is of no use for the other.
____exports.NONE = {}
--- The index of no run.
____exports.NO_RUN = -1
--- By nginx's address of the request: that costs a third of what `ngx.ctx` does, and outlasts an internal redirect. A use
-- that is over is used again: to make and to drop one for each request would cost as much as all else that is done here.
-- 
-- A use outlasts its request if that has no log phase of ours (a `log_by_lua` of the user's own, a subrequest). So what is
-- found on at an address may be another request's: see `inUse` and `earlierUse`.
local uses = {}
local count = 0
--- So many requests at once are rare; but there may be that many addresses, in the course of time.
local MANY = 4096
--- How many uses there may be before those that are over are dropped: twice those that are on, so that it is seldom.
local room = MANY
-- No function declaration: TypeScriptToLua would put it first, and `uses`, assigned after it, would be no constant to LuaJIT.
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
--- The uses of subrequests by main request: nginx runs no log phase for them.
local ofSubrequests = {}
--- How many main requests have such uses.
local mains = 0
local function register(use, main)
    local known = ofSubrequests[main]
    if known ~= nil then
        known[#known + 1] = use
        return
    end
    if mains >= MANY then
        -- Main requests without our log phase have filled it.
        ofSubrequests = {}
        mains = 0
    end
    ofSubrequests[main] = {use}
    mains = mains + 1
end
--- Notes what this request uses; what it used before must have been released.
function ____exports.use(pool, key, ____bindingPattern0, isByAddress, origin)
    local as
    local peer
    peer = ____bindingPattern0.peer
    as = ____bindingPattern0.as
    local ____origin_0 = origin
    local run = ____origin_0.run
    local main = ____origin_0.main
    local id = requestId()
    local one = uses[id]
    if one == nil then
        makeRoom()
        one = {
            pool = pool,
            key = key,
            peer = peer,
            as = as,
            isByAddress = isByAddress,
            tries = 0,
            run = run,
            tried = ____exports.NONE,
            failed = ____exports.NONE,
            main = main,
            isCounted = true,
            isOn = true
        }
        uses[id] = one
    else
        one.pool = pool
        one.key = key
        one.peer = peer
        one.as = as
        one.isByAddress = isByAddress
        one.tries = 0
        one.run = run
        one.tried = ____exports.NONE
        one.failed = ____exports.NONE
        one.main = main
        one.isCounted = true
        one.isOn = true
    end
    if main ~= "" then
        register(one, main)
    end
    return one
end
---
-- @returns what this request uses. Only one that is internal can meet another's: all others have just noted their own.
function ____exports.inUse()
    local last = uses[requestId()]
    if (last and last.isOn) ~= true or ngx.req.is_internal() and last.main ~= ____exports.mainRequest() then
        return nil
    end
    return last
end
--- Asked by the rewrite phase, which begins a use.
-- 
-- @param isInternal whether nginx has led the request here from another location, or it is a subrequest
-- @param main the main request's name, if it is a subrequest
-- @returns what this request used before nginx led it here; still on
function ____exports.earlierUse(isInternal, main, health)
    local last = uses[requestId()]
    if (last and last.isOn) ~= true then
        return nil
    end
    if isInternal and last.main == main then
        return last
    end
    abandon(last, health)
    return nil
end
---
-- @returns what this request used; from now on it uses nothing.
function ____exports.release()
    local last = uses[requestId()]
    if (last and last.isOn) ~= true then
        return nil
    end
    last.isOn = false
    -- The common case, a single address, has nothing to give back.
    if last.pool.only == nil and last.isCounted then
        letGo(
            last.pool,
            last.peer,
            wasTried(last)
        )
    end
    return last
end
--- Ends the uses of this request's subrequests. What became of their last tries, only they could have asked.
function ____exports.releaseSubrequests(health)
    if mains == 0 then
        return
    end
    local main = nameOfConnection()
    local known = ofSubrequests[main]
    if known == nil then
        return
    end
    ofSubrequests[main] = nil
    mains = mains - 1
    for ____, one in ipairs(known) do
        if one.isOn and one.main == main then
            abandon(one, health)
        end
    end
end
return ____exports
