local ____exports = {}
--- Every failure word's answer: a new word without a status does not compile.
____exports.FAILURES = {
    no_route = {status = 404, body = "no route for this host\n", retry = false},
    bad_route = {status = 502, body = "the route for this host cannot be used\n", retry = false},
    no_pool = {status = 503, body = "the route's pool does not exist\n", retry = true},
    no_peer_up = {status = 503, body = "no backend of this route is up\n", retry = true},
    redis_down = {status = 503, body = "the route table cannot be reached\n", retry = true},
    loop = {status = 508, body = "the route for this host leads back here\n", retry = false},
    busy = {status = 503, body = "too many look-ups at once\n", retry = true},
    bad_host = {status = 400, body = "this is no host name\n", retry = false},
    bad_path = {status = 400, body = "this path can be read in more than one way\n", retry = false}
}
return ____exports
