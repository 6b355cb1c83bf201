local newLineReader = require("signpost.text.lines").newLineReader

local PATH = "/etc/signpost/routes"

-- An open file, as Lua's, that gives so many bytes at once at most; after its text it ends, or fails with `problem`.
local function opened(text, most, problem)
  local at, file = 1, { closed = 0 }

  function file.read(bytes)
    assert(file.closed == 0, "attempt to use a closed file")
    if at > #text then
      return nil, problem
    end
    local piece = text:sub(at, at + math.min(bytes, most) - 1)
    at = at + #piece
    return piece
  end

  function file.rewind()
    at = 1
  end

  function file.close()
    file.closed = file.closed + 1
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

  it("can be read again from the first on, wherever one is", function()
    for _, most in ipairs({ 1, 3, 1e6 }) do
      local file = opened("a\nbc\nlast", most)
      local reader = newLineReader(file, PATH)
      for read = 0, 4 do
        for _ = 1, read do
          reader.next()
        end
        reader.rewind()
        assert.same({ "a", "bc", "last" }, readAll(reader))
        reader.rewind()
      end
    end
  end)

  -- What the reader says of a file: its lines, and `false` for each that is too long; how often it gave others a turn.
  local function all(text, most)
    local reader = newLineReader(opened(text, most), PATH)
    local lines, turns = {}, 0
    while true do
      local line, err = reader.next()
      if err == "in_long_line" then
        turns = turns + 1
      elseif err == nil and line == nil then
        return lines, turns
      else
        assert(err == nil or err == "long_line")
        lines[#lines + 1] = err == nil and line
      end
    end
  end

  it("are whole up to 524,288 bytes; a longer one is skipped, and what stands around it is not", function()
    for _, most in ipairs({ 1000, 65536 }) do
      for _, size in ipairs({ 524287, 524288 }) do
        assert.same({ "a", ("x"):rep(size), "b" }, (all("a\n" .. ("x"):rep(size) .. "\nb", most)))
      end
      for _, size in ipairs({ 524289, 600000, 2000000 }) do
        assert.same({ "a", false, "b" }, (all("a\n" .. ("x"):rep(size) .. "\nb\n", most)))
        assert.same({ "a", false }, (all("a\n" .. ("x"):rep(size), most)))
        assert.same({ false, "", false }, (all(("x"):rep(size) .. "\n\n" .. ("y"):rep(size) .. "\n", most)))
      end
    end
  end)

  it("are skipped piece by piece where one is too long, and none of it is kept", function()
    local file = { closed = 0 }
    local pieces, piece = 0, ("x"):rep(65536)

    function file.read()
      pieces = pieces + 1
      return pieces <= 4000 and piece or nil
    end

    function file.close()
    end

    local reader = newLineReader(file, PATH)
    collectgarbage()
    local before, turns = collectgarbage("count"), 0
    local err
    repeat
      err = select(2, reader.next())
      turns = turns + 1
      assert(collectgarbage("count") - before < 20000)
    until err ~= "in_long_line"
    assert.equal("long_line", err)
    assert(turns > 3900, turns .. " turns")
  end)

  it("need not be read to the end", function()
    local file = opened("a\nb\n", 1e6)
    local reader = newLineReader(file, PATH)
    assert.equal("a", (reader.next()))
    reader.close()
    assert.equal(1, file.closed)
  end)
end)
