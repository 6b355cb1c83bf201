local triesLeft = require("signpost.balance.first_try").triesLeft

-- What can become of a try over a kept connection.
local CLOSED = { status = 502, isConnected = true, isAnswered = false }
local FAILURES = {
  ["no connection"] = { status = 502, isConnected = false, isAnswered = false },
  ["no connection in time"] = { status = 504, isConnected = false, isAnswered = false },
  ["no answer in time"] = { status = 504, isConnected = true, isAnswered = false },
  ["an answer"] = { status = 503, isConnected = true, isAnswered = true },
}

describe("after its first try a request", function()
  it("has all its tries left if a kept connection may have been closed", function()
    assert.equal(1, triesLeft(1, CLOSED))
    assert.equal(3, triesLeft(3, CLOSED))
  end)

  it("has one less after any other end", function()
    for how, outcome in pairs(FAILURES) do
      assert.equal(0, triesLeft(1, outcome), how)
      assert.equal(2, triesLeft(3, outcome), how)
    end
    assert.equal(0, triesLeft(1, nil))
    assert.equal(2, triesLeft(3, nil))
  end)
end)
