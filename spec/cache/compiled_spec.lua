local compileOnce = require("signpost.cache.compiled").compileOnce

local KB = 1024

local function record(text)
  return { kind = "good", text = text, checked = 0, epoch = 0 }
end

-- A record that says something and takes about so many KB when it is compiled.
local function weighing(kb, word)
  return record((word or "x") .. ("."):rep(kb * KB / 64 - 9))
end

describe("what a worker has compiled", function()
  local compiled, made

  local function begin(room)
    made = {}
    compiled = compileOnce(function(known, before)
      local value = { text = known.text, before = before }
      made[#made + 1] = value
      return value
    end, room or math.huge)
  end

  before_each(function()
    begin()
  end)

  it("is compiled once for all who ask for a name, whatever their clocks", function()
    local first = compiled.keep("*.com", record("one"), 5)
    for clock = 1, 9 do
      assert.equal(first.value, compiled.keep("*.com", record("one"), clock).value)
    end
    assert.equal(1, #made)
  end)

  it("is each name's own", function()
    local one, other = compiled.keep("a.com", record("one"), 1), compiled.keep("b.com", record("one"), 1)
    assert.are_not.equal(one.value, other.value)
  end)

  it("is compiled again for a record that says something else, with what it was before", function()
    local before = compiled.keep("*.com", record("one"), 1).value
    local after = compiled.keep("*.com", record("two"), 1)
    assert.same({ "two", before }, { after.value.text, after.value.before })
    assert.is_nil(before.before)
  end)

  it("changes for all who share it", function()
    local shared = compiled.keep("*.com", record("one"), 1)
    compiled.keep("*.com", record("two"), 2)
    assert.equal("two", shared.value.text)
  end)

  it("tells a bad record from a good one of the same text", function()
    compiled.keep("a.com", record("one"), 1)
    compiled.keep("a.com", { kind = "bad", text = "one", checked = 0, epoch = 0 }, 1)
    assert.equal(2, #made)
  end)

  it("never goes back to a record that was looked for at an older clock", function()
    local shared = compiled.keep("*.com", record("old"), 3)
    compiled.keep("*.com", record("new"), 4)
    assert.is_nil(compiled.keep("*.com", record("old"), 3))
    assert.equal("new", shared.value.text)
  end)

  it("counts as seen at the latest clock that it was found in force at", function()
    compiled.keep("*.com", record("one"), 3)
    compiled.keep("*.com", record("one"), 7)
    compiled.keep("*.com", record("one"), 5)
    assert.is_nil(compiled.keep("*.com", record("other"), 6))
    assert.equal("other", compiled.keep("*.com", record("other"), 7).value.text)
  end)

  it("for one answer touches nothing that is kept", function()
    local kept = compiled.keep("a.com", record("one"), 1)
    local once = compiled.once("a", record("two"))
    assert.same({ "two", nil, "one" }, { once.value.text, once.value.before, kept.value.text })
    assert.equal(kept.value, compiled.keep("a.com", record("one"), 1).value)
  end)

  describe("beyond its room", function()
    before_each(function()
      begin(10 * KB)
    end)

    local function add(name, kb)
      return compiled.keep(name, weighing(kb or 2), 1)
    end

    it("is given up, the oldest first", function()
      local all = {}
      for i = 1, 6 do
        all[i] = add(tostring(i))
      end
      assert.is_nil(all[1].value)
      for i = 2, 6 do
        assert.is_table(all[i].value)
      end
    end)

    it("is compiled anew when it is asked for again, with nothing before it", function()
      local first = add("1")
      for i = 2, 6 do
        add(tostring(i))
      end
      local again = add("1")
      assert.is_nil(again.value.before)
      assert.is_nil(first.value, "who remembers what was given up looks again")
    end)

    it("stays as long as it is used, through a flood of what is asked for once", function()
      local used = add("used")
      for i = 1, 1000 do
        used.isUsed = true
        add(tostring(i))
        assert.is_table(used.value)
      end
    end)

    it("goes when it was used once, long ago", function()
      local used = add("used")
      used.isUsed = true
      for i = 1, 20 do
        add(tostring(i))
      end
      assert.is_nil(used.value)
    end)

    it("is held all the same if it alone is larger, and everything else goes", function()
      local small, large = add("small"), add("large", 100)
      small.isUsed = true
      assert.is_table(large.value)
      local larger = compiled.keep("small", weighing(200), 1)
      assert.is_table(larger.value)
      assert.is_nil(large.value)
    end)

    it("counts what a change makes larger, and what it makes smaller", function()
      local a, b = add("a"), add("b")
      compiled.keep("a", weighing(9, "y"), 1)
      assert.is_table(a.value)
      assert.is_nil(b.value)
      compiled.keep("a", weighing(1), 1)
      b = add("b", 5)
      assert.is_table(a.value)
      assert.is_table(b.value)
    end)

    it("takes some room however short its text", function()
      local first = compiled.keep("first", record(""), 1)
      for i = 1, 30 do
        compiled.keep(tostring(i), record(""), 1)
      end
      assert.is_nil(first.value)
    end)
  end)
end)
