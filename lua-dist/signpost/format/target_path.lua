--- The path of a target. It replaces the prefix that a route matched, as in nginx's `proxy_pass` with a URI.
local ____exports = {}
local ____complaint = require("signpost.text.complaint")
local refuse = ____complaint.refuse
local PATH_BYTE = "a byte a target's path may hold (others as %XX)"
local PATH_FORM = "a path without //, . or .., and without %2F, %5C or %2E"
--- Patterns that backends read in different ways: see path_readings.ts.
local UNCLEAR = {"//", "/%.%.?%f[%z/]", "%%2[EeFf]", "%%5[Cc]"}
--- Reads the path of a target: `/`, `/v2`.
-- 
-- @param text begins with a slash
-- @param before bytes before it in the full text; error positions count from the start of the full text
-- @returns `bad_target` with the position, what was expected and what was found
function ____exports.parseTargetPath(text, before)
    if before == nil then
        before = 0
    end
    local decoded = string.gsub(text, "%%%x%x", "xxx")
    local alien = string.find(decoded, "[^A-Za-z0-9._~!&()*+=:@/-]")
    if alien ~= nil then
        return refuse(
            before + alien,
            PATH_BYTE,
            string.sub(text, alien)
        )
    end
    for ____, pattern in ipairs(UNCLEAR) do
        local place = string.find(text, pattern)
        if place ~= nil then
            return refuse(
                before + place,
                PATH_FORM,
                string.sub(text, place)
            )
        end
    end
    return text, nil
end
return ____exports
