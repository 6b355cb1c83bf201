local namesToTry = require("signpost.routing.names").namesToTry

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
    local sentence, host, names = unpack(example)
    it(sentence, function()
      assert.same(names, namesToTry(host))
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
      local names, seen = namesToTry(host), {}
      local where = ("SEED=%d, host %q"):format(seed, host)
      for _, name in ipairs(names) do
        assert(not seen[name], where)
        seen[name] = true
      end
      assert(#names <= 10 and names[#names] == "*" and (host == "" or host:sub(1, 1) == "@" or names[1] == host), where)
      assert(names[1]:sub(1, 1) ~= "@", where)
    end
  end)
end)
