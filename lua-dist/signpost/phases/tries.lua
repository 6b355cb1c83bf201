local ____exports = {}
local item, itemOf
function item(list, use)
    local redirects = 0
    for tries in string.gmatch((list or "") .. " : ", "(.-) : ") do
        if redirects == use.redirects then
            return itemOf(tries, use.tries)
        end
        redirects = redirects + 1
    end
    return "-"
end
function itemOf(tries, number)
    local count = 0
    local last = "-"
    for word in string.gmatch(tries, "[^, ]+") do
        count = count + 1
        last = word
        if count == number then
            return word
        end
    end
    return number == 0 and last or "-"
end
--- What became of the last try of a use, by nginx's `$upstream_*` variables; asked by the balancer, of the try before the
-- one that it prepares.
-- 
-- @returns nothing if there was no try, or it came to no end, as when the client went away meanwhile
function ____exports.outcomeOf(use)
    local status = tonumber(item(ngx.var.upstream_status, use))
    if status == nil then
        return nil
    end
    return {
        status = status,
        isConnected = item(ngx.var.upstream_connect_time, use) ~= "-",
        isAnswered = item(ngx.var.upstream_header_time, use) ~= "-"
    }
end
return ____exports
