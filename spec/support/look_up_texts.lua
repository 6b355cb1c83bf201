-- Look-ups of hosts whose records are compiled to their text, or to `bad_route`, unless said otherwise.
local compileOnce = require("signpost.cache.compiled").compileOnce
local lookup = require("signpost.cache.lookup")
local namesToTry = require("signpost.routing.names").namesToTry

local lookUpTexts = {}

local function toText(known)
  return known.kind == "bad" and "bad_route" or known.text
end

-- What a worker has compiled, within so many bytes.
function lookUpTexts.compiled(compile, room)
  return compileOnce(compile or toText, room or math.huge)
end

-- What `Cache.lookUpsOf` takes.
function lookUpTexts.subjects(memory, compiled)
  return { memory = memory, compiled = compiled, sign = "", namesOf = namesToTry }
end

-- A look-up and its counterpart, through such levels.
return setmetatable(lookUpTexts, {
  __call = function(_, levels)
    levels.sign, levels.namesOf, levels.compiled = "", namesToTry, lookUpTexts.compiled()
    return lookup.lookUpThrough(levels), lookup.recallFrom(levels)
  end,
})
