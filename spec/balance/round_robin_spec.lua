local contract = require("spec.balance.picker_contract")
local members = require("spec.balance.members")
local roundRobin = require("signpost.balance.round_robin").roundRobin

local any, allBut, label, of, tally = members.any, members.allBut, members.label, members.of, members.tally

contract("round robin", function(seed)
  return roundRobin(members.random(seed))
end)

-- Begins where the list does.
local function fromTheTop()
  return 1 - 1e-9
end

describe("round robin", function()
  local picker
  before_each(function()
    picker = roundRobin(fromTheTop)
  end)

  local function picks(count, mayTake)
    local labels = {}
    for i = 1, count do
      labels[i] = label(picker.pick(mayTake or any, 0))
    end
    return table.concat(labels, " ")
  end

  it("takes each in turn", function()
    for count = 1, 20 do
      picker.update(members.many(count))
      picks(7)
      for _, times in pairs(tally(picker, 3 * count)) do
        assert.equal(3, times)
      end
    end
  end)

  it("spreads the turns of a heavy peer among those of the others", function()
    picker.update(of({ "a", "b", "c" }, { 5, 1, 1 }))
    assert.equal("a a b a c a a a a b a c a a", picks(14))
  end)

  it("gives each exactly its weight in every round", function()
    picker.update(of({ "a", "b", "c" }, { 7, 3, 2 }))
    for _ = 1, 100 do
      assert.same({ a = 7, b = 3, c = 2 }, tally(picker, 12))
    end
  end)

  it("gives a turn that was given back to the next request, so that shares stay as they are", function()
    for _, weights in ipairs({ { 1, 1 }, { 1, 2 } }) do
      picker.update(of({ "a", "b" }, weights))
      local counts = { a = 0, b = 0 }
      for _ = 1, 30 do
        picker.giveBack(picker.pick(any, 0))
        local taken = label(picker.pick(any, 0))
        counts[taken] = counts[taken] + 1
      end
      local share = 30 / (weights[1] + weights[2])
      assert.same({ a = share * weights[1], b = share * weights[2] }, counts)
    end
  end)

  it("gives no turn back to a peer that may not be taken, or has left", function()
    picker.update(of({ "a", "b" }))
    local first = picker.pick(any, 0)
    picker.giveBack(first)
    local other = picker.pick(allBut(label(first)), 0)
    assert.not_equal(label(first), label(other))
    picker.update(of({ label(other) }))
    picker.giveBack(first)
    assert.equal(label(other), picks(1))
  end)

  it("does not begin with the same peer in every worker", function()
    for _, weights in ipairs({ { 1, 1, 1, 1 }, { 2, 2, 2, 3 } }) do
      local firsts, seen = {}, 0
      for seed = 1, 40 do
        picker = roundRobin(members.random(seed * 1000003))
        picker.update(of({ "a", "b", "c", "d" }, weights))
        local first = picks(1)
        seen = seen + (firsts[first] and 0 or 1)
        firsts[first] = true
      end
      assert.equal(4, seen)
    end
  end)

  describe("and a peer that is down", function()
    it("loses its turn, not its place", function()
      picker.update(of({ "a", "b", "c", "d" }))
      local order = picks(4)
      assert.equal(order, picks(4))
      local first, second, third, fourth = order:match("(%a) (%a) (%a) (%a)")
      assert.equal(table.concat({ first, third, fourth, first }, " "), picks(4, allBut(second)))
      assert.equal(table.concat({ second, third, fourth, first }, " "), picks(4))
    end)

    it("leaves its turns to all, not to the next", function()
      picker.update(of({ "a", "b", "c", "d" }))
      assert.same({ a = 1000, c = 1000, d = 1000 }, tally(picker, 3000, allBut("b")))
      picker.update(of({ "a", "b", "c", "d" }, { 2, 5, 1, 1 }))
      assert.same({ a = 2000, c = 1000, d = 1000 }, tally(picker, 4000, allBut("b")))
    end)

    it("does not catch up when it is back", function()
      picker.update(of({ "a", "b", "c" }, { 1, 2, 3 }))
      tally(picker, 4000, allBut("c"))
      for _ = 1, 10 do
        assert.same({ a = 1, b = 2, c = 3 }, tally(picker, 6))
      end
    end)
  end)

  describe("when members change", function()
    it("goes on with who is next, and newcomers come last", function()
      picker.update(of({ "a", "b", "c", "d" }))
      local order = picks(4)
      assert.equal(order:sub(1, 3), picks(2))
      picker.update(of({ "e", "d", "c", "b", "a" }))
      assert.equal(order:sub(5) .. " " .. order:sub(1, 3) .. " e " .. order:sub(5), picks(7))
    end)

    it("goes on with who is next when somebody leaves", function()
      picker.update(of({ "a", "b", "c", "d" }))
      local order = picks(4)
      picks(1)
      local first, second, third, fourth = order:match("(%a) (%a) (%a) (%a)")
      picker.update(of({ first, third, fourth }))
      assert.equal(table.concat({ third, fourth, first, third }, " "), picks(4))
      assert.is_nil(tally(picker, 30)[second])
    end)

    it("is as fair if they change at every step", function()
      for _, weights in ipairs({ { 1, 1, 1, 1 }, { 2, 2, 2, 1 } }) do
        picker = roundRobin(fromTheTop)
        local counts = {}
        for step = 1, 3000 do
          picker.update(of(step % 2 == 0 and { "a", "b", "c", "x" } or { "a", "b", "c" }, weights))
          local picked = label(picker.pick(any, 0))
          counts[picked] = (counts[picked] or 0) + 1
        end
        local others = counts.a + counts.b + counts.c
        for _, name in ipairs({ "a", "b", "c" }) do
          assert(math.abs(counts[name] - others / 3) <= 3, name .. " was picked " .. counts[name] .. " times")
        end
      end
    end)

    it("is as fair if weights become equal and different at every step", function()
      local counts = {}
      for step = 1, 3000 do
        picker.update(of({ "a", "b", "c" }, step % 2 == 0 and { 2, 2, 2 } or { 2, 2, 1 }))
        local picked = label(picker.pick(any, 0))
        counts[picked] = (counts[picked] or 0) + 1
      end
      for name, count in pairs(counts) do
        assert(count > 700, name .. " was picked " .. count .. " times")
      end
    end)

    it("bears no debts of those that came and went", function()
      for round = 1, 1000 do
        picker.update(of({ "a", "b", "x" .. round }, { 1, 2, 50 }))
        picks(3)
        picker.update(of({ "a", "b" }, { 1, 2 }))
      end
      picker.update(of({ "a", "b", "new" }, { 1, 2, 3 }))
      tally(picker, 6)
      assert.same({ a = 10, b = 20, new = 30 }, tally(picker, 60))
    end)

    it("does not make a peer wait out the share it had", function()
      picker.update(of({ "a", "b" }, { 1000, 999 }))
      picks(1)
      picker.update(of({ "a", "b" }, { 1, 2 }))
      local counts = tally(picker, 30)
      assert(counts.a >= 8 and counts.a <= 12, counts.a .. " of 30")
    end)
  end)
end)
