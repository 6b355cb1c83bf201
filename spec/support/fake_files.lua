-- A file system (`Files` in src/signpost/ports.ts), and a Redis full of keys that a snapshot is taken of: fakes that
-- behave like the real thing and can be told to misbehave like it. What is not faked raises.

local newLineReader = require("signpost.text.lines").newLineReader

local fake_files = {}

local function strict(what, object)
  return setmetatable(object, {
    __index = function(_, key)
      error(("the fake %s has no %s"):format(what, tostring(key)), 2)
    end,
  })
end

-- Files by path. As on Linux, who has opened one holds the file itself, whatever becomes of its name: two that write
-- to one file each go on where they stand, and what is moved or removed is whatever has the name by then.
function fake_files.disk()
  local names, count, opened, broken, space, readable = {}, 0, 0, nil, math.huge, math.huge
  local disk = {}

  local function failure(path, why)
    return nil, "file_error", ("%s: %s"):format(path, why)
  end

  local function newFile(bytes)
    count = count + 1
    return { number = count, changes = 0, bytes = bytes }
  end

  -- What a hole is filled with is NUL.
  local function overwrite(file, at, bytes)
    local before = file.bytes:sub(1, at)
    file.bytes = before .. ("\0"):rep(at - #before) .. bytes .. file.bytes:sub(at + #bytes + 1)
    file.changes = file.changes + 1
  end

  local function writer(path, file)
    local at, isOpen = 0, true
    opened = opened + 1

    local function check(step)
      assert(isOpen, "the file is closed")
      return broken == step
    end

    local function close()
      isOpen, opened = false, opened - 1
    end

    return strict("new file", {
      write = function(bytes)
        if check("write") then
          return failure(path, "Input/output error")
        end
        local fitting = bytes:sub(1, math.min(#bytes, space))
        space = space - #fitting
        overwrite(file, at, fitting)
        at = at + #fitting
        if #fitting < #bytes then
          return failure(path, "No space left on device")
        end
        return true, nil
      end,
      publish = function(target)
        local isBroken = check("publish")
        close()
        if isBroken then
          return failure(path, "Input/output error")
        elseif names[path] == nil then
          return failure(path, "No such file or directory")
        end
        names[target], names[path] = names[path], nil
        return true, nil
      end,
      discard = function()
        check("discard")
        close()
        names[path] = nil
      end,
    })
  end

  function disk.create(path)
    if broken == "create" then
      return failure(path, "Permission denied")
    end
    names[path] = names[path] or newFile("")
    names[path].bytes = ""
    names[path].changes = names[path].changes + 1
    return writer(path, names[path]), nil
  end

  -- Read by the real line reader; what is written meanwhile is read too.
  function disk.lines(path)
    local file, at, taken, isOpen = names[path], 1, 0, true
    if file == nil then
      return failure(path, "No such file or directory")
    end
    opened = opened + 1
    local open = {}

    -- Line by line, so that `failAfter` can count them.
    function open.read(bytes)
      assert(isOpen, "the file is closed")
      if at > #file.bytes then
        return nil, nil
      end
      taken = taken + 1
      if taken > readable then
        return nil, "Input/output error"
      end
      local last = math.min(file.bytes:find("\n", at, true) or #file.bytes, at + bytes - 1)
      local piece = file.bytes:sub(at, last)
      at = last + 1
      return piece, nil
    end

    function open.rewind()
      at, taken = 1, 0
    end

    function open.close()
      if isOpen then
        isOpen, opened = false, opened - 1
      end
    end

    return newLineReader(open, path), nil
  end

  function disk.version(path)
    local file = names[path]
    if file == nil then
      return failure(path, "No such file or directory")
    end
    return ("%d %d"):format(file.number, file.changes)
  end

  -- From here on: for the spec.

  -- Another program writes a file: a new one, moved to its place.
  function disk.put(path, lines)
    names[path] = newFile(type(lines) == "table" and table.concat(lines, "\n") .. "\n" or lines)
  end

  function disk.remove(path)
    names[path] = nil
  end

  function disk.text(path)
    return names[path] and names[path].bytes
  end

  function disk.paths()
    local paths = {}
    for path in pairs(names) do
      paths[#paths + 1] = path
    end
    table.sort(paths)
    return paths
  end

  -- How many files are open.
  function disk.opened()
    return opened
  end

  -- From now on `create`, `write` or `publish` fails; nothing: all succeed.
  function disk.breakAt(step)
    broken = step
  end

  -- So many lines can be read of each file, then its disk fails.
  function disk.failAfter(lines)
    readable = lines
  end

  -- So many bytes more can be written.
  function disk.leave(bytes)
    space = bytes
  end

  return strict("disk", disk)
end

-- Whether a key is what a pattern of Redis means: `*`, `?`, and a backslash before what means itself. Sets in brackets
-- are not known.
local function isLike(key, pattern)
  local at, keyAt, starAt, starKey = 1, 1, nil, nil
  while keyAt <= #key do
    local sign = pattern:sub(at, at)
    assert(sign ~= "[", "the fake Redis knows no sets in patterns")
    local isQuoted = sign == "\\" and at < #pattern
    local literal = isQuoted and pattern:sub(at + 1, at + 1) or sign
    if sign == "*" then
      starAt, starKey, at = at, keyAt, at + 1
    elseif sign == "?" or (sign ~= "" and literal == key:sub(keyAt, keyAt)) then
      at, keyAt = at + (isQuoted and 2 or 1), keyAt + 1
    elseif starAt ~= nil then
      starKey = starKey + 1
      at, keyAt = starAt + 1, starKey
    else
      return false
    end
  end
  return pattern:find("^%**$", at) ~= nil
end

local WRONGTYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"
local BUCKETS = 64

-- For `fake_files.redis`: nothing is left to chance, and no key is told twice.
function fake_files.inOrder(n)
  return n
end

-- A Redis that can be written to, scanned and read. SCAN gives batches of any size, none too; it tells of every key
-- that is there from beginning to end, and of some twice. `draw(n)` is from 1 to n.
function fake_files.redis(draw)
  local keys, cursors, refusals, downBecause, meddle = {}, {}, {}, nil, nil
  local redis = { asks = {} }

  local function text(said)
    return { kind = "text", text = said }
  end

  local function list(texts)
    local items = {}
    for i, said in ipairs(texts) do
      items[i] = text(said)
    end
    return { kind = "list", items = items }
  end

  local function bucketOf(key)
    local sum = 0
    for i = 1, #key do
      sum = (sum * 31 + key:byte(i)) % BUCKETS
    end
    return sum + 1
  end

  local function sorted(map)
    local names = {}
    for name in pairs(map) do
      names[#names + 1] = name
    end
    table.sort(names)
    return names
  end

  -- The cursors are larger than a Lua number can hold.
  local function scan(cursor, match, pattern, count, size)
    assert(match == "match" and count == "count" and tonumber(size) > 0, "SCAN cursor MATCH pattern COUNT count")
    local first = cursor == "0" and 1 or assert(cursors[cursor], "a cursor that Redis never gave")
    local last = math.min(BUCKETS, first + draw(6) - 2)
    local found = {}
    for _, key in ipairs(sorted(keys)) do
      local bucket = bucketOf(key)
      local isDue = bucket >= first and bucket <= last or bucket < first and draw(50) == 1
      if isDue and isLike(key, pattern) then
        found[#found + 1] = key
      end
    end
    local nextCursor = last == BUCKETS and "0" or ("1844674407370955%04d"):format(last + 1)
    cursors[nextCursor] = last + 1
    return { kind = "list", items = { text(nextCursor), list(found) } }
  end

  local function held(key, type)
    local value = keys[key]
    return value and (value.type == type and value or { kind = "error", message = WRONGTYPE })
  end

  local function items(key, type, flatten)
    local value = held(key, type)
    if value == nil then
      return list({})
    end
    return value.kind == "error" and value or list(flatten(value))
  end

  local function count(key, type, part)
    local value = held(key, type)
    if value ~= nil and value.kind == "error" then
      return value
    end
    local n = 0
    for _ in pairs(value == nil and {} or value[part]) do
      n = n + 1
    end
    return text(tostring(n))
  end

  local reads = {
    scan = scan,
    type = function(key)
      return text(keys[key] and keys[key].type or "none")
    end,
    get = function(key)
      local value = held(key, "string")
      return value == nil and { kind = "nil" } or value.kind == "error" and value or text(value.text)
    end,
    getrange = function(key, from, to)
      assert(from == "0" and tonumber(to) > 0, "GETRANGE from the first")
      local value = held(key, "string")
      if value ~= nil and value.kind == "error" then
        return value
      end
      return text(value == nil and "" or value.text:sub(1, tonumber(to) + 1))
    end,
    hlen = function(key)
      return count(key, "hash", "fields")
    end,
    llen = function(key)
      return count(key, "list", "items")
    end,
    scard = function(key)
      return count(key, "set", "members")
    end,
    memory = function(_, key)
      return text(tostring(keys[key] == nil and 0 or keys[key].memory or 100))
    end,
    hgetall = function(key)
      return items(key, "hash", function(value)
        local flat = {}
        for _, field in ipairs(sorted(value.fields)) do
          flat[#flat + 1] = field
          flat[#flat + 1] = value.fields[field]
        end
        return flat
      end)
    end,
    lrange = function(key, from, to)
      assert(from == "0" and (to == "-1" or tonumber(to) > 0), "LRANGE from the first")
      return items(key, "list", function(value)
        return to == "-1" and value.items or { unpack(value.items, 1, tonumber(to) + 1) }
      end)
    end,
    smembers = function(key)
      return items(key, "set", function(value)
        return sorted(value.members)
      end)
    end,
  }

  function redis.ask(commands)
    redis.asks[#redis.asks + 1] = commands
    if meddle ~= nil then
      meddle(commands)
    end
    if downBecause ~= nil then
      return nil, "redis_down", downBecause
    end
    local replies = {}
    for i, command in ipairs(commands) do
      local name = command[1]
      local refusal = refusals[name]
      replies[i] = refusal and { kind = "error", message = refusal } or reads[name](unpack(command, 2))
    end
    return replies, nil
  end

  -- From here on: for the spec.

  local function change(key, type, empty)
    local value = keys[key] or empty
    value.type = type
    assert(keys[key] == nil or keys[key].type == type, WRONGTYPE)
    keys[key] = value
    return value
  end

  local writes = {
    SET = function(key, value, rest)
      assert(value ~= nil and rest == nil, "SET key value")
      keys[key] = { type = "string", text = value }
    end,
    DEL = function(key, rest)
      assert(rest == nil, "DEL key")
      keys[key] = nil
    end,
    HSET = function(key, ...)
      assert(select("#", ...) > 0 and select("#", ...) % 2 == 0, "HSET key field value …")
      local fields = change(key, "hash", { fields = {} }).fields
      for i = 1, select("#", ...), 2 do
        fields[select(i, ...)] = select(i + 1, ...)
      end
    end,
    RPUSH = function(key, ...)
      assert(select("#", ...) > 0, "RPUSH key element …")
      local list_ = change(key, "list", { items = {} }).items
      for _, item in ipairs({ ... }) do
        list_[#list_ + 1] = item
      end
    end,
    SADD = function(key, ...)
      assert(select("#", ...) > 0, "SADD key member …")
      local members = change(key, "set", { members = {} }).members
      for _, member in ipairs({ ... }) do
        members[member] = true
      end
    end,
    ZADD = function(key)
      change(key, "zset", {})
    end,
    XADD = function(key)
      change(key, "stream", {})
    end,
  }

  -- Runs a command that writes.
  function redis.run(verb, ...)
    assert(writes[verb], ("unknown command %q"):format(tostring(verb)))(...)
  end

  -- All keys: of each the type and what it holds.
  function redis.dump()
    return keys
  end

  function redis.connectionsMade()
    return 1
  end

  -- What MEMORY USAGE says of a key from now on.
  function redis.takes(key, bytes)
    keys[key].memory = bytes
  end

  -- `fn` is called before each round trip, with its commands.
  function redis.meddle(fn)
    meddle = fn
  end

  -- Every such command is answered with an error; without a message, as it should be.
  function redis.refuse(name, message)
    refusals[name] = message
  end

  function redis.down(detail)
    downBecause = detail
  end

  return strict("Redis", redis)
end

return fake_files
