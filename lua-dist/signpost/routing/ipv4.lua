local ____exports = {}
local ZERO = 48
local NINE = 57
local DOT = 46
--- The four octets of an IPv4 address in dotted decimal.
-- 
-- Leading zeros are no address here: some systems read them as octal, and two readings of one route are one too many.
-- 
-- It looks at one byte after the other: LuaJIT compiles that, and not a search for a pattern.
-- 
-- @returns nothing when the text is anything else
function ____exports.ipv4Octets(text)
    local octets = {}
    local count = 0
    local octet = 0
    local digits = 0
    for i = 1, #text do
        local byte = string.byte(text, i)
        if byte == DOT then
            if digits == 0 then
                return nil
            end
            octets[count + 1] = octet
            count = count + 1
            octet = 0
            digits = 0
        else
            local isLeadingZero = digits > 0 and octet == 0
            if byte < ZERO or byte > NINE or isLeadingZero then
                return nil
            end
            octet = octet * 10 + byte - ZERO
            digits = digits + 1
            if octet > 255 then
                return nil
            end
        end
    end
    if digits == 0 or count ~= 3 then
        return nil
    end
    octets[count + 1] = octet
    return octets
end
return ____exports
