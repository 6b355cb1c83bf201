local path_prefix = require("signpost.format.path_prefix")
local refusals = require("spec.format.refusals")
local parsePrefix, printPrefix = path_prefix.parsePrefix, path_prefix.printPrefix

local NORMAL = "a path as nginx's $uri has it: no //, . or .., no query, no %XX"

-- text, where, what was expected, what was there
local REFUSED = {
  { "", 1, "a path that begins with /", "nothing" },
  { "api", 1, "a path that begins with /", '"api"' },
  { " /api", 1, "a path that begins with /", '" /api"' },
  { "*", 1, "a path that begins with /", '"*"' },
  { "http://a/b", 1, "a path that begins with /", '"http://a/b"' },
  { "//", 1, NORMAL, '"//"' },
  { "/a//b", 3, NORMAL, '"//b"' },
  { "/a//", 3, NORMAL, '"//"' },
  { "/.", 1, NORMAL, '"/."' },
  { "/..", 1, NORMAL, '"/.."' },
  { "/a/./b", 3, NORMAL, '"/./b"' },
  { "/a/../b", 3, NORMAL, '"/../b"' },
  { "/a/.", 3, NORMAL, '"/."' },
  { "/a/..", 3, NORMAL, '"/.."' },
  { "/a/../", 3, NORMAL, '"/../"' },
  { "/a?b=c", 3, NORMAL, '"?b=c"' },
  { "/a#b", 3, NORMAL, '"#b"' },
  { "/a%20b", 3, NORMAL, '"%20b"' },
  { "/a%2Fb", 3, NORMAL, '"%2Fb"' },
  { "/a\tb", 3, "no control byte in a path", '"\\x09b"' },
  { "/a\nb", 3, "no control byte in a path", '"\\x0Ab"' },
  { "/a\0", 3, "no control byte in a path", '"\\x00"' },
  { "/a\127", 3, "no control byte in a path", '"\\x7F"' },
  { "/" .. ("a"):rep(1024), 1025, "no more than 1024 bytes in a path", '"a"' },
}

local PREFIXES = {
  { "/", "" }, { "/api", "/api" }, { "/api/", "/api" }, { "/.well-known", "/.well-known" }, { "/...", "/..." },
  { "/a..", "/a.." }, { "/a/.b/..c/d.", "/a/.b/..c/d." }, { "/100%", "/100%" }, { "/%zz", "/%zz" },
  { "/" .. ("a"):rep(1023), "/" .. ("a"):rep(1023) },
}

describe("a path prefix", function()
  refusals(parsePrefix, REFUSED)

  for _, example in ipairs(PREFIXES) do
    local text, prefix = unpack(example)
    it(("can be %q"):format(text:sub(1, 20)), function()
      assert.equal(prefix, parsePrefix(text))
      assert.equal(prefix, parsePrefix(printPrefix(prefix)))
    end)
  end

  it("with a control byte anywhere is refused", function()
    for code = 0, 255 do
      local isControl = code < 32 or code == 127
      local byte = string.char(code)
      for _, text in ipairs({ "/" .. byte, "/a" .. byte .. "b" }) do
        local isOther = text == "//" or byte == "?" or byte == "#" or text == "/."
        assert.equal(not isControl and not isOther, (parsePrefix(text)) ~= nil, ("%q"):format(text))
      end
    end
  end)
end)
