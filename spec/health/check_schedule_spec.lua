local fakes = require("spec.support.fakes")
local checkSchedule = require("signpost.health.check_schedule").checkSchedule

local TICK = 0.1

-- A check of a pool of its own, unless said.
local function check(id, interval, pool)
  return { id = tostring(id), pool = pool or tostring(id), peer = tostring(id), interval = interval or 10, timeout = 1,
    rise = 1, fall = 1 }
end

local function checks(count, interval)
  local list = {}
  for i = 1, count do
    list[i] = check(i, interval)
  end
  return list
end

describe("the checks of a node", function()
  local clock, schedule
  before_each(function()
    clock = fakes.clock()
    schedule = checkSchedule(clock.now, 1000)
  end)

  -- Begins what is due for so many seconds, each check being over at the next tick. Gives how often each id was begun,
  -- when (in seconds from the start), and how many began in each tick.
  local function run(seconds)
    local counts, times, ticks = {}, {}, {}
    for tick = 1, math.floor(seconds / TICK + 0.5) do
      clock.turn(TICK)
      local begun = schedule.begin()
      ticks[tick] = #begun
      for _, one in ipairs(begun) do
        counts[one.id] = (counts[one.id] or 0) + 1
        times[one.id] = times[one.id] or {}
        table.insert(times[one.id], tick * TICK)
        schedule.ended(one)
      end
    end
    return counts, times, ticks
  end

  it("are none when there are none", function()
    assert.same({}, schedule.begin())
    schedule.update({})
    assert.same({}, (run(10)))
  end)

  it("are made once in each interval", function()
    schedule.update({ check("a", 1), check("b", 10), check("c", 2.5) })
    local counts, times = run(100)
    assert.same({ a = 100, b = 10, c = 40 }, counts)
    for i = 2, 10 do
      assert.near(10, times.b[i] - times.b[i - 1], 2 * TICK)
    end
  end)

  it("are spread evenly over the interval, however many there are", function()
    for _, count in ipairs({ 10, 100, 1000 }) do
      schedule = checkSchedule(clock.now, 1000)
      schedule.update(checks(count))
      local _, _, ticks = run(10)
      for from = 1, 91, 10 do
        local inSecond = 0
        for tick = from, from + 9 do
          inSecond = inSecond + ticks[tick]
        end
        assert(math.abs(inSecond - count / 10) <= 2, ("%d of %d in one second"):format(inSecond, count))
      end
    end
  end)

  it("are spread evenly though they became known one by one", function()
    local known = {}
    for i = 1, 200 do
      known[i] = check(i)
      schedule.update(known)
      run(3.8)
    end
    local _, _, ticks = run(10)
    for from = 1, 91, 10 do
      local inSecond = 0
      for tick = from, from + 9 do
        inSecond = inSecond + ticks[tick]
      end
      assert(math.abs(inSecond - 20) <= 3, inSecond .. " of 200 in one second")
    end
  end)

  it("keep their turn when others come and go", function()
    schedule.update(checks(5))
    local _, before = run(10)
    schedule.update({ check(2), check("new"), check(4) })
    local counts, after = run(10)
    assert.same({ ["2"] = 1, ["4"] = 1, new = 1 }, counts)
    assert.near(before["2"][1], after["2"][1], 2 * TICK)
    assert.near(before["4"][1], after["4"][1], 2 * TICK)
  end)

  it("are made though the pools change all the time", function()
    for _ = 1, 100 do
      schedule.update({ check("a", 1), check("b", 2) })
      run(0.1)
    end
    schedule.update({ check("a", 1), check("b", 2) })
    assert.same({ a = 10, b = 5 }, (run(10)))
  end)

  it("are dropped with the pool", function()
    for _ = 1, 1000 do
      schedule.update(checks(10))
      schedule.update({})
    end
    assert.same({}, (run(20)))
  end)

  it("that several pools ask for are made once", function()
    schedule.update({ check("a", 2, "one"), check("a", 2, "other"), check("a", 2, "third") })
    assert.same({ a = 5 }, (run(10)))
  end)

  describe("that take long", function()
    it("are never more than may be at once", function()
      schedule = checkSchedule(clock.now, 3)
      schedule.update(checks(10, 1))
      local underWay = 0
      for _ = 1, 100 do
        clock.turn(TICK)
        underWay = underWay + #schedule.begin()
        assert(underWay <= 3)
      end
      assert.equal(3, underWay)
    end)

    -- Lets time pass; no check ever ends.
    local function begunAfter(seconds)
      local perPool = {}
      for _ = 1, seconds / TICK do
        clock.turn(TICK)
        for _, one in ipairs(schedule.begin()) do
          perPool[one.pool] = (perPool[one.pool] or 0) + 1
        end
      end
      return perPool
    end

    local function poolOf(name, count)
      local list = {}
      for i = 1, count do
        list[i] = check(name .. i, 1, name)
      end
      return list
    end

    local function all(...)
      local list = {}
      for _, some in ipairs({ ... }) do
        for _, one in ipairs(some) do
          list[#list + 1] = one
        end
      end
      return list
    end

    it("leave others as many places as their pool has, whoever came first", function()
      schedule = checkSchedule(clock.now, 64)
      local a, b, c = poolOf("a", 600), poolOf("b", 600), poolOf("c", 600)
      schedule.update(a)
      assert.same({ a = 32 }, begunAfter(10))
      schedule.update(all(a, b))
      assert.same({ b = 16 }, begunAfter(10))
      schedule.update(all(a, b, c))
      assert.same({ c = 8 }, begunAfter(10))
    end)

    it("give back what is more than a fair share when they end", function()
      schedule = checkSchedule(clock.now, 60)
      local a, b = poolOf("a", 600), poolOf("b", 600)
      schedule.update(all(a, b))
      local underWay, draw = {}, fakes.random(7)
      for _ = 1, 2000 do
        clock.turn(TICK)
        for _, one in ipairs(schedule.begin()) do
          underWay[#underWay + 1] = one
        end
        schedule.ended(table.remove(underWay, draw(#underWay)))
      end
      local shares = { a = 0, b = 0 }
      for _, one in ipairs(underWay) do
        shares[one.pool] = shares[one.pool] + 1
      end
      assert.near(20, shares.a, 1)
      assert.near(20, shares.b, 1)
    end)

    it("do not hold up a check that another pool asks for, too", function()
      schedule = checkSchedule(clock.now, 8)
      schedule.update(poolOf("a", 100))
      assert.same({ a = 4 }, begunAfter(10))
      schedule.update(all(poolOf("a", 100), { check("a50", 1, "b") }))
      assert.equal(1, #schedule.begin())
    end)

    it("are named when nobody asks for them any longer", function()
      schedule.update({ check("a", 1), check("b", 1), check("c", 1) })
      clock.turn(1)
      local begun = schedule.begin()
      assert.equal(3, #begun)
      for _, one in ipairs(begun) do
        if one.id == "c" then
          schedule.ended(one)
        end
      end
      local dropped = schedule.update({ check("a", 1) })
      assert.equal(1, #dropped)
      assert.equal("b", dropped[1].id)
      assert.is_false(schedule.ended(dropped[1]))
    end)

    it("do not count for a check of the same name that came after them", function()
      schedule.update({ check("a", 1) })
      clock.turn(1)
      local old = schedule.begin()[1]
      schedule.update({})
      schedule.update({ check("a", 1) })
      clock.turn(1)
      local new = schedule.begin()[1]
      assert.is_false(schedule.ended(old))
      assert.same({}, schedule.begin())
      assert.is_true(schedule.ended(new))
    end)

    it("leave nobody out: the longest overdue is next", function()
      schedule = checkSchedule(clock.now, 1)
      schedule.update(checks(10, 1))
      local counts, current = {}, nil
      for _ = 1, 100 do
        clock.turn(1)
        if current ~= nil then
          schedule.ended(current)
        end
        current = schedule.begin()[1]
        counts[current.id] = (counts[current.id] or 0) + 1
      end
      for i = 1, 10 do
        assert.equal(10, counts[tostring(i)])
      end
    end)

    it("are not begun again before they have ended, and do not make up for it", function()
      schedule.update({ check("a", 1) })
      clock.turn(1)
      local begun = schedule.begin()
      assert.equal(1, #begun)
      assert.same({}, (run(10)))
      schedule.ended(begun[1])
      begun = schedule.begin()
      assert.equal(1, #begun)
      schedule.ended(begun[1])
      assert.equal(0, #schedule.begin())
    end)

    it("keep others waiting, who do not lose their turn when pools change meanwhile", function()
      schedule = checkSchedule(clock.now, 1)
      schedule.update({ check("a"), check("b") })
      clock.turn(10)
      local first = schedule.begin()[1]
      schedule.update({ check("a"), check("b"), check("c") })
      schedule.ended(first)
      local second = schedule.begin()[1]
      assert.equal(first.id == "a" and "b" or "a", second.id)
    end)

    it("give their place back though their pool has gone meanwhile", function()
      schedule = checkSchedule(clock.now, 1)
      for i = 1, 10 do
        schedule.update({ check(i, 1) })
        clock.turn(1)
        local begun = schedule.begin()
        assert.equal(1, #begun)
        schedule.update({})
        schedule.ended(begun[1])
      end
    end)
  end)

  it("go on after the clock was set back", function()
    schedule.update(checks(10))
    run(20)
    clock.turn(-100000)
    local counts = run(20)
    for i = 1, 10 do
      assert(counts[tostring(i)] >= 2)
    end
  end)
end)
