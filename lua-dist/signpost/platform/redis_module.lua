local ____exports = {}
--- The client's module: OpenResty bundles it under the first name, Debian packages it under the second.
local NAMES = {"resty.redis", "nginx.redis"}
---
-- @returns the Redis client library. Raises where it is not installed: nginx then does not start.
function ____exports.loadRedisModule()
    for ____, name in ipairs(NAMES) do
        local found, module = pcall(require, name)
        if found then
            return module
        end
    end
    error(((("signpost: no Redis client: neither " .. NAMES[1]) .. " nor ") .. NAMES[2]) .. " can be loaded")
end
return ____exports
