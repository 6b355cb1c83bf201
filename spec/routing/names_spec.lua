local names = require("signpost.routing.names")
local isHost, namesOfHost, namesToTry = names.isHost, names.namesOfHost, names.namesToTry

local EXAMPLES = {
  { "a host tries itself, its wildcards longest first, then the default",
    "a.b.c", { "a.b.c", "*.b.c", "*.c", "*" } },
  { "a host without a dot has no wildcard", "localhost", { "localhost", "*" } },
  { "a host of nine labels tries all its eight wildcards", "a.b.c.d.e.f.g.h.i", {
    "a.b.c.d.e.f.g.h.i", "*.b.c.d.e.f.g.h.i", "*.c.d.e.f.g.h.i", "*.d.e.f.g.h.i", "*.e.f.g.h.i", "*.f.g.h.i",
    "*.g.h.i", "*.h.i", "*.i", "*" } },
  { "a host of eleven labels drops its two longest wildcards", "y.z.a.b.c.d.e.f.g.h.i", {
    "y.z.a.b.c.d.e.f.g.h.i", "*.b.c.d.e.f.g.h.i", "*.c.d.e.f.g.h.i", "*.d.e.f.g.h.i", "*.e.f.g.h.i", "*.f.g.h.i",
    "*.g.h.i", "*.h.i", "*.i", "*" } },
  { "an IPv4 literal has no wildcards", "10.0.0.5", { "10.0.0.5", "*" } },
  { "an IPv6 literal has no wildcards", "[fd00::5]", { "[fd00::5]", "*" } },
  { "an IPv6 literal that ends in dotted decimal has no wildcards",
    "[::ffff:10.0.0.5]", { "[::ffff:10.0.0.5]", "*" } },
  { "four numbers that are no IPv4 address are a name", "10.0.0.256",
    { "10.0.0.256", "*.0.0.256", "*.0.256", "*.256", "*" } },
  { "a name that begins like an IPv4 address is a name", "10.0.0.5.nip.io",
    { "10.0.0.5.nip.io", "*.0.0.5.nip.io", "*.0.5.nip.io", "*.5.nip.io", "*.nip.io", "*.io", "*" } },
  { "no host tries the default alone", "", { "*" } },
  { "a host that is the default's name tries it once", "*", { "*" } },
  { "a host that is a wildcard's name tries it once", "*.example.com", { "*.example.com", "*.com", "*" } },
  { "a star within a host is a byte like any other", "a.*.c", { "a.*.c", "*.*.c", "*.c", "*" } },
  { "high bytes are bytes like any other", "\255\254.com", { "\255\254.com", "*.com", "*" } },
  { "a host that is written like a pool's name tries the default alone", "@web", { "*" } },
  { "and so does one with dots", "@web.example.com", { "*" } },
  { "an at sign within a host is a byte like any other", "a@b.com", { "a@b.com", "*.com", "*" } },
  { "a leading dot does no harm", ".com", { ".com", "*.com", "*" } },
}

describe("names to try", function()
  for _, example in ipairs(EXAMPLES) do
    local sentence, host, expected = unpack(example)
    it(sentence, function()
      assert.same(expected, namesToTry(host))
    end)
  end

  it("a host of 253 bytes is tried, a longer one is not", function()
    local longest = ("a"):rep(251) .. ".b"
    assert.same({ longest, "*.b", "*" }, namesToTry(longest))
    assert.same({ "*" }, namesToTry("a" .. longest))
    assert.same({ "*" }, namesToTry(("a."):rep(500000)))
  end)

  it("whatever bytes a host has: no error, no name twice, at most ten, itself first and the default last", function()
    local seed = tonumber(os.getenv("SEED")) or os.time()
    math.randomseed(seed)
    for _ = 1, 20000 do
      local bytes = {}
      for i = 1, math.random(0, 30) do
        bytes[i] = math.random() < 0.4 and "." or string.char(math.random(0, 255))
      end
      local host = table.concat(bytes)
      local tried, seen = namesToTry(host), {}
      local where = ("SEED=%d, host %q"):format(seed, host)
      for _, name in ipairs(tried) do
        assert(not seen[name], where)
        seen[name] = true
      end
      assert(#tried <= 10 and tried[#tried] == "*", where)
      assert(host == "" or host:sub(1, 1) == "@" or tried[1] == host, where)
      assert(tried[1]:sub(1, 1) ~= "@", where)
    end
  end)
end)

local HOSTS = {
  "", "a", "a.b.c", "A.B", "-", "_x.y-z", ".com", "xn--bcher-kva.example", "b\195\188cher.example", "\128.\255",
  "10.0.0.5", "[::1]", "[fd00::5]", "[::ffff:10.0.0.5]", ("a"):rep(300),
}

local NO_HOSTS = {
  "evil.com#.wild.test", "evil.com?.wild.test", "evil.com\\.wild.test", "u@x.wild.test", "a/b", "a:b", "a b", "a\tb",
  "*", "*.example.com", "@web", "a%2e", "a,b", "a;b", "a\0b", "a\127b", "[", "]", "[]", "[::1", "::1]",
  "[::1].a", "[::1]b", "a[::1]", "[10.0.0.5]", "[a]", "[fe80::1%eth0]", "[v1.a]", "[[::1]]", "[::1]\n",
}

describe("a host", function()
  it("is made of letters, digits, -, _, . and bytes beyond ASCII, or is an IPv6 address in brackets", function()
    for _, host in ipairs(HOSTS) do
      assert(isHost(host), host)
      assert.same(namesToTry(host), namesOfHost(host))
    end
    for byte = 0, 255 do
      local char = string.char(byte)
      assert.equal(byte >= 128 or char:find("^[%w._-]$") ~= nil, isHost("a" .. char .. "b"), ("%q"):format(char))
    end
  end)

  it("that is anything else has no names", function()
    for _, host in ipairs(NO_HOSTS) do
      assert(not isHost(host), host)
      assert.same({}, namesOfHost(host))
    end
  end)
end)
