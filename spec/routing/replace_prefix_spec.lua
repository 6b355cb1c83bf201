local generated = require("spec.support.generated")
local replacePrefix = require("signpost.routing.replace_prefix").replacePrefix

-- prefix, path, request target, what is sent; and $uri and $args where nginx's are not the target's own
local SENT = {
  { "/api", "/", "/api", "/" },
  { "/api", "/", "/api/", "/" },
  { "/api", "/", "/api/x/y?a=b", "/x/y?a=b" },
  { "/api", "/", "/api?a", "/?a" },
  { "/api", "/", "/api?", "/?" },
  { "/api", "/v2", "/api", "/v2" },
  { "/api", "/v2", "/api/", "/v2/" },
  { "/api", "/v2", "/api/x?/api", "/v2/x?/api" },
  { "/api", "/v2/", "/api", "/v2/" },
  { "/api", "/v2/", "/api/x", "/v2/x" },
  { "/api/old", "/api/v1", "/api/old/x", "/api/v1/x" },
  { "", "/v2", "/x", "/v2/x" },
  { "", "/v2", "/", "/v2/" },
  { "/a b", "/", "/a%20b/c%20d", "/c%20d", "/a b/c d" },
  { "/api", "/", "/%61pi/x", "/x", "/api/x" },
  { "/a/b", "/", "/a%2fb/x", "/x", "/a/b/x" },
  -- byte for byte
  { "/api", "/", "/api/a%2Fb%3f%25;x=%C3%BC'()", "/a%2Fb%3f%25;x=%C3%BC'()", "/api/a/b?%;x=\195\188'()" },
  { "/api", "/", "/api/x?../..//%2e", "/x?../..//%2e" },
  { "/api", "/v2", "/api//x", "/v2//x", "/api/x" },
  { "/api", "/", "/api/.x/..y/z.", "/.x/..y/z." },
  -- by nginx's $uri
  { "/api", "/", "/x/../api/y%2Fz", "/y/z", "/api/y/z" },
  { "/api", "/", "/api/x/../y?q", "/y?q", "/api/y" },
  { "/api", "/v2", "/api/%2e/y", "/v2/y", "/api/y" },
  { "/api", "/", "/api//evil.test/x", "/evil.test/x", "/api/evil.test/x" },
  { "/api", "/", "/api%2fx%20y", "/x%20y", "/api/x y" },
  { "/api", "/", "/old/x", "/a%25%23%3F%22%5B%C3%BC", "/api/a%#?\"[\195\188" },
  { "/api", "/", "/api/x?a", "/x?b", "/api/x", "b" },
  { "/api", "/", "/api/x?a", "/x", "/api/x", "" },
  { "/api", "/", "/api/x", "/v9/x", "/api/v9/x" },
}
SENT[26][4] = "/a%25%23%3F%22[%C3%BC"

-- prefix, path, request target, $uri: what a backend might read as another path than below the target's
local REFUSED_TARGETS = {
  { "", "/v2", "/..\\admin", "/..\\admin" },
  { "", "/v2", "/x%5c..%5c..%5cadmin", "/x\\..\\..\\admin" },
  { "/api", "/", "/api/\\evil.test", "/api/\\evil.test" },
  { "/api", "/", "/api//evil.test", "/api//evil.test" },
}

describe("the path of a target, in place of the prefix,", function()
  for _, example in ipairs(SENT) do
    local prefix, path, target, sent, uri, args = unpack(example)
    it(("%s in place of %s makes %s of %s"):format(path, prefix, sent, target), function()
      uri = uri or target:match("^[^?]*")
      args = args or target:match("%?(.*)$") or ""
      assert.equal(sent, replacePrefix({ prefix = prefix, path = path }, uri, target, args))
    end)
  end

  for _, example in ipairs(REFUSED_TARGETS) do
    local prefix, path, target, uri = unpack(example)
    it(("%s in place of %s makes nothing of %s"):format(path, prefix, target), function()
      assert.is_nil(replacePrefix({ prefix = prefix, path = path }, uri, target, ""))
    end)
  end
end)

-- How backends read a path: nginx's way, and any other in which it could lead out.
local function readings(path)
  local list = { path:match("^[^?]*") }
  for _, reader in ipairs({
    function(text) return (text:gsub("%%2[Ff]", "/"):gsub("%%5[Cc]", "\\")) end,
    function(text) return (text:gsub("%%2[Ee]", ".")) end,
    function(text) return (text:gsub("\\", "/")) end,
    function(text) return (text:gsub("//+", "/")) end,
  }) do
    for i = 1, #list do
      list[#list + 1] = reader(list[i])
    end
  end
  return list
end

local function withoutDots(path)
  local kept = {}
  for segment in path:gmatch("/([^/]*)") do
    if segment == ".." then
      kept[#kept] = nil
    elseif segment ~= "." then
      kept[#kept + 1] = segment
    end
  end
  return "/" .. table.concat(kept, "/")
end

local GENERATED = generated.cases(20000)

local PIECES = { "/", "/", "/", "//", "/.", "/..", "%2f", "%2e", "%5c", "\\", "x", "y", "..", ".", "%20", "?" }

describe("of many generated requests", function()
  it("none is sent that a backend could read as a path outside of the target's", function()
    local sent = 0
    generated.forAll(GENERATED, function()
      local pieces = generated.repeated(math.random(0, 8), function()
        return generated.pick(PIECES)
      end)
      return { "/api/" .. table.concat(pieces), generated.pick({ "/v2", "/v2/w", "/v2/" }) }
    end, function(made)
      local target, path = unpack(made)
      local decoded = target:match("^[^?]*"):gsub("%%(%x%x)", function(digits)
        return string.char(tonumber(digits, 16))
      end)
      local uri = withoutDots((decoded:gsub("//+", "/"))) .. (decoded:find("/%.?%.?$") and "/" or "")
      uri = uri:gsub("//+", "/")
      if uri ~= "/api" and uri:sub(1, 5) ~= "/api/" then
        return
      end
      local result = replacePrefix({ prefix = "/api", path = path }, uri, target, target:match("%?(.*)$") or "")
      if result then
        sent = sent + 1
        local base = path:gsub("/$", "")
        for _, reading in ipairs(readings(result)) do
          local read = withoutDots(reading)
          assert(read == base or read:sub(1, #base + 1) == base .. "/", result .. " may be read as " .. read)
        end
      end
    end)
    assert(sent > GENERATED / 4, sent .. " sent")
  end)
end)
