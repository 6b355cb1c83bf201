local ____exports = {}
local range, listed
function range(option)
    local ____option_0 = option
    local kind = ____option_0.kind
    local min = ____option_0.min
    local max = ____option_0.max
    local unit = ____option_0.unit
    local numbers = ((((kind == "integer" and "an integer" or "a number") .. " from ") .. tostring(min)) .. " to ") .. tostring(max)
    return unit == nil and numbers or (numbers .. " ") .. unit
end
--- Joins words as `a, b or c`.
function listed(words)
    local last = words[#words] or ""
    return (table.concat(words, ", ", 1, #words - 1) .. " or ") .. last
end
--- Every option of a pool, by the name of its field in Redis.
____exports.POOL_OPTIONS = {
    balance = {
        order = 10,
        kind = "choice",
        choices = {"round_robin", "least_conn", "hash"},
        fallback = "round_robin",
        meaning = "How a member is chosen: each in turn, by weight; the one with the fewest requests under way; or always the " .. "same one for the same `hash_on`."
    },
    hash_on = {order = 20, kind = "hash_on", form = "ip, uri, header:NAME or cookie:NAME, the name of at most 128 bytes", meaning = "What `balance hash` hashes. Required with it, and not allowed without it."},
    hash_cookie = {
        order = 25,
        kind = "choice",
        choices = {"off", "issue"},
        fallback = "off",
        meaning = "With `issue`, a client without the cookie of `hash_on cookie:NAME` gets one, which leads its later requests to the " .. "same member: random, `HttpOnly`, `SameSite=Lax`, and `Secure` by https."
    },
    host = {order = 30, kind = "host", form = "a host name or an IP address (IPv6 in brackets), with a port or without", meaning = "The `Host` sent to the members; without it, the client's."},
    tries = {
        order = 40,
        kind = "integer",
        min = 1,
        max = 10,
        fallback = "3",
        meaning = "How many members are tried for one request, the first one included."
    },
    connect_timeout = {
        order = 50,
        kind = "integer",
        min = 1,
        max = 3600000,
        unit = "ms",
        meaning = "How long connecting to a member may take; without it, nginx's `proxy_connect_timeout`."
    },
    read_timeout = {
        order = 60,
        kind = "integer",
        min = 1,
        max = 3600000,
        unit = "ms",
        meaning = "How long a member may be silent while it answers; without it, nginx's `proxy_read_timeout`."
    },
    reuse = {
        order = 65,
        kind = "choice",
        choices = {"always", "safe", "never"},
        fallback = "always",
        meaning = "Which requests may go over a connection that has carried others: all; only those that nginx can send again when a " .. "member has just closed it; or none."
    },
    max_fails = {
        order = 70,
        kind = "integer",
        min = 0,
        max = 1000,
        fallback = "3",
        meaning = "After how many failures within `fail_window` a member is out; 0: never."
    },
    fail_window = {
        order = 80,
        kind = "number",
        min = 0.1,
        max = 3600,
        unit = "s",
        fallback = "10",
        meaning = "How far back failures are counted."
    },
    fail_timeout = {
        order = 90,
        kind = "number",
        min = 0.1,
        max = 3600,
        unit = "s",
        fallback = "10",
        meaning = "How long a member is out before one request tries it again."
    },
    fail_on = {
        order = 100,
        kind = "failures",
        form = "connect, timeout and statuses from 500 to 599, with blanks between",
        fallback = "connect timeout",
        meaning = "What counts as a failure: a connection that cannot be made, a timeout, an answer with one of the statuses."
    },
    all_down = {
        order = 110,
        kind = "choice",
        choices = {"try", "fail"},
        fallback = "try",
        meaning = "What happens when every member is out: they are tried anyway, or the answer is 503 `no_peer_up`."
    },
    health_path = {order = 120, kind = "path", form = "a path that begins with /, of at most 1024 bytes, printable ASCII without blanks", meaning = "The path that active checks request. Without it, there are no checks."},
    health_interval = {
        order = 130,
        kind = "number",
        min = 0.5,
        max = 3600,
        unit = "s",
        fallback = "5",
        meaning = "How often one worker of each node checks each member."
    },
    health_timeout = {
        order = 140,
        kind = "number",
        min = 0.1,
        max = 60,
        unit = "s",
        fallback = "1",
        meaning = "How long a member may take to answer a check."
    },
    health_status = {
        order = 150,
        kind = "statuses",
        form = "statuses from 100 to 599 and classes from 1xx to 5xx, with blanks between",
        fallback = "2xx 3xx",
        meaning = "Which answers to a check count as good."
    },
    rise = {
        order = 160,
        kind = "integer",
        min = 1,
        max = 100,
        fallback = "2",
        meaning = "After how many good checks in a row a member that was out is up."
    },
    fall = {
        order = 170,
        kind = "integer",
        min = 1,
        max = 100,
        fallback = "3",
        meaning = "After how many bad checks in a row a member that was up is out."
    }
}
---
-- @returns the accepted values as a noun phrase: `an integer from 1 to 10`, `try or fail`
function ____exports.expectation(option)
    if option.kind == "choice" then
        return listed(option.choices)
    end
    if option.kind == "integer" or option.kind == "number" then
        return range(option)
    end
    return option.form
end
return ____exports
