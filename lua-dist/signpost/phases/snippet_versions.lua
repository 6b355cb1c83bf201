local ____exports = {}
local keyOf
function keyOf(snippet)
    return "snippet:" .. snippet
end
--- What older snippets lack, by the version they are of. A version that is not here lacks nothing that must be said.
local LACKING = {http = {}, location = {}}
LACKING.location["0.1.0"] = "X-Accel-Redirect, -Expires, -Limit-Rate and -Charset of backends are honoured"
--- Snippets did not say their version before 0.2.0.
local BEFORE_VERSIONS = "0.1.0"
--- This Lua runs with older snippets too: people edit theirs, and keep them when they install a new version.
-- 
-- @returns what says in the log what the snippets lack, at the first request of a worker; that only once for each start and
-- reload of nginx, whatever the number of workers
function ____exports.snippetCheck(state, log)
    local function check(snippet, version)
        local known = (version == nil or version == "") and BEFORE_VERSIONS or version
        local lacking = LACKING[snippet][known]
        if lacking == nil then
            return
        end
        local isFirst = state:add(
            keyOf(snippet),
            known
        )
        if isFirst then
            log.warn(((((("signpost." .. snippet) .. ".conf is of version ") .. known) .. ": ") .. lacking) .. "; compare it with the one of this version")
        end
    end
    local isChecked = false
    return function()
        if not isChecked then
            isChecked = true
            check("http", ngx.var.signpost_http_version)
            check("location", ngx.var.signpost_location_version)
        end
    end
end
--- When nginx starts or is reloaded, before there are workers: what the snippets lack is to be said again.
function ____exports.expectSnippetCheck(state)
    state:delete(keyOf("http"))
    state:delete(keyOf("location"))
end
return ____exports
