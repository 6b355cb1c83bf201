local ____exports = {}
local printWord, nextWord, readWord, readQuoted, readPlain, readEscape, afterQuote, ESCAPES
function printWord(word)
    local plain = string.find(word, "^[%w.:/*@_-]+$")
    if plain ~= nil then
        return word
    end
    local escaped = string.gsub(
        word,
        "[^ !#-Z%[%]^-~]",
        function(byte) return string.format(
            "\\x%02x",
            string.byte(byte)
        ) end
    )
    return ("\"" .. escaped) .. "\""
end
function nextWord(line, from)
    local at = string.find(line, "%S", from)
    return at
end
--- A word may consist of several pieces, some of them quoted: `a"b c"` is one word. A closing quote ends the word.
function readWord(line, from)
    local pieces = {}
    local at = from
    while at <= #line do
        local sign = string.sub(line, at, at)
        if sign == "\"" or sign == "'" then
            return readQuoted(
                line,
                at,
                sign,
                table.concat(pieces)
            )
        end
        local piece = string.match(line, "^[^ \t\r\n\"']+", at)
        if piece == nil then
            break
        end
        pieces[#pieces + 1] = piece
        at = at + #piece
    end
    return table.concat(pieces), nil, nil, at
end
function readQuoted(line, from, quote, before)
    local pieces = {before}
    local at = from + 1
    while at <= #line do
        local sign = string.sub(line, at, at)
        if sign == quote then
            return afterQuote(
                line,
                at + 1,
                table.concat(pieces)
            )
        end
        local piece, size = unpack(
            sign == "\\" and ({readEscape(line, at, quote)}) or ({readPlain(line, at)}),
            1,
            2
        )
        pieces[#pieces + 1] = piece
        at = at + size
    end
    return nil, "bad_line", (("expected the closing " .. quote) .. " of byte ") .. tostring(from), nil
end
function readPlain(line, at)
    local piece = string.match(line, "^[^\"'\\]+", at)
    if piece == nil then
        piece = string.sub(line, at, at)
    end
    return piece, #piece
end
function readEscape(line, at, quote)
    local sign = string.sub(line, at + 1, at + 1)
    if quote == "'" and sign ~= "'" then
        return "\\", 1
    end
    local hex = string.match(line, "^x(%x%x)", at + 1)
    if hex ~= nil then
        return string.char(tonumber(hex, 16) or 0), 4
    end
    return ESCAPES[sign] or sign, 2
end
function afterQuote(line, after, word)
    local more = string.find(line, "^%S", after)
    if more ~= nil then
        return nil, "bad_line", "expected a blank after the closing quote at byte " .. tostring(after), nil
    end
    return word, nil, nil, after
end
ESCAPES = {
    n = "\n",
    r = "\r",
    t = "\t",
    b = "\b",
    a = ""
}
---
-- @returns a Redis command on one line, in the form that `redis-cli < file` reads. A word is in double quotes unless it
-- holds only letters, digits and the characters `.:/*@_-`.
function ____exports.printCommand(words)
    local printed = {}
    for ____, word in ipairs(words) do
        printed[#printed + 1] = printWord(word)
    end
    return table.concat(printed, " ")
end
---
-- @param mostWords how many words the caller can use. On a longer line, parsing stops after one word more
-- @returns the words of a line, split at white space as redis-cli splits them. Double quotes allow escapes; single
-- quotes allow only `\'`. An empty line has no words.
-- 
-- `bad_line`: the detail says what was expected.
function ____exports.parseCommand(line, mostWords)
    if mostWords == nil then
        mostWords = math.huge
    end
    local nul = string.find(line, "\0", 1, true)
    if nul ~= nil then
        return nil, "bad_line", "expected no NUL, found one at byte " .. tostring(nul)
    end
    local words = {}
    local at = nextWord(line, 1)
    while at ~= nil and #words <= mostWords do
        local word, err, detail, after = readWord(line, at)
        if err ~= nil then
            return nil, err, detail
        end
        words[#words + 1] = word
        at = nextWord(line, after)
    end
    return words, nil
end
return ____exports
