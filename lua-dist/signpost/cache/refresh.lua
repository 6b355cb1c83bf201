local ____exports = {}
--- How many names one pipeline refreshes at most: many round trips saved, and a worker held up for a millisecond.
local BATCH = 20
--- How many names a page of the queue holds: one table of 100,000 would hold a worker up for ten milliseconds whenever it
-- grows.
local PAGE = 1000
--- Refreshes stale names in the background: one timer a worker drains what requests have asked for, in batches.
-- 
-- A batch that fails is dropped, and whoever reads has logged why.
-- 
-- @param isDue whether a name must still be read, as another worker may have read it meanwhile
-- @param breathe lets requests have their turn: between two batches, as a Redis that answers at once would not. Yields
-- @param failed called for each batch that could not be read, and if none is under way for want of a timer
function ____exports.refresher(read, isDue, runSoon, breathe, failed)
    local enqueue, newPage, drain, readAll, readPage, readBatch, queue, draining, isFirstBatch, waiting
    function enqueue(name)
        local last = queue[#queue]
        if (last and last.has[name] ~= nil) == true then
            return
        end
        local page = (last == nil or #last.names >= PAGE) and newPage() or last
        page.has[name] = true
        local ____page_names_4 = page.names
        ____page_names_4[#____page_names_4 + 1] = name
        waiting = waiting + 1
    end
    function newPage()
        local page = {names = {}, has = {}}
        queue[#queue + 1] = page
        return page
    end
    function drain()
        local done, problem = pcall(readAll)
        draining = false
        if not done then
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
        do
            local page = queue[1]
            while page ~= nil do
                readPage(page)
                table.remove(queue, 1)
                page = queue[1]
            end
        end
    end
    function readPage(page)
        local batch = {}
        do
            local taken = 1
            while taken <= #page.names do
                local name = page.names[taken]
                page.has[name] = nil
                waiting = waiting - 1
                if isDue(name) then
                    batch[#batch + 1] = name
                end
                if #batch >= BATCH or taken == #page.names and #batch > 0 then
                    readBatch(batch)
                    batch = {}
                end
                taken = taken + 1
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
    queue = {}
    draining = false
    isFirstBatch = true
    waiting = 0
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
