-- The README's tables of settings and of a pool's options, made from the code's own.
--
--     luajit spec/support/readme_tables.lua --write README.md
--
-- run at the project's root, puts each between the README's markers for it.

local readme_tables = {}

local function in_order(entries)
  local rows = {}
  for name, entry in pairs(entries) do
    rows[#rows + 1] = { name = name, entry = entry }
  end
  table.sort(rows, function(a, b)
    return a.entry.order < b.entry.order
  end)
  return rows
end

local function line(...)
  local cells = { ... }
  for i, cell in ipairs(cells) do
    cells[i] = cell:gsub("|", "\\|")
  end
  return "| " .. table.concat(cells, " | ") .. " |"
end

--- A table in Markdown, without a line feed at its end: `heading`, and what `cells_of` makes of each entry.
local function markdown(heading, entries, cells_of)
  local lines = { line(unpack(heading)), "|" .. (" --- |"):rep(#heading) }
  for _, row in ipairs(in_order(entries)) do
    lines[#lines + 1] = line("`" .. row.name .. "`", cells_of(row.entry))
  end
  return table.concat(lines, "\n")
end

local function default_of(knob)
  if knob.required then
    return "required"
  elseif knob.fallback == nil then
    return "none"
  elseif knob.kind == "string" or knob.kind == "choice" then
    return ('`"%s"`'):format(knob.fallback)
  end
  return ("`%s`"):format(tostring(knob.fallback))
end

local function range_of(knob)
  if knob.kind == "boolean" then
    return "`true` or `false`"
  elseif knob.kind == "choice" then
    return '`"' .. table.concat(knob.choices, '"` or `"') .. '"`'
  elseif knob.kind == "integer" then
    return ("%s to %s, whole"):format(knob.min, knob.max)
  end
  return ("%s to %s"):format(knob.min, knob.max)
end

--- What `init` takes.
function readme_tables.settings()
  local heading = { "setting", "default", "range", "unit", "meaning" }
  return markdown(heading, require("signpost.settings.settings").KNOBS, function(knob)
    return default_of(knob), range_of(knob), knob.unit or "", knob.meaning
  end)
end

--- What a pool's hash may hold beside its members.
function readme_tables.options()
  local pool_options = require("signpost.format.pool_options")
  return markdown({ "option", "default", "value", "meaning" }, pool_options.POOL_OPTIONS, function(option)
    local default = option.fallback and ("`%s`"):format(option.fallback) or "none"
    return default, pool_options.expectation(option), option.meaning
  end)
end

--- `text` with the table `name` between its markers, whatever was there; nil and a message if it has not one pair of
--- them.
function readme_tables.put_into(text, name)
  local opening, closing = ("<!-- %s -->"):format(name), ("<!-- /%s -->"):format(name)
  local _, opening_last = text:find(opening, 1, true)
  local closing_first = opening_last and text:find(closing, opening_last + 1, true)
  if
    not closing_first
    or text:find(opening, opening_last + 1, true)
    or text:find(closing, closing_first + 1, true)
  then
    return nil, ("expected %s and, after it, %s, each once"):format(opening, closing)
  end
  return text:sub(1, opening_last) .. "\n\n" .. readme_tables[name]() .. "\n\n" .. text:sub(closing_first)
end

local function write(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  for _, name in ipairs({ "options", "settings" }) do
    local new, problem = readme_tables.put_into(text, name)
    if not new then
      error(path .. ": " .. problem, 0)
    end
    text = new
  end
  file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

-- `require` gives a chunk its module's name, luajit what follows it on the command line.
local what, path = ...
if what == "--write" then
  -- Before any Signpost that may be installed here.
  package.path = "lua-dist/?.lua;" .. package.path
  write(assert(path, "expected a path after --write"))
end

return readme_tables
