local fakes = require("spec.support.fakes")
local command_line = require("signpost.snapshot.command_line")
local parse, print_command = command_line.parseCommand, command_line.printCommand

describe("a printed command", function()
  for _, case in ipairs({
    { { "SET", "route:app.example.com", "10.0.0.5:8080" }, "SET route:app.example.com 10.0.0.5:8080" },
    { { "SET", "route:*", "@web" }, "SET route:* @web" },
    { { "SET", "route:a", "10.0.0.5:80, 10.0.0.6" }, 'SET route:a "10.0.0.5:80, 10.0.0.6"' },
    { { "SET", "route:a", "[fd00::5]:8080" }, 'SET route:a "[fd00::5]:8080"' },
    {
      { "SET", "route:a", "return 301 https://b.com/?q=%41&r=(~)$request_uri" },
      'SET route:a "return 301 https://b.com/?q=%41&r=(~)$request_uri"',
    },
    { { "SET", "route:a", "" }, 'SET route:a ""' },
    { { "SET", "route:a", "it's" }, [[SET route:a "it's"]] },
    { { "SET", "route:a", 'a"b\\c' }, [[SET route:a "a\x22b\x5cc"]] },
    { { "SET", "route:a", "\0\r\n\t\127\255" }, [[SET route:a "\x00\x0d\x0a\x09\x7f\xff"]] },
  }) do
    it("can be read by people: " .. case[2], function()
      assert.equal(case[2], print_command(case[1]))
    end)
  end

  it("is one line of printable ASCII, whatever it holds, and parses to the same words", function()
    local draw = fakes.random(20263)
    local printed = 0

    local function word()
      local bytes = {}
      for i = 1, draw(12) - 1 do
        bytes[i] = string.char(draw(3) == 1 and draw(256) - 1 or 31 + draw(95))
      end
      return table.concat(bytes)
    end

    while printed < 100000 do
      local words = {}
      for i = 1, draw(6) do
        words[i] = word()
      end
      local line = print_command(words)
      if line:find("[^ -~]") then
        error(("not printable: %q"):format(line))
      end
      local back = assert(parse(line))
      for i = 1, math.max(#words, #back) do
        if words[i] ~= back[i] then
          error(("word %d of %q is %q"):format(i, line, tostring(back[i])))
        end
      end
      printed = printed + #words
    end
  end)

  it("has room for any byte and any size", function()
    local all = {}
    for byte = 0, 255 do
      all[byte + 1] = string.char(byte)
    end
    local huge = table.concat(all):rep(1000)
    assert.same({ "SET", huge, huge }, (parse(print_command({ "SET", huge, huge }))))
  end)
end)

-- What redis-cli 7.0 makes of each of these was seen: it was let loose on a socket that notes what it sends.
describe("a line splits as redis-cli splits it:", function()
  for _, case in ipairs({
    { "", {} },
    { " \t ", {} },
    { "\r", {} },
    { "SET route:a 10.0.0.5", { "SET", "route:a", "10.0.0.5" } },
    { "SET route:a 10.0.0.5\r", { "SET", "route:a", "10.0.0.5" } },
    { " SET\troute:a  10.0.0.5 ", { "SET", "route:a", "10.0.0.5" } },
    { 'SET "route:a" "10.0.0.5"\r', { "SET", "route:a", "10.0.0.5" } },
    { "DEL route:a", { "DEL", "route:a" } },
    { 'a "" b', { "a", "", "b" } },
    { "a '' b", { "a", "", "b" } },
    { 'a"b c"', { "ab c" } },
    { "a'b c' d", { "ab c", "d" } },
    { [["\n\r\t\b\a"]], { "\n\r\t\b\a" } },
    { [["\x00\xfF\x0a"]], { "\0\255\n" } },
    { [["\x4g\x\q\\\""]], { 'x4gxq\\"' } },
    { [["it's"]], { "it's" } },
    { [['a\n\x41\'"']], { [[a\n\x41'"]] } },
    { [[a\n\x41\]], { [[a\n\x41\]] } },
    { "a\vb c\fd", { "a\vb", "c\fd" } },
    { "a \v\fb", { "a", "b" } },
    { "a\v b c", { "a\v", "b", "c" } },
    { '"a"\vb', { "a", "b" } },
    { "\255\128 \127", { "\255\128", "\127" } },
  }) do
    it(("%q"):format(case[1]):gsub("[^ -~]", "?"), function()
      assert.same(case[2], (parse(case[1])))
    end)
  end
end)

describe("a damaged line is refused, with the byte:", function()
  for _, case in ipairs({
    { 'SET route:a "10.0.0.5', 'expected the closing " of byte 13' },
    { "SET route:a '10.0.0.5", "expected the closing ' of byte 13" },
    { 'SET route:a "10.0.0.5\\"', 'expected the closing " of byte 13' },
    { 'SET route:a "10.0.0.5\\', 'expected the closing " of byte 13' },
    { [[SET route:a '\']], "expected the closing ' of byte 13" },
    { 'SET route:a "', 'expected the closing " of byte 13' },
    { 'SET "route:a"10.0.0.5', "expected a blank after the closing quote at byte 14" },
    { "SET 'route:a''10.0.0.5'", "expected a blank after the closing quote at byte 14" },
    { 'SET route:a 10"."0', "expected a blank after the closing quote at byte 18" },
  }) do
    it(case[1], function()
      assert.same({ nil, "bad_line", case[2] }, { parse(case[1]) })
    end)
  end

  it("one with a NUL, at which redis-cli would end it", function()
    for _, line in ipairs({ "SET route:a 10.0.0.5\0", 'SET route:a "10.0\0" x', "\0\0\0", "SET route:\0a b" }) do
      local words, err, detail = parse(line)
      assert.is_nil(words, ("%q"):format(line))
      assert.equal("bad_line", err)
      assert.matches(("byte %d"):format(line:find("%z")), detail, 1, true)
    end
  end)
end)

describe("any line at all", function()
  it("is words or is refused; it never raises, nor takes long", function()
    local draw = fakes.random(99)
    local pieces = { " ", '"', "'", "\\", "\\x", "x", "4", "\\x41", "n", "\t", "\r", "\255", '" ', "' " }
    local parsed, refused = 0, 0
    for _ = 1, 50000 do
      local line = {}
      for i = 1, draw(16) - 1 do
        line[i] = pieces[draw(#pieces)]
      end
      local words, err, detail = parse(table.concat(line))
      if words ~= nil then
        parsed = parsed + 1
      else
        refused = refused + 1
        assert.equal("bad_line", err)
        assert.matches("^expected .* byte %d+$", detail)
      end
    end
    assert(parsed > 5000 and refused > 5000, ("%d parsed, %d refused"):format(parsed, refused))
  end)

  it("may be a megabyte of quotes or backslashes", function()
    for _, line in ipairs({ ('"'):rep(1e6), ("\\"):rep(1e6), '"' .. ("\\"):rep(1e6), "'" .. ("\\'"):rep(5e5) }) do
      parse(line)
    end
  end)
end)
