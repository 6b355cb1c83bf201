local ____exports = {}
local tableBuilder, allWith, partsByName, poolFinder, seed, lookUpMaker, whenUsed, newMemory, COMPILED_BYTES
local ____resty_2Elrucache = require("resty.lrucache")
local newLru = ____resty_2Elrucache.new
local ____compiled = require("signpost.cache.compiled")
local compileOnce = ____compiled.compileOnce
local ____key_spaces = require("signpost.redis.key_spaces")
local POOLS = ____key_spaces.POOLS
local ROUTES = ____key_spaces.ROUTES
local ____keys = require("signpost.redis.keys")
local beginningOf = ____keys.beginningOf
local splitTable = ____keys.splitTable
local ____background = require("signpost.platform.background")
local repeatInBackground = ____background.repeatInBackground
local watchTimers = ____background.watchTimers
local ____periodic_tasks = require("signpost.wiring.periodic_tasks")
local periodicTasksOf = ____periodic_tasks.periodicTasksOf
local ____files = require("signpost.platform.files")
local files = ____files.files
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____shared_parts = require("signpost.wiring.shared_parts")
local buildSharedParts = ____shared_parts.buildSharedParts
local keysOf = ____shared_parts.keysOf
local nodeStateIn = ____shared_parts.nodeStateIn
local reachOf = ____shared_parts.reachOf
local ____node_id = require("signpost.request.node_id")
local nodeId = ____node_id.nodeId
local ____retry = require("signpost.platform.retry")
local isRetryTakenBack = ____retry.isRetryTakenBack
local ____balance = require("signpost.request.balance")
local balanceRequest = ____balance.balanceRequest
local ____balance_kept = require("signpost.request.balance_kept")
local balancerOfKept = ____balance_kept.balancerOfKept
local ____snippet_versions = require("signpost.request.snippet_versions")
local snippetCheck = ____snippet_versions.snippetCheck
local ____tables = require("signpost.request.tables")
local tableCheck = ____tables.tableCheck
local ____upstream_block = require("signpost.request.upstream_block")
local FRESH = ____upstream_block.FRESH
local KEEPING = ____upstream_block.KEEPING
local ____choose = require("signpost.balance.choose")
local newChooser = ____choose.newChooser
local ____random = require("signpost.balance.random")
local newRandom = ____random.newRandom
local ____names = require("signpost.routing.names")
local namesOfHost = ____names.namesOfHost
local ____plan = require("signpost.routing.plan")
local poolPlanner = ____plan.poolPlanner
local routePlanner = ____plan.routePlanner
local sayingBad = ____plan.sayingBad
local ____plans_within = require("signpost.routing.plans_within")
local plansWithin = ____plans_within.plansWithin
local ____restore = require("signpost.snapshot.restore")
local loadRoutesFile = ____restore.loadRoutesFile
local restoreSnapshot = ____restore.restoreSnapshot
local ____pool = require("signpost.balance.pool")
local poolMaker = ____pool.poolMaker
local ____wanted_checks = require("signpost.health.wanted_checks")
local wantChecks = ____wanted_checks.wantChecks
--- Tables share everything except their routes and pools, and what a worker remembers of these.
-- @param block see `RewriteParts`
function tableBuilder(sharedParts, block)
    local ____sharedParts_1 = sharedParts
    local settings = ____sharedParts_1.settings
    local zones = ____sharedParts_1.zones
    local health = ____sharedParts_1.health
    local pools = poolMaker({
        health = health,
        random = newRandom(seed()),
        hash = ngx.crc32_long,
        digest = ngx.md5
    })
    local reach = reachOf(settings)
    local function tellBad(name, reason)
        sharedParts.complaints.bad(name, reason, nil)
    end
    local planRoute = plansWithin(
        reach,
        sayingBad(
            routePlanner(pools),
            tellBad
        ),
        tellBad
    )
    local planPool = plansWithin(
        reach,
        sayingBad(
            poolPlanner(pools),
            tellBad
        ),
        tellBad
    )
    local lookUps = lookUpMaker(sharedParts)
    local refusals = {writer = settings.refusals, retryAfter = settings.retry_after}
    local chooser = newChooser(health)
    local id = nodeId(zones.state)
    local checkSnippets = snippetCheck(zones.state, log)
    local checkTable = settings.tables == nil and tableCheck(log) or nil
    return function(____table)
        local ofHosts = lookUps(ROUTES, ____table, namesOfHost, planRoute)
        local ofPools = lookUps(
            POOLS,
            ____table,
            function(name) return {name} end,
            planPool
        )
        return {
            lookUp = ofHosts.lookUp,
            lookUpPool = ofPools.lookUp,
            recall = ofHosts.recall,
            recallPool = ofPools.recall,
            health = health,
            choose = chooser.choose,
            giveBack = chooser.giveBack,
            used = whenUsed(zones, ____table),
            block = block,
            nodeId = id,
            checkSnippets = function()
                checkSnippets()
                if checkTable ~= nil then
                    checkTable()
                end
            end,
            refusals = refusals
        }
    end
