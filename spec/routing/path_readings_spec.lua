local generated = require("spec.support.generated")
local readings = require("signpost.routing.path_readings")
local newPathTable = require("signpost.format.path_prefix").newPathTable
local isAmbiguous, isSuspicious = readings.isAmbiguous, readings.isSuspicious

local function tableOf(...)
  local entries = {}
  for i, prefix in ipairs({ ... }) do
    entries[i] = { prefix = prefix == "/" and "" or prefix, to = prefix }
  end
  return newPathTable(entries)
end

local ADMIN = tableOf("/", "/admin")
local API = tableOf("/", "/api", "/api/v2", "/a b", "/100%")

-- the table, $request_uri, $uri
local AMBIGUOUS = {
  { ADMIN, "//x/admin", "/x/admin" },
  { ADMIN, "/x\\..\\admin", "/x\\..\\admin" },
  { ADMIN, "/\\x/admin", "/\\x/admin" },
  { ADMIN, "/.\\admin", "/.\\admin" },
  { ADMIN, "/x#/../admin", "/x" },
  { ADMIN, "/\\admin", "/\\admin" },
  { ADMIN, "\\admin", "/\\admin" },
  { ADMIN, "/x/..%5Cadmin", "/x/..\\admin" },
  { ADMIN, "/x%5c..%5cadmin", "/x\\..\\admin" },
  { ADMIN, "///x/admin?y", "/x/admin" },
  { ADMIN, "/.//x/admin", "/x/admin" },
  { ADMIN, "/x/..//y/admin", "/y/admin" },
  { ADMIN, "/%2fx/admin", "/x/admin" },
  { ADMIN, "//admin", "//admin" }, -- merge_slashes off
  { ADMIN, "//admin", "/admin" }, -- a host, and no path
  { ADMIN, "/x//../admin", "/x/admin" },
  { ADMIN, "/x//../admin", "/admin" },
  { ADMIN, "/admin/x%2f..%2F..", "/" },
  { ADMIN, "/admin/%2e%2E/", "/" },
  { ADMIN, "/admin%5cx", "/admin\\x" },
  { ADMIN, "/admin#/../x", "/admin" },
  { ADMIN, "//x\\admin", "/x\\admin" },
  { API, "/x/%2e%2e//api\\v2", "/api\\v2" },
}

local CLEAR = {
  { ADMIN, "/", "/" },
  { ADMIN, "/admin?x=//y\\#%2f", "/admin" },
  { ADMIN, "/x//y", "/x/y" },
  { ADMIN, "/x//y", "/x//y" },
  { ADMIN, "/admin//x", "/admin/x" },
  { ADMIN, "/x\\y", "/x\\y" },
  { ADMIN, "/x%5cy", "/x\\y" },
  { ADMIN, "/x#y", "/x" },
  { ADMIN, "/x%2fadmin", "/x/admin" },
  { ADMIN, "/x%252f..%252fadmin", "/x%2f..%2fadmin" },
  { ADMIN, "/x%23/../../admin", "/admin" },
  { ADMIN, "/%61dmin", "/admin" },
  { ADMIN, "", "/" },
  { API, "/x/../api", "/api" },
  { API, "/%61pi?a%2Fb", "/api" },
  { API, "/api/v2/..", "/api/" },
  { API, "/api%2Fv2", "/api/v2" },
  { API, "/./api/./v2", "/api/v2" },
  { API, "/api%2fv2/%2E", "/api/v2/" },
  { API, "/a%20b%2fc", "/a b/c" },
  { API, "/100%25%2fc", "/100%/c" },
}

