local decide = require("signpost.request.decide").decide
local newDraft = require("signpost.request.decision").newDraft
local fakes = require("spec.support.fakes")
local generated = require("spec.support.generated")
local pools = require("spec.balance.pools")
local requests = require("spec.request.requests")
local routeFromHash = require("signpost.format.route").routeFromHash
local routeFromList = require("signpost.format.route").routeFromList
local tables = require("spec.request.tables")

local A, B = "10.0.0.1:80", "10.0.0.2:80"

local draft = newDraft()

-- The decision about a request: one table for all, as in a worker.
local function decided(parts, request)
  return decide(parts, request, request.host(), draft)
end

local function paths(map)
  return (assert(routeFromHash(generated.flat(map))))
end

describe("the decision", function()
  it("sends a request to the backend that its host's route names", function()
    local made = decided(tables.of({ ["a.test"] = "10.0.0.1" }), requests.of())
    assert.same({ "send", "a.test", "memory", "", A, "up", "signpost", false, 0 }, {
      made.kind, made.route, made.level, made.poolName, made.peer.name, made.as, made.upstream, made.isByAddress,
      made.key,
    })
    assert.is_nil(made.entry)
    assert.equal("signpost-1", made.hop)
  end)

  it("reads nothing of the request but its hop while the route is a single address", function()
    local request = requests.of()
    decided(tables.of({ ["a.test"] = "10.0.0.1" }), request)
    assert.same({ host = true }, request.asked)
  end)

  it("says which key has matched", function()
    local parts = tables.of({ ["*.test"] = "10.0.0.1", ["*"] = "10.0.0.2" })
    assert.same({ "*.test", A }, { decided(parts, requests.of()).route, draft.peer.name })
    assert.same({ "*", B }, { decided(parts, requests.of({ host = "b.example" })).route, draft.peer.name })
  end)

  it("says which entry of a route with paths the request belongs to", function()
    local parts = tables.of({ ["a.test"] = paths({ ["/"] = "10.0.0.1", ["/api"] = "10.0.0.2" }) })
    assert.same({ "/api", B }, { decided(parts, requests.of({ uri = "/api/x" })).entry.prefix, draft.peer.name })
    assert.same({ "", A }, { decided(parts, requests.of({ uri = "/apix" })).entry.prefix, draft.peer.name })
  end)

  it("says which pool the route names, and goes to its members", function()
    local parts = tables.of({ ["a.test"] = "@web" }, { web = pools.text({ [B] = 1 }) })
    local made = decided(parts, requests.of())
    assert.same({ "send", "web", B }, { made.kind, made.poolName, made.peer.name })
    assert.equal(made.peer, made.pool.picker.pick(function()
      return true
    end, 0))
  end)

  it("goes by address where the upstream block cannot take the request", function()
    local parts = tables.of({ ["a.test"] = "https://app.internal", ["b.test"] = "10.0.0.1" })
    local made = decided(parts, requests.of())
    assert.same({ "send", "app.internal:443", true }, { made.kind, made.upstream, made.isByAddress })
    parts.block = ""
    made = decided(parts, requests.of({ host = "b.test" }))
    assert.same({ "send", A, true }, { made.kind, made.upstream, made.isByAddress })
  end)

  it("gives proxy_pass the target that replaces the matched prefix", function()
    local parts = tables.of({ ["a.test"] = paths({ ["/api"] = "10.0.0.1/v2", ["/s"] = "https://app.internal/" }) })
    assert.equal("signpost/v2/x?y=1", decided(parts, requests.of({ uri = "/api/x", target = "/api/x?y=1" })).upstream)
    assert.equal("app.internal:443/x", decided(parts, requests.of({ uri = "/s/x" })).upstream)
    assert.equal("signpost/v2", decided(parts, requests.of({ uri = "/api" })).upstream)
  end)

  describe("to answer", function()
    it("is a return target's, with the URL that it redirects to", function()
      local parts = tables.of({
        ["a.test"] = "return 503", ["b.test"] = "return 302 https://$host/x",
        ["c.test"] = "return 301 https://d.test$request_uri",
      })
      local made = decided(parts, requests.of())
      assert.same({ "answer", "a.test", 503, nil }, { made.kind, made.route, made.status, made.location })
      made = decided(parts, requests.of({ host = "b.test" }))
      assert.same({ "answer", 302, "https://b.test/x" }, { made.kind, made.status, made.location })
      made = decided(parts, requests.of({ host = "c.test", target = "/y?z" }))
      assert.same({ "answer", 301, "https://d.test/y?z" }, { made.kind, made.status, made.location })
      assert.is_nil(made.pool)
    end)

    it("is a redirect to https where the route is for https only, before the pool is looked for", function()
      local parts = tables.of({ ["a.test"] = "https_only @web" })
      for method, status in pairs({ GET = 301, HEAD = 301, POST = 308, DELETE = 308 }) do
        local made = decided(parts, requests.of({ method = method, target = "/x?y" }))
        assert.same({ "answer", status, "https://a.test/x?y", "" },
          { made.kind, made.status, made.location, made.poolName }, method)
      end
      local made = decided(parts, requests.of({ scheme = "https" }))
      assert.same({ "refuse", "no_pool", "web" }, { made.kind, made.word, made.poolName })
    end)
  end)

  describe("to refuse", function()
    local function word(parts, given)
      local made = decided(parts, requests.of(given))
      assert.equal("refuse", made.kind)
      return made.word
    end

    it("has a word for each reason", function()
      local parts = tables.of({
        ["a.test"] = paths({ ["/api"] = "10.0.0.1/v2", ["/admin"] = "10.0.0.2" }), ["bad.test"] = false,
        ["path.test"] = "10.0.0.1/v2",
        ["empty.test"] = assert(routeFromList({ "label" })), ["pool.test"] = "@none", ["bad-pool.test"] = "@bad",
        ["drained.test"] = "@drained", ["self.test"] = "return 301 https://self.test$request_uri",
      }, { bad = false, drained = pools.text({ [A] = 0 }) })
      assert.equal("no_route", word(parts, { host = "b.test" }))
      assert.equal("bad_host", word(parts, { host = "a test" }))
      assert.equal("no_route", word(parts, { uri = "/x" }))
      assert.equal("bad_path", word(parts, { uri = "/x\\..\\admin" }))
      assert.equal("bad_path", word(parts, { host = "path.test", uri = "/..\\x", target = "/..%5cx" }))
      assert.equal("bad_route", word(parts, { host = "bad.test" }))
      assert.equal("no_peer_up", word(parts, { host = "empty.test" }))
      assert.equal("no_pool", word(parts, { host = "pool.test" }))
      assert.equal("bad_route", word(parts, { host = "bad-pool.test" }))
      assert.equal("no_peer_up", word(parts, { host = "drained.test" }))
      assert.equal("loop", word(parts, { host = "self.test", scheme = "https" }))
      assert.equal("loop", word(parts, { uri = "/admin", looped = true }))
      assert.equal("answer", decided(parts, requests.of({ host = "self.test" })).kind)
    end)

    it("passes on why a look-up failed, and its level", function()
      local parts = tables.of({ ["b.test"] = "@web" }, {}, {}, { ["a.test"] = "redis_down", ["@web"] = "busy" })
      local made = decided(parts, requests.of())
      assert.same({ "redis_down", "because", "redis", "" }, { made.word, made.detail, made.level, made.route })
      made = decided(parts, requests.of({ host = "b.test" }))
      assert.same({ "busy", "because", "memory", "b.test", "web" },
        { made.word, made.detail, made.level, made.route, made.poolName })
      assert.same({ "loop", "" }, { word(tables.of({ ["a.test"] = "10.0.0.1" }), { looped = true }), draft.detail })
    end)

    it("says the pool whose members are all out, and the cookie that the client is given all the same", function()
      local text = pools.text({
        [A] = 1, all_down = "fail", balance = "hash", hash_on = "cookie:id", hash_cookie = "issue",
      })
      local made = decided(tables.of({ ["a.test"] = "@web" }, { web = text }, { [A] = "out" }), requests.of())
      assert.same({ "no_peer_up", "web", "fail", "new-id" },
        { made.word, made.poolName, made.pool.options.allDown, made.cookie })
    end)

    it("gives back the peer of a backend that nothing would verify", function()
      local text = pools.text({ ["https://10.0.0.1:443"] = 1, ["https://10.0.0.2:443"] = 1, balance = "least_conn" })
      local parts, health = tables.of({ ["a.test"] = "@web" }, { web = text }, {
        ["https://10.0.0.1:443"] = "due", ["https://10.0.0.2:443"] = "out",
      })
      local made = decided(parts, requests.of({ isVerified = false }))
      assert.same({ "refuse", "bad_route" }, { made.kind, made.word })
      assert.same({ "https://10.0.0.1:443" }, health.unused)
    end)
  end)

  describe("of a pool that hashes", function()
    local function keyOf(option, given)
      local fields = { [A] = 1, [B] = 1, balance = "hash", hash_on = option }
      fields.hash_cookie = given.issue and "issue" or nil
      return decided(tables.of({ ["a.test"] = "@web" }, { web = pools.text(fields) }), requests.of(given))
    end

    it("goes by the header, or by the client where there is none", function()
      local hash = requests.of().hash
      assert.equal(hash("x"), keyOf("header:X-Id", { variables = { http_x_id = "x" } }).key)
      assert.equal(hash("198.51.100.7"), keyOf("header:X-Id", {}).key)
      assert.equal(hash("198.51.100.7"), keyOf("ip", {}).key)
    end)

    it("gives a client without the cookie one, and goes by that", function()
      local hash = requests.of().hash
      for _, variables in ipairs({ {}, { cookie_id = "" } }) do
        local made = keyOf("cookie:id", { issue = true, variables = variables })
        assert.same({ hash("new-id"), "new-id" }, { made.key, made.cookie })
      end
      local known = keyOf("cookie:id", { issue = true, variables = { cookie_id = "mine" } })
      assert.same({ hash("mine"), "" }, { known.key, known.cookie })
      local unissued = keyOf("cookie:id", {})
      assert.same({ hash("198.51.100.7"), "" }, { unissued.key, unissued.cookie })
      local without = keyOf("cookie:id", { issue = true, noRandom = true })
      assert.same({ hash("198.51.100.7"), "" }, { without.key, without.cookie })
    end)
  end)

  it("is the same from the table of an earlier decision as from a new one", function()
    local parts = tables.of({
      ["a.test"] = paths({ ["/"] = "@web/x", ["/r"] = "return 301 /y" }), ["b.test"] = "10.0.0.9",
    }, { web = pools.text({ [A] = 1, balance = "hash", hash_on = "cookie:id", hash_cookie = "issue" }) })
    local function shown(made)
      return {
        made.kind, made.route, made.level, made.entry or false, made.poolName, made.pool or false,
        made.kind == "send" and made.upstream, made.kind == "send" and made.peer.name, made.kind == "send" and made.key,
        made.kind == "answer" and made.location, made.kind == "refuse" and made.word,
        made.kind == "refuse" and made.detail,
      }
    end
    for _, before in ipairs({ { uri = "/" }, { uri = "/r" }, { host = "b.test" }, { host = "c.test" } }) do
      for _, after in ipairs({ { uri = "/" }, { uri = "/r" }, { host = "b.test" }, { host = "c.test" } }) do
        decided(parts, requests.of(before))
        local fresh = decide(parts, requests.of(after), after.host or "a.test", newDraft())
        assert.same(shown(fresh), shown(decided(parts, requests.of(after))))
      end
    end
  end)
end)