end
function allWith(sign, names)
    if sign == "" then
        return names
    end
    local signed = {}
    for ____, name in ipairs(names) do
        signed[#signed + 1] = sign .. name
    end
    return signed
end
function partsByName(tables, partsOf)
    local byName = {}
    for name in pairs(tables) do
        byName[name] = partsOf(name)
    end
    return byName
end
--- After a reload, checks may still be wanted for a pool whose table is gone.
function poolFinder(parts, tables)
    return function(wanted)
        local ____table, name = splitTable(wanted)
        local own = ____table == nil and parts or tables and tables[____table]
        if own == nil then
            return nil
        end
        local answer = own.lookUpPool(name)
        local plan = answer and answer.compiled.value
        return (plan and plan.kind) == "backends" and plan or nil
    end
end
--- @returns 32 bits that differ in each worker. Otherwise all workers of a node would begin with the same backend.
function seed()
    return ngx.crc32_long((((tostring(ngx.now()) .. " ") .. tostring(ngx.worker.pid())) .. " ") .. tostring({}))
end
--- @returns a maker of look-ups, each with a memory of its own.
function lookUpMaker(sharedParts)
    local ____sharedParts_10 = sharedParts
    local settings = ____sharedParts_10.settings
    local cache = ____sharedParts_10.cache
    return function(space, ____table, namesOf, compile)
        local sign = beginningOf(space, ____table)
        return cache.lookUpsOf({
            sign = sign,
            namesOf = function(subject) return allWith(
                sign,
                namesOf(subject)
            ) end,
            memory = newMemory(settings.memory_size),
            compiled = compileOnce(compile, settings.memory_size * COMPILED_BYTES)
        })
    end
end
--- Keeps active checks running for pools that requests use.
function whenUsed(zones, ____table)
    local want = wantChecks(
        zones.state,
        ngx.now,
        string.sub(
            beginningOf(POOLS, ____table),
            #POOLS.sign + 1
        )
    )
    return function(name, pool)
        if pool.options.healthPath ~= nil then
            want(name)
        end
    end
end
function newMemory(size)
    local memory, err = newLru(size)
    if err ~= nil then
        error("signpost: resty.lrucache: " .. err)
    end
    return memory
end
--- Fills the shared dicts from the settings' files, so that their records are served from the first request on. Runs
-- before there are workers. Raises if there is no Redis and the routes file cannot be read: nginx then does not start.
function ____exports.fillFromFiles(settings, zones)
    local ____zones_0 = zones
    local records = ____zones_0.records
    local state = ____zones_0.state
    local reading = {
        files = files,
        log = log,
        keys = keysOf(settings),
        hash = ngx.crc32_short,
        reach = reachOf(settings)
    }
    local nodeState = nodeStateIn(zones, settings)
    local parts = {
        reading = reading,
        records = records,
        state = state,
        nodeState = nodeState,
        now = ngx.now
    }
    if settings.routes_file ~= nil then
        local ____, err, detail = loadRoutesFile(settings.routes_file, parts)
        if err ~= nil then
            error("signpost: routes_file: " .. detail, 0)
        end
    end
    if settings.snapshot ~= nil then
        local ____, err, detail = restoreSnapshot(settings.snapshot, parts)
        if err ~= nil then
            log.warn("no snapshot to begin with: " .. detail)
        end
    end
    nodeState.prepare()
end
--- Builds a worker's parts. Raises if there is no memory for its cache; nginx then logs it and the worker ends.
-- 
-- @param generation see `newGeneration`
function ____exports.buildWorker(settings, zones, generation)
    local sharedParts = buildSharedParts(settings, zones, generation)
    local isKeptByLua = isRetryTakenBack() and settings.upstream_block == KEEPING
    local partsOf = tableBuilder(sharedParts, isKeptByLua and FRESH or settings.upstream_block)
    local parts = partsOf(nil)
    local tables = settings.tables ~= nil and partsByName(settings.tables, partsOf) or nil
    return {
        health = sharedParts.health,
        balance = isKeptByLua and balancerOfKept(settings.keepalive_timeout) or balanceRequest,
        parts = parts,
        tables = tables,
        periodicTasks = periodicTasksOf(
            sharedParts,
            poolFinder(parts, tables)
        )
    }
end
COMPILED_BYTES = 4096
---
-- @returns whether changes are pushed to this node.
function ____exports.isTracking(settings, zones)
    return nodeStateIn(zones, settings).epochs.current() ~= 0
end
--- Seconds between two looks for log messages that were held back and must be summed up.
local LOG_LOOK = 5
--- Starts the background tasks.
function ____exports.startBackground(worker)
    watchTimers()
    repeatInBackground(function()
        log.flush()
        return not ngx.worker.exiting() and LOG_LOOK or nil
    end)
    for ____, task in ipairs(worker.periodicTasks) do
        repeatInBackground(task)
    end
end
return ____exports
