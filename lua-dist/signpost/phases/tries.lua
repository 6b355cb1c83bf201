local ____exports = {}
local last
function last(tries)
    local word = string.match(tries or "", "([^ ,:]+)[ :]*$")
    if word == nil then
        word = "-"
    end
    return word
end
--- What became of the request's last try, by nginx's `$upstream_*` variables; asked by the balancer, of the try before the
-- one that it prepares.
-- 
-- @returns nothing if it came to no end, as when the client went away meanwhile
function ____exports.outcomeOfLastTry()
    local status = tonumber(last(ngx.var.upstream_status))
    if status == nil then
        return nil
    end
    return {
        status = status,
        isConnected = last(ngx.var.upstream_connect_time) ~= "-",
        isAnswered = last(ngx.var.upstream_header_time) ~= "-"
    }
end
return ____exports
