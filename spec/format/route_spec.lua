local generated = require("spec.support.generated")
local findEntry = require("signpost.routing.match_path").findEntry
local parseTarget = require("signpost.format.target").parseTarget
local printTarget = require("signpost.format.target").printTarget
local forms = require("signpost.format.route")
local compileRoute, routeFromHash, routeFromList, routeFromSet =
  forms.compileRoute, forms.routeFromHash, forms.routeFromList, forms.routeFromSet
local pick, repeated = generated.pick, generated.repeated

local GENERATED = generated.cases(20000)

local function detailOf(value, err, detail)
  assert.is_nil(value)
  assert.equal("bad_route", err)
  assert(generated.isLoggable(detail), "not fit for a log: " .. tostring(detail))
  return detail
end

local function addressList(count, length)
  return repeated(count, function(i)
    return ("h%04d"):format(i) .. ("x"):rep(length - 5)
  end)
end

-- sentence, flat hash, text
local HASHES = {
  { "one path", { "/", "10.0.0.5:8080" }, "\n/\t10.0.0.5:8080" },
  { "paths of every kind of target", { "/old", "return 301 https://new.example$request_uri", "/api", "@api", "/",
    "10.0.0.5,10.0.0.6:8080" },
    "\n/\t10.0.0.5:80 10.0.0.6:8080\n/api\t@api\n/old\treturn 301 https://new.example$request_uri" },
  { "a line end after a target", { "/", "10.0.0.5:8080 \r\n", "/api", "@api\n" }, "\n/\t10.0.0.5:8080\n/api\t@api" },
  { "a path with a slash at its end", { "/api/", "@api" }, "\n/api\t@api" },
  { "a path with blanks and bytes of any language", { "/a b/k\195\182ln", "@k" }, "\n/a b/k\195\182ln\t@k" },
}

-- sentence, flat hash, problem
local BAD_HASHES = {
  { "without paths", {}, "expected 1 to 256 paths, got 0" },
  { "with a field that is no path", { "/", "@web", "api", "@api" },
    'field "api", byte 1: expected a path that begins with /, got "api"' },
  { "with a path that nginx never has", { "/a//b", "@web" }, 'field "/a//b", byte 3: expected a path as '
    .. "nginx's $uri has it: no //, . or .., no query, no %XX, got \"//b\"" },
  { "with a line feed in a path", { "/a\n/b\t@evil", "@web" },
    'field "/a\\x0A/b\\x09@evil", byte 3: expected no control byte in a path, got "\\x0A/b\\x09@evil"' },
  { "with a line feed in a target", { "/a", "@web\n/b\t@evil" },
    'field "/a": byte 5: expected only printable ASCII in a target, got "\\x0A/b\\x09@evil"' },
  { "with a bad target", { "/", "@web", "/api", "10.0.0.5:65536" },
    'field "/api": byte 10: expected a port from 1 to 65535, got "65536"' },
  { "with a path without a target", { "/", "" }, 'field "/": byte 1: expected a target, got nothing' },
  { "with the same path twice", { "/api/", "@a", "/api!", "@b", "/api", "@c" },
    'field "/api/": expected each path once, got "/api" as well' },
}

-- sentence, items, text
local LISTS = {
  { "one URL after a label", { "my site", "http://10.0.0.5:8080" }, "10.0.0.5:8080" },
  { "URLs in their order", { "", "http://b:2", "http://a:1", "http://b:2" }, "b:2 a:1 b:2" },
  { "URLs without a port", { "x", "http://10.0.0.5", "https://app.internal" }, "10.0.0.5:80 https://app.internal:443" },
  { "URLs with a path", { "x", "http://a:1/", "http://b:2/x y;{$z}", "http://[fd00::5]/#", "http://c?d" },
    "a:1 b:2 [fd00::5]:80 c:80" },
  { "addresses without a scheme", { "x", "10.0.0.5:8080", "app", "[fd00::5]:1" }, "10.0.0.5:8080 app:80 [fd00::5]:1" },
  { "a label of any bytes", { "\0\n;$\255", "a:1" }, "a:1" },
  { "a label that looks like a backend", { "http://a:1", "http://b:2" }, "b:2" },
  { "a label that is an address, which is a backend too", { "http://a:1", "http://a:1" }, "a:1" },
  { "its label twice, which is no backend", { "shop.test", "shop.test", "http://a:1", "shop.test" }, "a:1" },
  { "URLs in upper case", { "x", "HTTP://a:1/x", "HTTPS://B" }, "a:1 https://b:443" },
  { "addresses with a slash, blanks or a line end after them", { "x", "a:1/", "b:2 \t", "http://c:3/\r\n" },
    "a:1 b:2 c:3" },
  { "names with a final dot", { "x", "http://app.internal./", "b.:2" }, "app.internal:80 b:2" },
}

