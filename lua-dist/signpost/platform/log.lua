local ____exports = {}
local ____quiet_log = require("signpost.platform.quiet_log")
local quietLog = ____quiet_log.quietLog
local nginxLog = {
    error = function(message)
        ngx.log(ngx.ERR, "signpost: ", message)
    end,
    warn = function(message)
        ngx.log(ngx.WARN, "signpost: ", message)
    end
}
--- nginx's error log, without repetitions; every line begins with `signpost: `.
____exports.log = quietLog(nginxLog, ngx.now)
return ____exports
