local rights = require("signpost.redis.rights")

describe("what the Redis user may run", function()
  local made, told, rightsOfUser
  before_each(function()
    made, told = 1, 0
    rightsOfUser = rights.newRights(function()
      return made
    end, function()
      told = told + 1
    end)
  end)

  it("is everything, until Redis has refused it: then that, and nothing else, is not asked for again", function()
    assert.is_true(rightsOfUser.allows("getrange"))
    rightsOfUser.lacks("getrange")
    rightsOfUser.lacks("memory")
    assert.is_false(rightsOfUser.allows("getrange"))
    assert.is_false(rightsOfUser.allows("memory"))
    assert.is_true(rightsOfUser.allows("hlen"))
    assert.equal(2, told)
  end)

  it("is tried again on another connection, and only what is refused there is remembered", function()
    rightsOfUser.lacks("getrange")
    rightsOfUser.lacks("memory")
    made = 2
    assert.is_true(rightsOfUser.allows("getrange"))
    assert.is_true(rightsOfUser.allows("memory"))
    rightsOfUser.lacks("memory")
    assert.is_true(rightsOfUser.allows("getrange"))
    assert.is_false(rightsOfUser.allows("memory"))
  end)

  it("is granted by the words that the log says", function()
    for _, word in ipairs({ "+getrange", "+hlen", "+scard", "+llen", "+memory|usage" }) do
      assert.matches(word, rights.MISSING_RIGHTS, 1, true)
    end
  end)
end)
