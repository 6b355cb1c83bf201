local ____exports = {}
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____result = require("signpost.result")
local FAILURES = ____result.FAILURES
--- `return` targets are nginx's own words: it writes the page, and an `error_page` of the user's applies.
function ____exports.answerHere(plan)
    if plan.url == nil then
        ngx.exit(plan.status)
    else
        ngx.redirect(plan.appendRequestUri and plan.url .. (ngx.var.request_uri or "/") or plan.url, plan.status)
    end
end
--- Answers with a failure word's status, and a line of plain text; a request whose body is malformed, with 400.
function ____exports.refuse(word, retryAfter)
    local ____FAILURES_word_0 = FAILURES[word]
    local status = ____FAILURES_word_0.status
    local body = ____FAILURES_word_0.body
    local retry = ____FAILURES_word_0.retry
    local isDiscarded = pcall(ngx.req.discard_body)
    if not isDiscarded then
        ngx.exit(400)
        return
    end
    ngx.var.signpost_error = word
    if word == "no_route" or word == "bad_host" then
        ngx.var.signpost_route = ""
    end
    if retry then
        ngx.header["Retry-After"] = retryAfter
    end
    ngx.status = status
    ngx.header["Content-Type"] = "text/plain"
    ngx.header["Content-Length"] = #body
    ngx.print(body)
    ngx.exit(ngx.OK)
end
--- Answers 500: nginx's configuration calls the rewrite phase, but not both `init` and `init_worker`.
function ____exports.refuseUnready()
    log.error("init and init_worker have not been called in init_by_lua and init_worker_by_lua")
    ngx.exit(500)
end
return ____exports
