local matchableName = require("signpost.format.written_host").matchableName

describe("the name of a route", function()
  for name, meant in pairs({
    ["App.Example.com"] = "app.example.com",
    ["app.example.com."] = "app.example.com",
    ["app.example.com:8080"] = "app.example.com",
    [" app.example.com\n"] = "app.example.com",
    ["*.Example.com"] = "*.example.com",
    ["App.example.com.:80 "] = "app.example.com",
    ["[::1]:80"] = "[::1]",
    ["[FD00::5]"] = "[fd00::5]",
    ["10.0.0.5:80"] = "10.0.0.5",
    ["Localhost"] = "localhost",
    ["B\195\188cher.de"] = "b\195\188cher.de",
  }) do
    it(("%q can be matched by no request, but %s can"):format(name, meant), function()
      assert.equal(meant, matchableName(name, false))
    end)
  end

  for _, name in ipairs({
    "app.example.com", "*.example.com", "*", "[::1]", "10.0.0.5", "localhost", "_x-y", "b\195\188cher.de",
    "", ".", " ", ":80", "session:Abc", "Http://app.example.com", "App.example.com/x", "a b.com", "::1", "*.", "a:b:80",
  }) do
    it(("%q can be matched, or is no host at all"):format(name), function()
      assert.is_nil(matchableName(name, false))
    end)
  end

  it("must have a dot where any program's key may be one", function()
    for _, name in ipairs({ "user:123", "Localhost", "CONFIG", "jobs." }) do
      assert.is_nil(matchableName(name, true))
    end
    assert.equal("app.example.com", matchableName("App.Example.com:80", true))
  end)
end)
