local ____exports = {}
local abandon, nameOfConnection, requestId
local ____ffi = require("ffi")
local cast = ____ffi.cast
local ____resty_2Ecore_2Ebase = require("resty.core.base")
local get_request = ____resty_2Ecore_2Ebase.get_request
local ____choose = require("signpost.balance.choose")
local letGo = ____choose.letGo
local ____nginx_tries = require("signpost.request.nginx_tries")
local nginxTries = ____nginx_tries.nginxTries
local ____tries = require("signpost.request.tries")
local wasTried = ____tries.wasTried
--- Ends an assignment and reports no outcome.
function abandon(assignment, health)
    assignment.isActive = false
    if assignment.isCounted then
        letGo(assignment.pool, assignment.peer, true)
    end
    if assignment.as == "trial" then
        health.trialUnused(assignment.peer.healthKey)
    end
end
---
-- @returns the main request's name; empty if this request is no subrequest.
function ____exports.mainRequest()
    return ngx.is_subrequest and nameOfConnection() or ""
end
--- A request and its subrequests share a connection; nginx numbers connections, and the requests on each.
function nameOfConnection()
    return ((ngx.var.connection or "") .. " ") .. (ngx.var.connection_requests or "")
end
--- @returns nginx's address of this request: no other request has it at the same time
function requestId()
    return tonumber(cast(
        "uintptr_t",
        get_request() or 0
    )) or 0
end
--- Shared empty set. `tried` and `failed` are never nil: a table that changes shape defeats compiled traces.
local NO_PEERS = {}
____exports.NO_PEERS = NO_PEERS
____exports.requestId = requestId
--- Is not the index of any run.
____exports.NO_RUN = -1
--- Assignments by nginx's address of the request. The address costs a third of what `ngx.ctx` costs, and it survives an
-- internal redirect. Tables are reused: making and dropping one for each request would cost as much as all the rest of
-- the rewrite phase.
-- 
-- An assignment outlives its request if the request has no log phase of Signpost's: if the user's own `log_by_lua`
-- replaces it, or in a subrequest. So an active one may belong to an earlier request at the same address:
-- `currentAssignment` and `earlierAssignment` tell these apart.
local assignments = {}
--- How many tables `assignments` holds.
local count = 0
--- Few workers have this many requests at once; but over time nginx may use more addresses than this.
local MANY = 4096
--- How many tables there may be before those of ended requests are dropped: twice the active ones, so that it is rare.
local room = MANY
-- Not a function declaration: TypeScriptToLua hoists those above `assignments`, and LuaJIT takes an upvalue for a
-- constant only if it is assigned before the function is made.
local function makeRoom()
    count = count + 1
    if count <= room then
        return
    end
    for id, assignment in pairs(assignments) do
        if not assignment.isActive then
            assignments[id] = nil
            count = count - 1
        end
    end
    room = math.max(MANY, 2 * count)
end
--- The assignments of subrequests, by their main request: nginx runs no log phase for a subrequest.
local ofSubrequests = {}
--- How many main requests `ofSubrequests` holds.
local mains = 0
local function noteSubrequest(assignment)
    local ____assignment_0 = assignment
    local main = ____assignment_0.main
    local known = ofSubrequests[main]
    if known ~= nil then
        known[#known + 1] = assignment
        return
    end
    if mains >= MANY then
        -- Only main requests that have no log phase of Signpost's can have filled it.
        ofSubrequests = {}
        mains = 0
    end
    ofSubrequests[main] = {assignment}
    mains = mains + 1
end
--- Assigns a peer to a request. An earlier assignment of the request must have been released.
-- 
-- @param id the request's; see `requestId`
-- @param run see `Assignment`
-- @param main see `Assignment`
function ____exports.assign(id, chosen, run, main)
    local ____chosen_1 = chosen
    local pool = ____chosen_1.pool
    local key = ____chosen_1.key
    local peer = ____chosen_1.peer
    local as = ____chosen_1.as
    local isByAddress = ____chosen_1.isByAddress
    local assignment = assignments[id]
    if assignment == nil then
        makeRoom()
        assignment = {
            pool = pool,
            key = key,
            peer = peer,
            as = as,
            isByAddress = isByAddress,
            tries = 0,
            run = run,
            tried = NO_PEERS,
            failed = NO_PEERS,
            main = main,
            isCounted = true,
            isActive = true
        }
        assignments[id] = assignment
    else
        assignment.pool = pool
        assignment.key = key
        assignment.peer = peer
        assignment.as = as
        assignment.isByAddress = isByAddress
        assignment.tries = 0
        assignment.run = run
        assignment.tried = NO_PEERS
        assignment.failed = NO_PEERS
        assignment.main = main
        assignment.isCounted = true
        assignment.isActive = true
    end
    if main ~= "" then
        noteSubrequest(assignment)
    end
    return assignment
end
---
-- @returns this request's assignment. Only an internal request can find another's at its address: any other request
-- has just made its own in the rewrite phase.
function ____exports.currentAssignment()
    local found = assignments[requestId()]
    if (found and found.isActive) ~= true or ngx.req.is_internal() and found.main ~= ____exports.mainRequest() then
        return nil
    end
    return found
end
--- For the rewrite phase, before it assigns another peer. Ends an assignment that another request has left at this
-- address.
-- 
-- @param id the request's; see `requestId`
-- @param isInternal whether this is a subrequest, or an internal redirect has moved the request here
-- @param main the main request's name, if it is a subrequest
-- @returns this request's assignment from before an internal redirect; it is still active
function ____exports.earlierAssignment(id, isInternal, main, parts)
    local found = assignments[id]
    if (found and found.isActive) ~= true then
        return nil
    end
    if isInternal and found.main == main then
        return found
    end
    abandon(found, parts.health)
    return nil
end
--- Ends this request's assignment.
-- 
-- @returns it
function ____exports.release()
    local found = assignments[requestId()]
    if (found and found.isActive) ~= true then
        return nil
    end
    found.isActive = false
    -- The common case, a single address, has nothing to give back.
    if found.pool.only == nil and found.isCounted then
        letGo(
            found.pool,
            found.peer,
            wasTried(found, nginxTries)
        )
    end
    return found
end
--- Ends the assignments of this request's subrequests. Their last tries go unreported: only the subrequests themselves
-- could read the outcome.
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
    for ____, assignment in ipairs(known) do
        if assignment.isActive and assignment.main == main then
            abandon(assignment, health)
        end
    end
end
return ____exports
