-- The README's table of settings, made from the code's own.
--
--     luajit spec/support/settings_table.lua --write README.md
--
-- run at the project's root, puts it between the README's markers.

local BEGIN, END = "<!-- settings -->", "<!-- /settings -->"

local settings_table = {}

local function in_order(knobs)
  local rows = {}
  for name, knob in pairs(knobs) do
    rows[#rows + 1] = { name = name, knob = knob }
  end
  table.sort(rows, function(a, b)
    return a.knob.order < b.knob.order
  end)
  return rows
end

local function default_of(knob)
  if knob.required then
    return "required"
  elseif knob.fallback == nil then
    return "none"
  elseif knob.kind == "string" then
    return ('`"%s"`'):format(knob.fallback)
  end
  return ("`%s`"):format(tostring(knob.fallback))
end

local function range_of(knob)
  if knob.kind == "boolean" then
    return "`true` or `false`"
  elseif knob.kind == "integer" then
    return ("%s to %s, whole"):format(knob.min, knob.max)
  end
  return ("%s to %s"):format(knob.min, knob.max)
end

local function line(...)
  local cells = { ... }
  for i, cell in ipairs(cells) do
    cells[i] = cell:gsub("|", "\\|")
  end
  return "| " .. table.concat(cells, " | ") .. " |"
end

--- The table in Markdown, without a line feed at its end.
function settings_table.markdown()
  local lines = { line("setting", "default", "range", "unit", "meaning"), line("---", "---", "---", "---", "---") }
  for _, row in ipairs(in_order(require("signpost.settings").KNOBS)) do
    local knob = row.knob
    lines[#lines + 1] = line("`" .. row.name .. "`", default_of(knob), range_of(knob), knob.unit or "", knob.meaning)
  end
  return table.concat(lines, "\n")
end

--- `text` with the table between its markers, whatever was there; nil and a message if it has not one pair of them.
function settings_table.put_into(text)
  local _, begin_last = text:find(BEGIN, 1, true)
  local end_first = begin_last and text:find(END, begin_last + 1, true)
  if not end_first or text:find(BEGIN, begin_last + 1, true) or text:find(END, end_first + 1, true) then
    return nil, ("expected %s and, after it, %s, each once"):format(BEGIN, END)
  end
  return text:sub(1, begin_last) .. "\n\n" .. settings_table.markdown() .. "\n\n" .. text:sub(end_first)
end

local function write(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  local new, problem = settings_table.put_into(text)
  if not new then
    error(path .. ": " .. problem, 0)
  end
  file = assert(io.open(path, "wb"))
  assert(file:write(new))
  assert(file:close())
end

-- `require` gives a chunk its module's name, luajit what follows it on the command line.
local what, path = ...
if what == "--write" then
  -- Before any Signpost that may be installed here.
  package.path = "lua-dist/?.lua;" .. package.path
  write(assert(path, "expected a path after --write"))
end

return settings_table
