--- Where routes may lead, if the settings `allow_targets` and `deny_targets` say so: a table with several writers must not
-- open this machine, or a cloud's metadata service, to any of them.
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
        -- The settings were checked: what cannot be read must never be taken for nothing.
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
--- Where a connection to the address goes: of `0.0.0.0` and `::`, to this machine.
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
--- All that an address may be taken for, one of which is enough to deny it: itself; where it goes; and the IPv4 address in
-- an IPv4-compatible one (RFC 4291), one of NAT64 (64:ff9b::/96, RFC 6052) or of 6to4 (2002::/16, RFC 3056).
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
-- @param allow ranges as written; without any, every address is allowed
-- @param deny ranges as written; they win
-- @returns nothing if neither is given: then routes may lead anywhere
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
