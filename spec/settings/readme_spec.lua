local settings_table = require("spec.support.settings_table")

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

describe("the README's table of settings", function()
  it("says what the code says (if not: make readme)", function()
    local readme = read("README.md")
    assert.equal(assert(settings_table.put_into(readme)), readme)
  end)

  it("has one row for each setting, in the order the code gives them, after two of heading", function()
    local rows = {}
    for line in (settings_table.markdown() .. "\n"):gmatch("(.-)\n") do
      rows[#rows + 1] = line
    end
    local count = 0
    for _ in pairs(require("signpost.settings").KNOBS) do
      count = count + 1
    end
    assert.equal(count + 2, #rows)
    assert.equal("| setting | default | range | unit | meaning |", rows[1])
    assert.matches("^| `redis` | none | 1 to 8192 | bytes | Where Redis is", rows[3])
    assert.matches("^| `redis_user` | none | ", rows[4])
    assert.matches('^| `route_prefix` | `"route:"` | 0 to 128 | bytes | ', rows[14])
    assert.matches("^| `retry_after` | `5` | 1 to 3600, whole | s | ", rows[#rows])
    for i = 1, #rows do
      assert.equal(6, select(2, rows[i]:gsub("|", "")))
    end
  end)

  it("replaces what stands between the markers and nothing else", function()
    local once = assert(settings_table.put_into("before\n<!-- settings -->\nold\n<!-- /settings -->\nafter\n"))
    local expected = "before\n<!-- settings -->\n\n" .. settings_table.markdown() .. "\n\n<!-- /settings -->\nafter\n"
    assert.equal(expected, once)
    assert.equal(once, settings_table.put_into(once))
  end)

  for _, text in ipairs({
    "",
    "<!-- settings -->",
    "<!-- /settings -->",
    "<!-- /settings --> <!-- settings -->",
    "<!-- settings --> <!-- settings --> <!-- /settings -->",
    "<!-- settings --> <!-- /settings --> <!-- /settings -->",
  }) do
    it(("does not go where it is unclear where it belongs: %q"):format(text), function()
      local new, problem = settings_table.put_into(text)
      assert.is_nil(new)
      assert.equal("expected <!-- settings --> and, after it, <!-- /settings -->, each once", problem)
    end)
  end
end)
