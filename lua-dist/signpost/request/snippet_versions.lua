local ____exports = {}
local isSet, keyOf
local ____keys = require("signpost.state.keys")
local STATE_PREFIXES = ____keys.STATE_PREFIXES
local ____said_once = require("signpost.state.said_once")
local mustSay = ____said_once.mustSay
--- Whether nginx verifies https backends here: signpost.server.conf does that, or the location snippet of 0.1.0.
function ____exports.isVerified()
    return not isSet(ngx.var.signpost_location_version) or isSet(ngx.var.signpost_server_version)
end
function isSet(version)
    return version ~= nil and version ~= ""
end
function keyOf(snippet)
    return STATE_PREFIXES.snippet .. snippet
end
--- What snippets of a version lack. A version that is not listed lacks nothing worth a line in the log.
local LACKING = {http = {}, server = {}, location = {}}
LACKING.http["0.1.0"] = "its kept connections may take all of a small worker_connections, and a POST may meet one that closes"
LACKING.location["0.1.0"] = "X-Accel-Redirect, -Expires, -Limit-Rate and -Charset of backends are honoured"
--- The version of a snippet that does not say its version.
local BEFORE_VERSIONS = "0.1.0"
local SERVER_IS_MISSING = "signpost.server.conf is not included: nginx's own time-outs, buffers and body size apply, backends can steer nginx by " .. "X-Accel-Redirect, and https backends are refused, because nothing verifies them"
--- Compares the configuration's snippets with this version's. People edit their snippets and keep them when they
-- upgrade, so this Lua also runs with older ones.
-- 
-- @returns a function that logs what the snippets lack. It does so at the worker's first request, and once per start
-- or reload of nginx, whatever the number of workers
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
            if not ____exports.isVerified() then
                sayOnce("server", SERVER_IS_MISSING)
            end
        end
    end
end
--- Whether the http snippet has a variable of Signpost's own for `proxy_pass`, and the block that keeps no connections.
-- Every version except 0.1.0 has both.
function ____exports.hasOwnUpstream()
    return ngx.var.signpost_http_version ~= nil
end
--- Makes the next requests check every snippet again. For `init`, when nginx starts or is reloaded.
function ____exports.expectSnippetCheck(state)
    state:delete(keyOf("http"))
    state:delete(keyOf("server"))
    state:delete(keyOf("location"))
end
return ____exports
