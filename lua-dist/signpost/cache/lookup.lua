local ____exports = {}
local lookFurther, newView, withoutRedis, lookWithoutRedis, look, trustIn, answerFrom, freshUntil, staleUntil, STALE_PAUSE
local ____record = require("signpost.cache.record")
local isYoung = ____record.isYoung
local NEVER_SEEN = ____record.NEVER_SEEN
local ____match_names = require("signpost.cache.match_names")
local matchNames = ____match_names.matchNames
--- The slow path: a subject's first request, and the first after each change. Yields if Redis is asked.
function lookFurther(levels, subject)
    local view = newView(levels, subject)
    local seen = look(levels, view, "unverified")
    if seen.verdict ~= "unknown" then
        return answerFrom(levels, view, seen, #seen.due > 0 and "stale" or "shared")
    end
    local read = levels.memory:get(subject) == nil and levels.readRedis or levels.readForKnown
    -- A second round comes only if the shared dict evicts a name meanwhile. Each round reads at least one name for good.
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
        seen = look(levels, view, "unverified")
    end
    return answerFrom(levels, view, seen, "redis")
end
function newView(levels, subject)
    local ____levels_8 = levels
    local nodeState = ____levels_8.nodeState
    local namesOf = ____levels_8.namesOf
    local clock, epoch = nodeState.changeClock.value(), nodeState.epochs.current()
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
--- Serves known hosts without Redis, by what the node knows, or else by what only this worker remembers, however old.
function withoutRedis(levels, view, err, detail)
    local seen = lookWithoutRedis(levels, view)
    if seen.verdict ~= "unknown" then
        return answerFrom(levels, view, seen, "stale")
    end
    local last = levels.memory:get(view.subject)
    if (last and last.compiled.value) == nil or err ~= "redis_down" then
        return nil, err, "redis", detail
    end
    local ____last_11 = last
    local name = ____last_11.name
    local compiled = ____last_11.compiled
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
--- What the node knows, however old. While it holds a whole snapshot, names that it does not know count as absent.
function lookWithoutRedis(levels, view)
    local seen = look(levels, view, "stale")
    if seen.verdict ~= "unknown" or not levels.nodeState.completeness.holds() then
        return seen
    end
    local presumed = look(levels, view, "stale", NEVER_SEEN)
    return presumed.verdict == "found" and presumed or seen
end
--- @param missed how far to trust a record that may have missed a change: `unverified` while Redis can be asked
-- @param unseen stands for a name that nothing is known about, because a complete snapshot does not have it
function look(levels, view, missed, unseen)
    local ____view_12 = view
    local read = ____view_12.read
    local epoch = ____view_12.epoch
    local function find(name)
        return read[name] or levels.findShared(name) or unseen
    end
    return matchNames(
        view.names,
        find,
        function(name, known) return read[name] ~= nil and "fresh" or trustIn(levels, known, epoch, missed) end
    )
end
--- With tracking, a record is what Redis holds if it was read in this epoch (or, from a routes file, for the next),
-- because a change would have been pushed. Without tracking, its age decides.
function trustIn(levels, known, epoch, missed)
    if epoch ~= 0 then
        return levels.nodeState.epochs.covers(epoch, known.epoch) and "fresh" or missed
    end
    return isYoung(
        known,
        levels.now(),
        levels.ttl
    ) and "fresh" or "stale"
end
function answerFrom(levels, view, seen, level)
    local ____seen_13 = seen
    local name = ____seen_13.name
    local known = ____seen_13.known
    if level == "stale" then
        levels.refreshSoon(seen.due)
    end
    if name == nil or known == nil then
        -- A host that Redis has said is gone must not come back from memory once Redis is down.
        levels.memory:delete(view.subject)
        return nil, "not_found", level == "redis" and "redis" or "absent", view.subject
    end
    -- An answer that is not remembered must not replace one that is.
    local kept
    if not view.isFleeting then
        kept = levels.compiled.keep(name, known, view.clock)
    end
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
    -- The node would not notice a push for a name that it does not hold.
    return view.isUnkept and 0 or math.huge
end
function staleUntil(levels)
    return levels.now() + math.min(STALE_PAUSE, levels.ttl)
end
STALE_PAUSE = 0.2
---
-- @returns the look-up through the levels. The nearest level that knows answers, and every nearer one learns it.
function ____exports.lookUpThrough(levels)
    local ____levels_0 = levels
    local memory = ____levels_0.memory
    local now = ____levels_0.now
    local clock = levels.nodeState.changeClock.value
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
-- Invariant: it changes nothing, because what it finds may have missed a change and must not serve a look-up that can
-- ask Redis.
function ____exports.recallFrom(levels)
    return function(subject)
        local last = levels.memory:get(subject)
        if (last and last.clock) == levels.nodeState.changeClock.value() and last.compiled.value ~= nil then
            return last.compiled.value
        end
        local ____lookWithoutRedis_result_5 = lookWithoutRedis(
            levels,
            newView(levels, subject)
        )
        local verdict = ____lookWithoutRedis_result_5.verdict
        local name = ____lookWithoutRedis_result_5.name
        local known = ____lookWithoutRedis_result_5.known
        if name ~= nil and known ~= nil then
            return levels.compiled.once(name, known).value
        end
        if verdict == "none" then
            return nil
        end
        return last and last.compiled.value
    end
end
return ____exports
