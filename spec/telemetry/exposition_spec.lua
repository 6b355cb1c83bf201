local fakes = require("spec.support.fakes")
local counters = require("signpost.state.counters")
local exposition = require("signpost.telemetry.exposition").exposition

local function linesOf(text)
  local lines = {}
  for line in text:gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line
  end
  return lines
end

describe("the exposition", function()
  local state
  before_each(function()
    state = fakes.dict()
  end)

  it("has three lines for each counter: what it means, that it is a counter, and its value", function()
    local count = counters.counting(state)
    count("busy")
    count("busy")
    local text = exposition(state)
    assert.matches("# HELP signpost_busy_total look-ups refused because max_lookups were under way\n" ..
      "# TYPE signpost_busy_total counter\nsignpost_busy_total 2\n", text, 1, true)
  end)

  it("has every counter, also one that never counted, by name", function()
    local names, expected = {}, {}
    for _, line in ipairs(linesOf(exposition(state))) do
      names[#names + 1] = line:match("^signpost_([a-z_]+)_total 0$")
    end
    for counter in pairs(counters.COUNTERS) do
      expected[#expected + 1] = counter
    end
    table.sort(expected)
    assert.same(expected, names)
  end)

  it("says whether changes are pushed", function()
    assert.matches("\nsignpost_tracking 1\n", exposition(state, true), 1, true)
    assert.matches("\nsignpost_tracking 0\n", exposition(state, false), 1, true)
  end)

  it("consists of whole lines in the Prometheus text format", function()
    local text = exposition(state)
    assert.matches("\n$", text)
    for _, line in ipairs(linesOf(text)) do
      assert(line:find("^# HELP signpost_[a-z_]+ [^\\]+$") or line:find("^# TYPE signpost_[a-z_]+_total counter$")
        or line:find("^# TYPE signpost_tracking gauge$") or line:find("^signpost_[a-z_]+ %d+$"), line)
    end
  end)

  it("writes large counts in digits", function()
    -- What the dict holds has been counted for years.
    local text = exposition({
      get = function()
        return 12345678901234
      end,
    })
    assert.matches("\nsignpost_lookups_total 12345678901234\n", text, 1, true)
  end)
end)
