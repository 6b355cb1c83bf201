local newLineReader = require("signpost.snapshot.lines").newLineReader

local PATH = "/etc/signpost/routes"

-- An open file, as Lua's, that gives so many bytes at once at most; after its text it ends, or fails with `problem`.
local function opened(text, most, problem)
  local at, file = 1, { closed = 0 }

  function file:read(bytes)
    assert(self.closed == 0, "attempt to use a closed file")
    if at > #text then
      return nil, problem
    end
    local piece = text:sub(at, at + math.min(bytes, most) - 1)
    at = at + #piece
    return piece
  end

  function file:close()
    self.closed = self.closed + 1
  end

  return file
end

local function readAll(reader)
  local lines = {}
  for line, err, detail in reader.next do
    lines[#lines + 1] = line
    assert(err == nil, detail)
  end
  return lines
end

describe("the lines of a file", function()
  for _, case in ipairs({
    { "", {} },
    { "a", { "a" } },
    { "a\nbc\n", { "a", "bc" } },
    { "\n\na\r\n\n", { "", "", "a\r", "" } },
    { "a\0b\n\0\n\255", { "a\0b", "\0", "\255" } },
    { ("x"):rep(200000) .. "\ny", { ("x"):rep(200000), "y" } },
  }) do
    it(("are the same in whatever pieces it is read: %q"):format(case[1]:sub(1, 20)):gsub("[^ -~]", "?"), function()
      for _, most in ipairs({ 1, 2, 3, 7, 1e6 }) do
        local file = opened(case[1], #case[1] > 1000 and most * 1000 or most)
        local reader = newLineReader(file, PATH)
        assert.same(case[2], readAll(reader))
        assert.is_nil((reader.next()))
        reader.close()
        assert.equal(1, file.closed)
      end
    end)
  end

  it("do not end where the file cannot be read any further: that is a failure, and half a line is none", function()
    for _, most in ipairs({ 1, 3, 1e6 }) do
      local file = opened("a\nb\nhal", most, "Input/output error")
      local reader = newLineReader(file, PATH)
      assert.equal("a", (reader.next()))
      assert.equal("b", (reader.next()))
      assert.same({ nil, "file_error", PATH .. ": Input/output error" }, { reader.next() })
      reader.close()
      assert.equal(1, file.closed)
    end
  end)

  it("need not be read to the end", function()
    local file = opened("a\nb\n", 1e6)
    local reader = newLineReader(file, PATH)
    assert.equal("a", (reader.next()))
    reader.close()
    assert.equal(1, file.closed)
  end)
end)
