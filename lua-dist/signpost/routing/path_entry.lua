local ____exports = {}
local ____match_path = require("signpost.routing.match_path")
local findEntry = ____match_path.findEntry
local ____path_readings = require("signpost.routing.path_readings")
local isAmbiguous = ____path_readings.isAmbiguous
local isSuspicious = ____path_readings.isSuspicious
--- Stands for every path that no entry of the route holds.
local NO_ENTRY = {prefix = "", to = {kind = "fail", word = "no_route"}}
--- Stands for a path that a backend may read as one of another entry.
local AMBIGUOUS = {prefix = "", to = {kind = "fail", word = "bad_path"}}
--- Finds the entry of a route that a request's path belongs to.
-- 
-- @param uri nginx's `$uri`
-- @param target nginx's `$request_uri`
-- @param isInternal whether nginx may have rewritten the request; called only for a suspicious path
-- @returns an entry that fails with `no_route` if no prefix matches, or with `bad_path` if the path has two readings
-- that lead to different entries
function ____exports.entryFor(paths, uri, target, isInternal)
    local isSuspect = isSuspicious(target, true) or target ~= uri and isSuspicious(uri, false)
    if isSuspect and isAmbiguous(
        paths,
        uri,
        target,
        isInternal()
    ) then
        return AMBIGUOUS
    end
    return findEntry(paths, uri) or NO_ENTRY
end
return ____exports
