local generated = require("spec.support.generated")
local refusals = require("spec.format.refusals")
local target = require("signpost.format.target")
local parseTarget, printTarget = target.parseTarget, target.printTarget

local GENERATED = generated.cases(100000)

local function http(form, host, port)
  return { scheme = "http", form = form, host = host, port = port }
end

local FIVE = http("ipv4", "10.0.0.5", 8080)
local SIX = http("ipv4", "10.0.0.6", 8080)
local BOTH = { kind = "peers", peers = { FIVE, SIX } }

local function answer(status, url, appendRequestUri)
  return { kind = "return", status = status, url = url, appendRequestUri = appendRequestUri or false }
end

-- sentence, text, target, canonical text
local TARGETS = {
  { "one address", "10.0.0.5:8080", { kind = "peers", peers = { FIVE } }, "10.0.0.5:8080" },
  { "several addresses with blanks between", "10.0.0.5:8080 10.0.0.6:8080", BOTH, "10.0.0.5:8080 10.0.0.6:8080" },
  { "several addresses with a comma between", "10.0.0.5:8080,10.0.0.6:8080", BOTH, "10.0.0.5:8080 10.0.0.6:8080" },
  { "a comma with blanks around it", "10.0.0.5:8080 \t,\t 10.0.0.6:8080", BOTH, "10.0.0.5:8080 10.0.0.6:8080" },
  { "blanks before and after", " \t10.0.0.5:8080\t  10.0.0.6:8080 \t", BOTH, "10.0.0.5:8080 10.0.0.6:8080" },
  { "the same address twice", "10.0.0.5:8080 10.0.0.5:8080", { kind = "peers", peers = { FIVE, FIVE } },
    "10.0.0.5:8080 10.0.0.5:8080" },
  { "addresses of every kind", "[FD00:0::5],https://App.internal x_1:80", { kind = "peers", peers = {
    http("ipv6", "fd00::5", 80), { scheme = "https", form = "name", host = "app.internal", port = 443 },
    http("name", "x_1", 80) } }, "[fd00::5]:80 https://app.internal:443 x_1:80" },
  { "names without ports, if they have dots", "a.internal b.internal. [fd00::5]", { kind = "peers", peers = {
    http("name", "a.internal", 80), http("name", "b.internal", 80), http("ipv6", "fd00::5", 80) } },
    "a.internal:80 b.internal:80 [fd00::5]:80" },
  { "names without dots, if they have a port or a scheme", "10.0.0.5:8080 http://backup, a:81", { kind = "peers",
    peers = { FIVE, http("name", "backup", 80), http("name", "a", 81) } }, "10.0.0.5:8080 backup:80 a:81" },
  { "one name without a dot", "backup", { kind = "peers", peers = { http("name", "backup", 80) } }, "backup:80" },
  { "an address with a path", "http://10.0.0.5:8080/", { kind = "peers", peers = { FIVE }, path = "/" },
    "10.0.0.5:8080/" },
  { "several addresses with the same path", "10.0.0.5:8080/v2/%C3%BC 10.0.0.6:8080/v2/%C3%BC",
    { kind = "peers", peers = { FIVE, SIX }, path = "/v2/%C3%BC" },
    "10.0.0.5:8080/v2/%C3%BC 10.0.0.6:8080/v2/%C3%BC" },
  { "a pool with a path", "@web/v2/", { kind = "pool", name = "web", path = "/v2/" }, "@web/v2/" },
  { "a host called return", "return:80", { kind = "peers", peers = { http("name", "return", 80) } }, "return:80" },
  { "a pool", "@web", { kind = "pool", name = "web" }, "@web" },
  { "a pool of every kind of byte", "@Web.eu_1-a:B", { kind = "pool", name = "Web.eu_1-a:B" }, "@Web.eu_1-a:B" },
  { "a pool between blanks", "  @web ", { kind = "pool", name = "web" }, "@web" },
  { "a redirect", "return 301 https://www.example.com/", answer(301, "https://www.example.com/"),
    "return 301 https://www.example.com/" },
  { "a redirect that keeps the request's target", "return 308 https://www.example.com$request_uri",
    answer(308, "https://www.example.com", true), "return 308 https://www.example.com$request_uri" },
  { "a redirect to the same host", "return 301 https://$host$request_uri",
    { kind = "return", status = 301, url = "https://", afterHost = "", appendRequestUri = true },
    "return 301 https://$host$request_uri" },
  { "a redirect to another name below it", "return 302 http://www.$host:8080/x?y",
    { kind = "return", status = 302, url = "http://www.", afterHost = ":8080/x?y", appendRequestUri = false },
    "return 302 http://www.$host:8080/x?y" },
  { "a pool by https only", "https_only\t @web/v2", { kind = "pool", name = "web", path = "/v2", httpsOnly = true },
    "https_only @web/v2" },
  { "addresses by https only", "https_only 10.0.0.5:8080,10.0.0.6:8080",
    { kind = "peers", peers = { FIVE, SIX }, httpsOnly = true }, "https_only 10.0.0.5:8080 10.0.0.6:8080" },
  { "a host called https_only", "https_only:80", { kind = "peers", peers = { http("name", "https_only", 80) } },
    "https_only:80" },
  { "a redirect to a path", "return 302 /new", answer(302, "/new"), "return 302 /new" },
  { "a redirect to the root", "return 303 /", answer(303, "/"), "return 303 /" },
  { "a redirect below a path", "return 307 /new$request_uri", answer(307, "/new", true),
    "return 307 /new$request_uri" },
  { "a redirect with every byte a URL may hold", "return 301 http://a!#%&()*+,-./09:=?@AZ[]_az~",
    answer(301, "http://a!#%&()*+,-./09:=?@AZ[]_az~"), "return 301 http://a!#%&()*+,-./09:=?@AZ[]_az~" },
  { "an error", "return 503", answer(503), "return 503" },
  { "the first error status", "return 400", answer(400), "return 400" },
  { "a closed connection", "return 444", answer(444), "return 444" },
  { "the last error status", "return 599", answer(599), "return 599" },
  { "an answer with blanks in it", "\treturn \t 301\t /x ", answer(301, "/x"), "return 301 /x" },
}

