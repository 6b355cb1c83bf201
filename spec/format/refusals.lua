-- A test for each text that must be refused: `refusals(parse, examples)`, where an example is a text, the byte, what
-- was expected there and what was there.

-- A test is called by no more of its text than this, in bytes.
local SHOWN = 40

local function refusals(parse, examples)
  for _, example in ipairs(examples) do
    local text, byte, expected, got = unpack(example)
    local shown = #text > SHOWN and text:sub(1, SHOWN) .. "..." or text
    it(("%q is refused at byte %d"):format(shown, byte), function()
      local value, err, detail = parse(text)
      assert.is_nil(value)
      assert.equal("bad_target", err)
      assert.equal(("byte %d: expected %s, got %s"):format(byte, expected, got), detail)
    end)
  end
end

-- busted gives its words (`it`, `assert`) to the spec, not to what the spec requires.
return function(parse, examples)
  setfenv(refusals, getfenv(2))(parse, examples)
end