describe("a path", function()
  for _, example in ipairs(AMBIGUOUS) do
    local paths, target, uri = unpack(example)
    it(("that some backend reads as another entry's is ambiguous: %s as %s"):format(target, uri), function()
      assert(isSuspicious(target, true))
      assert(isAmbiguous(paths, uri, target, false))
      assert(isAmbiguous(paths, uri, target, true))
    end)
  end

  for _, example in ipairs(CLEAR) do
    local paths, target, uri = unpack(example)
    it(("that all read as the same entry's is served: %s as %s"):format(target, uri), function()
      assert(not isAmbiguous(paths, uri, target, false))
      assert(not isAmbiguous(paths, uri, target, true))
    end)
  end

  it("without another prefix for it is served, whatever it is", function()
    for _, example in ipairs(AMBIGUOUS) do
      assert(not isAmbiguous(tableOf("/"), example[3], example[2], false))
    end
  end)

  it("that was rewritten is read as nginx sends it on: what it was before no longer counts", function()
    assert(not isAmbiguous(ADMIN, "/new", "/x\\..\\admin", true))
    assert(isAmbiguous(ADMIN, "/new\\..\\admin", "/old", true))
    assert(isAmbiguous(ADMIN, "/new//../admin", "/old", true))
    assert(not isAmbiguous(ADMIN, "/new#//admin", "/old", true))
    assert(not isAmbiguous(ADMIN, "/new%2f..%2fadmin?", "/old", true))
    assert(isAmbiguous(ADMIN, "/new?\\..\\..\\admin", "/old", true))
  end)

  it("is suspicious up to its query", function()
    for _, clean in ipairs({ "", "/", "/a/../.d", "/%20%3F%25%5d", "/?//", "/?\\", "/?#%2f", "/%", "/%2", "/%5" }) do
      assert(not isSuspicious(clean, true), clean)
    end
    for _, odd in ipairs({ "//", "/a//", "/\\", "/#", "/%2f", "/%2F", "/%2e", "/%2E", "/%5c", "/%5C" }) do
      assert(isSuspicious(odd, true) and isSuspicious(odd .. "?", true) and isSuspicious("/?" .. odd, false), odd)
    end
  end)
end)

-- The same said once more, in the simplest way: the readers in every order, again and again, but the host dropped once
-- at most; with segments in a list, and a prefix that is compared segment by segment.

