-- What every algorithm keeps to. Each algorithm's spec runs it: `contract(name, newPicker)`, where `newPicker(seed)`
-- makes one that has no members yet.

local fakes = require("spec.support.fakes")
local members = require("spec.balance.members")

local any, label, of, only, tally = members.any, members.label, members.of, members.only, members.tally

local PICKS = 100000

-- How far from its share a peer may be, of all picks: with this many, chance alone stays well below.
local TOLERANCE = 0.01

local function assertShares(expected, counts)
  local total = 0
  for _, count in pairs(counts) do
    total = total + count
  end
  local sum = 0
  for _, share in pairs(expected) do
    sum = sum + share
  end
  for name, share in pairs(expected) do
    local got = (counts[name] or 0) / total
    assert(math.abs(got - share / sum) < TOLERANCE, ("%s got %.4f instead of %.4f"):format(name, got, share / sum))
  end
end

local function copy(list)
  return { unpack(list) }
end

local function contract(name, newPicker)
  describe(name .. ", as every algorithm,", function()
    local picker
    before_each(function()
      picker = newPicker(1)
    end)

    it("has nobody to pick before there are members, and when there are none", function()
      assert.is_nil(picker.pick(any, 1))
      picker.update({})
      assert.is_nil(picker.pick(any, 1))
      picker.update(of({ "a" }))
      picker.update({})
      assert.is_nil(picker.pick(any, 1))
    end)

    it("always picks the only one", function()
      picker.update(of({ "a" }))
      for key = 1, 100 do
        assert.equal("a", label(picker.pick(any, key)))
      end
    end)

    it("picks nobody when none may be taken", function()
      for count = 1, 10 do
        picker.update(members.many(count))
        assert.is_nil(picker.pick(only(), count))
      end
    end)

    it("finds the one that may be taken among a hundred", function()
      picker.update(members.many(100, function(i)
        return i % 3 + 1
      end))
      for key = 1, 100 do
        local peer = picker.pick(only(key), key)
        assert.equal(tostring(key), label(peer))
        picker.done(peer)
      end
    end)

    it("never picks one that may not be taken, and always one that may", function()
      local draw = fakes.random(7)
      for round = 1, 2000 do
        local names, refused = {}, {}
        for i = 1, draw(12) do
          names[i] = i
          if draw(2) == 1 then
            refused[#refused + 1] = i
          end
        end
        local weights = {}
        for i = 1, #names do
          weights[i] = draw(3)
        end
        picker.update(of(names, weights))
        local mayTake = members.allBut(unpack(refused))
        for _ = 1, 3 do
          local peer = picker.pick(mayTake, draw(2 ^ 30))
          if #refused == #names then
            assert.is_nil(peer)
          else
            assert(mayTake(peer), "round " .. round)
            if draw(2) == 1 then
              picker.done(peer)
            end
          end
        end
      end
    end)

    it("tries every peer once before there is none left, whatever the weights", function()
      picker.update(of({ "a", "b", "c", "d" }, { 100, 1, 7, 1 }))
      for key = 1, 100 do
        local tried = {}
        for _ = 1, 4 do
          local peer = picker.pick(members.allBut(unpack(tried)), key)
          tried[#tried + 1] = label(peer)
          picker.done(peer)
        end
        assert.is_nil(picker.pick(members.allBut(unpack(tried)), key))
        table.sort(tried)
        assert.same({ "a", "b", "c", "d" }, tried)
      end
    end)

    it("takes all in the course of time", function()
      picker.update(members.many(100))
      local counts = tally(picker, 5000)
      for i = 1, 100 do
        assert(counts[tostring(i)], "never " .. i)
      end
    end)

    it("gives equal weights equal shares", function()
      picker.update(members.many(5))
      assertShares({ ["1"] = 1, ["2"] = 1, ["3"] = 1, ["4"] = 1, ["5"] = 1 }, tally(picker, PICKS))
    end)

    it("gives each its weight's share", function()
      picker.update(of({ "a", "b", "c", "d" }, { 5, 1, 3, 11 }))
      assertShares({ a = 5, b = 1, c = 3, d = 11 }, tally(picker, PICKS))
      picker.update(of({ "a", "b" }, { 99, 1 }))
      assertShares({ a = 99, b = 1 }, tally(picker, PICKS))
    end)

    it("gives those that are left, when one may not be taken, their weights' shares", function()
      picker.update(of({ "a", "b", "c", "d" }, { 5, 1, 3, 11 }))
      assertShares({ a = 5, b = 1, c = 3 }, tally(picker, PICKS, members.allBut("d")))
      picker.update(members.many(4))
      assertShares({ ["1"] = 1, ["2"] = 1, ["4"] = 1 }, tally(picker, PICKS, members.allBut(3)))
    end)

    it("never picks who drains, for no key, and has nobody when all drain", function()
      picker.update(of({ "a", "b", "c" }, { 1, 0, 1 }))
      assert.is_nil(tally(picker, 10000).b)
      assert.is_nil(picker.pick(only("b"), 1))
      picker.update(of({ "a", "b", "c" }, { 0, 0, 0 }))
      assert.is_nil(picker.pick(any, 1))
      picker.update(of({ "a", "b", "c" }, { 0, 2, 0 }))
      assert.equal("b", label(picker.pick(any, 1)))
    end)

    it("forgets who left and finds who came", function()
      picker.update(of({ "a", "b", "c" }))
      tally(picker, 100)
      picker.update(of({ "b", "c", "d" }))
      assertShares({ b = 1, c = 1, d = 1 }, tally(picker, PICKS))
      assert.is_nil(picker.pick(only("a"), 1))
    end)

    it("goes by new weights from the moment it is told", function()
      picker.update(of({ "a", "b" }, { 1, 3 }))
      tally(picker, 1000)
      local peers = of({ "a", "b" }, { 3, 1 })
      picker.update(peers)
      assertShares({ a = 3, b = 1 }, tally(picker, PICKS))
      assert.equal(peers[1], picker.pick(only("a"), 1))
    end)

    it("bears members and weights that change at every step", function()
      local draw = fakes.random(11)
      local underWay = {}
      for _ = 1, 3000 do
        local names, weights, total = {}, {}, 0
        for i = 1, 6 do
          if draw(3) > 1 then
            names[#names + 1] = i
            weights[#weights + 1] = draw(4) - 1
            total = total + weights[#weights]
          end
        end
        picker.update(of(names, weights))
        local peer = picker.pick(any, draw(2 ^ 30))
        assert.equal(total == 0, peer == nil)
        underWay[#underWay + 1] = peer
        if #underWay > 5 then
          picker.done(table.remove(underWay, draw(#underWay)))
        end
      end
    end)

    it("is not disturbed by what the caller does to the list afterwards", function()
      local peers = of({ "a", "b" })
      local list = copy(peers)
      picker.update(list)
      list[1], list[2] = nil, nil
      assertShares({ a = 1, b = 1 }, tally(picker, PICKS))
    end)

    it("allocates nothing for a pick", function()
      local function kilobytesFor(picks)
        collectgarbage()
        local before = collectgarbage("count")
        for key = 1, picks do
          picker.done(picker.pick(any, key))
        end
        return collectgarbage("count") - before
      end

      jit.off() -- or its own memory would be counted
      jit.flush()
      collectgarbage("stop")
      for _, weights in ipairs({ { 1, 1, 1 }, { 1, 2, 3 } }) do
        picker.update(of({ "a", "b", "c" }, weights))
        kilobytesFor(1)
        assert.equal(0, kilobytesFor(1000))
      end
      collectgarbage("restart")
      jit.on()
    end)
  end)
end

-- busted gives its words (`describe`, `it`, `assert`) to the spec, not to what the spec requires.
return function(name, newPicker)
  setfenv(contract, getfenv(2))(name, newPicker)
end
