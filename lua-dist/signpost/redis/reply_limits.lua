local ____exports = {}
--- Far above what a legal route or pool takes (`MOST_ITEMS` of `read_values`, twice for a hash), and above a batch of
-- SCAN; low enough for a worker to read it in milliseconds.
____exports.REPLY_LIMITS = {
    lineBytes = 8192,
    bulkBytes = 1048576,
    values = 10000,
    depth = 8,
    totalBytes = 4194304
}
---
-- @returns the usual limits. Strings in lists that are longer than `passedOverBytes` are skipped, if it is given.
function ____exports.limitsPassingOver(passedOverBytes)
    local lineBytes = ____exports.REPLY_LIMITS.lineBytes
    local bulkBytes = ____exports.REPLY_LIMITS.bulkBytes
    local values = ____exports.REPLY_LIMITS.values
    local depth = ____exports.REPLY_LIMITS.depth
    local totalBytes = ____exports.REPLY_LIMITS.totalBytes
    return {
        lineBytes = lineBytes,
        bulkBytes = bulkBytes,
        values = values,
        depth = depth,
        totalBytes = totalBytes,
        passedOverBytes = passedOverBytes
    }
end
return ____exports
