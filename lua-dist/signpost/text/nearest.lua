local ____exports = {}
local slips, firstRow, nextRow, isSwap
--- Damerau's distance (each place is mended once: "optimal string alignment") where it is at most `limit`; otherwise
-- something more than `limit`. Words whose lengths alone differ by more are not compared: a huge one costs nothing.
function slips(a, b, limit)
    if math.abs(#a - #b) > limit then
        return limit + 1
    end
    local above = {}
    local row = firstRow(#b)
    for i = 1, #a do
        local next = nextRow(
            a,
            b,
            i,
            row,
            above
        )
        above = row
        row = next
    end
    return row[#b]
end
function firstRow(length)
    local row = {}
    for j = 0, length do
        row[j] = j
    end
    return row
end
function nextRow(a, b, i, previous, beforePrevious)
    local row = {}
    row[0] = i
    for j = 1, #b do
        local wrong = string.byte(a, i) == string.byte(b, j) and 0 or 1
        local count = math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + wrong)
        if isSwap(a, b, i, j) then
            count = math.min(count, beforePrevious[j - 2] + 1)
        end
        row[j] = count
    end
    return row
end
function isSwap(a, b, i, j)
    return i > 1 and j > 1 and string.byte(a, i) == string.byte(b, j - 1) and string.byte(a, i - 1) == string.byte(b, j)
end
--- Further off than this, it is another word.
local MOST_SLIPS = 3
--- The name somebody most likely meant.
-- 
-- @returns the one of `names` that takes the fewest slips of the finger to become `word` (a character missing, too
-- many, wrong, or two swapped; upper case is no slip), of equals the first in the alphabet; nothing if even that takes
-- more than three, or more than one for every three characters
function ____exports.nearest(word, names)
    local wanted = string.lower(word)
    local best = nil
    local fewest = math.min(
        MOST_SLIPS,
        math.floor(#wanted / 3)
    )
    for ____, name in ipairs(names) do
        local count = slips(wanted, name, fewest)
        if count < fewest or count == fewest and (best == nil or name < best) then
            best = name
            fewest = count
        end
    end
    return best
end
return ____exports
