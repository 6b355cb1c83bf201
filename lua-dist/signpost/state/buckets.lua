local ____exports = {}
--- Names share tickets and locks by bucket. 4,096 buckets always fit into memory (128 bytes each, half a megabyte in
-- all), and a name's ticket seldom moves because of another name, which costs a second read. An entry is created when
-- it is first needed: more entries in the dict make every look-up in it slower.
local BUCKETS = 4096
---
-- @returns the key of a name's bucket.
function ____exports.bucketOf(prefix, hash)
    return prefix .. tostring(hash % BUCKETS)
end
return ____exports
