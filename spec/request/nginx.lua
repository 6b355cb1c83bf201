local ffi = require("ffi")

-- nginx for the specs, as far as a request has to do with it: variables, headers, a response, an address of its own. To
-- be required before what reads it.
local nginx = {}

local ENDED = {}

local function strict(what, object)
  return setmetatable(object, {
    __index = function(_, key)
      error(("the fake %s has no %s"):format(what, tostring(key)), 2)
    end,
  })
end

-- As nginx's: reading a variable that is not declared gives nil, and assigning to it raises.
local function variablesOf(values, declared)
  return setmetatable({}, {
    __index = values,
    __newindex = function(_, name, value)
      if not declared[name] then
        error(("variable %q not found for writing"):format(name), 2)
      end
      values[name] = value
    end,
  })
end

local CURRENT = {
  "upstream", "signpost_upstream", "signpost_scheme", "signpost_host", "signpost_forwarded_host", "signpost_route",
  "signpost_pool", "signpost_cache", "signpost_error",
}

local current

-- A request for nginx to work on. `given`: `variables`; `headers` as `ngx.req.get_headers` has them, `raw` as the
-- client sent them; `version` of HTTP; `isInternal`; `isSubrequest`; `address`, which no other request has meanwhile;
-- `undeclared`: names that its snippets do not know.
function nginx.request(given)
  local request = {
    variables = given.variables or {}, headers = given.headers or {}, raw = given.raw or "",
    version = given.version or 1.1, isInternal = given.isInternal or false,
    isSubrequest = given.isSubrequest or false, address = given.address or 4096, response = { headers = {} },
    isBodyBad = given.isBodyBad or false,
  }
  request.declared = {}
  for _, name in ipairs(CURRENT) do
    request.declared[name] = true
  end
  for _, name in ipairs(given.undeclared or {}) do
    request.declared[name] = nil
  end
  return request
end

-- Runs a phase of a request. As in nginx, `ngx.exit` and `ngx.redirect` end it. Returns what `phase` does.
function nginx.run(request, phase, ...)
  current = request
  rawset(_G, "ngx", nginx.global(request))
  local results = { pcall(phase, ...) }
  if not results[1] and results[2] ~= ENDED then
    error(results[2], 0)
  end
  return unpack(results, 2)
end

function nginx.global(request)
  local response = request.response
  local function finish(status, location)
    response.exit, response.location = status, location
    error(ENDED, 0)
  end
  local global = strict("ngx", {
    OK = 0, ERR = 4, WARN = 5, is_subrequest = request.isSubrequest,
    var = variablesOf(request.variables, request.declared),
    header = response.headers,
    exit = finish,
    redirect = function(location, status)
      finish(status, location)
    end,
    print = function(text)
      response.body = (response.body or "") .. text
      return 1
    end,
    log = function() end,
    now = function()
      return 1700000000
    end,
    md5 = function(text)
      return ("md5(%s)"):format(text)
    end,
    crc32_long = require("spec.support.crc32"),
    req = strict("ngx.req", {
      is_internal = function()
        return request.isInternal
      end,
      set_header = function(name, value)
        request.headers[name:lower()] = value
        request.variables["http_" .. name:lower():gsub("-", "_")] = value
      end,
      get_headers = function()
        return request.headers
      end,
      http_version = function()
        return request.version
      end,
      raw_header = function()
        assert(request.version < 2, "not with HTTP/2")
        return request.raw
      end,
      discard_body = function()
        if request.isBodyBad then
          error("client sent invalid chunked body", 0)
        end
      end,
    }),
  })
  return global
end

package.loaded["resty.core.base"] = {
  get_request = function()
    return ffi.cast("void *", current.address)
  end,
}
package.loaded["signpost.platform.random_bytes"] = {
  randomHex = function(count)
    return ("ab"):rep(count)
  end,
}
rawset(_G, "ngx", nginx.global(nginx.request({})))

return nginx
