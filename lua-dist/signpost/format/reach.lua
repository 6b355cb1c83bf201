--- Restricts the backends of routes by the settings `allow_targets` and `deny_targets`. If a table has several writers,
-- none of them may open this machine, or a cloud's metadata service, to requests.
local ____exports = {}
local rangesOf, rangeWith, reached, spellingsOf, isNat64
local ____address = require("signpost.format.address")
local printAddress = ____address.printAddress
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____ip_range = require("signpost.format.ip_range")
local areZero = ____ip_range.areZero
local covers = ____ip_range.covers
local ipOf = ____ip_range.ipOf
local parseIpRange = ____ip_range.parseIpRange
local unmapped = ____ip_range.unmapped
function rangesOf(texts)
    local ranges = {}
    for ____, text in ipairs(texts) do
        local range, err, detail = parseIpRange(text)
        -- The settings are already checked. Raise an error anyway: an unreadable range must never be ignored.
        if err ~= nil then
            error(detail)
        end
        ranges[#ranges + 1] = range
    end
    return ranges
end
function rangeWith(ranges, ip)
    for ____, range in ipairs(ranges) do
        if covers(range, ip) then
            return range
        end
    end
    return nil
end
--- The address that a connection goes to: for `0.0.0.0` and `::`, this machine's loopback address; for an IPv4-mapped
-- address, the IPv4 address.
function reached(ip)
    local plain = unmapped(ip)
    if not areZero(plain, #plain) then
        return plain
    end
    return #plain == 2 and ({32512, 1}) or ({
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        1
    })
end
--- All addresses that an address may stand for; denying one of them denies it. They are: the address itself; the address
-- that a connection goes to; and the IPv4 address in an IPv4-mapped or IPv4-compatible address (RFC 4291), a NAT64
-- address (64:ff9b::/96, RFC 6052) or a 6to4 address (2002::/16, RFC 3056).
function spellingsOf(ip)
    local spellings = {
        ip,
        unmapped(ip),
        reached(ip)
    }
    if #ip == 8 and (areZero(ip, 6) or isNat64(ip)) then
        spellings[#spellings + 1] = {ip[7] or 0, ip[8] or 0}
    end
    if #ip == 8 and ip[1] == 8194 then
        spellings[#spellings + 1] = {ip[2] or 0, ip[3] or 0}
    end
    return spellings
end
function isNat64(ip)
    return ip[1] == 100 and ip[2] == 65435 and ip[3] == 0 and ip[4] == 0 and ip[5] == 0 and ip[6] == 0
end
---
-- @param allow ranges as written; if absent, every address is allowed
-- @param deny ranges as written; they win over `allow`
-- @returns nothing if neither is given: then every backend is allowed
function ____exports.newReach(allow, deny)
    if allow == nil and deny == nil then
        return nil
    end
    local allowed = allow ~= nil and rangesOf(allow) or nil
    local denied = rangesOf(deny or ({}))
    return function(address)
        local got = quote(printAddress(address))
        local ip = ipOf(address.host)
        if address.form == "name" or ip == nil then
            return "expected an IP address, as allow_targets or deny_targets is set, got " .. got
        end
        for ____, one in ipairs(spellingsOf(ip)) do
            local range = rangeWith(denied, one)
            if range ~= nil then
                return (("expected a backend outside " .. range.text) .. " of deny_targets, got ") .. got
            end
        end
        if allowed ~= nil and rangeWith(
            allowed,
            reached(ip)
        ) == nil then
            return "expected a backend in one of allow_targets, got " .. got
        end
        return nil
    end
end
return ____exports
