local ____exports = {}
do
    local ____knobs = require("signpost.settings.knobs")
    ____exports.KNOBS = ____knobs.KNOBS
end
do
    local ____read = require("signpost.settings.read")
    ____exports.readSettings = ____read.readSettings
end
do
    local ____redis_url = require("signpost.settings.redis_url")
    ____exports.addressText = ____redis_url.addressText
    ____exports.parseRedisUrl = ____redis_url.parseRedisUrl
end
return ____exports