-- Random route tables and requests, decided twice: by Signpost, and here by what was put into the tables, without
-- grammar, cache, plans and pickers.
describe("the decision about random requests to random tables", function()
  local draw
  local PREFIXES = { "/", "/api", "/api/v2", "/b" }
  local URIS = { "/", "/api", "/api/x", "/api/v2/y", "/apix", "/b/z" }
  local HOSTS = { "a.x.test", "b.x.test", "x.test", "c.other" }
  local NAMES = { "a.x.test", "*.x.test", "*.test", "*" }
  local TRIED = {
    ["a.x.test"] = { "a.x.test", "*.x.test", "*.test", "*" }, ["b.x.test"] = { "*.x.test", "*.test", "*" },
    ["x.test"] = { "*.test", "*" }, ["c.other"] = { "*" },
  }
  local STANDINGS = { "up", "up", "out", "due" }

  local function any(list)
    return list[draw(#list)]
  end

  local function address()
    local host = ("10.0.0.%d"):format(draw(6))
    return draw(4) == 1 and { text = "https://" .. host, name = "https://" .. host .. ":443", isTls = true }
      or { text = host, name = host .. ":80" }
  end

  -- What a route leads to: { text, and what it means }.
  local function target()
    local kind = draw(5)
    if kind == 1 then
      return { text = "return 410", status = 410 }
    elseif kind == 2 then
      local name = any({ "p", "q", "none" })
      local isTlsOnly = draw(3) == 1
      return { text = (isTlsOnly and "https_only " or "") .. "@" .. name, pool = name, isTlsOnly = isTlsOnly }
    end
    local members, texts = {}, {}
    for i = 1, draw(3) do
      local one = address()
      members[i], texts[i] = { name = one.name, isTls = one.isTls, weight = 1 }, one.text
    end
    return { text = table.concat(texts, " "), members = members, options = {} }
  end

  local function route()
    if draw(3) > 1 then
      return target()
    elseif draw(6) == 1 then
      return { text = false }
    end
    local map, byPrefix = {}, {}
    for _, prefix in ipairs(PREFIXES) do
      if draw(2) == 1 then
        byPrefix[prefix] = target()
        map[prefix] = byPrefix[prefix].text
      end
    end
    return next(map) and { text = paths(map), byPrefix = byPrefix } or target()
  end

  local function pool()
    local options = any({ {}, { balance = "least_conn" }, { balance = "hash", hash_on = "ip" } })
    local fields, members = { reuse = any({ "always", "safe", "never" }), all_down = any({ "try", "fail" }) }, {}
    for name, value in pairs(options) do
      fields[name] = value
    end
    for _ = 1, draw(4) do
      local one = address()
      if fields[one.name] == nil then
        local weight = draw(3) - 1
        fields[one.name] = weight
        members[#members + 1] = { name = one.name, isTls = one.isTls, weight = weight }
      end
    end
    return { text = pools.text(fields), members = members, options = fields }
  end

  -- Which members a request may get: those that are up or can be tried; or, if there is none, all that do not drain.
  local function allowed(to, standings)
    local good, rest = {}, {}
    for _, member in ipairs(to.members) do
      if member.weight > 0 then
        local isOut = standings[member.name] == "out"
        local group = isOut and rest or good
        group[member.name] = member
      end
    end
    if next(good) == nil and to.options.all_down ~= "fail" then
      return rest
    end
    return good
  end

  local function blockOf(to, given)
    local isRepeatable = (given.method == "GET" or given.method == "HEAD") and not given.hasBody
    local reuse = to.options.reuse or "always"
    for _, member in ipairs(to.members) do
      if member.isTls and member.weight > 0 then
        return nil
      end
    end
    if reuse == "always" or (reuse == "safe" and isRepeatable) then
      return "signpost"
    end
    return given.hasFreshBlock and "signpost_fresh" or nil
  end

  local function matched(byPrefix, uri)
    for _, prefix in ipairs({ "/api/v2", "/api", "/b" }) do
      if byPrefix[prefix] and (uri == prefix or uri:sub(1, #prefix + 1) == prefix .. "/") then
        return prefix, byPrefix[prefix]
      end
    end
    return byPrefix["/"] and "/", byPrefix["/"]
  end

  local function expected(world, given)
    local name, found
    for _, tried in ipairs(TRIED[given.host]) do
      name, found = tried, world.routes[tried]
      if found then
        break
      end
    end
    if not found then
      return { word = "no_route", route = "" }
    end
    local to, prefix = found, nil
    if found.byPrefix then
      prefix, to = matched(found.byPrefix, given.uri)
    end
    local made = { route = name, prefix = prefix }
    if to == nil then
      made.word = "no_route"
    elseif to.text == false then
      made.word = "bad_route"
    elseif to.status then
      made.status = to.status
    elseif to.isTlsOnly and given.scheme ~= "https" then
      made.status = given.method == "POST" and 308 or 301
    elseif to.pool and not world.pools[to.pool] then
      made.word = "no_pool"
    elseif given.looped then
      made.word = "loop"
    else
      local backends = to.pool and world.pools[to.pool] or to
      made.allowed, made.block = allowed(backends, world.standings), blockOf(backends, given)
      made.word = next(made.allowed) == nil and "no_peer_up" or nil
    end
    return made
  end

  local function check(made, want, given)
    assert.equal(want.route, made.route)
    if want.prefix then
      assert.equal(want.prefix == "/" and "" or want.prefix, made.entry.prefix)
    end
    if made.kind == "refuse" and made.word == "bad_route" and want.allowed and not given.isVerified then
      local hasTls = false
      for _, member in pairs(want.allowed) do
        hasTls = hasTls or member.isTls
      end
      assert(hasTls and want.block == nil, "refused for a backend that is no https")
      return "unverified"
    elseif want.word then
      assert.same({ "refuse", want.word }, { made.kind, made.word })
      return want.word
    elseif want.status then
      assert.same({ "answer", want.status }, { made.kind, made.status })
      return "answer"
    end
    assert.equal("send", made.kind)
    local member = assert(want.allowed[made.peer.name], "sent to " .. made.peer.name)
    assert(given.isVerified or not member.isTls, "sent to a backend that nothing verifies")
    assert.equal(want.block or made.peer.hostPort, made.upstream)
    assert.equal(want.block == nil, made.isByAddress)
    return made.isByAddress and "by address" or made.upstream
  end

  it("is what the tables say", function()
    local seen = {}
    for seed = 1, 3000 do
      draw = fakes.random(seed * 7919)
      local world = { routes = {}, pools = {}, standings = {} }
      local texts, poolTexts = {}, {}
      for _, name in ipairs(NAMES) do
        if draw(2) == 1 then
          world.routes[name] = route()
          texts[name] = world.routes[name].text
        end
      end
      for _, name in ipairs({ "p", "q" }) do
        world.pools[name] = pool()
        poolTexts[name] = world.pools[name].text
      end
      for i = 1, 6 do
        world.standings[("10.0.0.%d:80"):format(i)] = any(STANDINGS)
        world.standings[("https://10.0.0.%d:443"):format(i)] = any(STANDINGS)
      end
      local parts = tables.of(texts, poolTexts, world.standings)
      for _ = 1, 5 do
        local given = {
          host = any(HOSTS), uri = any(URIS), method = any({ "GET", "HEAD", "POST" }), hasBody = draw(2) == 1,
          scheme = any({ "http", "https" }), looped = draw(8) == 1, hasFreshBlock = draw(2) == 1,
          isVerified = draw(2) == 1,
        }
        local what = check(decided(parts, requests.of(given)), expected(world, given), given)
        seen[what] = (seen[what] or 0) + 1
      end
    end
    for _, what in ipairs({
      "signpost", "signpost_fresh", "by address", "answer", "no_route", "bad_route", "no_pool", "no_peer_up", "loop",
      "unverified",
    }) do
      assert((seen[what] or 0) > 50, ("%s only %s times"):format(what, seen[what] or 0))
    end
  end)
end)
