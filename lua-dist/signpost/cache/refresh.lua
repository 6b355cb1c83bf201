local ____exports = {}
--- How many names one pipeline refreshes at most: a hundred round trips saved, and no worker held up by its replies.
local BATCH = 100
--- Refreshes stale names in the background: one timer a worker drains what requests have asked for, in batches.
-- 
-- A batch that fails is dropped, and whoever reads has logged why: its names are asked for again by the next request
-- that finds them stale.
-- 
-- @param isDue whether a name is still stale, as another worker may have read it meanwhile
function ____exports.refresher(read, isDue, runSoon)
    local drain, readAll, readInBatches, queued, queue, draining
    function drain()
        local done, problem = pcall(readAll)
        draining = false
        if not done then
            queued = {}
            queue = {}
            error(problem, 0)
        end
    end
    function readAll()
        while #queue > 0 do
            local asked = queue
            queue = {}
            readInBatches(asked)
        end
    end
    function readInBatches(asked)
        local batch = {}
        for i = 1, #asked do
            local name = asked[i]
            queued[name] = nil
            if isDue(name) then
                batch[#batch + 1] = name
            end
            if #batch >= BATCH or i == #asked and #batch > 0 then
                read(batch)
                batch = {}
            end
        end
    end
    queued = {}
    queue = {}
    draining = false
    return function(names)
        for ____, name in ipairs(names) do
            if not (queued[name] ~= nil) then
                queued[name] = true
                queue[#queue + 1] = name
            end
        end
        if not draining and #queue > 0 then
            draining = runSoon(drain)
        end
    end
end
return ____exports
