local ____exports = {}
---
-- @returns `http` or `https`, in lower case; whatever else a load balancer may say.
function ____exports.clientScheme()
    -- Snippets of 0.1.0 have no such variable.
    return string.lower(ngx.var.signpost_forwarded_proto or ngx.var.scheme or "http")
end
--- Whether the client speaks https: to this nginx, or to the load balancer in front of it, as far as the configuration
-- believes that one. It says so by `$signpost_forwarded_proto`, which is also what backends are told.
function ____exports.isHttps()
    return ____exports.clientScheme() == "https"
end
return ____exports
