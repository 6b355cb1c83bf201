local ____exports = {}
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____answer = require("signpost.request.answer")
local answerFailure = ____answer.answerFailure
local ____rewrite = require("signpost.request.rewrite")
local rewriteRequest = ____rewrite.rewriteRequest
---
-- @returns a function that returns the parts of the request's table, or nothing if there is no such table
function ____exports.partsChooser(parts, tables)
    return function()
        local name = ngx.var.signpost_table or ""
        return (tables == nil or name == "") and parts or tables[name]
    end
end
--- The subject of these log lines: each is logged once a minute, even if clients can vary the table's name.
local SUBJECT = "signpost_table"
--- Makes the rewrite phase: it chooses the request's table and decides by that. Without further tables it does not read
-- `$signpost_table`.
-- 
-- @param parts the default table's
-- @param tables those of each further table, by name; nothing if there are none
function ____exports.rewriter(parts, tables, log)
    if tables == nil then
        return function()
            rewriteRequest(parts)
        end
    end
    local chosenParts = ____exports.partsChooser(parts, tables)
    return function()
        local chosen = chosenParts()
        if chosen == nil then
            log.error(
                ("$signpost_table is " .. quote(ngx.var.signpost_table or "")) .. ", and init has no such table: such requests are refused",
                SUBJECT
            )
            ngx.var.signpost_route = ""
            answerFailure("bad_route", parts.refusals)
        else
            rewriteRequest(chosen)
        end
    end
end
--- For settings without tables. Logs that `$signpost_table` chooses none.
-- 
-- @returns a function to call for requests that the worker's memory cannot answer
function ____exports.tableCheck(log)
    return function()
        local name = ngx.var.signpost_table or ""
        if name ~= "" then
            log.error(
                ("$signpost_table is " .. quote(name)) .. ", and init has no tables: the default one is used",
                SUBJECT
            )
        end
    end
end
return ____exports
