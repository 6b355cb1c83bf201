local ____exports = {}
--- The four octets of an IPv4 address in dotted decimal.
-- 
-- Leading zeros are no address here: some systems read them as octal, and two readings of one route are one too many.
-- 
-- @returns nothing when the text is anything else
function ____exports.ipv4Octets(text)
    local quad = string.find(text, "^%d+%.%d+%.%d+%.%d+$")
    if quad == nil then
        return nil
    end
    local octets = {}
    for digits in string.gmatch(text, "%d+") do
        local octet = tonumber(digits)
        if octet == nil or octet > 255 or tostring(octet) ~= digits then
            return nil
        end
        octets[#octets + 1] = octet
    end
    return octets
end
return ____exports
