local ____exports = {}
local ____ngx_2Ebalancer = require("ngx.balancer")
local enable_keepalive = ____ngx_2Ebalancer.enable_keepalive
--- ngx_lua 0.10.31: since this version, OpenResty builds its patch `balancer_pool_max_retry` into nginx.
local FIRST_VERSION = 10031
--- Whether this nginx takes back the free retry that other nginx versions give after a kept connection that the backend
-- had closed. OpenResty does, from 1.29.2.4 on: its patch `balancer_pool_max_retry` tells ngx_lua of such a
-- connection, and ngx_lua then takes one try away.
-- 
-- Lua cannot see the patch itself. The test is whether `ngx.pipe` loads, because it does so only in an nginx that has
-- OpenResty's patches. A wrong yes does little harm: a request may then be tried once more than it should.
function ____exports.isRetryTakenBack()
    if enable_keepalive == nil or ngx.config.ngx_lua_version < FIRST_VERSION then
        return false
    end
    local hasPatches = pcall(require, "ngx.pipe")
    return hasPatches
end
return ____exports
