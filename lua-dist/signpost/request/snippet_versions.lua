local ____exports = {}
local isSet, keyOf
local ____keys = require("signpost.state.keys")
local STATE_PREFIXES = ____keys.STATE_PREFIXES
local ____said_once = require("signpost.state.said_once")
local mustSay = ____said_once.mustSay
--- Whether https backends would not be verified here: signpost.server.conf does that, and the location snippet of 0.1.0 did
-- it itself.
function ____exports.isUnverified()
    return isSet(ngx.var.signpost_location_version) and not isSet(ngx.var.signpost_server_version)
end
function isSet(version)
    return version ~= nil and version ~= ""
end
function keyOf(snippet)
    return STATE_PREFIXES.snippet .. snippet
end
--- What older snippets lack, by the version they are of. A version that is not here lacks nothing that must be said.
local LACKING = {http = {}, server = {}, location = {}}
LACKING.http["0.1.0"] = "its kept connections may take all of a small worker_connections, and a POST may meet one that closes"
LACKING.location["0.1.0"] = "X-Accel-Redirect, -Expires, -Limit-Rate and -Charset of backends are honoured"
--- Snippets did not say their version before 0.2.0.
local BEFORE_VERSIONS = "0.1.0"
local SERVER_IS_MISSING = "signpost.server.conf is not included: nginx's own time-outs, buffers and body size apply, backends can steer nginx by " .. "X-Accel-Redirect, and https backends are refused, because nothing verifies them"
--- This Lua runs with older snippets too: people edit theirs, and keep them when they install a new version.
-- 
-- @returns what says in the log what the snippets lack, at the first request of a worker; that only once for each start and
-- reload of nginx, whatever the number of workers
function ____exports.snippetCheck(state, log)
    local sayOnce
    local function check(snippet, version)
        local known = (version == nil or version == "") and BEFORE_VERSIONS or version
        local lacking = LACKING[snippet][known]
        if lacking == nil then
            return
        end
        sayOnce(snippet, ((((("signpost." .. snippet) .. ".conf is of version ") .. known) .. ": ") .. lacking) .. "; compare it with the one of this version")
    end
    sayOnce = function(snippet, message)
        if mustSay(
            state,
            keyOf(snippet)
        ) then
            log.warn(message)
        end
    end
    local isChecked = false
    return function()
        if not isChecked then
            isChecked = true
            check("http", ngx.var.signpost_http_version)
            check("location", ngx.var.signpost_location_version)
            if ____exports.isUnverified() then
                sayOnce("server", SERVER_IS_MISSING)
            end
        end
    end
end
--- Whether the snippets have a variable of Signpost's own for `proxy_pass`; those of 0.1.0 have not.
function ____exports.hasOwnUpstream()
    return ngx.var.signpost_http_version ~= nil
end
--- When nginx starts or is reloaded, before there are workers: what the snippets lack is to be said again.
function ____exports.expectSnippetCheck(state)
    state:delete(keyOf("http"))
    state:delete(keyOf("server"))
    state:delete(keyOf("location"))
end
return ____exports
