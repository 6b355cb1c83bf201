local ____exports = {}
--- How much of a file is read at once, bytes.
local PIECE = 65536
--- Reads an open file line by line; the last line needs no end. Not `io.lines`, which ends a line at a NUL as well, and
-- takes a file that cannot be read any further for one that ends there.
-- 
-- @param path what the problems begin with
function ____exports.newLineReader(file, path)
    local text = ""
    local at = 1
    local isOpen = true
    local function close()
        if isOpen then
            isOpen = false
            file:close()
        end
    end
    local function lastLine()
        local ____temp_0
        if text == "" then
            ____temp_0 = nil
        else
            ____temp_0 = text
        end
        local line = ____temp_0
        text = ""
        return line
    end
    return {
        close = close,
        next = function()
            while isOpen do
                local ____end = string.find(text, "\n", at, true)
                if ____end ~= nil then
                    local line = string.sub(text, at, ____end - 1)
                    at = ____end + 1
                    return line, nil
                end
                local piece, problem = file:read(PIECE)
                text = string.sub(text, at) .. (piece or "")
                at = 1
                if piece == nil then
                    close()
                end
                if problem ~= nil then
                    text = ""
                    return nil, "file_error", (path .. ": ") .. problem
                end
            end
            return lastLine(), nil
        end
    }
end
return ____exports
