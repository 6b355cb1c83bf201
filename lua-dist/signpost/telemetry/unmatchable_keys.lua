local ____exports = {}
local ____complaint = require("signpost.text.complaint")
local printable = ____complaint.printable
--- How many keys are reported; further ones are not.
local MOST_KEYS = 1000
--- How much of a key is shown, bytes.
local SHOWN_BYTES = 300
--- The subject of all these log lines, so that at most a few are written a minute (see `quietLog`).
local SUBJECT = "keys that no request matches"
--- Reports each key that no request can match, once in a worker, with the key that was probably meant.
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
