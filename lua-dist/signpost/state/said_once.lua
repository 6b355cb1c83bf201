local ____exports = {}
--- Whether this worker must log a message that the node logs once. The first worker that asks leaves a note under the
-- key, and the note lasts until the key is deleted.
-- 
-- The note never takes another entry's room. If there is no room for it, the message is repeated rather than lost; the
-- log limits how often (see `quietLog`).
function ____exports.mustSay(state, key)
    local ____, err = state:safe_add(key, 1)
    return err ~= "exists"
end
return ____exports
