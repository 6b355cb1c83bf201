local ____exports = {}
--- Stands for a name that nothing is known about.
____exports.NEVER_SEEN = {kind = "absent", text = "", checked = 0, epoch = 0}
--- Whether both have the same value, whenever they were read.
function ____exports.saysTheSame(one, other)
    return one.kind == other.kind and one.text == other.text
end
--- Each worker reads the time only now and then: one may be ahead of another by this many seconds.
local CLOCK_LAG = 1
--- Whether it was read within the last `ttl` seconds. A record from the future was not: the clock was set back since.
-- 
-- @param time seconds since 1970
function ____exports.isYoung(known, time, ttl)
    local age = time - known.checked
    return age <= ttl and age > -CLOCK_LAG
end
local LETTERS = {good = "r", bad = "b", absent = "a"}
local KINDS = {r = "good", b = "bad", a = "absent"}
---
-- @returns one letter for the kind, nine hexadecimal digits for the tenths of seconds (enough until 2187), the text.
function ____exports.encodeRecord(known)
    return (LETTERS[known.kind] .. string.format(
        "%09x",
        math.floor(known.checked * 10)
    )) .. known.text
end
---
-- @param epoch the entry's flags
-- @returns nothing for a value that is not one of `encodeRecord`, such as another program's
function ____exports.decodeRecord(value, epoch)
    local letter, digits, text = string.match(value, "^([rba])(%x%x%x%x%x%x%x%x%x)(.*)$")
    if letter == nil then
        letter = ""
    end
    if digits == nil then
        digits = ""
    end
    if text == nil then
        text = ""
    end
    local kind = KINDS[letter]
    local tenths = tonumber(digits, 16)
    if kind == nil or tenths == nil then
        return nil
    end
    return {kind = kind, text = text, checked = tenths / 10, epoch = epoch}
end
return ____exports
