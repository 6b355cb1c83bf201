local members = require("spec.balance.members")
local rememberAllUp = require("signpost.health.all_up").rememberAllUp

describe("whether all of a pool are up", function()
  local standings, asked, allUp
  before_each(function()
    standings, asked = {}, 0
    allUp = rememberAllUp(members.of({ "a", "b", "c" }), {
      standing = function(name)
        asked = asked + 1
        return standings[name] or "up"
      end,
    })
  end)

  local function set(label, standing)
    standings[members.one(label).name] = standing
  end

  it("is asked once for each time of the change clock", function()
    for _ = 1, 1000 do
      assert.is_true(allUp(7))
    end
    assert.equal(3, asked)
    set("b", "out")
    assert.is_true(allUp(7))
    for _ = 1, 1000 do
      assert.is_false(allUp(8))
    end
    assert.equal(5, asked)
    set("b", "up")
    assert.is_true(allUp(9))
  end)

  it("is asked for a clock that has never moved, too", function()
    set("a", "out")
    assert.is_false(allUp(0))
  end)

  it("is not so while one is due: only one request may have it", function()
    set("c", "due")
    assert.is_false(allUp(1))
  end)

  it("is so of a pool without members", function()
    assert.is_true(rememberAllUp({}, {})(1))
  end)
end)
