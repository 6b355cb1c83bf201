local parseTargetPath = require("signpost.format.target_path").parseTargetPath
local refusals = require("spec.format.refusals")

local BYTE = "a byte a target's path may hold (others as %XX)"
local FORM = "a path without //, . or .., and without %2F, %5C or %2E"

describe("the path of a target", function()
  for _, text in ipairs({ "", "/", "/v2", "/v2/", "/a/b.c/_~!&()*+=:@-", "/a%20b%C3%BC", "/.x/..y/z." }) do
    it(("can be %q"):format(text), function()
      assert.equal(text, (parseTargetPath(text, 0)))
    end)
  end

  refusals(parseTargetPath, {
    { "/a?b", 3, BYTE, '"?b"' },
    { "/a#b", 3, BYTE, '"#b"' },
    { "/$host", 2, BYTE, '"$host"' },
    { "/a%2", 3, BYTE, '"%2"' },
    { "/a%zz", 3, BYTE, '"%zz"' },
    { "/a;b", 3, BYTE, '";b"' },
    { "/a\\b", 3, BYTE, '"\\x5Cb"' },
    { "//", 1, FORM, '"//"' },
    { "/a//b", 3, FORM, '"//b"' },
    { "/..", 1, FORM, '"/.."' },
    { "/a/./b", 3, FORM, '"/./b"' },
    { "/a%2Fb", 3, FORM, '"%2Fb"' },
    { "/a%5cb", 3, FORM, '"%5cb"' },
    { "/%2e%2e", 2, FORM, '"%2e%2e"' },
  })
end)
