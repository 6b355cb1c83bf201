local ____exports = {}
local ____outcome = require("signpost.balance.outcome")
local mayBeStale = ____outcome.mayBeStale
--- Counts the tries that a request has left after its first, which went over a kept connection if there was one. A
-- connection that the backend has closed costs no try: the backend has not failed.
-- 
-- @param tries how many it has in all
-- @param outcome of the first; nothing if that cannot be told
function ____exports.triesLeft(tries, outcome)
    return outcome ~= nil and mayBeStale(outcome) and tries or tries - 1
end
return ____exports
