local cdn_loop = require("signpost.routing.cdn_loop")
local countHops, withHop = cdn_loop.countHops, cdn_loop.withHop

local OWN = "signpost-0123456789abcdef"

--- `own` and `all`, of the examples of RFC 8586 and of what proxies may make of them.
local EXAMPLES = {
  { "an empty header names nobody", "", 0, 0 },
  { "other CDNs are no Signpost nodes", "foo123.foocdn.example, barcdn.example; trace=\"abcdef\", AnotherCDN; abc=123",
    0, 0 },
  { "its own id alone", OWN, 1, 1 },
  { "its own id among others, with parameters and without blanks", "a,  " .. OWN .. " ; x=1,b;y=\"2\"", 1, 1 },
  { "its own id directly before a parameter", OWN .. ";x", 1, 1 },
  { "its own id after a tab", "a,\t" .. OWN .. "\t", 1, 1 },
  { "other nodes and itself", "signpost-1, " .. OWN .. ", signpost-2, " .. OWN, 2, 4 },
  { "an id that only begins like its own", OWN .. "0", 0, 1 },
  { "an id that its own only begins with", "signpost-0123", 0, 1 },
  { "what only ends with its own id", "x" .. OWN .. ", x=" .. OWN .. ", x;" .. OWN, 0, 0 },
  { "empty entries", ",, ,;," .. OWN .. ",", 1, 1 },
  { "any bytes", "\0\255(,%s)" .. OWN .. "," .. OWN, 1, 1 },
}

describe("the hops in a CDN-Loop header:", function()
  for _, example in ipairs(EXAMPLES) do
    local title, header, own, all = unpack(example)
    it(title, function()
      assert.same({ own = own, all = all }, countHops(header, OWN))
    end)
  end

  it("a long header is counted to its end", function()
    assert.same({ own = 1, all = 5001 }, countHops(("signpost-1,"):rep(5000) .. OWN, OWN))
  end)
end)

describe("a node adds itself to a CDN-Loop header", function()
  it("that is empty", function()
    assert.equal(OWN, withHop("", OWN))
  end)

  it("at its end, and leaves the rest as it is", function()
    assert.equal("a;b=\"c, d\" ,e, " .. OWN, withHop("a;b=\"c, d\" ,e", OWN))
  end)

  it("so that it finds itself again", function()
    local header = "foocdn.example; a=b"
    for count = 1, 3 do
      header = withHop(header, OWN)
      assert.same({ own = count, all = count }, countHops(header, OWN))
    end
  end)
end)
