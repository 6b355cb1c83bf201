local ____exports = {}
local claim, fail, rest, comeBack, keep, usefulSeconds, LONGEST, MEMORY, LONGEST_OUT
local ____standing_record = require("signpost.health.standing_record")
local countFailure = ____standing_record.countFailure
local isOutIn = ____standing_record.isOutIn
local lastOutage = ____standing_record.lastOutage
local newRecord = ____standing_record.newRecord
local noteOutage = ____standing_record.noteOutage
local parseRecord = ____standing_record.parseRecord
local printRecord = ____standing_record.printRecord
local standingOf = ____standing_record.standingOf
function claim(record, rules, time)
    record.claimedAt = time
    record.claimSeconds = lastOutage(record, time) or rules.failTimeout
end
--- @returns whether this failure takes the peer out, which was up
function fail(record, rules, time)
    if not countFailure(record, rules, time) then
        return false
    end
    record.isOut = true
    rest(record, rules, time)
    return true
end
--- Takes the peer out from now on, for its usual time or for twice as long as last time, up to the limit.
function rest(record, rules, time)
    local last = lastOutage(record, time) or 0
    local ____rules_1 = rules
    local failTimeout = ____rules_1.failTimeout
    local seconds = math.max(
        failTimeout,
        math.min(2 * last, LONGEST * failTimeout)
    )
    record.restedAt = time
    record.restSeconds = seconds
    record.claimSeconds = 0
    noteOutage(record, seconds, seconds + MEMORY, time)
end
--- Remembers the outage for as long as it took. A peer that goes out again within that time is out for longer.
function comeBack(record, time)
    local last = lastOutage(record, time)
    if last ~= nil then
        noteOutage(record, last, last, time)
    end
    record.isOut = false
    record.restSeconds = 0
    record.claimSeconds = 0
    return true
end
--- Stores the record for as long as it matters.
function keep(store, key, record, time)
    local seconds = record.isOut and LONGEST_OUT or usefulSeconds(record, time)
    if seconds > 0 then
        -- dropped: without room the peer counts as up
        store.put(
            key,
            printRecord(record),
            seconds
        )
    else
        store.remove(key)
    end
end
--- Seconds for which the record of a peer that is up can still matter.
function usefulSeconds(record, time)
    local ____record_2 = record
    local outageAt = ____record_2.outageAt
    local outageMemory = ____record_2.outageMemory
    local failures = ____record_2.failures
    local windowSeconds = ____record_2.windowSeconds
    return math.max(outageAt + outageMemory - time, #failures == 0 and 0 or windowSeconds)
end
LONGEST = 16
MEMORY = 600
LONGEST_OUT = 86400
--- Each peer has one record. A change replaces the whole record while its place is locked, so changes of two workers
-- never mix. Reading takes no lock.
-- 
-- The lock ends by itself (see `RunAlone`), so a worker that is killed while it holds the lock blocks no other. If a
-- worker is only suspended there, for longer than the lock lasts, its change may replace another worker's change of the
-- same peer. Then a second request may get the trial; or some failures are not counted; or the peer is wrongly out or
-- up, until the trial that caused it ends or the usual number of failures has been counted again. No such error lasts,
-- and no other peer is affected.
function ____exports.newHealth(parts)
    local ____parts_0 = parts
    local store = ____parts_0.store
    local alone = ____parts_0.alone
    local now = ____parts_0.now
    local changed = ____parts_0.changed
    ---
    -- @param change returns whether the peer has gone out or come back.
    local function edit(key, change)
        local isNews = false
        local function task()
            local text = store.get(key)
            local record = text == nil and newRecord() or parseRecord(text)
            isNews = change(record, text)
            keep(
                store,
                key,
                record,
                now()
            )
        end
        -- A place that stays locked was locked by a worker that was killed. A change that may mix with another is better
        -- than none.
        if not alone(
            store.placeOf(key),
            task
        ) then
            task()
        end
        if isNews then
            changed()
        end
    end
    return {
        standing = function(key)
            local text = store.get(key)
            return text == nil and "up" or standingOf(
                text,
                now()
            )
        end,
        claimTrial = function(key, rules)
            local isClaimed = false
            edit(
                key,
                function(record, text)
                    isClaimed = text ~= nil and standingOf(
                        text,
                        now()
                    ) == "due"
                    if isClaimed then
                        claim(
                            record,
                            rules,
                            now()
                        )
                    end
                    return false
                end
            )
            return isClaimed
        end,
        trialUnused = function(key)
            edit(
                key,
                function(record)
                    record.claimSeconds = 0
                    return false
                end
            )
        end,
        failed = function(key, rules)
            local text = store.get(key)
            if rules.maxFails == 0 or text ~= nil and isOutIn(text) then
                return
            end
            edit(
                key,
                function(record) return not record.isOut and fail(
                    record,
                    rules,
                    now()
                ) end
            )
        end,
        trialFailed = function(key, rules)
            edit(
                key,
                function(record)
                    -- The peer is up: this trial took so long that another one succeeded meanwhile.
                    if not record.isOut then
                        return rules.maxFails > 0 and fail(
                            record,
                            rules,
                            now()
                        )
                    end
                    rest(
                        record,
                        rules,
                        now()
                    )
                    return false
                end
            )
        end,
        succeeded = function(key)
            edit(
                key,
                function(record) return record.isOut and comeBack(
                    record,
                    now()
                ) end
            )
        end,
        holdOut = function(key, seconds)
            edit(
                key,
                function(record)
                    local wasUp = not record.isOut
                    record.isOut = true
                    record.restedAt = now()
                    record.restSeconds = seconds
                    return wasUp
                end
            )
        end
    }
end
return ____exports
