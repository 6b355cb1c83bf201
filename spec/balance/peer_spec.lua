local newPeer = require("signpost.balance.peer").newPeer
local parseAddress = require("signpost.format.address").parseAddress

local function peer(text, weight)
  return newPeer(assert(parseAddress(text)), weight or 1)
end

describe("a peer", function()
  it("is what its address says", function()
    assert.same({
      name = "10.0.0.5:8080",
      healthKey = "10.0.0.5:8080",
      scheme = "http",
      host = "10.0.0.5",
      port = 8080,
      hostPort = "10.0.0.5:8080",
      isPoolable = true,
      weight = 3,
    }, peer("10.0.0.5:8080", 3))
  end)

  it("has its IPv6 address in brackets, as set_current_peer wants it", function()
    local ipv6 = peer("[FD00::5]:8080")
    assert.equal("[fd00::5]", ipv6.host)
    assert.equal("[fd00::5]:8080", ipv6.hostPort)
    assert.is_true(ipv6.isPoolable)
  end)

  it("is another with another scheme, though host and port are the same", function()
    local plain, tls = peer("10.0.0.5:443"), peer("https://10.0.0.5")
    assert.equal(plain.hostPort, tls.hostPort)
    assert.not_equal(plain.name, tls.name)
  end)

  it("is never pooled when it has TLS or a name", function()
    for _, text in ipairs({ "https://10.0.0.5", "https://[fd00::5]", "app.internal", "https://app.internal" }) do
      assert.is_false(peer(text).isPoolable, text)
    end
  end)
end)
