local ____exports = {}
--- There is no such key.
____exports.ABSENT = {kind = "absent"}
return ____exports
