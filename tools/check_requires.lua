-- luajit tools/check_requires.lua lua-dist
--
-- The part of the purity rule that luacheck does not see. Outside phases/, request/, platform/ and wiring/ a file requires
-- only Signpost's own files and what is built into LuaJIT; and no file needs TypeScriptToLua's lualib.

local BUILT_IN = { bit = true, jit = true, ["string.buffer"] = true, ["table.clear"] = true, ["table.new"] = true }
local IMPURE = { "^signpost/phases/", "^signpost/request/", "^signpost/platform/", "^signpost/wiring/" }

local root = assert(arg[1], "which directory?")
local problems = {}

local function complain(path, number, what)
  problems[#problems + 1] = ("%s/%s:%d: %s"):format(root, path, number, what)
end

local function is_impure(path)
  for _, pattern in ipairs(IMPURE) do
    if path:find(pattern) then
      return true
    end
  end
  return false
end

local function may_require(name)
  return BUILT_IN[name] or name == "signpost" or name:find("^signpost%.") ~= nil
end

-- `require` that is not a plain call with a literal (as in `pcall(require, name)`) could load anything.
local function check_line(path, number, line)
  if line:find("__TS__", 1, true) or line:find("lualib_bundle", 1, true) then
    complain(path, number, "needs TypeScriptToLua's lualib")
  end
  if is_impure(path) then
    return
  end
  for after in line:gmatch("%f[%w_]require%f[^%w_](.?.?[^\"']*)") do
    local name = line:match("require%([\"']([^\"']+)[\"']%)")
    if not name then
      complain(path, number, "requires what cannot be told from the line: require" .. after)
    elseif not may_require(name) then
      complain(path, number, ("requires %s, which only phases/, request/, platform/ and wiring/ may"):format(name))
    end
  end
end

local function check_file(path)
  local number = 0
  for line in io.lines(root .. "/" .. path) do
    number = number + 1
    if not line:find("^%s*%-%-") then
      check_line(path, number, line)
    end
  end
end

local listing = assert(io.popen(("cd '%s' && find . -name '*.lua' | sort"):format(root)))
local count = 0
for found in listing:lines() do
  count = count + 1
  check_file((found:gsub("^%./", "")))
end
listing:close()

print(table.concat(problems, "\n"))
os.exit((#problems == 0 and count > 0) and 0 or 1)
