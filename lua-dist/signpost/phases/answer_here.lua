local ____exports = {}
local discardBody
local ____result = require("signpost.result")
local FAILURES = ____result.FAILURES
function discardBody()
    local isDiscarded = pcall(ngx.req.discard_body)
    return isDiscarded
end
--- `return` targets are nginx's own words: it writes the page, and an `error_page` of the user's applies.
function ____exports.answerHere(plan)
    if plan.url == nil then
        ngx.exit(plan.status)
    else
        ngx.redirect(plan.appendRequestUri and plan.url .. (ngx.var.request_uri or "/") or plan.url, plan.status)
    end
end
--- Answers with a failure word's status: nginx with a page of its own, in whose place `error_page` may put another; or
-- Signpost with a line of plain text. A request whose body is malformed is answered with 400.
-- 
-- An error page may be in a location that is Signpost's too, and be refused there. The second refusal is answered with text:
-- with `recursive_error_pages on` it would lead to the same page again, until nginx breaks that off with 500.
function ____exports.refuse(word, ____bindingPattern0)
    local retryAfter
    local writer
    writer = ____bindingPattern0.writer
    retryAfter = ____bindingPattern0.retryAfter
    local isByNginx = writer == "nginx" and (ngx.var.signpost_error or "") == ""
    if not isByNginx and not discardBody() then
        ngx.exit(400)
        return
    end
    local ____FAILURES_word_0 = FAILURES[word]
    local status = ____FAILURES_word_0.status
    local body = ____FAILURES_word_0.body
    local retry = ____FAILURES_word_0.retry
    ngx.var.signpost_error = word
    if word == "no_route" or word == "bad_host" then
        ngx.var.signpost_route = ""
    end
    if retry then
        ngx.header["Retry-After"] = retryAfter
    end
    if isByNginx then
        ngx.exit(status)
        return
    end
    ngx.status = status
    ngx.header["Content-Type"] = "text/plain"
    ngx.header["Content-Length"] = #body
    ngx.print(body)
    ngx.exit(ngx.OK)
end
--- Answers 500: nginx's configuration calls the rewrite phase, but not both `init` and `init_worker`.
function ____exports.refuseUnready()
    ngx.log(ngx.ERR, "signpost: init and init_worker have not been called in init_by_lua and init_worker_by_lua")
    ngx.exit(500)
end
return ____exports
