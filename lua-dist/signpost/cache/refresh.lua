local ____exports = {}
local enqueue, drain, readAll, readInBatches, readBatch, BATCH
function enqueue(queue, name)
    if queue.queued[name] ~= nil then
        return
    end
    queue.queued[name] = true
    local ____queue_names_2 = queue.names
    ____queue_names_2[#____queue_names_2 + 1] = name
    queue.waiting = queue.waiting + 1
end
--- Reads all that is queued. If that raises, the queue is emptied, so that refreshing goes on with later names.
function drain(queue)
    local done, problem = pcall(readAll, queue)
    queue.isDraining = false
    if not done then
        queue.queued = {}
        queue.names = {}
        queue.waiting = 0
        local ____opt_3 = queue.parts.failed
        if ____opt_3 ~= nil then
            ____opt_3()
        end
        error(problem, 0)
    end
end
function readAll(queue)
    queue.isFirstBatch = true
    while #queue.names > 0 do
        local names = queue.names
        queue.names = {}
        readInBatches(queue, names)
    end
end
function readInBatches(queue, names)
    local batch = {}
    for ____, name in ipairs(names) do
        queue.queued[name] = nil
        queue.waiting = queue.waiting - 1
        if queue.parts.isDue(name) then
            batch[#batch + 1] = name
        end
        if #batch >= BATCH then
            readBatch(queue, batch)
            batch = {}
        end
    end
    if #batch > 0 then
        readBatch(queue, batch)
    end
end
function readBatch(queue, batch)
    local ____queue_parts_5 = queue.parts
    local read = ____queue_parts_5.read
    local breathe = ____queue_parts_5.breathe
    local failed = ____queue_parts_5.failed
    if not queue.isFirstBatch then
        breathe()
    end
    queue.isFirstBatch = false
    local found, err = read(batch)
    if err ~= nil then
        if failed ~= nil then
            failed()
        end
        return
    end
    -- A record that changed while it was read is read once more.
    for name, known in pairs(found) do
        if known.isFleeting == true then
            enqueue(queue, name)
        end
    end
end
BATCH = 20
--- Refreshes names in the background, in batches, with one timer a worker.
-- 
-- A batch that fails is dropped. The reader has logged why.
function ____exports.refresher(parts)
    local queue = {
        parts = parts,
        queued = {},
        names = {},
        waiting = 0,
        isDraining = false,
        isFirstBatch = true
    }
    local function task()
        return drain(queue)
    end
    return function(names)
        for ____, name in ipairs(names) do
            enqueue(queue, name)
        end
        if not queue.isDraining and #queue.names > 0 then
            queue.isDraining = parts.runSoon(task)
            if not queue.isDraining then
                local ____opt_0 = parts.failed
                if ____opt_0 ~= nil then
                    ____opt_0()
                end
            end
        end
        return queue.waiting
    end
end
return ____exports
