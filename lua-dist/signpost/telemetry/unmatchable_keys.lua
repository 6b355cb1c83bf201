local ____exports = {}
local ____complaint = require("signpost.text.complaint")
local printable = ____complaint.printable
--- How many keys are remembered of which it was said; of those beyond, nothing is said.
local MOST_KEYS = 1000
--- How much of a key is shown, bytes.
local SHOWN_BYTES = 300
--- What its lines in the log are about: all of them, so that a few a minute are written at most (see `quietLog`).
local SUBJECT = "keys that no request matches"
--- Says of each key that no request can match, once in a worker, which key it should be.
function ____exports.unmatchableKeys(log)
    local said = {}
    local count = 0
    return function(key, meant)
        if count >= MOST_KEYS or said[key] ~= nil then
            return
        end
        said[key] = true
        count = count + 1
        local shown, right = printable(key, SHOWN_BYTES), printable(meant, SHOWN_BYTES)
        log.warn((shown .. ": no request matches this key, because hosts are looked up as ") .. right, SUBJECT)
    end
end
return ____exports
