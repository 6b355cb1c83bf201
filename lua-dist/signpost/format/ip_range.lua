local ____exports = {}
local isStart, unitOf, bad, GROUP_BITS
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____ipv4 = require("signpost.format.ipv4")
local ipv4Octets = ____ipv4.ipv4Octets
local ____ipv6 = require("signpost.format.ipv6")
local ipv6Groups = ____ipv6.ipv6Groups
--- Whether the first `count` groups are all 0.
function ____exports.areZero(ip, count)
    for i = 0, count - 1 do
        if ip[i + 1] ~= 0 then
            return false
        end
    end
    return true
end
function isStart(ip, bits)
    for i = 0, #ip - 1 do
        if (ip[i + 1] or 0) % unitOf(bits, i) ~= 0 then
            return false
        end
    end
    return true
end
--- The divisor for a group that drops the bits after the first `bits` bits of the address.
function unitOf(bits, group)
    return 2 ^ (GROUP_BITS - math.max(
        0,
        math.min(GROUP_BITS, bits - group * GROUP_BITS)
    ))
end
function bad(text)
    return nil, "bad_range", "expected a range of IP addresses, such as 10.0.0.0/8 or fd00::/8, got " .. quote(text)
end
GROUP_BITS = 16
---
-- @returns the IP address in a text without brackets; nothing if the text is not an IP address
function ____exports.ipOf(text)
    local octets = ipv4Octets(text)
    if octets == nil then
        return ipv6Groups(text)
    end
    local a, b, c, d = unpack(octets, 1, 4)
    if a == nil then
        a = 0
    end
    if b == nil then
        b = 0
    end
    if c == nil then
        c = 0
    end
    if d == nil then
        d = 0
    end
    return {a * 256 + b, c * 256 + d}
end
--- The IPv4 address in an IPv4-mapped one (`::ffff:10.0.0.5`); any other address is returned unchanged.
function ____exports.unmapped(ip)
    return ip[6] == 65535 and ____exports.areZero(ip, 5) and ({ip[7] or 0, ip[8] or 0}) or ip
end
--- Reads a range in the form of RFC 4632 and RFC 4291: `10.0.0.0/8`, `fd00::/8`. An address without a prefix length is a
-- range of one address.
-- 
-- @returns `bad_range` with what was expected
function ____exports.parseIpRange(text)
    local address, slash, digits = string.match(text, "^([^/]*)(/?)(%d*)$")
    if address == nil then
        address = ""
    end
    if digits == nil then
        digits = ""
    end
    local ip = ____exports.ipOf(address)
    if ip == nil then
        return bad(text)
    end
    local most = #ip * GROUP_BITS
    local ____temp_0
    if slash == "/" then
        ____temp_0 = tonumber(digits)
    else
        ____temp_0 = most
    end
    local bits = ____temp_0
    if bits == nil or bits > most or slash == "/" and tostring(bits) ~= digits then
        return bad(text)
    end
    if not isStart(ip, bits) then
        return nil, "bad_range", (("expected no bits set after the first " .. tostring(bits)) .. " of the address, got ") .. quote(text)
    end
    return {ip = ip, bits = bits, text = text}, nil
end
--- Whether the range contains the address. A range of one IP version contains no address of the other.
function ____exports.covers(range, ip)
    local ____range_1 = range
    local start = ____range_1.ip
    local bits = ____range_1.bits
    if #start ~= #ip then
        return false
    end
    for i = 0, #ip - 1 do
        local unit = unitOf(bits, i)
        if math.floor((start[i + 1] or 0) / unit) ~= math.floor((ip[i + 1] or 0) / unit) then
            return false
        end
    end
    return true
end
return ____exports