local ALIEN = "only printable ASCII in a target"
local NAME_BYTE = "a letter, digit, dot, - or _ in a host name"
local DOTLESS = "a port after a name without a dot, where there are several addresses"
local PORTLESS = "a port after a name, where another address has one"
local PATH_BYTE = "a byte a target's path may hold (others as %XX)"
local PATH_FORM = "a path without //, . or .., and without %2F, %5C or %2E"
local AFTER_HOST = "the end of a host: a port, a path, $request_uri or nothing"
local BACKENDS = "addresses or @pool after https_only"
local POOL_NAME = "a pool name of 1 to 128 bytes"
local POOL_BYTE = "a letter, digit, dot, _, - or : in a pool name"
local STATUS = "301, 302, 303, 307, 308 or a status from 400 to 599"
local ANSWERED = "a status that nginx answers with: not 408, 494 to 497 or 499"
local URL_FORM = "a URL that begins with http:// or https:// and a host, or with a single /"
local URL_BYTE = "a byte a URL may hold (others as %XX, $host as the host, $request_uri at the end only)"

-- text, where, what was expected, what was there
local REFUSED = {
  { "", 1, "a target", "nothing" },
  { " \t ", 1, "a target", '" \\x09 "' },
  { " 10.0.0.5 10.0.0.6:0", 20, "a port from 1 to 65535", '"0"' },
  { "10.0.0.5:80 [fe80::1%eth0]", 21, "an IPv6 address without a zone", '"%eth0"' },
  { "10.0.0.5,,10.0.0.6", 10, "an address", '",10.0.0.6"' },
  { "10.0.0.5 , ,10.0.0.6", 12, "an address", '",10.0.0.6"' },
  { ",10.0.0.5", 1, "an address", '",10.0.0.5"' },
  { "10.0.0.5, ", 10, "an address", "nothing" },
  { ",", 1, "an address", '","' },
  { "10.0.0.5 @web", 10, NAME_BYTE, '"@web"' },
  { "10.0.0.5:80 backup", 13, DOTLESS, '"backup"' },
  { "10.0.0.5 backup/", 10, DOTLESS, '"backup/"' },
  { "web,10.0.0.5:80", 1, DOTLESS, '"web"' },
  { "10.0.0.5:80 mirrors.example.edu", 13, PORTLESS, '"mirrors.example.edu"' },
  { "mirrors.example.edu [fd00::5]:80", 1, PORTLESS, '"mirrors.example.edu"' },
  { "10.0.0.5:80 down", 13, DOTLESS, '"down"' },
  { "10.0.0.5;10.0.0.6", 9, NAME_BYTE, '";10.0.0.6"' },
  { "@", 2, POOL_NAME, "nothing" },
  { "@web @api", 5, POOL_BYTE, '" @api"' },
  { "@web//x", 5, PATH_FORM, '"//x"' },
  { "@web/x y", 7, PATH_BYTE, '" y"' },
  { "@/x", 2, POOL_NAME, "nothing" },
  { "10.0.0.5/a 10.0.0.6/b", 12, "the same path after each address", '"10.0.0.6/b"' },
  { "10.0.0.5/ 10.0.0.6", 11, "the same path after each address", '"10.0.0.6"' },
  { "http://10.0.0.5:80/a?b", 21, PATH_BYTE, '"?b"' },
  { "10.0.0.5/a/../b", 11, PATH_FORM, '"/../b"' },
  { "http:/10.0.0.5", 6, "a port from 1 to 65535", "nothing" },
  { "/api", 1, "a host", "nothing" },
  { "@@web", 2, POOL_BYTE, '"@web"' },
  { "return", 7, STATUS, "nothing" },
  { "return 10.0.0.5", 8, STATUS, '"10.0.0.5"' },
  { "return 200", 8, STATUS, '"200"' },
  { "return 304", 8, STATUS, '"304"' },
  { "return 399", 8, STATUS, '"399"' },
  { "return 600", 8, STATUS, '"600"' },
  { "return 0503", 8, STATUS, '"0503"' },
  { "return 5e2", 8, STATUS, '"5e2"' },
  { "return 408", 8, ANSWERED, '"408"' },
  { " return 499", 9, ANSWERED, '"499"' },
  { "return 494", 8, ANSWERED, '"494"' },
  { "return 495", 8, ANSWERED, '"495"' },
  { "return 496", 8, ANSWERED, '"496"' },
  { "return 497", 8, ANSWERED, '"497"' },
  { "10.0.0.5 224.0.0.1:80", 10, "the address of one host, not a multicast or broadcast address", '"224.0.0.1:80"' },
  { "return 503 /x", 12, "the end: 503 has no URL", '"/x"' },
  { "return 301", 11, URL_FORM, "nothing" },
  { "return 301 www.example.com", 12, URL_FORM, '"www.example.com"' },
  { "return 301 //www.example.com", 12, URL_FORM, '"//www.example.com"' },
  { "return 301 http://", 12, URL_FORM, '"http://"' },
  { "return 301 https:///x", 12, URL_FORM, '"https:///x"' },
  { "return 301 https://?x", 12, URL_FORM, '"https://?x"' },
  { "return 301 HTTPS://x", 12, URL_FORM, '"HTTPS://x"' },
  { "return 301 ftp://x", 12, URL_FORM, '"ftp://x"' },
  { "return 301 javascript:alert(1)", 12, URL_FORM, '"javascript:alert(1)"' },
  { "return 301 $request_uri", 12, URL_FORM, '"$request_uri"' },
  { "return 301 https://$request_uri", 12, URL_FORM, '"https://$request_uri"' },
  { "return 301 /$request_uri", 12, "more than / before $request_uri", '"/$request_uri"' },
  { "return 301 https://x$request_uri/", 21, URL_BYTE, '"$request_uri/"' },
  { "return 301 https://x$request_uri$request_uri", 21, URL_BYTE, '"$request_uri$request_uri"' },
  { "return 301 https://x$request_uris", 21, URL_BYTE, '"$request_uris"' },
  { "return 301 https://$hostx/y", 25, AFTER_HOST, '"x/y"' },
  { "return 301 https://$host:0/", 25, AFTER_HOST, '":0/"' },
  { "return 301 https://$host:443x", 25, AFTER_HOST, '":443x"' },
  { "return 301 https://$host/$host", 26, URL_BYTE, '"$host"' },
  { "return 301 https://x/$host", 22, URL_BYTE, '"$host"' },
  { "return 301 https://me@$host/", 23, URL_BYTE, '"$host/"' },
  { "return 301 /$host", 13, URL_BYTE, '"$host"' },
  { "return 301 $host/x", 12, URL_BYTE, '"$host/x"' },
  { "return 301 https://$host$request_uri/", 25, URL_BYTE, '"$request_uri/"' },
  { "https_only", 11, BACKENDS, "nothing" },
  { "https_only return 503", 12, BACKENDS, '"return 503"' },
  { "https_only https_only @web", 12, BACKENDS, '"https_only @web"' },
  { "https_only 10.0.0.5:0", 21, "a port from 1 to 65535", '"0"' },
  { "https_only @web/..", 16, PATH_FORM, '"/.."' },
  { "10.0.0.5:80 https_only", 13, DOTLESS, '"https_only"' },
  { "return 301 /a /b", 14, URL_BYTE, '" /b"' },
}

