local ____exports = {}
---
-- @returns the shared dicts; the detail of `no_zone` names the first required dict that nginx's configuration does not
-- declare.
function ____exports.sharedZones()
    local ____ngx_shared_0 = ngx.shared
    local records = ____ngx_shared_0.signpost_records
    local absent = ____ngx_shared_0.signpost_absent
    local state = ____ngx_shared_0.signpost_state
    if records == nil or absent == nil or state == nil then
        local missing = records == nil and "signpost_records" or (absent == nil and "signpost_absent" or "signpost_state")
        local detail = ("lua_shared_dict " .. missing) .. " is not declared: include signpost.http.conf at the http level"
        return nil, "no_zone", detail
    end
    local ____ngx_shared_1 = ngx.shared
    local ofItsOwn = ____ngx_shared_1.signpost_health
    local health = ofItsOwn or state
    local isHealthApart = ofItsOwn ~= nil
    return {
        records = records,
        absent = absent,
        state = state,
        evictingState = state,
        health = health,
        isHealthApart = isHealthApart
    }, nil
end
return ____exports
