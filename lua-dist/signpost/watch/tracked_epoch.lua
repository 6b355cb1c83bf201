local ____exports = {}
---
-- @param changed called when an epoch begins, because then anything may have changed
function ____exports.trackedEpoch(epochs, changed)
    --- 0 while there is no connection.
    local epoch = 0
    local function begin()
        epoch = epochs.begin()
        changed()
    end
    return {
        begin = begin,
        restart = function()
            if epoch ~= 0 then
                begin()
            end
        end,
        isCurrent = function() return epochs.current() == epoch end,
        finish = function()
            epochs.finish(epoch)
            epoch = 0
        end
    }
end
return ____exports
