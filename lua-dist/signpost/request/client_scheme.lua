local ____exports = {}
--- The scheme by which the client speaks to this nginx, or to the load balancer in front of it if the configuration
-- trusts that. Backends get the same scheme from `$signpost_forwarded_proto`.
-- 
-- @returns `http`, `https` or whatever else a load balancer says, in lower case
function ____exports.clientScheme()
    -- Snippets of 0.1.0 have no such variable.
    return string.lower(ngx.var.signpost_forwarded_proto or ngx.var.scheme or "http")
end
--- Whether the client speaks https.
function ____exports.isHttps()
    return ____exports.clientScheme() == "https"
end
return ____exports
