local ____exports = {}
--- How much of a file is read at once, bytes.
local PIECE = 65536
--- The longest line, in bytes. No good route or pool needs more: 65,536 bytes of fields and values, each byte written in
-- four (`\xHH`), with its key and the quotes and blanks around some two thousand words.
____exports.LONGEST_LINE = 524288
--- Reads an open file line by line; the last line needs no end. Not `io.lines`, which ends a line at a NUL as well, and
-- takes a file that cannot be read any further for one that ends there.
-- 
-- Invariant: however long a line is, it is looked at once, and no more than {@link LONGEST_LINE} and one piece of it are
-- in memory.
-- 
-- @param path what the problems begin with
function ____exports.newLineReader(file, path)
    local begin, wholeLine, forgetBegun, text, at, begun, begunBytes, isLong
    --- Keeps the rest of `text` as the beginning of a line; of one that is too long, only that there is one.
    function begin()
        local rest = string.sub(text, at)
        text = ""
        at = 1
        begunBytes = begunBytes + #rest
        if not isLong then
            isLong = begunBytes > ____exports.LONGEST_LINE
        end
        if isLong then
            begun = {}
        elseif rest ~= "" then
            begun[#begun + 1] = rest
        end
    end
    --- @param rest what the line that was begun ends with
    function wholeLine(rest)
        local isTooLong = isLong or begunBytes + #rest > ____exports.LONGEST_LINE
        local line = isTooLong and "" or table.concat(begun) .. rest
        forgetBegun()
        if isTooLong then
            return nil, "long_line", path
        end
        return line, nil
    end
    function forgetBegun()
        begun = {}
        begunBytes = 0
        isLong = false
    end
    text = ""
    at = 1
    begun = {}
    begunBytes = 0
    isLong = false
    local isEnded = false
    return {
        close = file.close,
        rewind = function()
            file.rewind()
            text = ""
            at = 1
            forgetBegun()
            isEnded = false
        end,
        next = function()
            do
                while true do
                    local ____end = string.find(text, "\n", at, true)
                    if ____end ~= nil then
                        local line = string.sub(text, at, ____end - 1)
                        at = ____end + 1
                        if begunBytes > 0 then
                            return wholeLine(line)
                        end
                        return line, nil
                    end
                    begin()
                    if isEnded then
                        if begunBytes > 0 then
                            return wholeLine("")
                        end
                        return nil, nil
                    end
                    local piece, problem = file.read(PIECE)
                    if problem ~= nil then
                        return nil, "file_error", (path .. ": ") .. problem
                    end
                    isEnded = piece == nil
                    text = piece or ""
                    if isLong then
                        return nil, "in_long_line", path
                    end
                end
            end
        end
    }
end
return ____exports
