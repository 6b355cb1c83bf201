local ____exports = {}
---
-- @returns an empty table for decisions.
function ____exports.newDraft()
    -- All fields are listed, even those that are nil: a table that gets them one by one has another shape.
    return {
        kind = "refuse",
        route = "",
        level = "memory",
        entry = nil,
        poolName = "",
        pool = nil,
        peer = nil,
        as = "up",
        key = 0,
        upstream = "",
        isByAddress = false,
        hop = "",
        cookie = "",
        status = 0,
        location = nil,
        word = "no_route",
        detail = ""
    }
end
--- Decides that the request gets no backend, and says why.
function ____exports.refuse(draft, word, detail)
    if detail == nil then
        detail = ""
    end
    draft.kind = "refuse"
    draft.pool = nil
    draft.word = word
    draft.detail = detail
end
--- The same for a pool that was found.
function ____exports.refuseAtPool(draft, pool, word)
    ____exports.refuse(draft, word)
    draft.pool = pool
end
return ____exports
