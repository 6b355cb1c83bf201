local ____exports = {}
--- Whether this worker must say something that the node says once. The first worker that asks notes it under the key, and
-- the note lasts until the key is deleted.
-- 
-- The note never takes another entry's room. Without room for it, the message is repeated rather than never said; the log
-- limits how often (see `quietLog`).
function ____exports.mustSay(state, key)
    local ____, err = state:safe_add(key, 1)
    return err ~= "exists"
end
return ____exports
