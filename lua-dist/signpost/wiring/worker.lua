local ____exports = {}
local tableBuilder, allWith, partsByName, poolFinder, seed, lookUpsOf, whenUsed, isStale, newMemory, COMPILED_BYTES
local ____resty_2Elrucache = require("resty.lrucache")
local newLru = ____resty_2Elrucache.new
local ____compiled = require("signpost.cache.compiled")
local compileOnce = ____compiled.compileOnce
local ____lookup = require("signpost.cache.lookup")
local lookUpThrough = ____lookup.lookUpThrough
local recallFrom = ____lookup.recallFrom
local ____record = require("signpost.cache.record")
local isYoung = ____record.isYoung
local ____refresh = require("signpost.cache.refresh")
local refresher = ____refresh.refresher
local ____keys = require("signpost.redis.keys")
local POOL_SIGN = ____keys.POOL_SIGN
local signOf = ____keys.signOf
local splitPoolName = ____keys.splitPoolName
local ____background = require("signpost.platform.background")
local breathe = ____background.breathe
local repeatInBackground = ____background.repeatInBackground
local runSoon = ____background.runSoon
local watchTimers = ____background.watchTimers
local ____periodic_tasks = require("signpost.wiring.periodic_tasks")
local beatsOf = ____periodic_tasks.beatsOf
local ____files = require("signpost.platform.files")
local files = ____files.files
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____shared_parts = require("signpost.wiring.shared_parts")
local buildNode = ____shared_parts.buildNode
local keysOf = ____shared_parts.keysOf
local ledgerIn = ____shared_parts.ledgerIn
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
--- Tables share everything but their routes and pools, and what a worker remembers of these.
-- @param block see `RewriteParts`
function tableBuilder(node, block)
    local ____node_2 = node
    local settings = ____node_2.settings
    local zones = ____node_2.zones
    local health = ____node_2.health
    local pools = poolMaker({
        health = health,
        random = newRandom(seed()),
        hash = ngx.crc32_long,
        digest = ngx.md5
    })
    local reach = reachOf(settings)
    local function tellBad(name, reason)
        node.complaints.bad(name, reason, nil)
    end
    local function plans(planner)
        return plansWithin(
            reach,
            sayingBad(planner, tellBad),
            tellBad
        )
    end
    local planRoute, planPool = plans(routePlanner(pools)), plans(poolPlanner(pools))
    local lookUps = lookUpsOf(node)
    local refusals = {writer = settings.refusals, retryAfter = settings.retry_after}
    local chooser = newChooser(health)
    local id = nodeId(zones.state)
    local checkSnippets = snippetCheck(zones.state, log)
    local checkTable = settings.tables == nil and tableCheck(log) or nil
    return function(____table)
        local sign = ____table == nil and "" or signOf(____table)
        local ofHosts = lookUps(
            sign,
            function(host) return allWith(
                sign,
                namesOfHost(host)
            ) end,
            planRoute
        )
        local ofPools = lookUps(
            "",
            function(name) return {(POOL_SIGN .. sign) .. name} end,
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
            used = whenUsed(zones, sign),
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
--- A pool of a table that is no longer there may still be wanted, from before a reload.
function poolFinder(parts, tables)
    return function(wanted)
        local ____table, name = splitPoolName(wanted)
        local own = ____table == nil and parts or tables and tables[____table]
        if own == nil then
            return nil
        end
        local answer = own.lookUpPool(name)
        local plan = answer and answer.compiled.value
        return (plan and plan.kind) == "backends" and plan or nil
    end
end
--- @returns 32 bits, other ones in each worker: those of a node would otherwise all begin with the same backend.
function seed()
    return ngx.crc32_long((((tostring(ngx.now()) .. " ") .. tostring(ngx.worker.pid())) .. " ") .. tostring({}))
end
--- @returns what makes look-ups: each with a memory of its own, on what the node has. For `sign` see `Levels`.
function lookUpsOf(node)
    local ____node_11 = node
    local settings = ____node_11.settings
    local flights = ____node_11.flights
    local shared = ____node_11.shared
    local ledger = ____node_11.ledger
    local refreshSoon = refresher(
        flights.readUnlimited,
        function(name) return isStale(node, name) end,
        runSoon,
        breathe
    )
    return function(sign, namesOf, compile)
        local levels = {
            sign = sign,
            memory = newMemory(settings.memory_size),
            namesOf = namesOf,
            compiled = compileOnce(compile, settings.memory_size * COMPILED_BYTES),
            findShared = shared.find,
            readRedis = flights.read,
            readForKnown = flights.readUnlimited,
            refreshSoon = refreshSoon,
            ledger = ledger,
            now = ngx.now,
            ttl = settings.cache_ttl
        }
        return {
            lookUp = lookUpThrough(levels),
            recall = recallFrom(levels)
        }
    end
end
--- Pools whose members are to be checked are, as long as requests use them.
function whenUsed(zones, sign)
    local want = wantChecks(zones.state, ngx.now, sign)
    return function(name, ____bindingPattern0)
        local options
        options = ____bindingPattern0.options
        if options.healthPath ~= nil then
            want(name)
        end
    end
end
--- Without tracking, whether a record's time is up.
function isStale(node, name)
    local known = node.shared.find(name)
    return known == nil or not isYoung(
        known,
        ngx.now(),
        node.settings.cache_ttl
    )
end
function newMemory(size)
    local memory, err = newLru(size)
    if err ~= nil then
        error("signpost: resty.lrucache: " .. err)
    end
    return memory
end
--- Fills the shared dicts from the settings' files, so that what they hold is served from the first request on.
-- Before there are workers. Raises if there is no Redis and the routes file cannot be read: nginx then does not start.
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
    local ledger = ledgerIn(zones, settings)
    local parts = {
        reading = reading,
        records = records,
        state = state,
        ledger = ledger,
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
    ledger.prepare()
end
--- Builds a worker's parts. Raises when the memory for its cache cannot be had; nginx then logs it and the worker ends.
-- 
-- @param generation see `newGeneration`
function ____exports.buildWorker(settings, zones, generation)
    local node = buildNode(settings, zones, generation)
    local isKeptByLua = isRetryTakenBack() and settings.upstream_block == KEEPING
    local partsOf = tableBuilder(node, isKeptByLua and FRESH or settings.upstream_block)
    local parts = partsOf(nil)
    local ____temp_1
    if settings.tables == nil then
        ____temp_1 = nil
    else
        ____temp_1 = partsByName(settings.tables, partsOf)
    end
    local tables = ____temp_1
    local balance = isKeptByLua and balancerOfKept(settings.keepalive_timeout) or balanceRequest
    return {
        health = node.health,
        balance = balance,
        parts = parts,
        tables = tables,
        beats = beatsOf(
            node,
            poolFinder(parts, tables)
        )
    }
end
COMPILED_BYTES = 4096
---
-- @returns whether changes are pushed to this node.
function ____exports.isTracking(settings, zones)
    return ledgerIn(zones, settings).epoch() ~= 0
end
--- How often it is seen to whether the log must say what it has left out, seconds.
local LOG_LOOK = 5
--- Starts what runs beside requests.
function ____exports.startBackground(worker)
    watchTimers()
    repeatInBackground(function()
        log.flush()
        local ____ngx_worker_exiting_result_12
        if ngx.worker.exiting() then
            ____ngx_worker_exiting_result_12 = nil
        else
            ____ngx_worker_exiting_result_12 = LOG_LOOK
        end
        return ____ngx_worker_exiting_result_12
    end)
    for ____, beat in ipairs(worker.beats) do
        repeatInBackground(beat)
    end
end
return ____exports
