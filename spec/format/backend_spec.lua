local parseAddress = require("signpost.format.address").parseAddress
local parseBackend = require("signpost.format.backend").parseBackend
local refusals = require("spec.format.refusals")

local REACHABLE = {
  "10.0.0.5:8080", "0.0.0.0", "0.0.0.1", "127.0.0.1", "169.254.169.254", "223.255.255.255", "240.0.0.0",
  "255.255.255.254", "[::]", "[::1]", "[fd00::5]", "[::224.0.0.1]", "[::ffff:0:224.0.0.1]", "[::ffff:10.0.0.5]",
  "[fe7f::1]", "[fec0::1]", "[feff::1]", "[fe8::1]", "[ff0::1]", "[1:ff02::1]", "https://app.internal", "ff02",
  "fe80.internal", "224.internal",
}

local ONE_HOST = "the address of one host, not a multicast or broadcast address"
local SCOPED = "an address that needs no interface beside it, as link-local ones do"

-- text, where, what was expected, what was there
local REFUSED = {
  { "224.0.0.0", 1, ONE_HOST, '"224.0.0.0"' },
  { "https://239.255.255.255:8443", 1, ONE_HOST, '"https://239.255.255.255:8443"' },
  { "255.255.255.255:80", 1, ONE_HOST, '"255.255.255.255:80"' },
  { "[ff00::]", 1, ONE_HOST, '"[ff00::]"' },
  { "[FF02::1]:80", 1, ONE_HOST, '"[FF02::1]:80"' },
  { "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]", 1, ONE_HOST, '"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"...' },
  { "[::ffff:224.0.0.1]", 1, ONE_HOST, '"[::ffff:224.0.0.1]"' },
  { "[::FFFF:E000:1]:80", 1, ONE_HOST, '"[::FFFF:E000:1]:80"' },
  { "[0::ffff:255.255.255.255]", 1, ONE_HOST, '"[0::ffff:255.255.255.255]"' },
  { "[fe80::1]", 1, SCOPED, '"[fe80::1]"' },
  { "[febf:1::]:80", 1, SCOPED, '"[febf:1::]:80"' },
  { "10.0.0.5:0", 10, "a port from 1 to 65535", '"0"' },
}

describe("a backend's address", function()
  it("is what an address is", function()
    for _, text in ipairs(REACHABLE) do
      local backend, _, detail = parseBackend(text)
      assert.same(parseAddress(text), assert(backend, detail))
    end
  end)

  refusals(parseBackend, REFUSED)

  it("counts the place from where the text begins that it is a part of", function()
    local _, _, detail = parseBackend("224.0.0.1", 20)
    assert.equal(('byte 21: expected %s, got "224.0.0.1"'):format(ONE_HOST), detail)
  end)
end)