-- sentence, items, problem
local BAD_LISTS = {
  { "without anything", {}, "expected a label, got nothing" },
  { "with a path after an address", { "x", "a:1/api" },
    'item 1: byte 4: expected the end: a target has no path, got "/api"' },
  { "with a bad port", { "x", "http://a:1", "http://b:0" },
    'item 2: byte 10: expected a port from 1 to 65535, got "0"' },
  { "with an empty backend", { "x", "" }, "item 1: byte 1: expected a host, got nothing" },
  { "with two backends in one item", { "x", "a:1 b:2" },
    'item 1: byte 3: expected a port from 1 to 65535, got "1 b:2"' },
  { "with a backend that nothing can connect to", { "x", "a", "http://255.255.255.255/" }, 'item 2: byte 1: expected '
    .. 'the address of one host, not a multicast or broadcast address, got "http://255.255.255.255"' },
  { "with another scheme", { "x", "ftp://a" },
    'item 1: byte 1: expected http:// or https://, got "ftp://"' },
  { "with a pool", { "x", "@web" },
    'item 1: byte 1: expected a letter, digit, dot, - or _ in a host name, got "@web"' },
  { "with a user", { "x", "http://me@a" },
    'item 1: byte 10: expected a letter, digit, dot, - or _ in a host name, got "@a"' },
}

