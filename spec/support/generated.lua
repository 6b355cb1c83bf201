-- Generated values for property specs: what is valid, what is damaged, and what must hold of each.

local generated = {}

local SHARE = tonumber(os.getenv("CASES") or 1)
assert(SHARE and SHARE > 0, "CASES is a number above 0")

--- What must never come through in a value that nginx gets.
generated.HOSTILE = {
  "\r", "\n", "\r\nX-Evil: 1", "\n/\t@evil", "\t", "\0", "\1", "\27[2J", "\127", "\128", "\255\254", "\195\188", "$",
  "$host", "${host}", "$request_uri", ";", "; proxy_pass http://evil", "{", "}", '"', "'", "`", "\\", "<", ">", "^",
  "|", "\11", "\12",
}

--- Iterates over the texts with something hostile where a place has its bar: each text, and the hostile bytes in it.
function generated.hostileTexts(places)
  return coroutine.wrap(function()
    for _, place in ipairs(places) do
      local before, after = place:match("^(.*)|(.*)$")
      for _, bytes in ipairs(generated.HOSTILE) do
        coroutine.yield(before .. bytes .. after, bytes)
      end
    end
  end)
end

--- Whether bytes are ignored at the end of a value: blanks and line ends.
function generated.isBlank(bytes)
  return not bytes:find("[^\r\n\t ]")
end

--- How many of `count` random cases to generate: the share that the environment variable CASES says (0.1 is a tenth),
--- all of them without it. At least one.
function generated.cases(count)
  return math.max(1, math.floor(count * SHARE + 0.5))
end

--- Whether all cases are generated: then specs also do what takes long.
function generated.areAll()
  return SHARE >= 1
end

--- Every byte that could end, quote or begin something in nginx's configuration language, HTTP or a log.
local UNSAFE = "[^!#%%&()*+,%-./0-9:=?@A-Z%[%]_a-z~]"

function generated.pick(from)
  return from[math.random(#from)]
end

local pick = generated.pick

--- `count` things, each what `make` returns for its place.
function generated.repeated(count, make)
  local made = {}
  for i = 1, count do
    made[i] = make(i)
  end
  return made
end

--- `count` bytes of those in `alphabet`.
function generated.bytes(count, alphabet)
  local made = {}
  for i = 1, count do
    local at = math.random(#alphabet)
    made[i] = alphabet:sub(at, at)
  end
  return table.concat(made)
end

--- The same things in another order, in a new list.
function generated.shuffled(list)
  local copy = { unpack(list) }
  for i = #copy, 2, -1 do
    local j = math.random(i)
    copy[i], copy[j] = copy[j], copy[i]
  end
  return copy
end

--- A map as HGETALL tells it, in random order.
function generated.flat(map)
  local names = {}
  for name in pairs(map) do
    names[#names + 1] = name
  end
  local list = {}
  for _, name in ipairs(generated.shuffled(names)) do
    list[#list + 1] = name
    list[#list + 1] = map[name]
  end
  return list
end

local HOSTS = {
  ipv4 = function()
    return ("10.%d.%d.%d"):format(math.random(0, 255), math.random(0, 255), math.random(0, 255))
  end,
  ipv6 = function()
    return ("fd00::%x:%x"):format(math.random(1, 0xffff), math.random(1, 0xffff))
  end,
  name = function()
    return generated.bytes(math.random(1, 9), "abcxyz_") .. pick({ "", ".internal", ".a-b.example" })
  end,
}

--- An address: its parts, its canonical text, and another way to write it.
function generated.address()
  local form = pick({ "ipv4", "ipv4", "ipv6", "name" })
  local scheme = pick({ "http", "http", "https" })
  local host = HOSTS[form]()
  if host == "unix" then
    return generated.address()
  end
  local default = scheme == "https" and 443 or 80
  local port = pick({ default, 8080, math.random(65535) })
  local written = (form == "ipv6" and "[%s]" or "%s"):format(host)
  local secure = scheme == "https" and "https://" or ""
  local canonical = ("%s%s:%d"):format(secure, written, port)
  local spellings = { canonical, canonical }
  if scheme == "http" then
    spellings[#spellings + 1] = "http://" .. canonical
  end
  if port == default and form ~= "name" then
    spellings[#spellings + 1] = secure .. written
  end
  if form == "name" then
    spellings[#spellings + 1] = canonical:gsub("%l+:%d+$", string.upper)
  end
  return {
    parts = { scheme = scheme, form = form, host = host, port = port },
    canonical = canonical,
    written = pick(spellings),
  }
end

--- A status that a `return` without a URL may have.
function generated.status()
  local status = math.random(400, 599)
  local isUnanswered = status == 408 or status == 499 or (status >= 494 and status <= 497)
  return isUnanswered and generated.status() or status
end

--- Whether a connection to the IP address could be made: it is no multicast, broadcast or link-local one.
function generated.isReachable(host)
  local octet = tonumber(host:match("(%d+)%.%d+%.%d+%.%d+$") or "")
  if octet and (host:find("^%d+%.") or host:find("^::ffff:")) then
    return not (octet >= 224 and octet < 240) and not host:find("255%.255%.255%.255$")
  end
  local group = tonumber(host:match("^(%x+):") or "0", 16)
  return group < 0xff00 and not (group >= 0xfe80 and group < 0xfec0)
end

--- At most `count` addresses, none twice.
function generated.addresses(count)
  local list, taken = {}, {}
  for _ = 1, count do
    local address = generated.address()
    if not taken[address.canonical] then
      taken[address.canonical] = true
      list[#list + 1] = address
    end
  end
  return list
end

--- The text with up to three of its parts cut out, or replaced by one of `bits`, a hostile one or any byte.
function generated.damaged(text, bits)
  for _ = 1, math.random(0, 3) do
    local at = math.random(0, #text)
    local cut = at + pick({ 0, 0, 1, 1, 2, 5 })
    local put = pick({ "", pick(bits), pick(generated.HOSTILE), string.char(math.random(0, 255)) })
    text = text:sub(1, at) .. put .. text:sub(cut + 1)
  end
  return text
end

--- Whether no string within the value, but for those a `skip` names the field of, holds an unsafe byte.
function generated.isSafe(value, skip)
  if type(value) == "table" then
    for key, part in pairs(value) do
      if not (skip and skip[key]) and not generated.isSafe(part, skip) then
        return false
      end
    end
    return true
  end
  return type(value) ~= "string" or not value:find(UNSAFE)
end

--- Whether a problem is fit for a log: short, and of printable ASCII.
function generated.isLoggable(detail)
  return type(detail) == "string" and #detail < 300 and not detail:find("[^ -~]")
end

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not equal(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

--- Whether two values are the same all through; quicker than luassert's.
generated.isSame = equal

--- Calls `check` with `count` made values; a failure says which seed brings the same values again (`SEED=… busted`),
--- and shows the value: what `show` makes of it, or the value itself, or what a list of values holds.
function generated.forAll(count, make, check, show)
  local seed = tonumber(os.getenv("SEED")) or os.time()
  math.randomseed(seed)
  for i = 1, count do
    local made = make()
    local ok, fault = pcall(check, made)
    if not ok then
      local shown, value = {}, show and show(made) or made
      for _, part in ipairs(type(value) == "table" and value or { value }) do
        shown[#shown + 1] = ("%q"):format(tostring(part))
      end
      error(("SEED=%d, value %d, {%s}: %s"):format(seed, i, table.concat(shown, ", "), tostring(fault)), 0)
    end
  end
end

return generated
