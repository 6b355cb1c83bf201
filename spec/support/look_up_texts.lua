-- A look-up of hosts (`lookUpThrough`) that compiles nothing: a record's value is its text, or `bad_route`.
local lookUpThrough = require("signpost.cache.lookup").lookUpThrough
local namesToTry = require("signpost.routing.names").namesToTry

return function(levels)
  levels.namesOf = namesToTry
  levels.compile = levels.compile or function(known)
    return known.kind == "bad" and "bad_route" or known.text
  end
  return lookUpThrough(levels)
end
