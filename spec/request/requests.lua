local crc32 = require("spec.support.crc32")

-- Requests for the specs, as decisions read them (src/signpost/request/request_reader.ts).
local requests = {}

-- `given`: what differs from a GET of / by http from a client at 198.51.100.7. `variables` are nginx's, by name;
-- `looped` says that the request has been here before. What was asked for is in `asked`, by the function's name.
function requests.of(given)
  given = given or {}
  local target = given.target or given.uri or "/"
  local values = {
    host = given.host or "a.test",
    uri = given.uri or "/",
    target = target,
    args = given.args or target:match("%?(.*)") or "",
    isInternal = given.isInternal or false,
    method = given.method or "GET",
    hasBody = given.hasBody or false,
    scheme = given.scheme or "http",
    hostHeader = given.hostHeader or given.host or "a.test",
    hasFreshBlock = given.hasFreshBlock ~= false,
    isVerified = given.isVerified ~= false,
  }
  local reader = { asked = {} }
  for name, value in pairs(values) do
    reader[name] = function()
      reader.asked[name] = true
      return value
    end
  end
  local variables = given.variables or {}
  function reader.variable(name)
    reader.asked[name] = true
    return name == "remote_addr" and "198.51.100.7" or variables[name]
  end
  function reader.newCookie(name)
    return given.noRandom ~= true and "new-" .. name or nil
  end
  function reader.nextHop(nodeId)
    if given.looped then
      return nil
    end
    return nodeId
  end
  reader.hash = crc32
  return reader
end

return requests
