local fakes = require("spec.support.fakes")
local wanted_checks = require("signpost.health.wanted_checks")

describe("the pools that are checked", function()
  local clock, state, pools
  before_each(function()
    clock = fakes.clock()
    state = fakes.dict(nil, clock)
    pools = wanted_checks.wantedPools(state, clock.now)
  end)

  local function newWorker()
    return wanted_checks.wantChecks(state, clock.now)
  end

  local function said()
    return (state:llen("wanted"))
  end

  local function names()
    local sorted = { unpack(pools.names()) }
    table.sort(sorted)
    return sorted
  end

  it("are none while none is used", function()
    assert.same({}, names())
  end)

  it("are those that any worker sees used", function()
    local one, other = newWorker(), newWorker()
    one("web")
    one("api")
    other("web")
    other("123")
    assert.same({ "123", "api", "web" }, names())
    assert.equal(0, said())
  end)

  it("are checked for a minute after they were last used", function()
    local use = newWorker()
    use("web")
    assert.same({ "web" }, names())
    clock.turn(50)
    use("api")
    assert.same({ "api", "web" }, names())
    clock.turn(9)
    assert.same({ "api", "web" }, names())
    clock.turn(1)
    assert.same({ "api" }, names())
    clock.turn(50)
    assert.same({}, names())
  end)

  it("are checked for as long as they are used", function()
    local use = newWorker()
    for _ = 1, 1000 do
      use("web")
      clock.turn(0.5)
      assert.same({ "web" }, names())
    end
  end)

  it("come as the same table until they are others", function()
    local use = newWorker()
    use("web")
    local before = pools.names()
    clock.turn(25)
    use("web")
    assert.equal(before, pools.names())
    use("api")
    assert.not_equal(before, pools.names())
  end)

  it("are said once in 20 s by each worker, however many requests use them", function()
    local use = newWorker()
    for _ = 1, 2000 do
      use("web")
      clock.turn(0.01)
    end
    assert.equal(1, said())
    clock.turn(0.1)
    use("web")
    assert.equal(2, said())
  end)

  it("are no longer said than a list of 1,000 goes, but as soon as there is room", function()
    local use = newWorker()
    for i = 1, 1500 do
      use("pool " .. i)
    end
    assert.equal(1000, said())
    assert.equal(1000, #names())
    for i = 1, 1500 do
      use("pool " .. i)
    end
    assert.equal(500, said())
    assert.equal(1500, #names())
  end)

  it("are said later where the dict has no room now", function()
    local use = newWorker()
    state.refuse()
    use("web")
    assert.same({}, names())
    state.accept()
    use("web")
    assert.same({ "web" }, names())
  end)

  describe("when another worker becomes the one that checks", function()
    before_each(function()
      newWorker()("web")
      newWorker()("api")
      names()
      clock.turn(10)
    end)

    it("are the same, though nobody says them again", function()
      pools = wanted_checks.wantedPools(state, clock.now)
      assert.same({ "api", "web" }, names())
      newWorker()("new")
      assert.same({ "api", "new", "web" }, names())
      pools = wanted_checks.wantedPools(state, clock.now)
      assert.same({ "api", "new", "web" }, names())
    end)

    it("are kept for a minute then, if nobody uses them", function()
      pools = wanted_checks.wantedPools(state, clock.now)
      names()
      clock.turn(59)
      assert.same({ "api", "web" }, names())
      clock.turn(1)
      assert.same({}, names())
      pools = wanted_checks.wantedPools(state, clock.now)
      assert.same({}, names())
    end)

    it("are the same for one that was it before", function()
      local first = pools
      first.forget()
      pools = wanted_checks.wantedPools(state, clock.now)
      newWorker()("new")
      clock.turn(55)
      assert.same({ "api", "new", "web" }, names())
      pools.forget()
      pools = first
      assert.same({ "api", "new", "web" }, names())
    end)

    it("are soon said by workers if there was no room to leave them", function()
      clock.turn(60)
      names()
      local use = newWorker()
      use("web")
      state.refuse()
      names()
      pools = wanted_checks.wantedPools(state, clock.now)
      state.accept()
      assert.same({}, names())
      clock.turn(20)
      use("web")
      assert.same({ "web" }, names())
    end)
  end)

  it("are known again soon after the clock was set back", function()
    local use = newWorker()
    use("web")
    assert.same({ "web" }, names())
    clock.turn(-100000)
    use("web")
    assert.same({ "web" }, names())
    clock.turn(60)
    assert.same({}, names())
  end)

  it("leave nothing behind when they come and go", function()
    local use = newWorker()
    collectgarbage()
    local before
    for i = 1, 10000 do
      use("pool " .. i)
      clock.turn(1)
      assert(#pools.names() <= 61)
      if i == 1000 then
        collectgarbage()
        before = collectgarbage("count")
      end
    end
    collectgarbage()
    assert(collectgarbage("count") - before < 50, "more memory is in use than after 1,000 pools")
  end)
end)
