local checksOf = require("signpost.health.checks").checksOf
local hasStatus = require("signpost.format.option_values").hasStatus
local pools = require("spec.balance.pools")

-- The only check of a pool with these options besides its path.
local function only(options, member)
  options.health_path = options.health_path or "/up"
  options[member or "10.0.0.1:8080"] = "1"
  local checks = checksOf("web", pools.of(options))
  assert.equal(1, #checks)
  return checks[1]
end

describe("the checks of a pool", function()
  it("are none without health_path", function()
    assert.same({}, checksOf("web", pools.of({ ["10.0.0.1:8080"] = "1" })))
  end)

  it("are one for each member that gets requests", function()
    local checks = checksOf("web", pools.of({
      ["10.0.0.1:8080"] = "1",
      ["10.0.0.2:8080"] = "0",
      ["https://app.internal"] = "3",
      ["[fd00::1]:81"] = "1",
      health_path = "/up",
    }))
    local peers = {}
    for i, check in ipairs(checks) do
      peers[i] = check.peer
    end
    assert.same({ "10.0.0.1:8080", "[fd00::1]:81", "https://app.internal:443" }, peers)
  end)

  it("ask each member at its own address, wherever backup members stand among them", function()
    local checks = checksOf("web", pools.of({
      ["10.0.0.1:8080"] = "1 backup",
      ["10.0.0.2:8080"] = "1",
      health_path = "/up",
    }))
    assert.equal(2, #checks)
    for _, check in ipairs(checks) do
      assert.equal(check.peer, check.address.host .. ":" .. check.address.port)
    end
  end)

  it("are as the pool's options say", function()
    local check = only({
      health_path = "/up?deep=1",
      health_interval = "2.5",
      health_timeout = "0.25",
      health_status = "204 3xx",
      rise = "4",
      fall = "5",
    })
    assert.equal("/up?deep=1", check.path)
    assert.same({ 2.5, 0.25, 4, 5 }, { check.interval, check.timeout, check.rise, check.fall })
    assert.is_true(hasStatus(check.statuses, 204))
    assert.is_true(hasStatus(check.statuses, 302))
    assert.is_false(hasStatus(check.statuses, 200))
  end)

  it("ask for the pool's host, or else for the member itself", function()
    assert.equal("shop.example.com", only({ host = "shop.example.com" }).hostHeader)
    assert.equal("10.0.0.1:8080", only({}).hostHeader)
    assert.equal("[fd00::1]:80", only({}, "[fd00::1]").hostHeader)
    assert.equal("app.internal:443", only({}, "https://app.internal").hostHeader)
  end)

  it("are the same in two pools if all that is asked and made of it is", function()
    local before = only({ health_status = "204 3xx" })
    assert.equal(before.id, only({ health_status = "3xx 204", balance = "least_conn", tries = "1" }).id)
  end)

  it("are different ones if any of it differs", function()
    local ids, count = {}, 0
    for _, options in ipairs({
      {},
      { health_path = "/" },
      { host = "a.test" },
      { health_interval = "6" },
      { health_timeout = "6" },
      { health_status = "2xx" },
      { health_status = "200" },
      { rise = "7" },
      { fall = "7" },
    }) do
      ids[only(options).id] = true
      count = count + 1
    end
    ids[only({}, "https://10.0.0.1:8080").id] = true
    local different = 0
    for _ in pairs(ids) do
      different = different + 1
    end
    assert.equal(count + 1, different)
  end)
end)
