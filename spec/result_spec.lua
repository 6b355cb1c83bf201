local FAILURES = require("signpost.result").FAILURES

describe("the failure words", function()
  it("have the statuses that were promised", function()
    local statuses = {}
    for word, failure in pairs(FAILURES) do
      statuses[word] = failure.status
    end
    assert.same({ no_route = 404, bad_route = 502, no_pool = 503, no_peer_up = 503, redis_down = 503, busy = 503,
      loop = 508, bad_host = 400, bad_path = 400 }, statuses)
  end)

  it("have a status from 400 to 599 each", function()
    for word, failure in pairs(FAILURES) do
      assert(failure.status >= 400 and failure.status <= 599 and failure.status % 1 == 0, word)
    end
  end)

  it("have a body of one line of plain ASCII each, with its line feed", function()
    for word, failure in pairs(FAILURES) do
      assert(failure.body:find("^[ -~]+\n$"), word)
    end
  end)

  it("tell the client to come again exactly where that is 503", function()
    for word, failure in pairs(FAILURES) do
      assert(failure.retry == (failure.status == 503), word)
    end
  end)
end)
