local fakes = require("spec.support.fakes")
local newLineWords = require("signpost.snapshot.line_words").newLineWords
local parseCommand = require("signpost.snapshot.command_line").parseCommand

describe("the words of a line", function()
  local function all(words, line)
    local count, err, detail = words.split(line)
    if count == nil then
      return { nil, err, detail }
    end
    assert.equal(count, words.count())
    assert.is_nil(words.word(count))
    local found = words.from(0, { "what", "was", "before", "is", "gone", "9", "9", "9", "9", "9" })
    for i, word in ipairs(found) do
      assert.equal(word, words.word(i - 1))
    end
    assert.same({ unpack(found, 3) }, words.from(2, {}))
    return found
  end

  local function parsed(line, mostWords)
    local words, err, detail = parseCommand(line, mostWords)
    return words or { nil, err, detail }
  end

  for _, line in ipairs({
    "", " ", "DEL", "DEL route:a", "  HSET  route:a / 10.0.0.5 ",
    'SET route:a "10.0.0.5 10.0.0.6"', "SET\troute:a 10.0.0.5\r",
    "a\vb c\fd", "a'b c' d", 'SET route:a "10.0.0.5', "SET route:a 10.0.0.5\0", "\1 \255\128 \127",
  }) do
    it(("are those that redis-cli makes of it: %q"):format(line):gsub("[^ -~]", "?"), function()
      assert.same(parsed(line), all(newLineWords(100), line))
    end)
  end

  it("are its own, whatever lines came before", function()
    local draw = fakes.random(4)
    local pieces = { " ", " ", "a", "bc", "/x", '"', "'", "\\", "\t", "\0", "\r", "\255" }
    local words, plain = newLineWords(5), 0
    for _ = 1, 20000 do
      local line = {}
      for i = 1, draw(14) - 1 do
        line[i] = pieces[draw(draw(2) == 1 and 5 or #pieces)]
      end
      local text = table.concat(line)
      plain = plain + (text:find("[^ -~]") and 0 or 1)
      assert.same(parsed(text, 5), all(words, text))
    end
    assert(plain > 5000 and plain < 15000, plain .. " plain lines")
  end)

  it("are no more than one beyond those that can be used", function()
    local words = newLineWords(3)
    for _, sign in ipairs({ "", '"' }) do
      for count = 1, 6 do
        local line = (sign .. "a" .. sign .. " "):rep(count)
        assert.equal(math.min(count, 4), (words.split(line)))
      end
    end
  end)
end)
