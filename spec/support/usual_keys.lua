-- The keys of Redis under the usual prefixes.
return require("signpost.redis.keys").newKeys({ route_prefix = "route:", pool_prefix = "pool:" })
