local ____exports = {}
--- nginx's error log; every line begins with `signpost: `.
____exports.log = {
    error = function(message)
        ngx.log(ngx.ERR, "signpost: ", message)
    end,
    warn = function(message)
        ngx.log(ngx.WARN, "signpost: ", message)
    end
}
return ____exports
