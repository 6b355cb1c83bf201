local ____exports = {}
--- Names that one pipeline refreshes at most: it saves most round trips, and keeps a worker for about a millisecond.
local BATCH = 20
--- Refreshes names in the background: one timer in each worker empties the queue, in batches.
-- 
-- A batch that fails is dropped; the reader has logged why.
-- 
-- @param isDue whether a name must still be read: another worker may have read it meanwhile
-- @param breathe lets requests have their turn between two batches. Yields
-- @param failed called for each batch that could not be read, and if nginx has no timer left
function ____exports.refresher(read, isDue, runSoon, breathe, failed)
    local enqueue, drain, readAll, readInBatches, readBatch, queued, queue, waiting, draining, isFirstBatch
    function enqueue(name)
        if not (queued[name] ~= nil) then
            queued[name] = true
            queue[#queue + 1] = name
            waiting = waiting + 1
        end
    end
    function drain()
        local done, problem = pcall(readAll)
        draining = false
        if not done then
            queued = {}
            queue = {}
            waiting = 0
            if failed ~= nil then
                failed()
            end
            error(problem, 0)
        end
    end
    function readAll()
        isFirstBatch = true
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
            waiting = waiting - 1
            if isDue(name) then
                batch[#batch + 1] = name
            end
            if #batch >= BATCH or i == #asked and #batch > 0 then
                readBatch(batch)
                batch = {}
            end
        end
    end
    function readBatch(batch)
        if not isFirstBatch then
            breathe()
        end
        isFirstBatch = false
        local found, err = read(batch)
        if err ~= nil then
            if failed ~= nil then
                failed()
            end
            return
        end
        for name, known in pairs(found) do
            if known.isFleeting == true then
                enqueue(name)
            end
        end
    end
    queued = {}
    queue = {}
    waiting = 0
    draining = false
    isFirstBatch = true
    return function(names)
        for ____, name in ipairs(names) do
            enqueue(name)
        end
        if not draining and #queue > 0 then
            draining = runSoon(drain)
            if not draining then
                if failed ~= nil then
                    failed()
                end
            end
        end
        return waiting
    end
end
return ____exports
