local nginx = require("spec.request.nginx")
local cookie = require("signpost.request.issued_cookie")

local function linesAfter(request, ...)
  nginx.run(request, ...)
  return request.response.headers["Set-Cookie"]
end

describe("an issued cookie", function()
  it("has another value for each request", function()
    local one, other = nginx.request({}), nginx.request({})
    assert.are_not.equal(nginx.run(one, cookie.newCookie, "id"), nginx.run(other, cookie.newCookie, "id"))
  end)

  it("is given in a line beside others, and marked secure where the client speaks https", function()
    local request = nginx.request({ variables = { scheme = "http" } })
    request.response.headers["Set-Cookie"] = "other=1"
    assert.same({ "other=1", "id=v; Path=/; HttpOnly; SameSite=Lax" },
      linesAfter(request, cookie.giveCookie, "id", "v"))
    local secure = nginx.request({ variables = { scheme = "http", signpost_forwarded_proto = "HTTPS" } })
    assert.same({ "id=v; Path=/; HttpOnly; SameSite=Lax; Secure" }, linesAfter(secure, cookie.giveCookie, "id", "v"))
  end)

  it("keeps the value that the response has already", function()
    local request = nginx.request({ variables = { scheme = "http" } })
    nginx.run(request, cookie.giveCookie, "id", "first")
    assert.equal("first", nginx.run(request, cookie.newCookie, "id"))
    assert.same({ "id=first; Path=/; HttpOnly; SameSite=Lax" }, linesAfter(request, cookie.giveCookie, "id", "second"))
    assert.are_not.equal("first", nginx.run(request, cookie.newCookie, "i"))
  end)
end)
