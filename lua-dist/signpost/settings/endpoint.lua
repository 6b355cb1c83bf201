local ____exports = {}
local refuseTwice
local ____redis_url = require("signpost.settings.redis_url")
local parseRedisUrl = ____redis_url.parseRedisUrl
function refuseTwice(name, inUrl, given, problems)
    if inUrl ~= nil and given[name] ~= nil then
        problems[#problems + 1] = name .. ": expected once, got it in the address (redis) too"
    end
end
--- Parses the setting `redis`; returns nothing if it is absent or wrong, and adds a problem if it is wrong.
function ____exports.readUrl(values, problems)
    if values.redis == nil then
        return nil
    end
    local url, err, detail = parseRedisUrl(values.redis)
    if err ~= nil then
        problems[#problems + 1] = "redis: " .. detail
    end
    return url
end
--- Adds a problem for each setting that the address gives too, and for a user without a password.
function ____exports.checkLogin(given, url, problems)
    refuseTwice("redis_user", url.user, given, problems)
    refuseTwice("redis_password", url.password, given, problems)
    refuseTwice("redis_database", url.database, given, problems)
    local hasPassword = url.password ~= nil or given.redis_password ~= nil
    if given.redis_user ~= nil and not hasPassword then
        problems[#problems + 1] = "redis_user: expected a password with it, got none (redis_password)"
    end
end
--- Merges the address and the settings. If `checkLogin` found no problem, each part was given at most once.
function ____exports.mergeEndpoint(url, values)
    return {address = url.address, user = url.user or values.redis_user, password = url.password or values.redis_password, database = url.database or values.redis_database}
end
return ____exports
