local readme_tables = require("spec.support.readme_tables")

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function rows_of(markdown)
  local rows = {}
  for line in (markdown .. "\n"):gmatch("(.-)\n") do
    rows[#rows + 1] = line
  end
  return rows
end

local function count_of(entries)
  local count = 0
  for _ in pairs(entries) do
    count = count + 1
  end
  return count
end

for _, name in ipairs({ "settings", "options" }) do
  local opening, closing = ("<!-- %s -->"):format(name), ("<!-- /%s -->"):format(name)

  describe("the README's table of " .. name, function()
    it("says what the code says (if not: make readme)", function()
      local readme = read("README.md")
      assert.equal(assert(readme_tables.put_into(readme, name)), readme)
    end)

    it("replaces what stands between its markers and nothing else", function()
      local around = "before\n%s\n%s\n%s\nafter <!-- other --> <!-- /other -->\n"
      local once = assert(readme_tables.put_into(around:format(opening, "old", closing), name))
      local table_alone = "\n" .. readme_tables[name]() .. "\n"
      assert.equal(around:format(opening, table_alone, closing), once)
      assert.equal(once, readme_tables.put_into(once, name))
    end)

    for _, text in ipairs({
      "",
      opening,
      closing,
      closing .. opening,
      opening .. opening .. closing,
      opening .. closing .. closing,
    }) do
      it(("does not go where it is unclear where it belongs: %q"):format(text), function()
        local new, problem = readme_tables.put_into(text, name)
        assert.is_nil(new)
        assert.equal(("expected %s and, after it, %s, each once"):format(opening, closing), problem)
      end)
    end
  end)
end

describe("the README's table of settings", function()
  it("has one row for each setting, in the order the code gives them, after two of heading", function()
    local rows = rows_of(readme_tables.settings())
    assert.equal(count_of(require("signpost.settings.settings").KNOBS) + 2, #rows)
    assert.equal("| setting | default | range | unit | meaning |", rows[1])
    assert.equal("| --- | --- | --- | --- | --- |", rows[2])
    assert.matches("^| `redis` | none | 1 to 8192 | bytes | Where Redis is", rows[3])
    assert.matches("^| `redis_user` | none | ", rows[4])
    assert.matches('^| `route_prefix` | `"route:"` | 0 to 128 | bytes | ', rows[14])
    assert.matches("^| `retry_after` | `5` | 1 to 3600, whole | s | ", rows[#rows])
    for i = 1, #rows do
      assert.equal(6, select(2, rows[i]:gsub("|", "")))
    end
  end)
end)

describe("the README's table of a pool's options", function()
  it("has one row for each option, in the order the code gives them, after two of heading", function()
    local rows = rows_of(readme_tables.options())
    assert.equal(count_of(require("signpost.format.pool_options").POOL_OPTIONS) + 2, #rows)
    assert.equal("| option | default | value | meaning |", rows[1])
    assert.equal("| --- | --- | --- | --- |", rows[2])
    assert.matches("^| `balance` | `round_robin` | round_robin, least_conn or hash | How a member is chosen", rows[3])
    assert.matches("^| `hash_on` | none | ip, uri, header:NAME or ", rows[4])
    assert.matches("^| `connect_timeout` | none | an integer from 1 to 3600000 ms | ", rows[8])
    assert.matches("^| `reuse` | `always` | always, safe or never | ", rows[10])
    assert.matches("^| `fail_window` | `10` | a number from 0.1 to 3600 s | ", rows[12])
    assert.matches("^| `fall` | `3` | an integer from 1 to 100 | ", rows[#rows])
    for i = 1, #rows do
      assert.equal(5, select(2, rows[i]:gsub("|", "")))
    end
  end)
end)
