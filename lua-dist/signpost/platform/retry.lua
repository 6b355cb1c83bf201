local ____exports = {}
local ____ngx_2Ebalancer = require("ngx.balancer")
local enable_keepalive = ____ngx_2Ebalancer.enable_keepalive
--- Of ngx_lua 0.10.31: the one with which OpenResty began to build its `balancer_pool_max_retry` into nginx.
local FIRST_VERSION = 10031
--- Whether this nginx takes back the retry that any other gives, for nothing, after a kept connection that the backend had
-- closed. OpenResty does, from 1.29.2.4 on: its patch `balancer_pool_max_retry` tells ngx_lua of such a connection, and
-- ngx_lua then takes one try away.
-- 
-- Lua cannot see the patch itself. `ngx.pipe` loads only in an nginx that has OpenResty's patches. A yes that is wrong does
-- little harm: a request may then be tried once more than it should.
function ____exports.isRetryTakenBack()
    if enable_keepalive == nil or ngx.config.ngx_lua_version < FIRST_VERSION then
        return false
    end
    local hasPatches = pcall(require, "ngx.pipe")
    return hasPatches
end
return ____exports
