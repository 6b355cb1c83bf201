local newBackoff = require("signpost.watch.backoff").newBackoff

local function always(number)
  return function()
    return number
  end
end

local function take(backoff, count)
  local waits = {}
  for i = 1, count do
    waits[i] = backoff.next()
  end
  return waits
end

describe("the backoff", function()
  it("doubles up to five seconds and stays there", function()
    assert.same({ 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5 }, take(newBackoff(always(1)), 9))
  end)

  it("is never shorter than half of that", function()
    assert.same({ 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.5, 2.5 }, take(newBackoff(always(0)), 8))
  end)

  it("lies in between by chance, drawn anew each time", function()
    local draws = { 0, 1, 0.5 }
    local backoff = newBackoff(function()
      return table.remove(draws, 1)
    end)
    local first, second, third = unpack(take(backoff, 3))
    assert.near(0.05, first, 1e-9)
    assert.near(0.2, second, 1e-9)
    assert.near(0.3, third, 1e-9)
  end)

  it("begins anew when it is reset", function()
    local backoff = newBackoff(always(1))
    take(backoff, 6)
    backoff.reset()
    assert.same({ 0.1, 0.2 }, take(backoff, 2))
  end)
end)