-- A bar stands where the hostile bytes go.
local PLACES = {
  "|10.0.0.5:80", "10.|0.0.5:80", "10.0.0.5|:80", "10.0.0.5:|80", "10.0.0.5:80|", "|http://a", "http|://a", "http://|a",
  "[|fd00::5]", "[fd00::5|]:80", "[fd00::5]|:80", "app|.internal", "app.internal|", "a|,b", "a,|b", "a |b", "|@web",
  "@|web", "@web|",
  "@web/|", "@web/x|y", "https_only |@web", "return 301 http://|$host/x",
  "return 301 http://$host|/x", "a:80/|", "a:80/x|/y",
  "|return 503", "return| 503", "return |503", "return 503|", "return 301| /x", "return 301 |/x",
  "return 301 /x|y", "return 301 https://|x", "return 301 https://x|/y", "return |301 /x",
}

local function detailOf(text)
  local value, err, detail = parseTarget(text)
  assert.is_nil(value)
  assert.equal("bad_target", err)
  return detail
end

describe("a target", function()
  for _, example in ipairs(TARGETS) do
    local sentence, text, expected, canonical = unpack(example)
    it("can be " .. sentence, function()
      local parsed, err = parseTarget(text)
      assert.is_nil(err)
      assert.same(expected, parsed)
      assert.equal(canonical, printTarget(parsed))
    end)
  end

  refusals(parseTarget, REFUSED)

  it("with hostile bytes anywhere in it is refused", function()
    for text, bytes in generated.hostileTexts(PLACES) do
      -- A tab is a blank in a target: there it separates.
      local isHost = bytes == "$host" and text:find("https?://[%w.]*%$host")
      assert(bytes == "\t" or isHost or not parseTarget(text), ("%q came through"):format(text))
    end
  end)

  it("with a control byte names it and its place, whatever else is wrong", function()
    assert.equal(("byte 9: expected %s, got %s"):format(ALIEN, '"\\x0D\\x0AX: y"'), detailOf("10.0.0.5\r\nX: y"))
    assert.equal(("byte 1: expected %s, got %s"):format(ALIEN, '"\\x00"'), detailOf("\0"))
    assert.equal(("byte 4: expected %s, got %s"):format(ALIEN, '"\\x0A"'), detailOf("///\n"))
    assert.equal(("byte 2: expected %s, got %s"):format(ALIEN, '"\\xC3\\xBC\\x22\\x5C~"'), detailOf("@\195\188\"\\~"))
  end)

  it("has at most 4096 bytes", function()
    local url = ("x"):rep(4096 - #"return 301 /")
    assert.equal("/" .. url, parseTarget("return 301 /" .. url).url)
    local shown = '"xx"'
    assert.equal("byte 4097: expected no more than 4096 bytes, got " .. shown, detailOf("return 301 /" .. url .. "xx"))
    assert.equal("byte 4097: expected no more than 4096 bytes", detailOf((" "):rep(2 ^ 20)):match("^(.-), got"))
  end)

  it("has at most 4096 bytes when its ports are written out, so that what is printed can be read", function()
    local many = ("1.1.1.1 "):rep(371)
    assert.equal(4096, #printTarget(parseTarget(many .. "11.1.1.11:65535")))
    assert.equal(
      'byte 2969: expected no more than 4096 bytes of addresses, each with its port, got "111.1.1.11:65535"',
      detailOf(many .. "111.1.1.11:65535")
    )
  end)

  it("has a pool name of at most 128 bytes", function()
    local longest = "@" .. ("a"):rep(128)
    assert.equal(longest, printTarget(parseTarget(longest)))
    assert.equal("byte 2: expected " .. POOL_NAME, detailOf(longest .. "a"):match("^(.-), got"))
  end)
end)

-- A generator of valid targets in canonical form, written without the parser's help.

local bytes, pick, repeated = generated.bytes, generated.pick, generated.repeated

local LABEL_ENDS = "abcdefghijklmnopqrstuvwxyz0123456789_"

local function label()
  local length = pick({ 1, 2, 3, 3, 5, 8, 20, 63 })
  if length < 3 then
    return bytes(length, LABEL_ENDS)
  end
  return bytes(1, LABEL_ENDS) .. bytes(length - 2, LABEL_ENDS .. "--") .. bytes(1, LABEL_ENDS)
end

local function name()
  local labels = repeated(math.random(1, 5), label)
  local text = table.concat(labels, "."):sub(-253):gsub("^[.-]+", "")
  return (text == "unix" or ("." .. text):find("%.%d+$")) and name() or text
end

local function ipv4()
  return table.concat(repeated(4, function()
    return pick({ 0, 1, 9, 10, 99, 100, 255, math.random(0, 255) })
  end), ".")
end

local function group()
  return ("%x"):format(math.random(1, 65534))
end

local IPV6 = {
  function()
    local head = math.random(0, 6)
    local tail = math.random(0, 6 - head)
    return table.concat(repeated(head, group), ":") .. "::" .. table.concat(repeated(tail, group), ":")
  end,
  function()
    return table.concat(repeated(8, function(i)
      return i % 2 == 0 and math.random() < 0.5 and "0" or group()
    end), ":")
  end,
  function()
    return "::ffff:" .. ipv4()
  end,
}

local FORMS = {
  ipv4 = ipv4,
  ipv6 = function()
    return pick(IPV6)()
  end,
  name = name,
}

local function peer()
  local form = pick({ "ipv4", "ipv6", "name" })
  local host = FORMS[form]()
  if form ~= "name" and not generated.isReachable(host) then
    return peer()
  end
  return {
    scheme = pick({ "http", "http", "https" }),
    form = form,
    host = host,
    port = pick({ 80, 443, 1, 65535, math.random(65535) }),
  }
end

local URL_BYTES = "abcXYZ0189/?#[]@!&()*+,=%._~:-"

local function redirect()
  local appendRequestUri = math.random() < 0.5
  local start = pick({ "https://", "http://", "/" }) .. bytes(1, "abcXYZ019.")
  return answer(pick({ 301, 302, 303, 307, 308 }), start .. bytes(math.random(0, 30), URL_BYTES), appendRequestUri)
end

--- Nothing, in most cases.
local function path()
  local i = math.random(6)
  return ({ "/", "/v2", "/" .. bytes(math.random(1, 9), "abcXYZ09_~!&()*+=:@-") .. "/%20" })[i]
end

local KINDS = {
  function()
    return { kind = "peers", peers = repeated(pick({ 1, 1, 1, 2, 3, 12 }), peer), path = path(),
      httpsOnly = math.random() < 0.2 or nil }
  end,
  function()
    return { kind = "pool", name = bytes(pick({ 1, 3, 12, 128 }), "abcXYZ0189._-:"), path = path(),
      httpsOnly = math.random() < 0.2 or nil }
  end,
  redirect,
  function()
    local made = answer(301, pick({ "http://", "https://www." }), math.random() < 0.5)
    made.afterHost = pick({ "", ":8443" }) .. pick({ "", "/" .. bytes(math.random(0, 9), URL_BYTES) })
    return made
  end,
  function()
    return answer(generated.status())
  end,
}

local function randomTarget()
  return pick({ KINDS[1], pick(KINDS) })()
end

-- And of texts: valid ones with damage, and bytes without sense.

local BITS = {
  "\r", "\n", "\0", "\t", " ", "$", ";", "{", "}", '"', "'", "\\", "/", "//", "://", "http://", "https://", ":", "::",
  "[", "]", "%", "%eth0", "@", ",", ".", "..", "-", "0", "00", "1", "255", "256", "65535", "65536", "return", "return ",
  "301 ", "503", "$request_uri", "\195\188", "\255", "a", "F", "unix:", "#", "?",
}

local TEXTS = {
  function()
    return generated.damaged(printTarget(randomTarget()), BITS)
  end,
  function()
    return generated.damaged(printTarget(randomTarget()), BITS):gsub(" ", function()
      return pick({ ",", "\t", ", ", " , ", "  " })
    end)
  end,
  function()
    return table.concat(repeated(math.random(0, 8), function()
      return pick(BITS)
    end))
  end,
  function()
    return table.concat(repeated(math.random(0, 40), function()
      return string.char(math.random(0, 255))
    end))
  end,
  function()
    return (pick({ "a ", "a,", "::1 ", "[::ffff:1:1] ", "b.c " })):rep(math.random(300, 2048))
  end,
}

local function randomText()
  local i = math.random()
  return (TEXTS[i < 0.5 and 1 or i < 0.75 and 2 or i < 0.9 and 3 or i < 0.99 and 4 or 5]())
end

local function isSafePrint(text)
  return not (text:find("^ ") or text:find("  ") or text:find(" $"))
    and generated.isSafe((text:gsub("%$request_uri$", "")
      :gsub("^(return %d+ https?://[%w._-]*)%$host", "%1"):gsub(" ", "")))
end

describe("of many generated", function()
  it("targets, each is what its printed text parses to", function()
    generated.forAll(GENERATED, randomTarget, function(made)
      local parsed, _, detail = parseTarget(printTarget(made))
      assert(parsed, detail)
      assert(generated.isSame(made, parsed), "another target came back")
    end, printTarget)
  end)

  it("texts, each is a safe target that prints and parses as itself, or is refused with a place", function()
    local taken = 0
    generated.forAll(GENERATED, randomText, function(text)
      local parsed, err, detail = parseTarget(text)
      if parsed == nil then
        local byte = detail:match("^byte (%d+): expected .+, got .+$")
        assert(err == "bad_target" and byte, detail)
        assert(tonumber(byte) >= 1 and tonumber(byte) <= #text + 1, "no such place: " .. detail)
        assert(generated.isLoggable(detail), "not fit for a log: " .. detail)
        return
      end
      taken = taken + 1
      local printed = printTarget(parsed)
      assert(generated.isSafe(parsed) and isSafePrint(printed), "unsafe: " .. printed)
      assert(generated.isSame(parsed, (parseTarget(printed))), "another target came back")
    end)
    assert(taken > GENERATED / 5 and taken < GENERATED * 4 / 5, "one-sided: " .. taken .. " taken")
  end)
end)
