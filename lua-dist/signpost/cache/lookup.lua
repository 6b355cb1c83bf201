local ____exports = {}
local lookFurther, newView, withoutRedis, lookWithoutRedis, look, trustIn, settle, freshUntil, staleUntil, STALE_PAUSE
local ____record = require("signpost.cache.record")
local isYoung = ____record.isYoung
local NEVER_SEEN = ____record.NEVER_SEEN
local ____match_names = require("signpost.cache.match_names")
local survey = ____match_names.survey
--- The part of the way that a subject's first request goes, and the first after each change. Yields if Redis is asked.
function lookFurther(levels, subject)
    local view = newView(levels, subject)
    local seen = look(levels, view, "suspect")
    if seen.verdict ~= "unknown" then
        return settle(levels, view, seen, #seen.due > 0 and "stale" or "shared")
    end
    local read = levels.memory:get(subject) == nil and levels.readRedis or levels.readForKnown
    -- More than one round only if the shared dict evicts a name meanwhile; each round reads at least one name for good.
    while seen.verdict == "unknown" do
        local found, err, detail = read(seen.due)
        if err ~= nil then
            return withoutRedis(levels, view, err, detail)
        end
        for name, known in pairs(found) do
            view.read[name] = known
            if not view.isFleeting then
                view.isFleeting = known.isFleeting == true
            end
            if not view.isUnkept then
                view.isUnkept = known.isUnkept == true
            end
        end
        seen = look(levels, view, "suspect")
    end
    return settle(levels, view, seen, "redis")
end
function newView(levels, subject)
    local ____levels_10 = levels
    local ledger = ____levels_10.ledger
    local namesOf = ____levels_10.namesOf
    local clock, epoch = ledger.clock(), ledger.epoch()
    return {
        subject = subject,
        names = namesOf(subject),
        clock = clock,
        epoch = epoch,
        read = {},
        isFleeting = false,
        isUnkept = false
    }
end
--- What is known goes on serving, however old: what the node knows, or else what only this worker's memory still does.
function withoutRedis(levels, view, err, detail)
    local seen = lookWithoutRedis(levels, view)
    if seen.verdict ~= "unknown" then
        return settle(levels, view, seen, "stale")
    end
    local last = levels.memory:get(view.subject)
    if (last and last.compiled.value) == nil or err ~= "redis_down" then
        return nil, err, "redis", detail
    end
    local ____last_13 = last
    local name = ____last_13.name
    local compiled = ____last_13.compiled
    compiled.clock = math.max(compiled.clock, view.clock)
    local answer = {
        name = name,
        compiled = compiled,
        level = "stale",
        clock = view.clock,
        freshUntil = staleUntil(levels)
    }
    levels.memory:set(view.subject, answer)
    return answer, nil, "stale"
end
--- What the node knows, however old. If it holds all of a snapshot, what it does not know is taken to be absent.
function lookWithoutRedis(levels, view)
    local seen = look(levels, view, "stale")
    if seen.verdict ~= "unknown" or not levels.ledger.isComplete() then
        return seen
    end
    local presumed = look(levels, view, "stale", NEVER_SEEN)
    return presumed.verdict == "found" and presumed or seen
end
--- @param missed how far to trust what may have missed a change: `suspect` as long as Redis can be asked
-- @param unseen what to take a name for that nothing is known of; a complete snapshot does not have it
function look(levels, view, missed, unseen)
    local ____view_14 = view
    local read = ____view_14.read
    local epoch = ____view_14.epoch
    local function find(name)
        return read[name] or levels.findShared(name) or unseen
    end
    return survey(
        view.names,
        find,
        function(name, known) return read[name] ~= nil and "fresh" or trustIn(levels, known, epoch, missed) end
    )
end
--- With tracking, a record read in this epoch (or, of a routes file, for the next) is what Redis holds, for a change would
-- have been pushed. Without, time must do.
function trustIn(levels, known, epoch, missed)
    if epoch ~= 0 then
        return levels.ledger.covers(epoch, known.epoch) and "fresh" or missed
    end
    return isYoung(
        known,
        levels.now(),
        levels.ttl
    ) and "fresh" or "stale"
end
function settle(levels, view, seen, level)
    local ____seen_15 = seen
    local name = ____seen_15.name
    local known = ____seen_15.known
    if level == "stale" then
        levels.refreshSoon(seen.due)
    end
    if name == nil or known == nil then
        -- What Redis has said is gone must not come back from memory when it can no longer say so.
        levels.memory:delete(view.subject)
        return nil, "not_found", level == "redis" and "redis" or "absent", view.subject
    end
    local ____view_isFleeting_16
    if view.isFleeting then
        ____view_isFleeting_16 = nil
    else
        ____view_isFleeting_16 = levels.compiled.keep(name, known, view.clock)
    end
    -- What is not remembered must leave alone what is.
    local kept = ____view_isFleeting_16
    local answer = {
        name = string.sub(name, #levels.sign + 1),
        compiled = kept or levels.compiled.once(name, known),
        level = level == "stale" and "stale" or "memory",
        clock = view.clock,
        freshUntil = level == "stale" and staleUntil(levels) or freshUntil(levels, view, seen)
    }
    if kept ~= nil then
        levels.memory:set(view.subject, answer)
    end
    return answer, nil, level
end
function freshUntil(levels, view, seen)
    if view.epoch == 0 then
        return seen.checked + levels.ttl
    end
    -- A push for what the node does not hold would not be noticed.
    return view.isUnkept and 0 or math.huge
end
function staleUntil(levels)
    return levels.now() + math.min(STALE_PAUSE, levels.ttl)
end
STALE_PAUSE = 0.2
---
-- @returns the look-up through the levels: the nearest that knows answers, and every nearer one learns it.
function ____exports.lookUpThrough(levels)
    local ____levels_0 = levels
    local memory = ____levels_0.memory
    local now = ____levels_0.now
    local ____levels_ledger_1 = levels.ledger
    local clock = ____levels_ledger_1.clock
    return function(subject)
        local answer = memory:get(subject)
        -- The condition stands here, not in a function of its own: this runs for every request.
        if (answer and answer.clock) == clock() and now() < answer.freshUntil and answer.compiled.value ~= nil then
            answer.compiled.isUsed = true
            return answer, nil, answer.level
        end
        return lookFurther(levels, subject)
    end
end
---
-- @returns the look-up through memory and the shared dict only.
-- 
-- Invariant: it changes nothing. What it takes may have missed a change, and is not for a look-up that can ask Redis.
function ____exports.recallFrom(levels)
    return function(subject)
        local last = levels.memory:get(subject)
        if (last and last.clock) == levels.ledger.clock() and last.compiled.value ~= nil then
            return last.compiled.value
        end
        local ____lookWithoutRedis_result_6 = lookWithoutRedis(
            levels,
            newView(levels, subject)
        )
        local verdict = ____lookWithoutRedis_result_6.verdict
        local name = ____lookWithoutRedis_result_6.name
        local known = ____lookWithoutRedis_result_6.known
        if name ~= nil and known ~= nil then
            return levels.compiled.once(name, known).value
        end
        local ____temp_9
        if verdict == "none" then
            ____temp_9 = nil
        else
            ____temp_9 = last and last.compiled.value
        end
        return ____temp_9
    end
end
return ____exports
