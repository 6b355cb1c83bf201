local settings = require("signpost.settings.settings")
local parse = settings.parseRedisUrl

local function tcp(host, port, tls)
  return { kind = "tcp", host = host, port = port, tls = tls or false }
end

local function unix(socket)
  return { kind = "unix", socket = socket, tls = false }
end

--- The URL as a test's name can hold it.
local function printable(url)
  local escaped = url:gsub("[^ -~]", function(byte)
    return ("\\%03d"):format(byte:byte())
  end)
  return #escaped > 60 and escaped:sub(1, 60) .. "..." or escaped
end

describe("a Redis URL", function()
  local LONGEST_NAME = ("a.b2-c_d."):rep(28) .. "z"
  local LONGEST_PATH = "/" .. ("p"):rep(106)

  for url, said in pairs({
    ["redis://127.0.0.1"] = { address = tcp("127.0.0.1", 6379) },
    ["redis://127.0.0.1/"] = { address = tcp("127.0.0.1", 6379) },
    ["redis://127.0.0.1:6380"] = { address = tcp("127.0.0.1", 6380) },
    ["redis://127.0.0.1:6379/0"] = { address = tcp("127.0.0.1", 6379), database = 0 },
    ["redis://127.0.0.1/65535"] = { address = tcp("127.0.0.1", 6379), database = 65535 },
    ["redis://127.0.0.1:1"] = { address = tcp("127.0.0.1", 1) },
    ["redis://127.0.0.1:65535"] = { address = tcp("127.0.0.1", 65535) },
    ["redis://localhost"] = { address = tcp("localhost", 6379) },
    ["redis://redis-0.redis_svc.example.com"] = { address = tcp("redis-0.redis_svc.example.com", 6379) },
    ["redis://Redis.Example.com:7000"] = { address = tcp("Redis.Example.com", 7000) },
    ["redis://" .. LONGEST_NAME] = { address = tcp(LONGEST_NAME, 6379) },
    ["redis://[::1]"] = { address = tcp("[::1]", 6379) },
    ["redis://[fd00::5]:6380/2"] = { address = tcp("[fd00::5]", 6380), database = 2 },
    ["redis://[1:2:3:4:5:6:7:8]"] = { address = tcp("[1:2:3:4:5:6:7:8]", 6379) },
    ["redis://[::ffff:10.0.0.5]"] = { address = tcp("[::ffff:10.0.0.5]", 6379) },
    ["rediss://redis.example.com"] = { address = tcp("redis.example.com", 6379, true) },
    ["rediss://u:p@[::1]:6380/1"] = { address = tcp("[::1]", 6380, true), user = "u", password = "p", database = 1 },
    ["redis://:secret@h"] = { address = tcp("h", 6379), password = "secret" },
    ["redis://me:secret@h:1/2"] = { address = tcp("h", 1), user = "me", password = "secret", database = 2 },
    ["redis://me:a:b@h"] = { address = tcp("h", 6379), user = "me", password = "a:b" },
    ["redis://m%3Ae:%40%2f%25%20%00%C3%A9+@h"] = {
      address = tcp("h", 6379),
      user = "m:e",
      password = "@/% \0\195\169+",
    },
    ["redis://:%2541@h"] = { address = tcp("h", 6379), password = "%41" },
    ["unix:/run/redis.sock"] = { address = unix("/run/redis.sock") },
    ["unix:///run/redis.sock"] = { address = unix("/run/redis.sock") },
    ["unix:/run/my redis@home?#%20.sock"] = { address = unix("/run/my redis@home?#%20.sock") },
    ["unix:" .. LONGEST_PATH] = { address = unix(LONGEST_PATH) },
    ["unix://" .. LONGEST_PATH] = { address = unix(LONGEST_PATH) },
  }) do
    it("is " .. printable(url), function()
      local read, err = parse(url)
      assert.is_nil(err)
      assert.same(said, read)
    end)
  end

  local SCHEME = "redis://, rediss:// or unix:/"
  local PRINTABLE = "printable ASCII"
  local HOST = "a host name, an IPv4 address or an IPv6 address in brackets"
  local PORT = "a port from 1 to 65535"
  local DATABASE = "a database number from 0 to 65535"
  local LOGIN = "user:password or :password before the @"
  local ESCAPE = "two hexadecimal digits after every %"
  local PATH = "an absolute path after unix:"

  for url, expected in pairs({
    [""] = SCHEME,
    ["127.0.0.1:6379"] = SCHEME,
    ["redis:"] = SCHEME,
    ["redis:/h"] = SCHEME,
    ["redis:h"] = SCHEME,
    ["REDIS://h"] = SCHEME,
    ["redisss://h"] = SCHEME,
    ["http://h"] = SCHEME,
    [" redis://h"] = SCHEME,
    ["\0redis://h"] = SCHEME,
    ["redis+tls://h"] = SCHEME,
    ["redis://h "] = PRINTABLE,
    ["redis://h\n"] = PRINTABLE,
    ["redis://h\r\nFLUSHALL"] = PRINTABLE,
    ["redis://h\0"] = PRINTABLE,
    ["redis://h\195\169"] = PRINTABLE,
    ["redis://:p\255w@h"] = PRINTABLE,
    ["redis://h\127"] = PRINTABLE,
    ["redis://h?db=1"] = "no ? and no #",
    ["redis://h/0#x"] = "no ? and no #",
    ["redis://:p?w@h"] = "no ? and no #",
    ["redis://"] = HOST,
    ["redis:///0"] = HOST,
    ["redis://:6379"] = HOST,
    ["redis://:pw@"] = HOST,
    ["redis://:pw@:6379"] = HOST,
    ["redis://10.0.0.256"] = HOST,
    ["redis://10.0.0"] = HOST,
    ["redis://10.0.0.05"] = HOST,
    ["redis://1.2.3.4.5"] = HOST,
    ["redis://1"] = HOST,
    ["redis://."] = HOST,
    ["redis://a..b"] = HOST,
    ["redis://-a"] = HOST,
    ["redis://a$b"] = HOST,
    ["redis://a;b"] = HOST,
    ["redis://{a}"] = HOST,
    ["redis://a,b"] = HOST,
    ["redis://h%6f"] = HOST,
    ["redis://unix:6379"] = HOST,
    ["redis://" .. LONGEST_NAME .. "z"] = HOST,
    ["redis://::1"] = HOST,
    ["redis://[]"] = HOST,
    ["redis://[::1"] = HOST,
    ["redis://[h]"] = HOST,
    ["redis://[127.0.0.1]"] = HOST,
    ["redis://[::1]]"] = HOST,
    ["redis://[[::1]]"] = HOST,
    ["redis://[::1]:[::2]"] = HOST,
    ["redis://[fe80::1%25eth0]"] = HOST,
    ["redis://[1:2:3:4:5:6:7:8:9]"] = HOST,
    ["redis://[1::2::3]"] = HOST,
    ["redis://[12345::]"] = HOST,
    ["redis://::1]"] = HOST,
    ["redis://h:"] = PORT,
    ["redis://h:0"] = PORT,
    ["redis://h:65536"] = PORT,
    ["redis://h:06379"] = PORT,
    ["redis://h:+1"] = PORT,
    ["redis://h:-1"] = PORT,
    ["redis://h:1e3"] = PORT,
    ["redis://h:0x10"] = PORT,
    ["redis://h:1.0"] = PORT,
    ["redis://h:" .. ("9"):rep(400)] = PORT,
    ["redis://h:1:2"] = PORT,
    ["redis://h:inf"] = PORT,
    ["redis://[::1]6379"] = PORT,
    ["redis://[::1]:"] = PORT,
    ["redis://h/x"] = DATABASE,
    ["redis://h/-1"] = DATABASE,
    ["redis://h/01"] = DATABASE,
    ["redis://h/65536"] = DATABASE,
    ["redis://h/1/"] = DATABASE,
    ["redis://h//"] = DATABASE,
    ["redis://h/1e3"] = DATABASE,
    ["redis://h/" .. ("9"):rep(400)] = DATABASE,
    ["redis://@h"] = LOGIN,
    ["redis://me@h"] = LOGIN,
    ["redis://me:@h"] = LOGIN,
    ["redis://:@h"] = LOGIN,
    ["redis://:p@w@h"] = "one @, before the host",
    ["redis://me@a:p@h"] = "one @, before the host",
    ["redis://:%@h"] = ESCAPE,
    ["redis://:%4@h"] = ESCAPE,
    ["redis://:%zz@h"] = ESCAPE,
    ["redis://:100%@h"] = ESCAPE,
    ["redis://:%%4141@h"] = ESCAPE,
    ["redis://m%e:p@h"] = ESCAPE,
    ["unix:"] = PATH,
    ["unix:run/redis.sock"] = PATH,
    ["unix:/"] = PATH,
    ["unix://"] = PATH,
    ["unix:///"] = PATH,
    ["unix://run/redis.sock"] = PATH,
    ["unix:////run/redis.sock"] = PATH,
    ["unix:/run/redis.sock\n"] = "no control character",
    ["unix:/run/redis\0.sock"] = "no control character",
    ["unix:" .. LONGEST_PATH .. "p"] = "a path of at most 107 bytes",
  }) do
    it(("is not %s"):format(printable(url)), function()
      local read, err, detail = parse(url)
      assert.is_nil(read)
      assert.equal("bad_redis_url", err)
      assert.equal("expected ", detail:sub(1, 9))
      assert.truthy(detail:find(expected, 1, true), detail)
    end)
  end

  it("never shows a piece of a password in what is wrong with it, wherever the slip is", function()
    for _, url in ipairs({
      "hunter2",
      "hunter2://h",
      "redis://hunter2@h",
      "redis://:hunter2",
      "redis://me:hunter2",
      "redis://me:hunter2/x@h",
      "redis://me:hunter2:1@h:port",
      "redis://me:x/hunter2@h:1/0",
      "redis://h/hunter2",
      "redis://me:hun%ter2@hunter2",
      "redis://me:hunter2@h@h",
      "redis://me:hunter2?@h",
      "redis://me:hunter2 @h",
      "redis://[hunter2]",
      "unix:hunter2",
      "unix:/hunter2\n",
    }) do
      local read, err, detail = parse(url)
      assert.is_nil(read, url)
      assert.equal("bad_redis_url", err)
      assert.is_nil(detail:find("hunter2", 1, true), detail)
      assert.is_nil(detail:find("ter2", 1, true), detail)
    end
  end)

  it("with TLS never loses it: whatever is read from rediss:// has it, and nothing else has", function()
    math.randomseed(20261)
    local pieces = { "rediss://", "redis://", "unix:/", "s", "//", "/", ":", "@", "h", "[::1]", "1", "%41", "S://" }
    local read_some = { [true] = 0, [false] = 0 }
    for _ = 1, 100000 do
      local url = pieces[math.random(3)]
      for _ = 1, math.random(0, 7) do
        url = url .. pieces[math.random(#pieces)]
      end
      local read = parse(url)
      if read then
        local tls = url:sub(1, 9) == "rediss://"
        assert.equal(tls, read.address.tls)
        read_some[tls] = read_some[tls] + 1
      end
    end
    assert.is_true(read_some[true] > 500 and read_some[false] > 500)
  end)

  it("of any bytes is read or refused, and never raises", function()
    math.randomseed(20262)
    for _ = 1, 50000 do
      local bytes = {}
      for i = 1, math.random(0, 24) do
        bytes[i] = string.char(math.random(0, 255))
      end
      local url = ({ "", "redis://", "rediss://", "unix:/" })[math.random(4)] .. table.concat(bytes)
      local read, err, detail = parse(url)
      if read then
        assert.is_nil(err)
        local host = read.address.host or ""
        assert.is_nil((host .. (read.address.socket or "")):find("%c"))
      else
        assert.equal("bad_redis_url", err)
        assert.is_string(detail)
      end
    end
  end)
end)

describe("the text of an address", function()
  for url, text in pairs({
    ["redis://:secret@10.0.0.5"] = "redis 10.0.0.5:6379",
    ["rediss://me:secret@[::1]:6380/2"] = "redis [::1]:6380",
    ["unix:///run/redis.sock"] = "redis unix:/run/redis.sock",
  }) do
    it("is " .. text .. ", without user and password", function()
      assert.equal(text, settings.addressText(assert(parse(url)).address))
    end)
  end
end)
