local ____exports = {}
local isPlain, NOT_PLAIN
local ____command_line = require("signpost.snapshot.command_line")
local parseCommand = ____command_line.parseCommand
--- Nearly every line of a large file is plain. LuaJIT compiles a search for one byte, but not for a pattern.
function isPlain(line)
    for ____, sign in ipairs(NOT_PLAIN) do
        local found = string.find(line, sign, 1, true)
        if found ~= nil then
            return false
        end
    end
    return true
end
NOT_PLAIN = {
    "\"",
    "'",
    "\t",
    "\r",
    "\v",
    "\f",
    "\n",
    "\0"
}
---
-- @param mostWords how many words of a line can be used
function ____exports.newLineWords(mostWords)
    local split, splitPlain, word, from, text, count, begins, ends, parsed
    function split(line)
        text = line
        if isPlain(line) then
            parsed = nil
            count = splitPlain(line)
            return count, nil
        end
        local words, err, detail = parseCommand(line, mostWords)
        if err ~= nil then
            return nil, err, detail
        end
        parsed = words
        count = #words
        return count, nil
    end
    --- @returns the number of words, as `split` counts them
    function splitPlain(line)
        local found = 0
        local at = 1
        while found <= mostWords and at <= #line do
            local blank = string.find(line, " ", at, true)
            if blank == nil then
                blank = #line + 1
            end
            if blank > at then
                begins[found + 1] = at
                ends[found + 1] = blank - 1
                found = found + 1
            end
            at = blank + 1
        end
        return found
    end
    function word(index)
        if index >= count then
            return nil
        end
        return parsed == nil and string.sub(text, begins[index + 1], ends[index + 1]) or parsed[index + 1]
    end
    function from(index, list)
        for i = #list - 1, count - index, -1 do
            list[i + 1] = nil
        end
        for i = index, count - 1 do
            list[i - index + 1] = word(i)
        end
        return list
    end
    text = ""
    count = 0
    begins, ends = {}, {}
    return {
        split = split,
        count = function() return count end,
        word = word,
        from = from
    }
end
return ____exports
