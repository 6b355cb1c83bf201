local fakes = require("spec.support.fakes")
local nginx = require("spec.request.nginx")

-- A worker: it reads once whether the http snippet is a new one.
local function newWorker()
  package.loaded["signpost.request.snippet_versions"] = nil
  return require("signpost.request.snippet_versions")
end

local CURRENT = {
  signpost_http_version = "0.2.0", signpost_location_version = "0.2.0", signpost_server_version = "0.2.0",
}

local function variables(more)
  local values = {}
  for name, value in pairs(CURRENT) do
    values[name] = value
  end
  for name, value in pairs(more) do
    values[name] = value ~= "" and value or nil
  end
  return values
end

describe("the check of the snippets", function()
  local state, said
  before_each(function()
    state, said = fakes.dict(), {}
  end)

  local function check(values, worker)
    local log = { warn = function(message)
      said[#said + 1] = message
    end }
    local run = (worker or newWorker()).snippetCheck(state, log)
    nginx.run(nginx.request({ variables = values }), run)
    return run
  end

  it("says nothing of those of this version", function()
    check(variables({}))
    assert.same({}, said)
  end)

  it("says what those of 0.1.0 lack, which have no version", function()
    check({})
    assert.equal(2, #said)
    assert(said[1]:find("^signpost.http.conf is of version 0.1.0: "))
    assert(said[2]:find("^signpost.location.conf is of version 0.1.0: "))
  end)

  it("says that the server snippet is missing beside a location snippet that needs it", function()
    check(variables({ signpost_server_version = "" }))
    assert.equal(1, #said)
    assert(said[1]:find("^signpost.server.conf is not included"))
  end)

  it("says it at a worker's first request, once for all workers, and again after a reload", function()
    local run = check({})
    nginx.run(nginx.request({}), run)
    check({})
    assert.equal(2, #said)
    newWorker().expectSnippetCheck(state)
    check({})
    assert.equal(4, #said)
  end)
end)

describe("the snippets", function()
  local function asked(name, values)
    return nginx.run(nginx.request({ variables = values }), newWorker()[name])
  end

  it("verify https backends: the server's, or the location's of 0.1.0", function()
    assert.is_true(asked("isVerified", variables({})))
    assert.is_true(asked("isVerified", {}))
    assert.is_false(asked("isVerified", variables({ signpost_server_version = "" })))
  end)

  it("have a variable of Signpost's own for proxy_pass since 0.2.0", function()
    assert.is_true(asked("hasOwnUpstream", variables({})))
    assert.is_false(asked("hasOwnUpstream", {}))
  end)
end)
