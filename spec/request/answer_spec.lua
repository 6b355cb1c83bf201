local nginx = require("spec.request.nginx")
local answer = require("signpost.request.answer")

local function answered(given, ...)
  local request = nginx.request(given)
  nginx.run(request, ...)
  return request.response, request.variables
end

describe("a failure word's answer", function()
  local TEXT = { writer = "text", retryAfter = 7 }
  local BY_NGINX = { writer = "nginx", retryAfter = 7 }

  it("is a line of text with the word's status", function()
    local given = { variables = { signpost_error = "" } }
    local response, variables = answered(given, answer.answerFailure, "no_route", TEXT)
    assert.same({
      status = nil, exit = 0, body = "no route for this host\n",
      headers = { ["Content-Type"] = "text/plain", ["Content-Length"] = 23 },
    }, response)
    assert.same({ "no_route", "" }, { variables.signpost_error, variables.signpost_route })
    assert.equal(404, _G.ngx.status)
  end)

  it("says when to come again where that helps, and leaves the route that matched", function()
    local given = { variables = { signpost_error = "", signpost_route = "a.test" } }
    local response, variables = answered(given, answer.answerFailure, "no_peer_up", TEXT)
    assert.equal(7, response.headers["Retry-After"])
    assert.same({ "no_peer_up", "a.test" }, { variables.signpost_error, variables.signpost_route })
  end)

  it("is nginx's page where that is wanted, but for an error page that is refused, too", function()
    local response = answered({ variables = { signpost_error = "" } }, answer.answerFailure, "busy", BY_NGINX)
    assert.same({ exit = 503, headers = { ["Retry-After"] = 7 } }, response)
    response = answered({ variables = { signpost_error = "busy" } }, answer.answerFailure, "no_route", BY_NGINX)
    assert.same({ 0, "no route for this host\n" }, { response.exit, response.body })
  end)

  it("is 400 for a body that is malformed", function()
    assert.same({ exit = 400, headers = {} }, (answered({ isBodyBad = true }, answer.answerFailure, "busy", TEXT)))
  end)
end)

describe("an answer of the route's own", function()
  it("is nginx's, a status or a redirect", function()
    assert.equal(410, answered({}, answer.answerHere, 410).exit)
    local response = answered({}, answer.answerHere, 301, "https://b.test/")
    assert.same({ 301, "https://b.test/" }, { response.exit, response.location })
  end)
end)
