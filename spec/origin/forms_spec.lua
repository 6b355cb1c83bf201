local compilePool = require("signpost.upstream.pool_spec").compilePool
local compileRoute = require("signpost.routing.route_forms").compileRoute
local formsOf = require("signpost.origin.forms").formsOf

local ROUTE, POOL = formsOf("a.com"), formsOf("@web")

describe("the types of Redis", function()
  it("mean a pool for a pool's name, and a route for any other", function()
    for _, name in ipairs({ "a.com", "*.com", "*", "a@b", "" }) do
      assert.equal(ROUTE, formsOf(name))
    end
    assert.equal(POOL, formsOf("@"))
    assert.is_true(ROUTE ~= POOL)
  end)

  it("are read by these commands", function()
    for _, forms in ipairs({ ROUTE, POOL }) do
      assert.same({ "hgetall", "k" }, forms.others.hash.command("k"))
      assert.same({ "smembers", "k" }, forms.others.set.command("k"))
    end
    assert.same({ "lrange", "k", "0", "1025" }, ROUTE.others.list.command("k"))
    assert.same({ "lrange", "k", "0", "1024" }, POOL.others.list.command("k"))
  end)

  it("mean nothing but these", function()
    for _, forms in ipairs({ ROUTE, POOL }) do
      local types = {}
      for type in pairs(forms.others) do
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

  -- As many items as the command brings: Redis counts from 0, and tells the last one too.
  for what, forms in pairs({ ["a route"] = ROUTE, ["a pool"] = POOL }) do
    it(("bring one item more of a list than %s may have, so that it is seen to be too long"):format(what), function()
      local items = {}
      for i = 1, tonumber(forms.others.list.command("k")[4]) + 1 do
        items[i] = ("h%d.x:1"):format(i)
      end
      local _, _, detail = forms.others.list.read(items)
      assert.matches("expected no more than", detail, 1, true)
      items[#items] = nil
      local _, _, other = forms.others.list.read(items)
      assert(other == nil or not other:find("1025", 1, true), other)
    end)
  end
end)
