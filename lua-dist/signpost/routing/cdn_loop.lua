local ____exports = {}
--- Begins the id of every Signpost node; the rest is the node's own. The whole is a token, as the RFC demands.
____exports.NODE_ID_PREFIX = "signpost-"
--- How many Signpost nodes a request may pass. A chain of two or three may be deliberate.
____exports.MAX_HOPS = 10
--- Counts the Signpost nodes that a header names. A comma in a quoted parameter counts as the end of an entry: a client
-- that writes an id after it forges a hop, as any client can, and only its own request is refused.
-- 
-- @param header the values of all `CDN-Loop` lines, separated by commas
-- @param id this node's
function ____exports.countHops(header, id)
    local own = 0
    local all = 0
    for entry in string.gmatch(header, "[^,]+") do
        local entryId = string.match(entry, "^%s*([^;%s]+)")
        if entryId == nil then
            entryId = ""
        end
        if entryId == id then
            own = own + 1
        end
        if string.sub(entryId, 1, #____exports.NODE_ID_PREFIX) == ____exports.NODE_ID_PREFIX then
            all = all + 1
        end
    end
    return {own = own, all = all}
end
---
-- @returns the header with this node added after what others wrote, as the RFC demands
function ____exports.withHop(header, id)
    return header == "" and id or (header .. ", ") .. id
end
return ____exports
