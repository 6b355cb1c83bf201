local addresses = require("signpost.format.address")
local newPeer = require("signpost.balance.peer").newPeer
local tries = require("signpost.request.tries")

-- Reads nginx's lists as they are given; of a time that is not given, every try with a status has one.
local function reader(given)
  local times = given.statuses and given.statuses:gsub("%d+", "0.001")
  return {
    statuses = function()
      return given.statuses
    end,
    addresses = function()
      return given.addresses
    end,
    connectTimes = function()
      return given.connectTimes or times
    end,
    headerTimes = function()
      return given.headerTimes or times
    end,
    proxiedTo = function()
      return given.proxiedTo or ""
    end,
  }
end

local function peer(text)
  return newPeer(assert(addresses.parseAddress(text)), 1)
end

-- An assignment to a peer of the upstream block, tried so often in the run of that index.
local function balanced(text, count, run)
  return { peer = peer(text), isByAddress = false, tries = count, run = run or 0 }
end

local function byAddress(text, run)
  return { peer = peer(text), isByAddress = true, tries = 0, run = run or 0 }
end

local function statusOf(tried, given)
  local outcome = tries.outcomeOf(tried, reader(given))
  return outcome and outcome.status
end

local function wasTried(tried, given)
  return tries.wasTried(tried, reader(given))
end

local ONE = { statuses = "502", addresses = "10.0.0.1:80" }

describe("the outcome of a balanced request", function()
  it("is that of its last try", function()
    assert.equal(502, statusOf(balanced("10.0.0.1", 1), ONE))
    local two = { statuses = "502, 200", addresses = "10.0.0.2:80, 10.0.0.1:80" }
    assert.equal(200, statusOf(balanced("10.0.0.1", 2), two))
    assert.equal(502, tries.outcomeOfTry(balanced("10.0.0.1", 1), reader(two)).status)
  end)

  it("says whether the try was connected and answered", function()
    local outcome = tries.outcomeOf(balanced("10.0.0.1", 1), reader({
      statuses = "502", addresses = "10.0.0.1:80", connectTimes = "0.001", headerTimes = "-",
    }))
    assert.same({ true, false }, { outcome.isConnected, outcome.isAnswered })
  end)

  it("is none while the balancer was not asked, whatever other locations have tried", function()
    assert.is_nil(statusOf(balanced("10.0.0.1", 0), ONE))
    assert.is_false(wasTried(balanced("10.0.0.1", 0), ONE))
  end)

  it("is none if the try came to no end", function()
    assert.is_nil(statusOf(balanced("10.0.0.1", 1), { statuses = "-", addresses = "10.0.0.1:80" }))
    assert.is_true(wasTried(balanced("10.0.0.1", 1), { statuses = "-", addresses = "10.0.0.1:80" }))
  end)

  it("is none if another location's try is found in its place", function()
    assert.is_nil(statusOf(balanced("10.0.0.9", 1), ONE))
  end)

  it("is its own run's", function()
    local runs = { statuses = "500 : 503", addresses = "10.0.0.1:80 : 10.0.0.1:80" }
    assert.equal(500, statusOf(balanced("10.0.0.1", 1, 0), runs))
    assert.equal(503, statusOf(balanced("10.0.0.1", 1, 1), runs))
    assert.is_nil(statusOf(balanced("10.0.0.1", 1, 2), runs))
    assert.is_nil(statusOf(balanced("10.0.0.1", 1, -1), runs))
  end)

  it("is taken for the peer's without a comparison if that is IPv6, which nginx may write in another form", function()
    local other = { statuses = "503", addresses = "[fd00:0::5]:80" }
    assert.equal(503, statusOf(balanced("[fd00::5]", 1), other))
  end)
end)

describe("the outcome of a request that goes by address", function()
  it("is that of the last try, if nginx's list has the peer's address", function()
    assert.equal(502, statusOf(byAddress("10.0.0.1"), ONE))
    assert.is_true(wasTried(byAddress("10.0.0.1"), ONE))
  end)

  it("is none if an IPv4 address is another one", function()
    assert.is_nil(statusOf(byAddress("10.0.0.2"), ONE))
    assert.is_false(wasTried(byAddress("10.0.0.2"), ONE))
  end)

  it("is a name's if proxy_pass was given that name", function()
    local function named(proxiedTo)
      return { statuses = "502", addresses = "10.0.0.1:80", proxiedTo = proxiedTo }
    end
    assert.equal(502, statusOf(byAddress("app.test:8080"), named("app.test:8080")))
    assert.equal(502, statusOf(byAddress("app.test"), named("app.test")))
    assert.equal(502, statusOf(byAddress("https://app.test"), named("app.test")))
    assert.is_nil(statusOf(byAddress("app.test"), named("other.test")))
    assert.is_false(wasTried(byAddress("app.test"), named("other.test")))
    assert.is_nil(statusOf(byAddress("https://app.test"), named("app.test:80")))
    assert.equal(502, statusOf(byAddress("[fd00::5]"), named("[fd00::5]")))
  end)

  it("counts for nobody, but as tried, if nothing says what proxy_pass was given", function()
    assert.is_nil(statusOf(byAddress("app.test"), ONE))
    assert.is_true(wasTried(byAddress("app.test"), ONE))
  end)

  it("is not a later run's", function()
    local runs = { statuses = "502 : 200", addresses = "10.0.0.1:80 : 10.0.0.2:80", proxiedTo = "app.test" }
    assert.is_nil(statusOf(byAddress("app.test", 0), runs))
    assert.equal(200, statusOf(byAddress("app.test", 1), runs))
    assert.equal(502, statusOf(byAddress("10.0.0.1", 0), runs))
    assert.is_nil(statusOf(byAddress("10.0.0.1", 1), runs))
  end)

  it("is none if there was no run", function()
    assert.is_nil(statusOf(byAddress("10.0.0.1"), {}))
    assert.is_false(wasTried(byAddress("app.test"), {}))
    assert.is_false(wasTried(byAddress("app.test", 1), { statuses = "502", addresses = "10.0.0.1:80" }))
  end)
end)
