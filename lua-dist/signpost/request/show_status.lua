local ____exports = {}
local ____cdn_loop_header = require("signpost.request.cdn_loop_header")
local hasPassedNode = ____cdn_loop_header.hasPassedNode
local FORBIDDEN = 403
--- Answers with the node's counters. Refuses a request that a Signpost node has sent: it comes from this machine, but
-- anybody who can write a route can cause it.
function ____exports.showStatus(nodeId, exposition)
    if hasPassedNode(nodeId) then
        ngx.exit(FORBIDDEN)
    end
    ngx.header["Content-Length"] = #exposition
    -- dropped: it fails only when the client is gone
    ngx.print(exposition)
end
return ____exports
