local contract = require("spec.balance.picker_contract")
local fakes = require("spec.support.fakes")
local members = require("spec.balance.members")
local leastConn = require("signpost.balance.least_conn").leastConn

local any, allBut, label, of, only = members.any, members.allBut, members.label, members.of, members.only

contract("least conn", function(seed)
  return leastConn(members.random(seed))
end)

describe("least conn", function()
  local picker
  before_each(function()
    picker = leastConn(members.random(1))
  end)

  -- Picks that are not over, as counts by label.
  local function hold(count, mayTake)
    local counts = {}
    for _ = 1, count do
      local picked = label(picker.pick(mayTake or any, 0))
      counts[picked] = (counts[picked] or 0) + 1
    end
    return counts
  end

  local function finish(name, count)
    for _ = 1, count do
      picker.done(members.one(name))
    end
  end

  it("picks the less busy of two", function()
    picker.update(of({ "a", "b" }))
    hold(10, only("a"))
    assert.same({ b = 10 }, hold(10))
    assert.same({ a = 50, b = 50 }, hold(100))
    finish("a", 20)
    assert.same({ a = 20 }, hold(20))
  end)

  it("keeps requests under way even among a hundred, though it looks at two", function()
    picker.update(members.many(100))
    for name, count in pairs(hold(10000)) do
      assert(math.abs(count - 100) <= 6, name .. " has " .. count)
    end
  end)

  it("counts requests by weight", function()
    picker.update(of({ "a", "b", "c" }, { 1, 3, 6 }))
    local counts = hold(1000)
    assert(math.abs(counts.a - 100) <= 5, counts.a)
    assert(math.abs(counts.b - 300) <= 5, counts.b)
    assert(math.abs(counts.c - 600) <= 5, counts.c)
  end)

  it("evens out what was uneven when all have to be looked at", function()
    picker.update(members.many(50))
    hold(100, only(1, 2))
    local counts = hold(50, only(1, 2, 3))
    assert.same({ ["3"] = 50 }, counts)
  end)

  it("gives a slow peer less", function()
    picker.update(of({ "slow", "fast", "quick" }))
    local counts, endings = {}, {}
    for step = 1, 10000 do
      for _, peer in ipairs(endings[step] or {}) do
        picker.done(peer)
      end
      local peer = picker.pick(any, 0)
      counts[label(peer)] = (counts[label(peer)] or 0) + 1
      local ending = step + (label(peer) == "slow" and 100 or 10)
      endings[ending] = endings[ending] or {}
      table.insert(endings[ending], peer)
    end
    assert(counts.slow < counts.fast / 5 and counts.slow < counts.quick / 5, counts.slow)
  end)

  it("does not count below nothing what was never picked, or is over twice", function()
    picker.update(of({ "a", "b" }))
    finish("a", 100)
    finish("stranger", 1)
    assert.same({ a = 10, b = 10 }, hold(20))
  end)

  describe("when members change", function()
    it("keeps its counts", function()
      picker.update(of({ "a", "b" }))
      hold(10, only("a"))
      local peers = of({ "b", "c", "a" }, { 2, 2, 2 })
      picker.update(peers)
      local counts = hold(20)
      assert.is_nil(counts.a)
      assert(math.abs(counts.b - 10) <= 1, counts.b)
      assert.equal(peers[3], picker.pick(only("a"), 0))
    end)

    it("keeps the count of a peer that is taken out and put back, while its requests are under way", function()
      picker.update(of({ "a", "b" }))
      hold(10, only("a"))
      picker.update(of({ "b" }))
      finish("a", 4)
      picker.update(of({ "b" }))
      picker.update(of({ "a", "b" }))
      assert.same({ b = 6 }, hold(6))
      assert.same({ a = 5, b = 5 }, hold(10))
    end)

    it("keeps the count of a peer that drains", function()
      picker.update(of({ "a", "b" }))
      hold(10, only("a"))
      picker.update(of({ "a", "b" }, { 0, 1 }))
      finish("a", 5)
      picker.update(of({ "a", "b" }))
      assert.same({ b = 5 }, hold(5))
    end)

    it("begins anew with a peer whose requests ended while it was away", function()
      picker.update(of({ "a", "b" }))
      hold(10, only("a"))
      picker.update(of({ "b" }))
      finish("a", 10)
      picker.update(of({ "a", "b" }))
      assert.same({ a = 10, b = 10 }, hold(20))
    end)

    it("forgets those that left when their requests are over", function()
      local remembered = setmetatable({}, { __mode = "k" })
      for i = 1, 100 do
        local peers = of({ "a", "gone" .. i })
        remembered[peers[2]] = true
        picker.update(peers)
        hold(1, allBut("a"))
        picker.update(of({ "a" }))
        finish("gone" .. i, 1)
        picker.update(of({ "a" }))
      end
      collectgarbage()
      collectgarbage()
      assert.is_nil(next(remembered))
    end)
  end)

  it("has nothing under way when every pick is done, whatever happened between", function()
    local draw = fakes.random(5)
    local underWay = {}
    for _ = 1, 5000 do
      local names = {}
      for i = 1, 5 do
        if draw(4) > 1 then
          names[#names + 1] = i
        end
      end
      picker.update(of(names))
      underWay[#underWay + 1] = picker.pick(any, 0)
      if #underWay > 20 then
        picker.done(table.remove(underWay, draw(#underWay)))
      end
    end
    for _, peer in ipairs(underWay) do
      picker.done(peer)
    end
    picker.update(of({ 1, 2 }))
    assert.same({ ["1"] = 10, ["2"] = 10 }, hold(20))
  end)
end)
