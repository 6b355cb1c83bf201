local ____exports = {}
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____answer = require("signpost.request.answer")
local answerFailure = ____answer.answerFailure
local ____rewrite = require("signpost.request.rewrite")
local rewriteRequest = ____rewrite.rewriteRequest
---
-- @returns what the request's table has; nothing if there is no such table.
function ____exports.partsChooser(parts, tables)
    return function()
        local name = ngx.var.signpost_table or ""
        return (tables == nil or name == "") and parts or tables[name]
    end
end
--- What its lines in the log are about: they are then repeated once a minute, whatever a client can make of the name.
local SUBJECT = "signpost_table"
---
-- @param tables what each further table has in place of `parts`, by name; nothing: there are none
-- @returns the rewrite phase. Without further tables, a request is not even asked which one it is for.
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
--- Where init has no tables: says that `$signpost_table` chooses none.
-- 
-- @returns to be called for requests that the worker's memory cannot answer
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
