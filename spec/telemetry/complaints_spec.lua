local fakes = require("spec.support.fakes")
local complaints = require("signpost.telemetry.complaints").complaints
local keys = require("spec.support.usual_keys")

describe("complaints", function()
  local state, log, tally, told
  before_each(function()
    state, log, tally = fakes.dict(), fakes.log(), fakes.tally()
    told = complaints(state, log, tally.count, tally.of, keys)
  end)

  it("name the key as redis-cli would, the reason, and that nothing serves", function()
    told.bad("a.com", "byte 1: expected a target, got nothing", nil)
    assert.same({ { "error",
      "bad_route route:a.com: byte 1: expected a target, got nothing; it has no last good value" } }, log.lines)
  end)

  it("name the last good value where one serves", function()
    told.bad("a.com", "expected a port", "10.0.0.5:8080")
    assert.same({ { "error", "bad_route route:a.com: expected a port; its last good value serves: 10.0.0.5:8080" } },
      log.lines)
  end)

  it("hold nothing but printable ASCII, whatever bytes the key and its last good value have", function()
    told.bad("m\195\188nchen.test", "expected a port", "\n/\195\164\t@api")
    assert.same({ { "error", "bad_route route:m\\xC3\\xBCnchen.test: expected a port; " ..
      "its last good value serves: /\\xC3\\xA4 @api" } }, log.lines)
  end)

  it("of a pool say bad_pool, and the pool's own key", function()
    told.bad("@web", "expected a member, got none", nil)
    assert.same({ { "error", "bad_pool pool:web: expected a member, got none; it has no last good value" } }, log.lines)
  end)

  it("show the last good value of a hash on one line, and of a long one only so much", function()
    told.bad("a.com", "one", "\n/\t10.0.0.5:80\n/api\t@api")
    told.bad("@web", "one", ("\n10.0.0.5:80\t1"):rep(1000))
    assert.equal("bad_route route:a.com: one; its last good value serves: / 10.0.0.5:80, /api @api", log.lines[1][2])
    local line = log.lines[2][2]
    assert.matches("10.0.0.5:80 1, 10.0.0.5:80 1, ", line, 1, true)
    assert.matches("%.%.%.$", line)
    assert(#line < 300 and not line:find("[\n\t]"), line)
  end)

  it("are made and counted once, however often the same is read", function()
    for _ = 1, 10 do
      told.bad("a.com", "one", nil)
    end
    assert.equal(1, #log.lines)
    assert.equal(1, tally.of("bad_routes"))
  end)

  it("are made once for all workers of a node", function()
    told.bad("a.com", "one", nil)
    complaints(state, log, tally.count, tally.of, keys).bad("a.com", "one", nil)
    assert.equal(1, #log.lines)
  end)

  it("are made again when the reason is another", function()
    told.bad("a.com", "one", nil)
    told.bad("a.com", "two", nil)
    assert.equal(2, #log.lines)
    assert.equal(2, tally.of("bad_routes"))
  end)

  it("are made for each route by itself", function()
    told.bad("a.com", "one", nil)
    told.bad("b.com", "one", nil)
    told.bad("a.com", "one", nil)
    assert.equal(2, #log.lines)
  end)

  it("are made again after the route was mended, for the same reason too", function()
    told.bad("a.com", "one", nil)
    told.good("a.com")
    told.bad("a.com", "one", nil)
    assert.equal(2, #log.lines)
    assert.equal(2, tally.of("bad_routes"))
  end)

  it("leave nothing behind once mended", function()
    told.bad("a.com", "one", nil)
    told.good("a.com")
    assert.equal(0, state.size())
  end)

  it("are not silenced by a route that was always good", function()
    told.good("a.com")
    told.bad("b.com", "one", nil)
    told.good("a.com")
    told.bad("b.com", "one", nil)
    assert.equal(1, #log.lines)
  end)

  it("are remembered for a bounded number of names, and are rather made again beyond", function()
    for i = 1, 3000 do
      told.bad(i .. ".com", "one", nil)
    end
    assert.equal(3000, #log.lines)
    assert.is_true(state.size() <= 1000)
    for i = 1, 3000 do
      told.good(i .. ".com")
    end
    assert.equal(0, state.size())
  end)

  it("of many names are each made once", function()
    for _ = 1, 3 do
      for i = 1, 100 do
        told.bad(i .. ".com", "one", nil)
      end
    end
    assert.equal(100, #log.lines)
  end)

  it("say to the log which name they are about, for it to limit them", function()
    local about
    told = complaints(state, { error = function(_, name) about = name end }, tally.count, tally.of, keys)
    told.bad("a.com", "one", nil)
    assert.equal("a.com", about)
  end)

  it("take nothing else's room in a full dict: they are rather said again", function()
    state = fakes.dict(1)
    state:set("another's", 7)
    told = complaints(state, log, tally.count, tally.of, keys)
    told.bad("a.com", "one", nil)
    told.bad("a.com", "one", nil)
    assert.equal(2, #log.lines)
    assert.equal(7, state:get("another's"))
  end)

  it("are made, rather too often than not at all, where there is no room to remember them", function()
    state.refuse()
    told.bad("a.com", "one", nil)
    told.bad("a.com", "one", nil)
    assert.equal(2, #log.lines)
  end)
end)
