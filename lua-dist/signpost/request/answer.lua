local ____exports = {}
local discardBody
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____result = require("signpost.result")
local FAILURES = ____result.FAILURES
--- nginx discards an unread body only when it writes the response itself. An unread body on a kept connection would be
-- taken for the next request.
--
-- @returns false if the body is malformed
function discardBody()
    local isDiscarded = pcall(ngx.req.discard_body)
    return isDiscarded
end
--- Answers as a `return` directive does: nginx writes the page, and the user's `error_page` applies.
function ____exports.answerHere(status, location)
    if location == nil then
        ngx.exit(status)
    else
        ngx.redirect(location, status)
    end
end
--- Answers with a failure word's status. Either nginx writes the page, and `error_page` may replace it; or Signpost
-- writes a line of plain text. A request whose body is malformed gets 400.
-- 
-- The location of an error page may be Signpost's too, and refuse the request again. That second refusal is always
-- text: with `recursive_error_pages on` it would lead to the same page again, until nginx gives up with 500.
function ____exports.answerFailure(word, refusals)
    local ____refusals_0 = refusals
    local writer = ____refusals_0.writer
    local retryAfter = ____refusals_0.retryAfter
    local isByNginx = writer == "nginx" and (ngx.var.signpost_error or "") == ""
    ngx.var.signpost_error = word
    if word == "no_route" or word == "bad_host" then
        ngx.var.signpost_route = ""
    end
    if not isByNginx and not discardBody() then
        -- nginx has logged that the body is malformed. It writes this answer itself and closes the connection.
        ngx.exit(400)
        return
    end
    local ____FAILURES_word_1 = FAILURES[word]
    local status = ____FAILURES_word_1.status
    local body = ____FAILURES_word_1.body
    local retry = ____FAILURES_word_1.retry
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
    -- dropped: it fails only when the client is gone
    ngx.print(body)
    ngx.exit(ngx.OK)
end
--- Answers 500: nginx's configuration calls the rewrite phase, but not both `init` and `init_worker`.
function ____exports.refuseUnready()
    log.error("init and init_worker have not been called in init_by_lua and init_worker_by_lua")
    ngx.exit(500)
end
return ____exports