local function segmentsOf(path)
  local segments = {}
  for segment in path:gmatch("/([^/]*)") do
    segments[#segments + 1] = segment
  end
  return segments
end

local function dotless(path)
  local kept = {}
  local segments = segmentsOf(path)
  for i, segment in ipairs(segments) do
    local isLast = i == #segments
    if segment == ".." then
      kept[#kept] = nil
    elseif segment ~= "." then
      kept[#kept + 1] = segment
    end
    if isLast and (segment == "." or segment == "..") then
      kept[#kept + 1] = ""
    end
  end
  return "/" .. table.concat(kept, "/")
end

local READERS = {
  function(path)
    return (path:gsub("#.*", ""))
  end,
  function(path)
    return (path:gsub("%%2[fF]", "/"):gsub("%%5[cC]", "\\"):gsub("%%2[eE]", "."))
  end,
  function(path)
    return (path:gsub("\\", "/"))
  end,
  function(path)
    return (path:gsub("/+", "/"))
  end,
  dotless,
}

local function withoutHost(path)
  return (path:gsub("^//+[^/]*", ""))
end

local function entryOf(prefixes, path)
  local segments, best = segmentsOf(path), nil
  for _, prefix in ipairs(prefixes) do
    local wanted = prefix == "/" and {} or segmentsOf(prefix)
    local isWithin = true
    for i, segment in ipairs(wanted) do
      isWithin = isWithin and segments[i] == segment
    end
    if isWithin and (not best or #prefix > #best) then
      best = prefix
    end
  end
  return best
end

local function entriesOf(prefixes, path, hasHost, found, seen)
  local state = path .. " " .. tostring(hasHost)
  if seen[state] then
    return
  end
  seen[state] = true
  local decoded = dotless(path):gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end)
  found[entryOf(prefixes, decoded) or "none"] = true
  for _, reader in ipairs(READERS) do
    local read = reader(path)
    entriesOf(prefixes, read == "" and "/" or read, hasHost, found, seen)
  end
  if not hasHost then
    local read = withoutHost(path)
    entriesOf(prefixes, read == "" and "/" or read, true, found, seen)
  end
end

local BITS = { "/", "/", "//", "\\", "..", ".", "a", "admin", "api", "#", "%2f", "%2F", "%5c", "%2e", "%2E%2e", "%25",
  "/.." }

local PREFIXES = { { "/", "/admin" }, { "/", "/a", "/a/admin", "/api" }, { "/admin", "/api" }, { "/a", "/" } }

local function randomTarget()
  return "/" .. table.concat(generated.repeated(math.random(1, 7), function()
    return generated.pick(BITS)
  end))
end

local function nginxUri(target, isMerged)
  local path = READERS[2]((target:gsub("#.*", "")))
  path = dotless(isMerged and path:gsub("/+", "/") or path)
  return (path:gsub("%%25", "%%"))
end

describe("of generated targets, each", function()
  it("is ambiguous exactly if the readings have several entries, and suspicious whenever it is ambiguous", function()
    generated.forAll(300, function()
      return { randomTarget(), generated.pick(PREFIXES), math.random() < 0.5 }
    end, function(made)
      local target, prefixes, isMerged = unpack(made)
      local uri = nginxUri(target, isMerged)
      local found = {}
      entriesOf(prefixes, target, false, found, {})
      local mine = entryOf(prefixes, uri) or "none"
      found[mine] = nil
      local expected = next(found) ~= nil
      local paths = tableOf(unpack(prefixes))
      assert(isAmbiguous(paths, uri, target, false) == expected, ("%s: %s"):format(uri, tostring(next(found))))
      assert(isAmbiguous(paths, uri, target, true) == expected, uri)
      assert(not expected or isSuspicious(target, true), "not suspicious")
    end, function(made)
      return { made[1], table.concat(made[2], " "), tostring(made[3]) }
    end)
  end)
end)

-- How many bytes the string functions are given while `action` runs: what reading costs, whatever the machine.
local COUNTED = { "find", "gsub", "match", "gmatch" }

local function bytesLookedAt(action)
  local bytes, real = 0, {}
  for _, name in ipairs(COUNTED) do
    real[name] = string[name]
    rawset(string, name, function(subject, ...)
      bytes = bytes + #subject
      return real[name](subject, ...)
    end)
  end
  local done, result = pcall(action)
  for _, name in ipairs(COUNTED) do
    rawset(string, name, real[name])
  end
  assert(done, result)
  return bytes, result
end

describe("what a target may cost", function()
  -- Each byte of 12,288 bytes of readings is looked at 19 times at most, and before that each of the path 20 times.
  local MOST_BYTES = 19 * 12288 + 20 * 2048

  local function check(target)
    for _, isInternal in ipairs({ false, true }) do
      local bytes = bytesLookedAt(function()
        return isAmbiguous(ADMIN, "/a", target, isInternal)
      end)
      assert(bytes <= MOST_BYTES, ("%s…: %d bytes were looked at"):format(target:sub(1, 60), bytes))
    end
  end

  it("is bounded in bytes that are looked at, for targets made to have many readings", function()
    for _, part in ipairs({
      "/%2e%2e/a", "\\..//%2f", "/.//%5c#", "/.//%5c#%2e%2f//\\", "/a%5c..#//%2f.", "%25", "/%61/%2f", "/..",
    }) do
      for _, size in ipairs({ 100, 500, 2000, 2047, 8000, 60000 }) do
        check("/" .. part:rep(math.floor(size / #part)))
      end
    end
  end)

  it("is bounded for generated ones, too", function()
    generated.forAll(200, function()
      local parts = generated.repeated(math.random(1, 6), function()
        return generated.pick(BITS)
      end)
      local target = "/" .. table.concat(parts) .. "//\\"
      return { target, math.ceil(math.random(50, 3000) / #target) }
    end, function(made)
      check(made[1]:rep(made[2]))
    end)
  end)

  it("is refused beyond 2,048 bytes of path, or too many readings, though they lead to the same entry", function()
    local path = "/a//" .. ("b"):rep(2044)
    assert(not isAmbiguous(ADMIN, "/a/", path, false))
    assert(not isAmbiguous(ADMIN, "/a/", path .. "?" .. ("q"):rep(9000), false))
    assert(isAmbiguous(ADMIN, "/a/", path .. "b", false))
    assert(isAmbiguous(ADMIN, "/" .. ("b"):rep(2048), "/a//", true))
    assert(isAmbiguous(ADMIN, "/a", "/" .. ("/.//%5c#%2e%2f"):rep(100), false))
  end)

  it("is nothing where all paths lead to the same entry, whatever the target", function()
    local bytes, isRefused = bytesLookedAt(function()
      return isAmbiguous(tableOf("/"), "/a", "/" .. ("/.//%5c#%2e%2f"):rep(600), false)
    end)
    assert.same({ 0, false }, { bytes, isRefused })
  end)
end)
