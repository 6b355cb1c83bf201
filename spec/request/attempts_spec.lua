local attempts = require("signpost.request.attempts")

-- nginx's lists; of a time that is not given, every try has one.
local function lists(status, address, connectTime, headerTime)
  local times = status and status:gsub("%d+", "0.001")
  return { status = status, address = address, connectTime = connectTime or times, headerTime = headerTime or times }
end

local function statusOf(status, run, number)
  local attempt = attempts.attemptOf(lists(status, ""), run, number)
  return attempt and attempt.status
end

describe("nginx's lists of tries", function()
  it("say how many runs of proxy_pass there were", function()
    for status, count in pairs({
      [""] = 0, ["502"] = 1, ["502, 200"] = 1, ["502 : 200"] = 2, ["-"] = 1, ["502, 502 : -, 502 : 200"] = 3,
      ["502 : "] = 1, -- another try is being prepared
    }) do
      assert.equal(count, attempts.countRuns(status), status)
    end
    assert.equal(0, attempts.countRuns(nil))
  end)

  it("give each try of each run, and the last", function()
    local status = "502, 504, 200 : 503 : 500, 502"
    assert.same({ 502, 504, 200, 200 }, {
      statusOf(status, 0, 1), statusOf(status, 0, 2), statusOf(status, 0, 3), statusOf(status, 0, 0),
    })
    assert.same({ 503, 503 }, { statusOf(status, 1, 1), statusOf(status, 1, 0) })
    assert.same({ 500, 502, 502 }, { statusOf(status, 2, 1), statusOf(status, 2, 2), statusOf(status, 2, 0) })
  end)

  it("give nothing for a try or a run that was not", function()
    assert.is_nil(statusOf("502, 200", 0, 3))
    assert.is_nil(statusOf("502, 200", 1, 1))
    assert.is_nil(statusOf("502, 200", -1, 1))
    assert.is_nil(statusOf("", 0, 1))
    assert.is_nil(attempts.attemptOf(lists(nil, nil), 0, 0))
  end)

  it("give nothing for a try that came to no end, and those before it", function()
    assert.is_nil(statusOf("502, -", 0, 2))
    assert.is_nil(statusOf("502, -", 0, 0))
    assert.equal(502, statusOf("502, -", 0, 1))
    assert.equal(502, statusOf("502 : ", 0, 1))
  end)

  it("do not count a run without a try, whose name could not be resolved, as one of the next run", function()
    assert.equal(502, statusOf("-, 502, 200", 0, 1))
    assert.equal(200, statusOf("-, 502, 200", 0, 2))
    assert.equal(502, statusOf("502 : -, 502", 1, 1))
    local attempt = attempts.attemptOf(lists("502 : -, 504", "10.0.0.1:80 : , 10.0.0.2:80"), 1, 1)
    assert.same({ 504, "10.0.0.2:80" }, { attempt.status, attempt.address })
  end)

  it("say whether a try was connected, and whether the backend answered it", function()
    local tries = lists("502, 502, 200", "", "-, 0.001, 0.000", "-, -, 0.002")
    local refused, broken = attempts.attemptOf(tries, 0, 1), attempts.attemptOf(tries, 0, 2)
    local answered = attempts.attemptOf(tries, 0, 3)
    assert.same({ false, false }, { refused.isConnected, refused.isAnswered })
    assert.same({ true, false }, { broken.isConnected, broken.isAnswered })
    assert.same({ true, true }, { answered.isConnected, answered.isAnswered })
  end)

  it("say where the last try of a run went, whether it has ended or not", function()
    assert.equal("[fd00::5]:80", attempts.addressOf("10.0.0.1:80, [fd00::5]:80 : 10.0.0.3:80", 0))
    assert.equal("10.0.0.3:80", attempts.addressOf("10.0.0.1:80 : 10.0.0.3:80", 1))
    assert.equal("", attempts.addressOf(nil, 0))
    assert.is_nil(attempts.addressOf("10.0.0.1:80", 1))
  end)
end)
