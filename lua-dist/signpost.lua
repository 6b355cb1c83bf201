--- Signpost: dynamic nginx upstreams, kept in Redis. The functions are nginx's phases, in the order nginx runs them.
local ____exports = {}
local initialised, ready
local ____log = require("signpost.platform.log")
local logger = ____log.log
local ____node_id = require("signpost.request.node_id")
local nodeId = ____node_id.nodeId
local ____shared_dict = require("signpost.platform.shared_dict")
local sharedZones = ____shared_dict.sharedZones
local ____finish = require("signpost.request.finish")
local logRequest = ____finish.logRequest
local ____answer = require("signpost.request.answer")
local refuseUnready = ____answer.refuseUnready
local ____snippet_versions = require("signpost.request.snippet_versions")
local expectSnippetCheck = ____snippet_versions.expectSnippetCheck
local ____show_status = require("signpost.request.show_status")
local showStatus = ____show_status.showStatus
local ____tables = require("signpost.request.tables")
local partsChooser = ____tables.partsChooser
local rewriter = ____tables.rewriter
local ____settings = require("signpost.settings.settings")
local readSettings = ____settings.readSettings
local ____exposition = require("signpost.telemetry.exposition")
local exposition = ____exposition.exposition
local ____lease = require("signpost.state.lease")
local newGeneration = ____lease.newGeneration
local ____worker = require("signpost.wiring.worker")
local buildWorker = ____worker.buildWorker
local fillFromFiles = ____worker.fillFromFiles
local isTracking = ____worker.isTracking
local startBackground = ____worker.startBackground
function initialised()
    return ready or error("signpost: init { … } has not been called in init_by_lua", 3)
end
local worker
local rewriteNow = refuseUnready
local function partsNow()
    return nil
end
--- Checks the settings and remembers them. Raises with all their problems in one message: nginx then does not start, or
-- keeps the old settings on a reload.
-- 
-- Context: `init_by_lua`.
-- 
-- @param given the settings by name; see the README's table
function ____exports.init(given)
    local settings, err, problems = readSettings(given)
    if err ~= nil then
        error((("signpost: " .. err) .. ": ") .. problems, 2)
    end
    local zones, missing, detail = sharedZones()
    if missing ~= nil then
        error((("signpost: " .. missing) .. ": ") .. detail, 2)
    end
    fillFromFiles(settings, zones)
    expectSnippetCheck(zones.state)
    -- called before there are workers, so that all of them share it
    nodeId(zones.state)
    ready = {
        settings = settings,
        zones = zones,
        generation = newGeneration(zones.state)
    }
end
--- Builds the worker's parts and starts the background tasks.
-- 
-- Context: `init_worker_by_lua`.
function ____exports.init_worker()
    local ____initialised_result_0 = initialised()
    local settings = ____initialised_result_0.settings
    local zones = ____initialised_result_0.zones
    local generation = ____initialised_result_0.generation
    worker = buildWorker(settings, zones, generation)
    rewriteNow = rewriter(worker.parts, worker.tables, logger)
    partsNow = partsChooser(worker.parts, worker.tables)
    startBackground(worker)
end
--- Chooses a backend by the route of `$host` and sets `$upstream`, or answers the request here.
-- 
-- Context: `rewrite_by_lua_file` on `phases/rewrite.lua`.
function ____exports.rewrite()
    rewriteNow()
end
--- Hands nginx the peer that `rewrite` has chosen, or after a failure another one.
-- 
-- Context: `balancer_by_lua_file` on `phases/balancer.lua`, in the upstream block.
function ____exports.balancer()
    if worker == nil then
        refuseUnready()
    else
        worker.balance(worker.health, partsNow)
    end
end
--- Reports how the request ended, for the health of the peer that it was sent to.
-- 
-- Context: `log_by_lua_file` on `phases/log.lua`.
function ____exports.log()
    if worker ~= nil then
        logRequest(worker.health)
    end
end
--- Answers with the node's counters in the Prometheus text format.
-- 
-- Context: `content_by_lua_file` on `phases/status.lua`.
function ____exports.status()
    local ____initialised_result_1 = initialised()
    local settings = ____initialised_result_1.settings
    local zones = ____initialised_result_1.zones
    showStatus(
        nodeId(zones.state),
        exposition(
            zones.state,
            isTracking(settings, zones)
        )
    )
end
return ____exports
