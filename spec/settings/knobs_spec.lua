local KNOBS = require("signpost.settings.settings").KNOBS
local problem_with = require("signpost.settings.check").problemWith

describe("the table of settings", function()
  local places = {}

  for name, knob in pairs(KNOBS) do
    it(name .. " has a name in snake_case, a meaning that is a sentence, and a place of its own", function()
      assert.matches("^%l[%l_]*%l$", name)
      assert.matches("^%u.*%.$", knob.meaning)
      assert.is_nil(places[knob.order])
      places[knob.order] = name
    end)

    if knob.fallback ~= nil then
      it(name .. "'s default is what it may be", function()
        assert.is_nil(problem_with(knob, knob.fallback))
      end)
    end

    if knob.kind == "choice" then
      it(name .. " may be each of its words, and nothing else", function()
        assert.is_true(#knob.choices > 1)
        for _, word in ipairs(knob.choices) do
          assert.is_nil(problem_with(knob, word))
          assert.is_string(problem_with(knob, word .. "s"))
        end
        for _, other in ipairs({ "", true, 1, { knob.choices[1] } }) do
          assert.is_string(problem_with(knob, other))
        end
      end)
    elseif knob.kind ~= "boolean" then
      it(name .. "'s range is not empty", function()
        assert.is_true(knob.min < knob.max)
      end)
    end

    if knob.kind == "number" or knob.kind == "integer" then
      it(name .. " may be its least and its most, and nothing beyond", function()
        assert.is_nil(problem_with(knob, knob.min))
        assert.is_nil(problem_with(knob, knob.max))
        assert.is_string(problem_with(knob, knob.min - 1))
        assert.is_string(problem_with(knob, knob.max + 1))
      end)
    end

    if knob.kind == "string" then
      it(name .. " may be as short and as long as it may be, and no longer", function()
        assert.is_nil(problem_with(knob, ("x"):rep(knob.min)))
        assert.is_nil(problem_with(knob, ("x"):rep(knob.max)))
        assert.is_string(problem_with(knob, ("x"):rep(knob.max + 1)))
      end)
    end
  end
end)
