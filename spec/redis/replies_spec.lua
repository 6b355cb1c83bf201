local forms = require("signpost.redis.forms")
local replies = require("signpost.redis.replies")

local function failure(message)
  return { kind = "error", message = message }
end

local function text(said)
  return { kind = "text", text = said }
end

describe("a reply of Redis", function()
  it("says that a key is of another type, and nothing else does", function()
    assert.is_true(replies.isWrongType(failure("WRONGTYPE Operation against a key")))
    local others = { failure("ERR this is not WRONGTYPE"), failure(""), text("WRONGTYPE"), { kind = "nil" } }
    for _, other in ipairs(others) do
      assert.is_false(replies.isWrongType(other))
    end
    assert.is_false(replies.isWrongType(nil))
  end)

  it("says that something is not for this user, or not known, and is no answer otherwise", function()
    for _, message in ipairs({
      "NOPERM this user has no permissions to run the 'getrange' command or its subcommand",
      "NOPERM User signpost has no permissions to run the 'memory|usage' command",
      "NOPERM No permissions to access a key",
      "ERR unknown command 'getrange', with args beginning with: 'a'",
      "ERR unknown command `MEMORY`, with args beginning with: ",
      "ERR unknown subcommand 'usage'. Try MEMORY HELP.",
    }) do
      assert.is_true(replies.isRefused(failure(message)))
    end
    for _, message in ipairs({ "NOAUTH Authentication required.", "LOADING x", "ERR max number of clients", "" }) do
      assert.is_false(replies.isRefused(failure(message)))
    end
    assert.is_false(replies.isRefused(nil))
  end)

  it("is a list of texts, or none", function()
    assert.same({ "a", "b" }, replies.textsOf({ kind = "list", items = { text("a"), text("b") } }))
    assert.same({}, replies.textsOf({ kind = "list", items = {} }))
    local notTexts = { kind = "list", items = { { kind = "nil" } } }
    for _, other in ipairs({ text("a"), failure("x"), { kind = "nil" }, notTexts }) do
      assert.is_nil(replies.textsOf(other))
    end
    assert.is_nil(replies.textsOf(nil))
  end)

  it("is told with what was expected in its place", function()
    assert.equal("LOADING x", replies.problemOf(failure("LOADING x"), "a text"))
    assert.equal("expected a text, got a list", replies.problemOf({ kind = "list", items = {} }, "a text"))
    assert.equal("expected a text, got a string of 9 bytes",
      replies.problemOf({ kind = "oversized", detail = "a string of 9 bytes" }, "a text"))
    assert.equal("expected a text, got no reply", replies.problemOf(nil, "a text"))
  end)
end)

describe("a value's reading", function()
  it("is good with the text that its form makes of it, or bad with the reason", function()
    assert.same({ kind = "good", text = "10.0.0.5" }, replies.readingOf(forms.ROUTE_FORMS.string, "10.0.0.5"))
    assert.same({ kind = "good", text = "\n10.0.0.5:80\t1" }, replies.readingOf(forms.POOL_FORMS.string, "10.0.0.5"))
    local reading = replies.readingOf(forms.ROUTE_FORMS.string, "10.0.0.5:65536")
    assert.equal("bad", reading.kind)
    assert.matches("expected a port from 1 to 65535", reading.reason, 1, true)
  end)

  for _, bad in ipairs({
    { "an empty string", "", "expected a target, got nothing" },
    { "blanks", "  ", "expected a target" },
    { "a line feed", "10.0.0.5\nx", "only printable ASCII" },
    { "another program's value", '{"backend":"10.0.0.5"}', "expected" },
    { "a pool without a name", "@", "expected a pool name" },
    { "a target that is too long", ("10.0.0.5 "):rep(1000), "no more than 4096 bytes" },
  }) do
    local what, value, pattern = unpack(bad)
    it(("is bad for %s, and says why"):format(what), function()
      local reading = replies.readingOf(forms.ROUTE_FORMS.string, value)
      assert.equal("bad", reading.kind)
      assert.matches(pattern, reading.reason, 1, true)
    end)
  end
end)
