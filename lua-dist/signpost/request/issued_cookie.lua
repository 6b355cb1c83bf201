--- The cookie that makes a client's later requests go to the peer of this one. Nobody can guess another client's: each
-- is the digest of a secret and a number.
local ____exports = {}
local valueGiven, cookieLines
local ____random_bytes = require("signpost.platform.random_bytes")
local randomHex = ____random_bytes.randomHex
local ____client_scheme = require("signpost.request.client_scheme")
local isHttps = ____client_scheme.isHttps
--- @returns the value that a response's lines give a cookie
function valueGiven(name, lines)
    for ____, line in ipairs(lines) do
        if string.sub(line, 1, #name + 1) == name .. "=" then
            local value = string.match(
                string.sub(line, #name + 2),
                "^[^;]*"
            )
            return value
        end
    end
    return nil
end
--- @returns the `Set-Cookie` lines that the response has so far
function cookieLines()
    local lines = ngx.header["Set-Cookie"]
    if lines == nil then
        return {}
    end
    return type(lines) == "table" and lines or ({tostring(lines)})
end
local SECRET_BYTES = 32
--- This worker's secret. Made for its first cookie, because workers that are forked later must not share it.
local secret
--- How many values this worker has made.
local count = 0
--- Makes a value for a cookie. A request that an internal redirect has brought here again keeps the value that its
-- response already has.
-- 
-- @returns nothing if the system has no random bytes
function ____exports.newCookie(name)
    local given = valueGiven(
        name,
        cookieLines()
    )
    if given ~= nil then
        return given
    end
    if secret == nil then
        secret = randomHex(SECRET_BYTES)
    end
    if secret == nil then
        return nil
    end
    count = count + 1
    return ngx.md5((((secret .. " ") .. tostring(count)) .. " ") .. secret)
end
--- Gives the client a cookie, unless its response has that cookie already.
function ____exports.giveCookie(name, value)
    local lines = cookieLines()
    if valueGiven(name, lines) == nil then
        lines[#lines + 1] = (((name .. "=") .. value) .. "; Path=/; HttpOnly; SameSite=Lax") .. (isHttps() and "; Secure" or "")
        ngx.header["Set-Cookie"] = lines
    end
end
return ____exports
