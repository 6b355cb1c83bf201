local ____exports = {}
--- Answers with the node's counters.
function ____exports.showStatus(exposition)
    ngx.header["Content-Length"] = #exposition
    ngx.print(exposition)
end
return ____exports
