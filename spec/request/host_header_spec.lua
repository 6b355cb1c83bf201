local nginx = require("spec.request.nginx")
local correctHost = require("signpost.request.host_header").correctHost

-- What is sent as Host and as X-Forwarded-Host in place of the client's; nothing if that stays.
local function corrected(host, header, more)
  local variables = more or {}
  variables.http_host = header
  nginx.run(nginx.request({ variables = variables }), correctHost, host)
  assert.equal(variables.signpost_host, variables.signpost_forwarded_host)
  return variables.signpost_host
end

describe("the Host header", function()
  it("stays if it names the host, in whatever case, with a port or a final dot", function()
    for _, header in ipairs({ "a.test", "A.Test", "a.test:8080", "a.test.", "A.TEST.:80" }) do
      assert.is_nil(corrected("a.test", header), header)
    end
    assert.is_nil(corrected("[fd00::5]", "[FD00::5]:80"))
  end)

  it("says the host that the request is routed by if it names another", function()
    assert.equal("a.test", corrected("a.test", "b.test"))
    assert.equal("a.test", corrected("a.test", nil))
  end)

  it("says what a target in absolute form names, with its port", function()
    assert.equal("a.test:8080", corrected("a.test", "b.test", { request = "GET http://a.test:8080/x HTTP/1.1" }))
  end)

  it("says the address that was asked where there is no host at all", function()
    assert.equal("127.0.0.1", corrected("", nil, { server_addr = "127.0.0.1", request = "GET / HTTP/1.0" }))
  end)
end)
