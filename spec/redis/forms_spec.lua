local compilePool = require("signpost.format.pool_definition").compilePool
local compileRoute = require("signpost.format.route").compileRoute
local forms = require("signpost.redis.forms")
local spaceOf = require("signpost.redis.key_spaces").spaceOf

local ROUTE, POOL = forms.ROUTE_FORMS, forms.POOL_FORMS

describe("the types of Redis", function()
  it("mean a pool for a pool's name, and a route for any other", function()
    for _, name in ipairs({ "a.com", "*.com", "*", "a@b", "" }) do
      assert.equal(ROUTE, spaceOf(name).forms)
    end
    assert.equal(POOL, spaceOf("@").forms)
    assert.is_true(ROUTE ~= POOL)
  end)

  it("hold strings as long as a target, or a pool, may be", function()
    assert.equal(4096, ROUTE.stringBytes)
    assert.equal(65536, POOL.stringBytes)
  end)

  it("mean nothing but these", function()
    for _, kinds in ipairs({ ROUTE, POOL }) do
      local types = {}
      for type in pairs(kinds.others) do
        types[#types + 1] = type
      end
      table.sort(types)
      assert.same({ "hash", "list", "set" }, types)
    end
  end)

  it("leave a route's string as it is written", function()
    for _, text in ipairs({ "10.0.0.5", " 10.0.0.5 , App.Internal ", "@web", "return 503" }) do
      assert.same({ text }, { ROUTE.string(text) })
    end
    local _, err, detail = ROUTE.string("10.0.0.5:0")
    assert.equal("bad_route", err)
    assert.matches("byte 10: expected a port", detail, 1, true)
  end)

  it("of a route and of a pool differ: a list's label, a hash's fields, a string's target", function()
    assert.same({ "10.0.0.6:80" }, { ROUTE.others.list.read({ "10.0.0.5", "10.0.0.6" }) })
    assert.same({ "\n10.0.0.5:80\t1\n10.0.0.6:80\t1" }, { POOL.others.list.read({ "10.0.0.5", "10.0.0.6" }) })
    assert.equal("bad_route", select(2, ROUTE.others.hash.read({ "10.0.0.5", "1" })))
    assert.equal("bad_pool", select(2, POOL.others.hash.read({ "/", "10.0.0.5" })))
    assert.equal("bad_pool", select(2, POOL.string("@web")))
    assert.equal("bad_pool", select(2, POOL.string("return 503")))
  end)

  it("make texts that requests can be answered with", function()
    for _, text in ipairs({
      (assert(ROUTE.string("@web"))),
      (assert(ROUTE.others.hash.read({ "/", "@web", "/api", "10.0.0.5" }))),
      (assert(ROUTE.others.list.read({ "label", "http://10.0.0.5/x" }))),
      (assert(ROUTE.others.set.read({ "10.0.0.5" }))),
    }) do
      assert(compileRoute(text))
    end
    for _, text in ipairs({
      (assert(POOL.string("10.0.0.5 10.0.0.6"))),
      (assert(POOL.others.hash.read({ "10.0.0.5", "2", "balance", "least_conn" }))),
      (assert(POOL.others.list.read({ "10.0.0.5" }))),
      (assert(POOL.others.set.read({ "10.0.0.5" }))),
    }) do
      assert(compilePool(text))
    end
  end)

  it("say of more items than are read which limit that is, in the words of their readers", function()
    local function address(i)
      return ("10.0.%d.%d"):format(i / 256, i % 256)
    end
    local function itemsOf(form, count)
      local items = {}
      for i = 1, count do
        items[#items + 1] = form == ROUTE.others.hash and "/" .. i or address(i)
        if form == ROUTE.others.hash or form == POOL.others.hash then
          items[#items + 1] = form == ROUTE.others.hash and "@web" or "1"
        end
      end
      return items
    end
    for _, kinds in ipairs({ ROUTE, POOL }) do
      for _, form in pairs(kinds.others) do
        local _, _, detail = form.read(itemsOf(form, 2048))
        assert.equal(detail, form.tooMany(2048))
      end
    end
  end)
end)
