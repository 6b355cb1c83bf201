local ____exports = {}
local linesSoFar
local ____random_bytes = require("signpost.platform.random_bytes")
local randomHex = ____random_bytes.randomHex
local ____client_scheme = require("signpost.request.client_scheme")
local isHttps = ____client_scheme.isHttps
function linesSoFar()
    local lines = ngx.header["Set-Cookie"]
    if lines == nil then
        return {}
    end
    return type(lines) == "table" and lines or ({tostring(lines)})
end
local SECRET_BYTES = 32
--- Of this worker; read when the first cookie is issued, after workers have been forked.
local secret
local count = 0
--- Gives the client a cookie by which its later requests will go where this one goes. Nobody can guess another's: each is
-- the digest of a secret and a number. A request that an internal redirect brings here again keeps the cookie it has got.
-- 
-- @returns the cookie's value; nothing where there is nothing random to make it of
function ____exports.issueCookie(name)
    local lines = linesSoFar()
    for ____, line in ipairs(lines) do
        if string.sub(line, 1, #name + 1) == name .. "=" then
            local issued = string.match(
                string.sub(line, #name + 2),
                "^[^;]*"
            )
            return issued
        end
    end
    if secret == nil then
        secret = randomHex(SECRET_BYTES)
    end
    if secret == nil then
        return nil
    end
    count = count + 1
    local value = ngx.md5((((secret .. " ") .. tostring(count)) .. " ") .. secret)
    lines[#lines + 1] = (((name .. "=") .. value) .. "; Path=/; HttpOnly; SameSite=Lax") .. (isHttps() and "; Secure" or "")
    ngx.header["Set-Cookie"] = lines
    return value
end
return ____exports
