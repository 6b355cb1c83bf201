local ____exports = {}
--- What the id of every Signpost node begins with; the rest of it is the node's own. A token, as the RFC wants it.
____exports.NODE_ID_PREFIX = "signpost-"
--- How many Signpost nodes a request may pass. Nodes that stand one behind another on purpose are two or three.
____exports.MAX_HOPS = 10
--- Counts the Signpost nodes that a header names. A comma in a quoted parameter is taken for the end of an entry: whoever
-- writes an id behind one forges a hop, as any client can, and only its own request is refused.
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
-- @returns the header with this node added; what others wrote stays as it is, as the RFC demands.
function ____exports.withHop(header, id)
    return header == "" and id or (header .. ", ") .. id
end
return ____exports
