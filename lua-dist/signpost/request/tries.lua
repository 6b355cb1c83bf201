--- The outcomes of a request's tries, from nginx's lists.
local ____exports = {}
local attempt, wentToIp, destination, namesPeer
local ____address = require("signpost.format.address")
local DEFAULT_PORT = ____address.DEFAULT_PORT
local ____attempts = require("signpost.request.attempts")
local addressOf = ____attempts.addressOf
local attemptOf = ____attempts.attemptOf
local countRuns = ____attempts.countRuns
function attempt(run, number, reader)
    local lists = {
        status = reader.statuses(),
        address = reader.addresses(),
        connectTime = reader.connectTimes(),
        headerTime = reader.headerTimes()
    }
    return attemptOf(lists, run, number)
end
--- Whether the try may have gone to the peer. An assignment whose request had no log phase of Signpost's may be found
-- by another request. IPv6 addresses are not compared: nginx writes some of them in another form.
function wentToIp(peer, tried)
    return tried.address == peer.hostPort or string.sub(peer.hostPort, 1, 1) == "["
end
--- Where `proxy_pass` has sent a request that goes by address. An IPv4 address is recognised by nginx's list. A name is
-- not, because the list has the address that it was resolved to; nor is IPv6, because nginx may write it in another
-- form. These two are recognised by what `proxy_pass` was given.
function destination(tried, reader)
    local ____tried_1 = tried
    local peer = ____tried_1.peer
    local run = ____tried_1.run
    if addressOf(
        reader.addresses(),
        run
    ) == peer.hostPort then
        return "peer"
    end
    local ipv4 = string.match(peer.hostPort, "^[%d.]+:")
    if ipv4 ~= nil then
        return "elsewhere"
    end
    local proxied = countRuns(reader.statuses()) == run + 1 and reader.proxiedTo() or ""
    if proxied == "" then
        return "unknown"
    end
    return namesPeer(proxied, peer) and "peer" or "elsewhere"
end
--- Whether `$proxy_host` is the peer's: nginx leaves out the port if it is the scheme's default.
function namesPeer(proxied, peer)
    local ____peer_2 = peer
    local hostPort = ____peer_2.hostPort
    local scheme = ____peer_2.scheme
    return proxied == hostPort or (proxied .. ":") .. tostring(DEFAULT_PORT[scheme]) == hostPort
end
---
-- @returns the outcome of the try before the one that the balancer is asked for
function ____exports.outcomeOfTry(tried, reader)
    return attempt(tried.run, tried.tries, reader)
end
--- Finds the outcome of the last try of an assignment that has ended.
-- 
-- Invariant: a try counts only if Signpost's balancer made it, or, for a peer that goes by address, if `proxy_pass`
-- made it to this peer. nginx's lists also hold the tries of other locations: of an `auth_request` that was denied and
-- led to a login, of `try_files`, of error pages. A try that may be another location's counts for no peer.
-- 
-- @returns nothing if there was no try, if it did not end, or if it may be another location's
function ____exports.outcomeOf(tried, reader)
    if not tried.isByAddress then
        local ____temp_0
        if tried.tries > 0 then
            ____temp_0 = attempt(tried.run, tried.tries, reader)
        else
            ____temp_0 = nil
        end
        local ours = ____temp_0
        return ours ~= nil and wentToIp(tried.peer, ours) and ours or nil
    end
    local last = attempt(tried.run, 0, reader)
    return last ~= nil and destination(tried, reader) == "peer" and last or nil
end
--- Whether nginx has sent the request to the peer, or tried to; true when that cannot be told.
function ____exports.wasTried(tried, reader)
    if not tried.isByAddress then
        return tried.tries > 0
    end
    return countRuns(reader.statuses()) > tried.run and destination(tried, reader) ~= "elsewhere"
end
return ____exports
