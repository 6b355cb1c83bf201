local ffi = require("ffi")
local address = require("signpost.format.address")
local refusals = require("spec.format.refusals")

ffi.cdef([[
  int inet_pton(int family, const char *text, void *bytes);
]])
local AF_INET6 = ffi.os == "OSX" and 30 or 10

-- sentence, text, form, host, port, scheme, canonical text, what nginx is given
local ADDRESSES = {
  { "an IPv4 address and a port", "10.0.0.5:8080", "ipv4", "10.0.0.5", 8080, "http", "10.0.0.5:8080", "10.0.0.5:8080" },
  { "port 80 unless given", "10.0.0.5", "ipv4", "10.0.0.5", 80, "http", "10.0.0.5:80", "10.0.0.5:80" },
  { "http is what is meant without a scheme", "http://10.0.0.5", "ipv4", "10.0.0.5", 80, "http",
    "10.0.0.5:80", "10.0.0.5:80" },
  { "https has port 443", "https://app.internal", "name", "app.internal", 443, "https",
    "https://app.internal:443", "app.internal:443" },
  { "https on another port", "https://10.0.0.5:8443", "ipv4", "10.0.0.5", 8443, "https",
    "https://10.0.0.5:8443", "10.0.0.5:8443" },
  { "the first IPv4 address", "0.0.0.0:1", "ipv4", "0.0.0.0", 1, "http", "0.0.0.0:1", "0.0.0.0:1" },
  { "the last IPv4 address and port", "255.255.255.255:65535", "ipv4", "255.255.255.255", 65535, "http",
    "255.255.255.255:65535", "255.255.255.255:65535" },
  { "an IPv6 address and a port", "[fd00::5]:8080", "ipv6", "fd00::5", 8080, "http",
    "[fd00::5]:8080", "[fd00::5]:8080" },
  { "an IPv6 address without a port", "https://[FD00::5]", "ipv6", "fd00::5", 443, "https",
    "https://[fd00::5]:443", "[fd00::5]:443" },
  { "http in upper case", "HTTP://10.0.0.5", "ipv4", "10.0.0.5", 80, "http", "10.0.0.5:80", "10.0.0.5:80" },
  { "https in any case", "HttpS://10.0.0.5", "ipv4", "10.0.0.5", 443, "https", "https://10.0.0.5:443", "10.0.0.5:443" },
  { "a name with a final dot", "app.internal.", "name", "app.internal", 80, "http",
    "app.internal:80", "app.internal:80" },
  { "a name with a final dot and a port", "app.:8080", "name", "app", 8080, "http", "app:8080", "app:8080" },
  { "a name in lower case", "App.Internal:81", "name", "app.internal", 81, "http",
    "app.internal:81", "app.internal:81" },
  { "a name of one label", "localhost", "name", "localhost", 80, "http", "localhost:80", "localhost:80" },
  { "a name with underscores and hyphens", "_my-app_.x--y", "name", "_my-app_.x--y", 80, "http",
    "_my-app_.x--y:80", "_my-app_.x--y:80" },
  { "a name that begins like a number", "10.0.0.5.nip.io", "name", "10.0.0.5.nip.io", 80, "http",
    "10.0.0.5.nip.io:80", "10.0.0.5.nip.io:80" },
  { "a name called like a scheme", "http:80", "name", "http", 80, "http", "http:80", "http:80" },
  { "a name that begins like a socket", "unix.internal", "name", "unix.internal", 80, "http",
    "unix.internal:80", "unix.internal:80" },
}

