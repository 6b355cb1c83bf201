local generated = require("spec.support.generated")
local findEntry = require("signpost.routing.match_path").findEntry

local function matchPath(paths, uri)
  local entry = findEntry(paths, uri)
  return entry and entry.to
end
local path_prefix = require("signpost.format.path_prefix")
local newPathTable, parsePrefix = path_prefix.newPathTable, path_prefix.parsePrefix
local pick, repeated = generated.pick, generated.repeated

local GENERATED = generated.cases(100000)

--- A table in which every path leads to itself.
local function tableOf(list)
  local entries = {}
  for i, path in ipairs(list) do
    entries[i] = { prefix = assert(parsePrefix(path)), to = path }
  end
  return newPathTable(entries)
end

-- sentence, paths, then pairs of a request's path and the path that answers it
local MATCHES = {
  { "a path holds itself and what is below it", { "/api" },
    { "/api", "/api", "/api/", "/api", "/api/x", "/api", "/api/x/y.z", "/api" } },
  { "a path ends where a segment ends", { "/api" }, { "/apix", nil, "/apix/", nil, "/api.json", nil, "/ap", nil } },
  { "a path is compared byte by byte", { "/api" }, { "/API", nil, "/aqi", nil, "/x/api", nil } },
  { "the longest path wins", { "/a", "/a/b/c", "/a/b", "/" },
    { "/a/b/c", "/a/b/c", "/a/b/c/d", "/a/b/c", "/a/b/d", "/a/b", "/a/bc", "/a", "/a", "/a", "/b", "/" } },
  { "/ is the rest", { "/", "/api" }, { "/", "/", "/x", "/", "/apix", "/", "/api/", "/api" } },
  { "without / there may be no answer", { "/a", "/b" }, { "/", nil, "/c", nil, "/b", "/b" } },
  { "a table without paths answers nothing", {}, { "/", nil, "/a", nil } },
  { "a slash at a path's end says nothing", { "/api/" }, { "/api", "/api/", "/api/x", "/api/", "/apix", nil } },
  { "what is special in a pattern is not special in a path", { "/a.c", "/%", "/[a-z]+" },
    { "/a.c/x", "/a.c", "/abc", nil, "/%", "/%", "/[a-z]+", "/[a-z]+", "/abcd", nil } },
  { "any byte but a control byte may be in a path", { "/k\195\182ln", "/a b" },
    { "/k\195\182ln/x", "/k\195\182ln", "/a b", "/a b", "/a", nil } },
  { "any byte may be in a request", { "/a" }, { "/a/\0", "/a", "/a\0", nil, "/a\n", nil, "/\255", nil } },
}

describe("among paths", function()
  for _, example in ipairs(MATCHES) do
    local sentence, list, answers = unpack(example)
    it(sentence, function()
      local compiled = tableOf(list)
      for i = 1, table.maxn(answers) + 1, 2 do
        if answers[i] then
          assert.equal(answers[i + 1], matchPath(compiled, answers[i]), answers[i])
        end
      end
    end)
  end
end)

-- The same by another way: cut the request's path at its slashes, from the end, until what is left is in the table.

local function naiveMatch(list, uri)
  local known = {}
  for _, path in ipairs(list) do
    known[path == "/" and "/" or (path:gsub("/$", ""))] = path
  end
  local left = uri
  while left ~= "" do
    if known[left] then
      return known[left]
    end
    left = left:match("^(.*)/[^/]*$") or ""
  end
  return known["/"]
end

local SEGMENTS = { "a", "b", "aa", "ab", "a.b", "%", "-", "..a" }

local function randomPath(depth)
  return "/" .. table.concat(repeated(math.random(0, depth), function()
    return pick(SEGMENTS)
  end), "/")
end

local function randomList()
  local list, taken = {}, {}
  for _ = 1, pick({ 0, 1, 2, 5, 20, 60 }) do
    local path = randomPath(4)
    if not taken[path] then
      taken[path] = true
      list[#list + 1] = path ~= "/" and math.random() < 0.3 and path .. "/" or path
    end
  end
  return list
end

describe("of many generated requests", function()
  it("each is answered as by cutting it at its slashes", function()
    local list, compiled, answered = {}, newPathTable({}), 0
    generated.forAll(GENERATED, function()
      if math.random() < 0.1 then
        list = randomList()
        compiled = tableOf(generated.shuffled(list))
      end
      return randomPath(6) .. pick({ "", "", "/", "x", "/\0" })
    end, function(uri)
      local expected = naiveMatch(list, uri)
      answered = answered + (expected and 1 or 0)
      assert.equal(expected, matchPath(compiled, uri), table.concat(list, " "))
    end)
    assert(answered > GENERATED / 5 and answered < GENERATED * 4 / 5, "one-sided: " .. answered .. " answered")
  end)

  it("none leaves anything behind for the garbage collector", function()
    local compiled = tableOf(repeated(256, function(i)
      return ("/a/b%04d/c"):format(i)
    end))
    -- A string made again is found again: so each request's path, and each beginning of it, is its own.
    local uris = repeated(20000, function(i)
      return ("/a/%05d/c/d"):format(i)
    end)
    local function matchAll(first, last)
      for i = first, last do
        matchPath(compiled, uris[i])
      end
    end
    matchAll(1, 10000) -- until it is compiled
    collectgarbage()
    collectgarbage("stop")
    local before = collectgarbage("count")
    matchAll(10001, 20000)
    local kilobytes = collectgarbage("count") - before
    collectgarbage("restart")
    assert(kilobytes < 50, kilobytes .. " KB for 10,000 requests")
  end)
end)
