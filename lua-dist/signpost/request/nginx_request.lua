local ____exports = {}
local ____cdn_loop_header = require("signpost.request.cdn_loop_header")
local nextHop = ____cdn_loop_header.nextHop
local ____client_scheme = require("signpost.request.client_scheme")
local clientScheme = ____client_scheme.clientScheme
local ____issued_cookie = require("signpost.request.issued_cookie")
local newCookie = ____issued_cookie.newCookie
local ____snippet_versions = require("signpost.request.snippet_versions")
local hasOwnUpstream = ____snippet_versions.hasOwnUpstream
local isVerified = ____snippet_versions.isVerified
--- Reads the request that nginx is working on.
____exports.nginxRequest = {
    host = function() return ngx.var.host or "" end,
    uri = function() return ngx.var.uri or "/" end,
    target = function() return ngx.var.request_uri or "/" end,
    args = function() return ngx.var.args or "" end,
    isInternal = function() return ngx.req.is_internal() end,
    method = function() return ngx.var.request_method or "" end,
    hasBody = function() return ngx.var.http_transfer_encoding ~= nil or (ngx.var.content_length or "0") ~= "0" end,
    scheme = clientScheme,
    hostHeader = function() return ngx.var.http_host end,
    variable = function(name) return ngx.var[name] end,
    hash = function(text) return ngx.crc32_long(text) end,
    newCookie = newCookie,
    nextHop = nextHop,
    hasFreshBlock = hasOwnUpstream,
    isVerified = isVerified
}
return ____exports
