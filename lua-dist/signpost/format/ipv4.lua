local ____exports = {}
--- The bytes of the first and the last digit.
____exports.ZERO = 48
____exports.NINE = 57
local DOT = 46
--- Converts an IPv4 address in dotted decimal to a number from 0 to 2^32 - 1.
-- 
-- Refuses leading zeros, because some systems read them as octal: a route must have only one reading.
-- 
-- It reads byte by byte and builds no table: LuaJIT compiles this loop; it does not compile a pattern search.
-- 
-- @param last the position of the last byte of the address
-- @returns nothing for any other text
function ____exports.ipv4Number(text, last)
    if last == nil then
        last = #text
    end
    local address = 0
    local dots = 0
    local octet = 0
    local digits = 0
    for i = 1, last do
        local byte = string.byte(text, i)
        if byte == DOT then
            if digits == 0 then
                return nil
            end
            address = address * 256 + octet
            dots = dots + 1
            octet = 0
            digits = 0
        else
            local isLeadingZero = digits > 0 and octet == 0
            if byte < ____exports.ZERO or byte > ____exports.NINE or isLeadingZero then
                return nil
            end
            octet = octet * 10 + byte - ____exports.ZERO
            digits = digits + 1
            if octet > 255 then
                return nil
            end
        end
    end
    if digits == 0 or dots ~= 3 then
        return nil
    end
    return address * 256 + octet
end
--- The four octets of an address that `ipv4Number` reads; nothing for any other text.
function ____exports.ipv4Octets(text)
    local address = ____exports.ipv4Number(text)
    if address == nil then
        return nil
    end
    local function octet(place)
        return math.floor(address / place) % 256
    end
    return {
        octet(2 ^ 24),
        octet(2 ^ 16),
        octet(2 ^ 8),
        octet(1)
    }
end
return ____exports
