local ____exports = {}
--- Reads the tries of the request that nginx is working on.
____exports.nginxTries = {
    statuses = function() return ngx.var.upstream_status end,
    addresses = function() return ngx.var.upstream_addr end,
    connectTimes = function() return ngx.var.upstream_connect_time end,
    headerTimes = function() return ngx.var.upstream_header_time end,
    proxiedTo = function() return ngx.var.signpost_proxied_to or (ngx.req.is_internal() and "" or ngx.var.upstream) end
}
return ____exports
