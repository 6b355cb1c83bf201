local ____exports = {}
local readGroups, readGroup, readIpv4, printGroups, printMapped, longestZeroRun, printRange, LONGEST_BYTES, GROUPS
local ____ipv4 = require("signpost.format.ipv4")
local ipv4Octets = ____ipv4.ipv4Octets
--- Reads an IPv6 address as its eight 16-bit numbers, highest first.
-- 
-- @param text as for `canonicalIpv6`
-- @returns nothing if the text is not an IPv6 address
function ____exports.ipv6Groups(text)
    if #text > LONGEST_BYTES then
        return nil
    end
    local gap = string.find(text, "::", 1, true)
    local head = {}
    if gap == nil then
        return readGroups(text, true, head) and #head == GROUPS and head or nil
    end
    local tail = {}
    if not readGroups(
        string.sub(text, 1, gap - 1),
        false,
        head
    ) then
        return nil
    end
    if not readGroups(
        string.sub(text, gap + 2),
        true,
        tail
    ) then
        return nil
    end
    local zeros = GROUPS - #head - #tail
    if zeros < 1 then
        return nil
    end
    for _ = 1, zeros do
        head[#head + 1] = 0
    end
    for ____, group in ipairs(tail) do
        head[#head + 1] = group
    end
    return head
end
--- Reads groups separated by single colons and appends them to `groups`. An empty text has no groups.
--
-- @param isEnd whether the text is the end of the address: only the end may be an IPv4 address
-- @returns whether every group is valid
function readGroups(text, isEnd, groups)
    if text == "" then
        return true
    end
    local from = 1
    local colon = string.find(text, ":", from, true)
    while colon ~= nil do
        if not readGroup(
            string.sub(text, from, colon - 1),
            groups
        ) then
            return false
        end
        from = colon + 1
        colon = string.find(text, ":", from, true)
    end
    local last = string.sub(text, from)
    return readGroup(last, groups) or isEnd and readIpv4(last, groups)
end
--- Reads a group of one to four hexadecimal digits.
function readGroup(text, groups)
    local hex = string.match(text, "^%x%x?%x?%x?$")
    if hex == nil then
        hex = ""
    end
    local group = tonumber(hex, 16)
    if group == nil then
        return false
    end
    groups[#groups + 1] = group
    return true
end
--- Reads a dotted quad as two groups.
function readIpv4(text, groups)
    local a, b, c, d = unpack(
        ipv4Octets(text) or ({}),
        1,
        4
    )
    if a == nil or b == nil or c == nil or d == nil then
        return false
    end
    groups[#groups + 1] = a * 256 + b
    groups[#groups + 1] = c * 256 + d
    return true
end
function printGroups(groups)
    local mapped = printMapped(groups)
    if mapped ~= nil then
        return mapped
    end
    local start, count = longestZeroRun(groups)
    -- RFC 5952, 4.2.2: "::" must not stand for a single group.
    if count < 2 then
        return printRange(groups, 0, GROUPS)
    end
    return (printRange(groups, 0, start) .. "::") .. printRange(groups, start + count, GROUPS)
end
--- Prints an IPv4-mapped address as `::ffff:10.0.0.5`: 80 zero bits, 16 one bits, an IPv4 address. Else nothing.
function printMapped(groups)
    local start, count = longestZeroRun(groups)
    local high, low = groups[7], groups[8]
    if start ~= 0 or count ~= 5 or groups[6] ~= 65535 or high == nil or low == nil then
        return nil
    end
    return string.format(
        "::ffff:%d.%d.%d.%d",
        math.floor(high / 256),
        high % 256,
        math.floor(low / 256),
        low % 256
    )
end
--- The start (0-based) and the length of the longest run of zero groups; of equal runs, the first.
function longestZeroRun(groups)
    local bestStart, bestCount, count = 0, 0, 0
    for i = 0, GROUPS - 1 do
        count = groups[i + 1] == 0 and count + 1 or 0
        if count > bestCount then
            bestStart = i - count + 1
            bestCount = count
        end
    end
    return bestStart, bestCount
end
--- Prints the groups from `start` up to but not including `end` (0-based), joined by colons.
function printRange(groups, start, ____end)
    local texts = {}
    for i = start, ____end - 1 do
        texts[#texts + 1] = string.format("%x", groups[i + 1])
    end
    return table.concat(texts, ":")
end
LONGEST_BYTES = 45
GROUPS = 8
--- Converts an IPv6 address to the form of RFC 5952: `FD00:0:0::0005` becomes `fd00::5`. IPv4-mapped addresses keep
-- their dotted end (`::ffff:10.0.0.5`), as in section 5 of that RFC and in the C library.
-- 
-- @param text any text form of RFC 4291, without brackets and without a zone
-- @returns nothing if the text is not an IPv6 address
function ____exports.canonicalIpv6(text)
    local groups = ____exports.ipv6Groups(text)
    if groups == nil then
        return nil
    end
    return printGroups(groups)
end
return ____exports
