local ____exports = {}
local lookFurther, withoutRedis, look, trustIn, settle, freshUntil, staleUntil, STALE_PAUSE
local ____record = require("signpost.cache.record")
local isYoung = ____record.isYoung
local NEVER_SEEN = ____record.NEVER_SEEN
local ____survey = require("signpost.cache.survey")
local survey = ____survey.survey
function lookFurther(levels, subject)
    local ____levels_4 = levels
    local ledger = ____levels_4.ledger
    local clock, epoch = ledger.clock(), ledger.epoch()
    local view = {
        subject = subject,
        names = levels.namesOf(subject),
        clock = clock,
        epoch = epoch,
        read = {},
        isFleeting = false,
        isUnkept = false
    }
    local seen = look(levels, view, "suspect")
    if seen.verdict ~= "unknown" then
        return settle(levels, view, seen, #seen.due > 0 and "stale" or "shared")
    end
    local read = levels.memory:get(subject) == nil and levels.readRedis or levels.readForKnown
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
function withoutRedis(levels, view, err, detail)
    local seen = look(levels, view, "stale")
    if seen.verdict ~= "unknown" then
        return settle(levels, view, seen, "stale")
    end
    if levels.ledger.isComplete() then
        local presumed = look(levels, view, "stale", NEVER_SEEN)
        if presumed.verdict == "found" then
            return settle(levels, view, presumed, "stale")
        end
    end
    local last = levels.memory:get(view.subject)
    if (last and last.compiled.value) == nil or err ~= "redis_down" then
        return nil, err, "redis", detail
    end
    local ____last_7 = last
    local name = ____last_7.name
    local compiled = ____last_7.compiled
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
function look(levels, view, missed, unseen)
    local ____view_8 = view
    local read = ____view_8.read
    local epoch = ____view_8.epoch
    local function find(name)
        return read[name] or levels.findShared(name) or unseen
    end
    return survey(
        view.names,
        find,
        function(name, known) return read[name] ~= nil and "fresh" or trustIn(levels, known, epoch, missed) end
    )
end
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
    local ____seen_9 = seen
    local name = ____seen_9.name
    local known = ____seen_9.known
    if level == "stale" then
        levels.refreshSoon(seen.due)
    end
    if name == nil or known == nil then
        levels.memory:delete(view.subject)
        return nil, "not_found", level == "redis" and "redis" or "absent", view.subject
    end
    local ____view_isFleeting_10
    if view.isFleeting then
        ____view_isFleeting_10 = nil
    else
        ____view_isFleeting_10 = levels.compiled.keep(name, known, view.clock)
    end
    local kept = ____view_isFleeting_10
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
        if (answer and answer.clock) == clock() and now() < answer.freshUntil and answer.compiled.value ~= nil then
            answer.compiled.isUsed = true
            return answer, nil, answer.level
        end
        return lookFurther(levels, subject)
    end
end
return ____exports
