-- Signpost runs on LuaJIT. Outside phases/, request/, platform/ and wiring/ there is no `ngx`: the purity rule, on the Lua.
std = "luajit"
codes = true
max_line_length = 120
exclude_files = { "build", "node_modules", ".node" }

files["lua-dist"] = {
  max_line_length = false,
  ignore = {
    "21[1-3]/____.*", "411/____.*", -- TypeScriptToLua's own names: what a destructuring skips
    "581", -- `not (a ~= b)`
    "614", -- an empty line of a doc comment
  },
}

for _, where in ipairs({ "phases/", "request/", "platform/", "wiring/" }) do
  files["lua-dist/signpost/" .. where] = { read_globals = { ngx = { other_fields = true, read_only = false } } }
end

files["spec"] = { std = "+busted" }