describe("a route's hash", function()
  for _, example in ipairs(HASHES) do
    local sentence, flat, text = unpack(example)
    it("can have " .. sentence, function()
      assert.equal(text, routeFromHash(flat))
    end)
  end

  for _, example in ipairs(BAD_HASHES) do
    local sentence, flat, problem = unpack(example)
    it(sentence .. " is bad", function()
      assert.equal(problem, detailOf(routeFromHash(flat)))
    end)
  end

  it("has at most 256 paths", function()
    local flat = {}
    for i = 1, 256 do
      flat[2 * i - 1], flat[2 * i] = "/" .. i, "@web"
    end
    assert.equal(256, #compileRoute((routeFromHash(flat))).paths)
    flat[513], flat[514] = "/257", "@web"
    assert.equal("expected 1 to 256 paths, got 257", detailOf(routeFromHash(flat)))
  end)

  it("has at most 65536 bytes", function()
    local flat, longest = {}, "return 301 /" .. ("x"):rep(4084)
    for i = 1, 16 do
      flat[2 * i - 1], flat[2 * i] = ("/%02d"):format(i), longest:sub(1, 4091)
    end
    assert.equal(65536, #routeFromHash(flat))
    flat[2] = longest:sub(1, 4092)
    assert.equal(
      "expected no more than 65536 bytes, each address with its port, got 65537",
      detailOf(routeFromHash(flat))
    )
    for i = 1, 16 do
      flat[2 * i] = longest
    end
    assert.equal("expected no more than 65536 bytes, got 65584", detailOf(routeFromHash(flat)))
  end)

  it("says the same problem in whatever order its fields come", function()
    local details = {}
    for _ = 1, 50 do
      details[detailOf(routeFromHash(generated.flat({ ["/a"] = ";", ["b"] = "@b", ["/c/"] = "@c", ["/c"] = "" })))] = 1
    end
    assert.equal('field "/a": byte 1: expected a letter, digit, dot, - or _ in a host name, got ";"', next(details))
    assert.is_nil(next(details, (next(details))))
  end)
end)

describe("a route's list, as Hipache keeps it,", function()
  for _, example in ipairs(LISTS) do
    local sentence, items, text = unpack(example)
    it("can have " .. sentence, function()
      assert.equal(text, routeFromList(items))
    end)
  end

  for _, example in ipairs(BAD_LISTS) do
    local sentence, items, problem = unpack(example)
    it(sentence .. " is bad", function()
      assert.equal(problem, detailOf(routeFromList(items)))
    end)
  end

  it("that has no more than its label is a known host without a backend, and no string says the same", function()
    local text = routeFromList({ "shop" })
    assert.same({ kind = "no_backend" }, compileRoute(text))
    assert.equal(text, (routeFromList({ "shop.test", "shop.test" })))
    assert.same({ kind = "return", status = 503, appendRequestUri = false }, (parseTarget(text)))
    assert.equal("return 503", (forms.routeFromString(text)))
  end)

  it("has at most 1024 backends, and 65536 bytes of them as written and as printed", function()
    local items = addressList(1025, 60) -- 64 bytes each, with :80 and a blank
    items[1], items[2] = "", items[2] .. "x"
    local text = routeFromList(items)
    assert.equal(65536, #text)
    assert.equal(1024, #compileRoute(text).peers)
    items[3] = items[3] .. "x"
    assert.equal("expected no more than 65536 bytes, each address with its port, got 65537",
      detailOf(routeFromList(items)))
    assert.equal("expected no more than 65536 bytes, got 65537",
      detailOf(routeFromList({ "x", "http://a/" .. ("y"):rep(65527) })))
    assert.equal("a:80", (routeFromList({ "x", "http://a/" .. ("y"):rep(10000) })))
    items = addressList(1026, 5)
    items[2] = "not looked at: this is too many"
    assert.equal("expected no more than 1024, got 1025 backends", detailOf(routeFromList(items)))
  end)
end)

describe("a route's string", function()
  it("stays as it is written, but for line ends after it", function()
    for _, text in ipairs({
      "10.0.0.5", " 10.0.0.5 , App.Internal ", "@web", "return 503", "a:80/", "HTTP://A.b./ ",
    }) do
      assert.equal(text, (forms.routeFromString(text)))
      assert.equal((text:gsub(" $", "")), (forms.routeFromString(text .. "\n")))
      assert.equal((text:gsub(" $", "")), (forms.routeFromString(text .. " \r\n\n")))
    end
  end)

  it("is bad with a line end anywhere else, or with nothing else", function()
    for _, text in ipairs({ "\n10.0.0.5", "10.0.0.5\n10.0.0.6", "\n", "\n/\t@web" }) do
      detailOf(forms.routeFromString(text))
    end
  end)
end)

describe("a route's set", function()
  it("is its backends, sorted", function()
    local text = "10.0.0.5:80 10.0.0.6:80 app.internal:8080 https://a:443"
    local members = { "https://a/path", "http://app.internal:8080/", "10.0.0.6", "http://10.0.0.5" }
    for _ = 1, 20 do
      assert.equal(text, routeFromSet(generated.shuffled(members)))
    end
  end)

  it("keeps its members as they were given", function()
    local members = { "b", "a" }
    routeFromSet(members)
    assert.same({ "b", "a" }, members)
  end)

  it("with the same address in two spellings is bad", function()
    assert.equal(
      'member "http://10.0.0.5/": expected each address once, got "10.0.0.5:80" again',
      detailOf(routeFromSet({ "http://10.0.0.5/", "10.0.0.5" }))
    )
  end)

  it("with a bad member is bad, and says the same in whatever order its members come", function()
    for _ = 1, 20 do
      assert.equal(
        'member "10.0.0.256": byte 1: expected an IPv4 address of four numbers from 0 to 255 without leading zeros,'
          .. ' got "10.0.0.256"',
        detailOf(routeFromSet(generated.shuffled({ "a", "10.0.0.256", "@b", "c d" })))
      )
    end
  end)

  it("without members is bad", function()
    assert.equal("expected a backend, got nothing", detailOf(routeFromSet({})))
  end)

  it("has at most 1024 backends, and 65536 bytes of them as written and as printed", function()
    local members = addressList(1024, 60)
    members[1] = members[1] .. "x"
    local text = routeFromSet(members)
    assert.equal(65536, #text)
    assert.equal(1024, #compileRoute(text).peers)
    members[2] = members[2] .. "x"
    assert.equal("expected no more than 65536 bytes, each address with its port, got 65537",
      detailOf(routeFromSet(members)))
    assert.equal("expected no more than 65536 bytes, got 65537",
      detailOf(routeFromSet({ "http://a/" .. ("y"):rep(65528) })))
    members = addressList(1025, 5)
    members[1] = "not looked at: this is too many"
    assert.equal("expected no more than 1024, got 1025 backends", detailOf(routeFromSet(members)))
  end)
end)

-- a request's path, and the target it gets of the table below
local ANSWERS = { ["/"] = "@rest", ["/apix"] = "@rest", ["/api/x"] = "10.0.0.5 a:80", ["/api/old"] = "return 410" }

describe("a compiled route", function()
  it("is a string's target, as it stands in Redis", function()
    for _, text in ipairs({ "10.0.0.5", " 10.0.0.5 , 10.0.0.6 ", "@web", "return 503" }) do
      assert.same((parseTarget(text)), (compileRoute(text)))
    end
  end)

  it("is a list's or a set's target", function()
    assert.same((parseTarget("b:80 a:1")), (compileRoute((routeFromList({ "x", "http://b", "http://a:1/" })))))
    assert.same((parseTarget("a:1 b:80")), (compileRoute((routeFromSet({ "http://b", "http://a:1/" })))))
  end)

  it("is a hash's table of paths", function()
    local route = compileRoute((routeFromHash({ "/", "@rest", "/api/", "10.0.0.5 a:80", "/api/old", "return 410" })))
    assert.equal("paths", route.kind)
    for uri, text in pairs(ANSWERS) do
      assert.same((parseTarget(text)), (findEntry(route.paths, uri) or {}).to)
    end
  end)

  for _, text in ipairs({
    "", "\n", "\n/", "\n\t@web", "\n/\t", "\n/\t@web\n", "\n/\t@web\n/api", "\n/\t@web\t", "\n/\t@web\n/\t@api",
    "x\n/\t@web", "\n/a/\t@web\n/a\t@web", "\napi\t@web", "\n/\t@web\r", "\n/\t;", "\n\n/\t@web", "\nbalance\thash",
  }) do
    it(("does not come of %q"):format(text), function()
      detailOf(compileRoute(text))
    end)
  end
end)

-- Generated forms with what they mean.

local function randomTarget()
  return pick({
    function()
      return "@" .. generated.bytes(math.random(1, 12), "abcXYZ0189._-:")
    end,
    function()
      return "return " .. generated.status()
    end,
    function()
      return "return 302 https://x" .. generated.bytes(math.random(0, 9), "abc/?#[]@!&()*+,=%._~:-") .. "$request_uri"
    end,
    function()
      return table.concat(repeated(math.random(1, 4), function()
        return generated.address().written
      end), pick({ " ", ",", " , ", "\t" }))
    end,
  })()
end

local function randomPath()
  return "/" .. table.concat(repeated(math.random(0, 4), function()
    return generated.bytes(math.random(1, 3), "ab%!~$;\"'\\ \195\188") .. "x"
  end), "/")
end

--- A map of paths to targets, no path twice.
local function randomHash()
  local map, taken = { [randomPath()] = randomTarget() }, {}
  for _ = 1, math.random(0, 6) do
    map[randomPath() .. (math.random() < 0.2 and "/" or "")] = randomTarget()
  end
  for path in pairs(map) do
    local name = path:gsub("/+$", "")
    if taken[name] or path:find("//") or path:find("%%%x%x") then
      return randomHash()
    end
    taken[name] = true
  end
  return map
end

local BITS = {
  " ", "/", "//", "/.", "/..", "://", "http://", ":", "[", "]", "%", "%2f", "@", ",", ".", "?", "#", "-", "0", "65536",
  "return ", "\n/\t@evil",
}

-- A bar stands where the hostile bytes go.
local PLACES = { "|10.0.0.5:80", "10.0.0|.5:80", "a:80|", "http://|a", "http://a|", "[|fd00::5]", "@w|b", "http|://a" }

describe("of many generated", function()
  it("hashes, each means what its text means, whatever the order of its fields", function()
    generated.forAll(GENERATED, function()
      return generated.flat(randomHash())
    end, function(flat)
      local map = {}
      for i = 1, #flat, 2 do
        map[flat[i]] = flat[i + 1]
      end
      local text, _, detail = routeFromHash(flat)
      assert(text, detail)
      assert(text == (routeFromHash(generated.flat(map))), "another order, another text")
      local route = compileRoute(text)
      local count = 0
      for path, target in pairs(map) do
        count = count + 1
        local found = (findEntry(route.paths, (path:gsub("/$", "")) .. "/") or {}).to
        assert(generated.isSame((parseTarget(target)), found), "another target for " .. path)
      end
      assert(#route.paths == count, "another number of paths")
    end)
  end)

  it("sets, each means its members, whatever their order; lists, in their order", function()
    generated.forAll(GENERATED, function()
      return generated.addresses(math.random(1, 8))
    end, function(addresses)
      local members, items, parts, canonical = {}, { "label" }, {}, {}
      for i, address in ipairs(addresses) do
        members[i] = address.written:find("://") and address.written .. pick({ "", "/", "/x;y" }) or address.written
        items[i + 1], parts[i], canonical[i] = members[i], address.parts, address.canonical
      end
      local route = assert(compileRoute((routeFromList(items))))
      assert(generated.isSame({ kind = "peers", peers = parts }, route), "another list came back")
      table.sort(canonical)
      local text = routeFromSet(members)
      assert(text == table.concat(canonical, " "), tostring(text))
      assert(text == (routeFromSet(generated.shuffled(members))), "another order, another text")
    end)
  end)

  it("damaged forms, each is a safe route whose text is canonical, or is refused", function()
    local taken, total = 0, 0
    local function check(again, text, err, detail)
      total = total + 1
      if text == nil then
        assert(err == "bad_route" and generated.isLoggable(detail), tostring(detail))
        return
      end
      taken = taken + 1
      local route, _, problem = compileRoute(text)
      assert(route, problem)
      if route.kind ~= "paths" then
        assert(generated.isSafe(route) and printTarget(route) == text, "unsafe or not canonical: " .. text)
        return
      end
      local flat = {}
      for _, entry in ipairs(route.paths) do
        assert(generated.isSafe(entry.to), "unsafe: " .. text)
        assert(not entry.prefix:find("%c"), "a control byte: " .. text)
        flat[#flat + 1] = entry.prefix .. "/"
        flat[#flat + 1] = printTarget(entry.to)
      end
      assert(#flat == 2 * again, "another number of paths: " .. text)
      assert((routeFromHash(flat)) == text, "not canonical: " .. text)
    end
    generated.forAll(GENERATED, function()
      local flat = generated.flat(randomHash())
      local at = math.random(#flat)
      flat[at] = generated.damaged(flat[at], BITS)
      return flat
    end, function(flat)
      check(#flat / 2, routeFromHash(flat))
      local texts = repeated(math.random(1, 3), function()
        return generated.damaged(generated.address().written, BITS)
      end)
      check(0, routeFromSet(texts))
      check(0, routeFromList({ "x", unpack(texts) }))
    end)
    assert(taken > total / 5 and taken < total * 4 / 5, "one-sided: " .. taken .. " of " .. total .. " taken")
  end)

  it("hostile bytes in any place, none comes through", function()
    for text, bytes in generated.hostileTexts(PLACES) do
      local isEnd = text:find("[\r\n\t]$") and generated.isBlank(bytes)
      if not isEnd then
        detailOf(routeFromSet({ text }))
        detailOf(routeFromList({ "x", text }))
      end
      -- A tab is a blank in a target: there it separates.
      if bytes ~= "\t" and not isEnd then
        detailOf(routeFromHash({ "/", text }))
      end
    end
  end)
end)
