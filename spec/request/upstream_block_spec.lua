local block = require("signpost.request.upstream_block")
local requests = require("spec.request.requests")

describe("the upstream block", function()
  it("keeps connections for requests that nginx could send again, or for all, or for none, as the pool says", function()
    local function of(reuse, given)
      return block.blockFor(reuse, "kept", requests.of(given))
    end
    assert.equal("kept", of("always", { method = "POST", hasBody = true }))
    for _, method in ipairs({ "GET", "HEAD", "OPTIONS", "TRACE" }) do
      assert.equal("kept", of("safe", { method = method }))
      assert.equal("signpost_fresh", of("safe", { method = method, hasBody = true }))
      assert.equal("signpost_fresh", of("never", { method = method }))
    end
    for _, method in ipairs({ "POST", "PUT", "DELETE", "PATCH" }) do
      assert.equal("signpost_fresh", of("safe", { method = method }))
    end
    assert.equal("", of("never", { hasFreshBlock = false }))
    assert.equal("", block.blockFor("always", "", requests.of()))
  end)

  it("is the one that the http snippet of 0.1.0 has, with a target or without", function()
    assert.equal("signpost", block.withOldBlock("signpost_fresh"))
    assert.equal("signpost/x", block.withOldBlock("signpost_fresh/x"))
    for _, other in ipairs({ "signpost", "signpost_fresh2", "10.0.0.1:80/signpost_fresh", "mine" }) do
      assert.equal(other, block.withOldBlock(other))
    end
  end)
end)
