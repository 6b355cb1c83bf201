local ____exports = {}
local beginLine, endLine, forgetBegun
--- Keeps the rest of `text` as the beginning of a line. Keeps nothing of a line that is too long.
function beginLine(state)
    local rest = string.sub(state.text, state.at)
    state.text = ""
    state.at = 1
    state.begunBytes = state.begunBytes + #rest
    if not state.isLong then
        state.isLong = state.begunBytes > ____exports.LONGEST_LINE
    end
    if state.isLong then
        state.begun = {}
    elseif rest ~= "" then
        local ____state_begun_0 = state.begun
        ____state_begun_0[#____state_begun_0 + 1] = rest
    end
end
--- @param rest the end of the line
function endLine(state, rest, path)
    if state.begunBytes == 0 then
        return rest, nil
    end
    local isTooLong = state.isLong or state.begunBytes + #rest > ____exports.LONGEST_LINE
    local line = isTooLong and "" or table.concat(state.begun) .. rest
    forgetBegun(state)
    if isTooLong then
        return nil, "long_line", path
    end
    return line, nil
end
function forgetBegun(state)
    state.begun = {}
    state.begunBytes = 0
    state.isLong = false
end
--- The bytes read from a file at once.
local PIECE = 65536
--- The maximum length of a line, in bytes. No valid route or pool needs more: 65,536 bytes of fields and values, each
-- byte written as four (`\xHH`), plus its key, and the quotes and blanks around about 2,000 words.
____exports.LONGEST_LINE = 524288
--- Reads an open file line by line; the last line needs no line end. `io.lines` would also end a line at a NUL, and
-- would report a read error as the end of the file.
-- 
-- Invariant: each byte is searched once, however long its line is. Memory holds at most {@link LONGEST_LINE} bytes and
-- one piece of a line.
-- 
-- @param path the beginning of every error detail
function ____exports.newLineReader(file, path)
    local state = {
        file = file,
        text = "",
        at = 1,
        begun = {},
        begunBytes = 0,
        isLong = false,
        isEnded = false
    }
    return {
        close = file.close,
        rewind = function()
            file.rewind()
            state.text = ""
            state.at = 1
            forgetBegun(state)
            state.isEnded = false
        end,
        next = function()
            do
                while true do
                    local text = state.text
                    local at = state.at
                    local ____end = string.find(text, "\n", at, true)
                    if ____end ~= nil then
                        state.at = ____end + 1
                        return endLine(
                            state,
                            string.sub(text, at, ____end - 1),
                            path
                        )
                    end
                    beginLine(state)
                    if state.isEnded then
                        if state.begunBytes > 0 then
                            return endLine(state, "", path)
                        end
                        return nil, nil
                    end
                    local piece, problem = file.read(PIECE)
                    if problem ~= nil then
                        return nil, "file_error", (path .. ": ") .. problem
                    end
                    state.isEnded = piece == nil
                    state.text = piece or ""
                    if state.isLong then
                        return nil, "in_long_line", path
                    end
                end
            end
        end
    }
end
return ____exports
