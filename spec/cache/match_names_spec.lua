local matchNames = require("signpost.cache.match_names").matchNames

local NAMES = { "a.example.com", "*.example.com", "*.com" }
local NOW = 1000

local function at(kind, checked)
  return { kind = kind, checked = checked, text = kind == "absent" and "" or "10.0.0.5" }
end

-- Fresh is what was read now or later; what is older is `older`: stale, unless said.
local function matchOf(known, older)
  return matchNames(NAMES, function(name)
    return known[name]
  end, function(name, one)
    assert(one == known[name], "asked about another name's record")
    return one.checked >= NOW and "fresh" or older or "stale"
  end)
end

describe("a matchNames of what is known", function()
  it("finds the most specific name that exists", function()
    local seen = matchOf({ ["a.example.com"] = at("good", NOW), ["*.example.com"] = at("good", NOW) })
    assert.equal("found", seen.verdict)
    assert.equal("a.example.com", seen.name)
    assert.same(at("good", NOW), seen.known)
  end)

  it("lets a less specific name answer when every more specific one is known to be absent", function()
    local seen = matchOf({
      ["a.example.com"] = at("absent", NOW), ["*.example.com"] = at("absent", NOW), ["*.com"] = at("good", NOW),
    })
    assert.equal("found", seen.verdict)
    assert.equal("*.com", seen.name)
  end)

  it("does not take a name that was never read for an absent one", function()
    local seen = matchOf({ ["*.example.com"] = at("good", NOW), ["*.com"] = at("good", NOW) })
    assert.equal("unknown", seen.verdict)
    assert.is_nil(seen.name)
    assert.same({ "a.example.com" }, seen.due)
  end)

  it("lets a bad route answer, so that it harms its own name and is not passed over", function()
    local seen = matchOf({ ["a.example.com"] = at("bad", NOW), ["*.example.com"] = at("good", NOW) })
    assert.equal("a.example.com", seen.name)
    assert.equal("bad", seen.known.kind)
  end)

  it("says none when every name is known to be absent", function()
    local seen = matchOf({
      ["a.example.com"] = at("absent", NOW), ["*.example.com"] = at("absent", NOW), ["*.com"] = at("absent", NOW),
    })
    assert.equal("none", seen.verdict)
    assert.same({}, seen.due)
  end)

  it("asks for all the names of a host nobody has asked for, in one go", function()
    assert.same(NAMES, matchOf({}).due)
  end)

  it("uses what is past its time, and says that it is due", function()
    local seen = matchOf({ ["a.example.com"] = at("good", NOW - 1) })
    assert.equal("found", seen.verdict)
    assert.same({ "a.example.com" }, seen.due)
  end)

  it("uses what is fresh, and finds nothing due", function()
    assert.same({}, matchOf({ ["a.example.com"] = at("good", NOW) }).due)
  end)

  it("does not use what is unverified, and says that it is due", function()
    for _, kind in ipairs({ "good", "bad", "absent" }) do
      local seen = matchOf({
        ["a.example.com"] = at(kind, NOW - 1), ["*.example.com"] = at("good", NOW), ["*.com"] = at("good", NOW),
      }, "unverified")
      assert.equal("unknown", seen.verdict)
      assert.is_nil(seen.name)
      assert.same({ "a.example.com" }, seen.due)
    end
  end)

  it("has all that is unverified read in one go, and not what is fresh", function()
    local seen = matchOf({
      ["a.example.com"] = at("absent", NOW - 1), ["*.example.com"] = at("absent", NOW),
      ["*.com"] = at("good", NOW - 1),
    }, "unverified")
    assert.same({ "a.example.com", "*.com" }, seen.due)
  end)

  it("does not mind what is unverified behind the name that answers", function()
    local seen = matchOf({ ["a.example.com"] = at("good", NOW), ["*.com"] = at("good", NOW - 1) }, "unverified")
    assert.equal("a.example.com", seen.name)
    assert.same({}, seen.due)
  end)

  it("is not as old as what it could not use", function()
    local seen = matchOf({
      ["a.example.com"] = at("absent", NOW - 9), ["*.example.com"] = at("good", NOW + 5),
    }, "unverified")
    assert.equal(NOW + 5, seen.checked)
  end)

  it("is as old as the oldest record that led to the verdict, and no older", function()
    local seen = matchOf({
      ["a.example.com"] = at("absent", NOW + 3), ["*.example.com"] = at("good", NOW + 5),
      ["*.com"] = at("good", NOW - 500),
    })
    assert.equal(NOW + 3, seen.checked)
    assert.same({}, seen.due)
  end)

  it("keeps its word for every combination of three names", function()
    local states = {
      false, at("absent", NOW), at("absent", NOW - 9), at("good", NOW), at("good", NOW - 9), at("bad", NOW),
    }

    local function isUsable(one, older)
      return one and (one.checked >= NOW or older == "stale")
    end

    local function expectedVerdict(known, older)
      for _, name in ipairs(NAMES) do
        if not isUsable(known[name], older) then
          return "unknown"
        elseif known[name].kind ~= "absent" then
          return "found", name
        end
      end
      return "none"
    end

    local function check(known, older)
      local seen = matchOf(known, older)
      local verdict, answering = expectedVerdict(known, older)
      assert.equal(verdict, seen.verdict)
      assert.equal(answering, seen.name)
      local due = {}
      for _, name in ipairs(seen.due) do
        assert(not known[name] or known[name].checked < NOW, "what is fresh is not due")
        due[name] = true
      end
      for _, name in ipairs(NAMES) do
        assert(isUsable(known[name], older) or due[name] or verdict == "found", "what cannot be used is due")
        if name == answering then
          return
        end
      end
    end

    for _, first in ipairs(states) do
      for _, second in ipairs(states) do
        for _, third in ipairs(states) do
          for _, older in ipairs({ "stale", "unverified" }) do
            check({ [NAMES[1]] = first or nil, [NAMES[2]] = second or nil, [NAMES[3]] = third or nil }, older)
          end
        end
      end
    end
  end)
end)
