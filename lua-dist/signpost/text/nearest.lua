local ____exports = {}
local slips, firstRow, nextRow, isSwap
--- The Damerau-Levenshtein distance ("optimal string alignment": each place is edited once) if it is at most `limit`;
-- otherwise a number above `limit`. Words whose lengths differ by more than `limit` are not compared, so a huge word
-- costs nothing.
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
--- The maximum number of edits between a word and the name suggested for it.
local MOST_SLIPS = 3
--- Finds the name that was most likely meant.
-- 
-- @returns the one of `names` that needs the fewest edits to become `word`; of equals, the first in the alphabet. An
-- edit is a missing, extra or wrong character, or two swapped ones; upper case in `word` is not an edit. Nothing if
-- more than three edits are needed, or more than one for every three characters of `word`
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
