local ____exports = {}
---
-- @returns `count` bytes that nobody can guess, in hexadecimal digits; nothing if the system gives none. Does not
-- block.
function ____exports.randomHex(count)
    local file = io.open("/dev/urandom", "rb")
    local bytes = file and file:read(count)
    if file ~= nil then
        file:close()
    end
    if bytes == nil then
        return nil
    end
    local digits = ""
    for i = 1, #bytes do
        digits = digits .. string.format(
            "%02x",
            string.byte(bytes, i)
        )
    end
    return digits
end
return ____exports
