local nginx = require("spec.request.nginx")
local header = require("signpost.request.cdn_loop_header")

local ME = "signpost-me"

local function request(lines, more)
  local given = more or {}
  given.headers = { ["cdn-loop"] = lines }
  given.variables = { http_cdn_loop = type(lines) == "table" and lines[1] or lines }
  return nginx.request(given)
end

local function hop(...)
  return nginx.run(request(...), header.nextHop, ME)
end

local function sent(line)
  return { raw = "GET / HTTP/1.1\r\nHost: a.test\r\n" .. (line and "cdn-Loop: " .. line .. "\r\n" or "") .. "\r\n" }
end

describe("the CDN-Loop header that is sent on", function()
  it("has this node's id, after those that are there", function()
    assert.equal(ME, hop(nil))
    assert.equal("other-cdn; a=1, " .. ME, hop("other-cdn; a=1"))
    assert.equal("one, signpost-two, " .. ME, hop({ "one", "signpost-two" }))
  end)

  it("is none if the client sent this node's id: the request has been here", function()
    assert.is_nil(hop(ME, sent(ME)))
    assert.is_nil(hop("x, " .. ME, { version = 2 }))
  end)

  it("stays as it is if this node has added its id for the same request", function()
    local redirected = sent(nil)
    redirected.isInternal = true
    assert.equal("", hop(ME, redirected))
    assert.equal("x, " .. ME .. ", " .. ME, hop("x, " .. ME, { version = 2, isInternal = true }))
  end)

  it("is none after ten nodes", function()
    local nine = ("signpost-x, "):rep(9):sub(1, -3)
    assert.equal(nine .. ", " .. ME, hop(nine))
    assert.is_nil(hop(nine .. ", signpost-y"))
  end)
end)

describe("a request that some Signpost node has sent", function()
  it("is known by its header", function()
    assert.is_true(nginx.run(request("signpost-other"), header.hasPassedNode, ME))
    assert.is_false(nginx.run(request("other"), header.hasPassedNode, ME))
    assert.is_false(nginx.run(request(nil), header.hasPassedNode, ME))
  end)
end)