-- text, canonical text (RFC 5952)
local IPV6 = {
  { "::", "::" },
  { "::1", "::1" },
  { "1::", "1::" },
  { "0:0:0:0:0:0:0:0", "::" },
  { "0000:0000:0000:0000:0000:0000:0000:0001", "::1" },
  { "2001:0DB8::0001", "2001:db8::1" },
  { "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },
  { "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
  { "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
  { "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
  { "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
  { "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
  { "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
  { "::ffff:10.0.0.5", "::ffff:10.0.0.5" },
  { "::FFFF:0A00:0005", "::ffff:10.0.0.5" },
  { "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
  { "1:2:3:4:5:6:255.255.255.255", "1:2:3:4:5:6:ffff:ffff" },
  { "1::255.255.255.255", "1::ffff:ffff" },
}

local NOT_IPV6 = {
  "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4::5:6:7:8", "1::2::3", "12345::", "g::", ":1::",
  "::1:", "1:::2", "::10.0.0.256", "::10.0.0", "10.0.0.5::", "::10.0.0.5:1", "10.0.0.5", "::01.2.3.4", " ::1", "::1 ",
  "1:2:3:4:5:6:7:10.0.0.5", "::-1", "::0x1", "[::1", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
}

local QUAD = "an IPv4 address of four numbers from 0 to 255 without leading zeros"
local PORT = "a port from 1 to 65535"
local LABEL = "a label of 1 to 63 bytes that neither starts nor ends with -"
local NAME_BYTE = "a letter, digit, dot, - or _ in a host name"

-- text, where, what was expected, what was there
local REFUSED = {
  { "", 1, "a host", "nothing" },
  { ":80", 1, "a host", "nothing" },
  { "http://", 8, "a host", "nothing" },
  { "10.0.0.5:", 10, PORT, "nothing" },
  { "10.0.0.5:0", 10, PORT, '"0"' },
  { "10.0.0.5:65536", 10, PORT, '"65536"' },
  { "10.0.0.5:99999999999999999999", 10, PORT, '"99999999999999999999"' },
  { "10.0.0.5:080", 10, PORT, '"080"' },
  { "10.0.0.5:+80", 10, PORT, '"+80"' },
  { "10.0.0.5:0x50", 10, PORT, '"0x50"' },
  { "10.0.0.5:8e1", 10, PORT, '"8e1"' },
  { "10.0.0.5:80x", 10, PORT, '"80x"' },
  { "https://app.internal:", 22, PORT, "nothing" },
  { "app:80:90", 5, PORT, '"80:90"' },
  { "10.0.0.5/", 9, "a port or the end: a target has no path", '"/"' },
  { "10.0.0.5?x", 9, "a port or the end: a target has no path", '"?x"' },
  { "10.0.0.5#x", 9, "a port or the end: a target has no path", '"#x"' },
  { "10.0.0.5:80/", 12, "the end: a target has no path", '"/"' },
  { "http://10.0.0.5:80/api", 19, "the end: a target has no path", '"/api"' },
  { "10.0.0.256", 1, QUAD, '"10.0.0.256"' },
  { "10.0.0.05", 1, QUAD, '"10.0.0.05"' },
  { "00.0.0.1", 1, QUAD, '"00.0.0.1"' },
  { "10.0.0", 1, QUAD, '"10.0.0"' },
  { "10.0.0.0.5", 1, QUAD, '"10.0.0.0.5"' },
  { "167772165", 1, QUAD, '"167772165"' },
  { "app.123", 1, QUAD, '"app.123"' },
  { "app.internal..", 14, LABEL, '"."' },
  { ".", 1, LABEL, '"."' },
  { "10.0.0.5.", 10, LABEL, "nothing" },
  { "app..internal", 5, LABEL, '".internal"' },
  { ".internal", 1, LABEL, '".internal"' },
  { "app.-x.y", 5, LABEL, '"-x.y"' },
  { "app.x-.y", 5, LABEL, '"x-.y"' },
  { "app_!x", 5, NAME_BYTE, '"!x"' },
  { "app x", 4, NAME_BYTE, '" x"' },
  { "app\r\nx", 4, NAME_BYTE, '"\\x0D\\x0Ax"' },
  { "app\0x", 4, NAME_BYTE, '"\\x00x"' },
  { "b\195\188cher.de", 2, NAME_BYTE, '"\\xC3\\xBCcher.de"' },
  { "http://user@host", 12, NAME_BYTE, '"@host"' },
  { "http://user:word@host", 13, PORT, '"word@host"' },
  { "app[1]:80", 4, NAME_BYTE, '"[1]"' },
  { "10.0.0.5]:80", 9, NAME_BYTE, '"]"' },
  { "unix:80", 1, "a host name other than unix", '"unix"' },
  { "https://UNIX", 9, "a host name other than unix", '"UNIX"' },
  { "unix:/run/app.sock", 1, "a host name other than unix", '"unix"' },
  { "ftp://10.0.0.5", 1, "http:// or https://", '"ftp://"' },
  { "http:/10.0.0.5", 6, PORT, "nothing" },
  { "http://http://x", 13, PORT, "nothing" },
  { "//10.0.0.5", 1, "a host", "nothing" },
  { "fd00::5", 1, "an IPv6 address in brackets", '"fd00::5"' },
  { "::1", 1, "an IPv6 address in brackets", '"::1"' },
  { "[fd00::5", 1, "an IPv6 address in brackets", '"[fd00::5"' },
  { "[fd00::5:80", 1, "an IPv6 address in brackets", '"[fd00::5:80"' },
  { "fd00::5]:80", 6, PORT, '":5]:80"' },
  { "[]", 2, "an IPv6 address", "nothing" },
  { "[10.0.0.5]", 2, "an IPv6 address", '"10.0.0.5"' },
  { "http://[[::1]]", 9, "an IPv6 address", '"[::1"' },
  { "[::1]]", 6, "a port or the end: a target has no path", '"]"' },
  { "[::1]80", 6, "a port or the end: a target has no path", '"80"' },
  { "[fe80::1%eth0]:80", 9, "an IPv6 address without a zone", '"%eth0"' },
  { "[fe80::1%25eth0]", 9, "an IPv6 address without a zone", '"%25eth0"' },
}

local function detailOf(text, before)
  local value, err, detail = address.parseAddress(text, before)
  assert.is_nil(value)
  assert.equal("bad_target", err)
  return detail
end

describe("an address", function()
  for _, example in ipairs(ADDRESSES) do
    local sentence, text, form, host, port, scheme, canonical, hostPort = unpack(example)
    it("can be " .. sentence .. ": " .. text, function()
      local parsed, err = address.parseAddress(text)
      assert.is_nil(err)
      assert.same({ scheme = scheme, form = form, host = host, port = port }, parsed)
      assert.equal(canonical, address.printAddress(parsed))
      assert.equal(hostPort, address.printHostPort(parsed))
      assert.same(parsed, (address.parseAddress(canonical)))
    end)
  end

  for _, example in ipairs(IPV6) do
    local text, canonical = unpack(example)
    it(("[%s] is printed as [%s]"):format(text, canonical), function()
      assert.equal(canonical, address.parseAddress("[" .. text .. "]").host)
    end)
  end

  for _, text in ipairs(NOT_IPV6) do
    it(("[%s] is no IPv6 address"):format(text), function()
      assert.equal("byte 2: expected an IPv6 address, got", detailOf("[" .. text .. "]"):match("^(.- got)"))
    end)
  end

  refusals(address.parseAddress, REFUSED)

  it("has labels of at most 63 bytes and 253 bytes in all", function()
    local label = ("a"):rep(63)
    local longest = ("%s.%s.%s.%s"):format(label, label, label, ("a"):rep(61))
    assert.equal(longest, address.parseAddress(longest .. ":1").host)
    local shown = '"' .. ("a"):rep(40) .. '"...'
    assert.equal("byte 1: expected a host name of at most 253 bytes, got " .. shown, detailOf(longest .. "a"))
    assert.equal(("byte 3: expected %s, got %s"):format(LABEL, shown), detailOf("b.a" .. label))
  end)

  it("counts its complaint from the text it stands in", function()
    assert.equal('byte 110: expected a port from 1 to 65535, got "0"', detailOf("10.0.0.5:0", 100))
    assert.equal('byte 109: expected an IPv6 address without a zone, got "%1"', detailOf("http://[%1]", 100))
    assert.equal('byte 103: expected a letter, digit, dot, - or _ in a host name, got "!"', detailOf("ab!", 100))
  end)

  it("is refused in time in proportion to its length, however long", function()
    for _, unit in ipairs({ "a", "1", ".", ":", "[", "]", "1.", "a-", "://", "[::", "\0", "1:" }) do
      assert.is_true(#detailOf(unit:rep(2 ^ 20 / #unit)) < 300)
    end
  end)
end)

describe("IPv6", function()
  local PIECES = { "0", "1", "ffff", "0db8", "::", "::", ":", ":", ":", "10.0.0.5", "a", "00000", "g", "." }

  local function bytesOf(text)
    local bytes = ffi.new("uint8_t[16]")
    return ffi.C.inet_pton(AF_INET6, text, bytes) == 1 and ffi.string(bytes, 16) or nil
  end

  local function randomText()
    local pieces = {}
    if math.random() < 0.5 then
      for i = 1, math.random(1, 12) do
        pieces[i] = PIECES[math.random(#PIECES)]
      end
      return table.concat(pieces)
    end
    for i = 1, 8 do
      pieces[i] = math.random() < 0.5 and "0" or ("%x"):format(math.random(0, 65535))
    end
    return table.concat(pieces, ":")
  end

  it("is what the C library says it is, and keeps its sixteen bytes when printed", function()
    local seed = tonumber(os.getenv("SEED")) or os.time()
    math.randomseed(seed)
    local accepted = 0
    for _ = 1, 100000 do
      local text = randomText()
      local where = ("SEED=%d, text %q"):format(seed, text)
      local bytes = bytesOf(text)
      local parsed = address.parseAddress("[" .. text .. "]")
      assert((bytes ~= nil) == (parsed ~= nil), where)
      if parsed then
        accepted = accepted + 1
        assert(bytesOf(parsed.host) == bytes, where)
      end
    end
    assert.is_true(accepted > 40000)
  end)
end)
