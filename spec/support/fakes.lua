-- The outside world (src/signpost/ports.ts) for the specs: fakes that behave like the real thing and can be told to
-- misbehave like it. They keep no expectations. What is not faked raises.

local fakes = {}

-- An object that raises when it is asked for something it does not have.
local function strict(what, object)
  return setmetatable(object, {
    __index = function(_, key)
      error(("the fake %s has no %s"):format(what, tostring(key)), 2)
    end,
  })
end

-- Seconds since 1970, standing still until turned.
function fakes.clock(start)
  local time = start or 1700000000
  return strict("clock", {
    now = function()
      return time
    end,
    turn = function(seconds)
      time = time + seconds
    end,
  })
end

-- Numbers that are the same for the same seed, whoever else draws numbers: `draw(n)` is from 1 to n.
function fakes.random(seed)
  local state = seed % 2147483646 + 1
  return function(n)
    state = state * 16807 % 2147483647
    return math.floor(state / 2147483647 * n) + 1
  end
end

-- Tasks like nginx's light threads: one runs at a time, until it waits or ends. Who goes on next is for the spec to
-- say, so that interleavings can be driven step by step. A task that raises ends, and the spec with it.
function fakes.scheduler()
  local tasks, running = {}, nil

  local function forget(task)
    for i, other in ipairs(tasks) do
      if other == task then
        table.remove(tasks, i)
        return
      end
    end
  end

  local function finish(task, done, ...)
    running = task.outer
    if not done then
      forget(task)
      error(debug.traceback(task.thread, tostring((...))), 0)
    elseif coroutine.status(task.thread) == "dead" then
      forget(task)
      task.ended, task.outcome = true, { n = select("#", ...), ... }
    end
  end

  local function resume(task, ...)
    task.isReady, task.outer, running = nil, running, task
    finish(task, coroutine.resume(task.thread, ...))
  end

  local scheduler = {}

  -- Starts `fn` at once: it has run up to where it first waits when this returns.
  function scheduler.start(fn, ...)
    local task = { thread = coroutine.create(fn), ended = false }
    tasks[#tasks + 1] = task
    resume(task, ...)
    return task
  end

  -- What a task's function returned.
  function scheduler.outcome(task)
    assert(task.ended, "the task has not ended")
    return unpack(task.outcome, 1, task.outcome.n)
  end

  -- For the fakes: the running task waits until `isReady` says so.
  function scheduler.await(isReady)
    if running == nil then
      error("only a task can wait", 2)
    end
    running.isReady = isReady
    coroutine.yield()
  end

  -- The tasks that could go on now, the oldest first.
  function scheduler.ready()
    local ready = {}
    for _, task in ipairs(tasks) do
      if task.isReady ~= nil and task.isReady() then
        ready[#ready + 1] = task
      end
    end
    return ready
  end

  -- Lets one task go on.
  function scheduler.step(task)
    assert(task.isReady ~= nil and task.isReady(), "the task cannot go on")
    resume(task)
  end

  -- Lets tasks go on until none can.
  function scheduler.settle()
    local task = scheduler.ready()[1]
    while task ~= nil do
      scheduler.step(task)
      task = scheduler.ready()[1]
    end
  end

  -- What nginx does to a request whose client has gone: it never goes on.
  function scheduler.kill(task)
    forget(task)
  end

  -- How many tasks have not ended.
  function scheduler.alive()
    return #tasks
  end

  return strict("scheduler", scheduler)
end

-- Makes gates, as `platform/gate` does.
function fakes.gates(scheduler, clock)
  return function()
    local open = false
    return strict("gate", {
      wait = function(seconds)
        local deadline = clock.now() + seconds
        if not open then
          scheduler.await(function()
            return open or clock.now() >= deadline
          end)
        end
        return open
      end,
      open = function()
        open = true
      end,
    })
  end
end

-- The entries of a shared dict or an LRU, in the order of their last use.
local function entries()
  local order, values = {}, {}

  local function unlink(key)
    for i, other in ipairs(order) do
      if other == key then
        table.remove(order, i)
        return
      end
    end
  end

  local all = {}

  function all.read(key)
    if values[key] ~= nil then
      unlink(key)
      order[#order + 1] = key
    end
    return values[key]
  end

  function all.write(key, value)
    unlink(key)
    order[#order + 1] = key
    values[key] = value
  end

  function all.drop(key)
    unlink(key)
    values[key] = nil
  end

  function all.peek(key)
    return values[key]
  end

  function all.leastUsed()
    return order[1]
  end

  function all.keys()
    return { unpack(order) }
  end

  function all.size()
    return #order
  end

  return all
end

-- A lua_shared_dict with room for `room` entries (any number, unless said): a new entry in a full one pushes out the
-- least recently used, and says so. Lifetimes go by `clock`, and need one. `refuse()` makes it what it is when no push
-- helps: nothing new fits, and what was under the key is gone, unless a value of the same size can take its place.
function fakes.dict(room, clock)
  local held, refusing = entries(), false

  local function check(key)
    assert(type(key) == "string", "a key that is not a string")
    if key == "" then
      return "empty key"
    end
    return #key > 65535 and "key too long" or nil
  end

  local function checkValue(value)
    assert(type(value) == "string" or type(value) == "number", "a value that is neither a string nor a number")
  end

  -- As the real one, it has no flags where they are 0.
  local function checkFlags(flags)
    flags = flags or 0
    assert(flags >= 0 and flags < 2 ^ 32 and flags % 1 == 0, "flags that are not 32 bits")
    return flags ~= 0 and flags or nil
  end

  -- What is there, unless its time is over: that is as good as gone.
  local function living(key)
    local entry = held.peek(key)
    if entry ~= nil and entry.ends ~= nil and entry.ends <= clock.now() then
      held.drop(key)
      return nil
    end
    return entry
  end

  local function isFull()
    if room == nil then
      return false
    end
    for _, key in ipairs(held.keys()) do
      living(key)
    end
    return held.size() >= room
  end

  local function fits(key, value)
    local old = living(key)
    if not refusing or old == nil or type(old.value) ~= type(value) then
      return not refusing
    end
    return type(value) == "number" or #old.value == #value
  end

  local function endsAfter(lifetime)
    if lifetime == nil or lifetime == 0 then
      return nil
    end
    assert(type(lifetime) == "number" and lifetime > 0, "a lifetime that is not a number of seconds")
    return assert(clock, "a lifetime needs a clock").now() + lifetime
  end

  local function put(key, value, ends, flags)
    if not fits(key, value) then
      held.drop(key)
      return false, "no memory", false
    end
    local forcible = living(key) == nil and isFull()
    if forcible then
      held.drop(held.leastUsed())
    end
    held.write(key, { value = value, ends = ends, flags = flags })
    return true, nil, forcible
  end

  local dict = {}

  function dict:get(key)
    assert(self == dict, "get is called with a colon")
    local err = check(key)
    if err ~= nil then
      return nil, err
    end
    if living(key) == nil then
      return nil, nil
    end
    local entry = held.read(key)
    if entry.list ~= nil then
      return nil, "value is a list"
    end
    return entry.value, entry.flags
  end

  function dict:set(key, value, lifetime, flags)
    assert(self == dict, "set is called with a colon")
    checkValue(value)
    local err = check(key)
    if err ~= nil then
      return nil, err
    end
    return put(key, value, endsAfter(lifetime), checkFlags(flags))
  end

  function dict:add(key, value, lifetime, flags)
    assert(self == dict, "add is called with a colon")
    checkValue(value)
    local err = check(key)
    if err ~= nil then
      return nil, err
    elseif living(key) ~= nil then
      held.read(key)
      return false, "exists", false
    end
    return put(key, value, endsAfter(lifetime), checkFlags(flags))
  end

  function dict:safe_set(key, value, lifetime, flags)
    assert(self == dict, "safe_set is called with a colon")
    checkValue(value)
    local err = check(key)
    if err ~= nil then
      return nil, err
    elseif not fits(key, value) or living(key) == nil and isFull() then
      held.drop(key)
      return false, "no memory", false
    end
    return put(key, value, endsAfter(lifetime), checkFlags(flags))
  end

  function dict:safe_add(key, value, lifetime, flags)
    assert(self == dict, "safe_add is called with a colon")
    if living(key) ~= nil then
      held.read(key)
      return false, "exists", false
    end
    return dict:safe_set(key, value, lifetime, flags)
  end

  function dict:incr(key, by, init)
    assert(self == dict, "incr is called with a colon")
    local entry = living(key)
    local value = entry == nil and init or entry ~= nil and entry.value
    if not value then
      return nil, "not found"
    elseif type(value) ~= "number" then
      return nil, "not a number"
    end
    local stored, err, forcible = put(key, value + by, entry and entry.ends, entry and entry.flags)
    if not stored then
      return nil, err, forcible
    end
    return value + by, nil, forcible
  end

  function dict:delete(key)
    assert(self == dict, "delete is called with a colon")
    held.drop(key)
    return true, nil, false
  end

  -- The one look at an entry that leaves it where it is in the order of use.
  function dict:ttl(key)
    assert(self == dict, "ttl is called with a colon")
    local entry = living(key)
    if entry == nil then
      return nil, "not found"
    end
    return entry.ends and entry.ends - clock.now() or 0
  end

  function dict:flush_expired(most)
    assert(self == dict, "flush_expired is called with a colon")
    local freed = 0
    for _, key in ipairs(held.keys()) do
      if freed < most and living(key) == nil then
        freed = freed + 1
      end
    end
    return freed
  end

  -- The list under a key; where there is none, nothing or why not.
  local function list(key)
    local err = check(key)
    local entry = err == nil and living(key) or nil
    if entry ~= nil and entry.list == nil then
      err = "value not a list"
    end
    return entry and entry.list, err
  end

  function dict:rpush(key, value)
    assert(self == dict, "rpush is called with a colon")
    checkValue(value)
    local items, err = list(key)
    if err ~= nil then
      return nil, err
    elseif refusing or items == nil and isFull() then
      return nil, "no memory"
    end
    items = items or {}
    items[#items + 1] = value
    held.write(key, { list = items })
    return #items
  end

  function dict:lpop(key)
    assert(self == dict, "lpop is called with a colon")
    local items, err = list(key)
    if items == nil then
      return nil, err
    end
    local first = table.remove(items, 1)
    if #items == 0 then
      held.drop(key)
    end
    return first
  end

  function dict:llen(key)
    assert(self == dict, "llen is called with a colon")
    local items, err = list(key)
    if err ~= nil then
      return nil, err
    end
    return items and #items or 0
  end

  -- From here on: for the spec.

  function dict.peek(key)
    local entry = living(key)
    return entry and entry.value
  end

  function dict.flags(key)
    local entry = living(key)
    return entry and entry.flags
  end

  -- The keys, in the order of their last use.
  dict.keys = held.keys
  dict.size = held.size

  -- Another worker's entry needed the room.
  dict.evict = held.drop

  function dict.refuse()
    refusing = true
  end

  function dict.accept()
    refusing = false
  end

  return strict("shared dict", dict)
end

-- A resty.lrucache with room for `room` entries.
function fakes.lru(room)
  local held = entries()
  local lru = {}

  function lru:get(key)
    assert(self == lru, "get is called with a colon")
    return held.read(key)
  end

  function lru:delete(key)
    assert(self == lru, "delete is called with a colon")
    local wasThere = held.peek(key) ~= nil
    held.drop(key)
    return wasThere
  end

  function lru:set(key, value)
    assert(self == lru, "set is called with a colon")
    if held.peek(key) == nil and held.size() >= (room or math.huge) then
      held.drop(held.leastUsed())
    end
    held.write(key, value)
  end

  return strict("LRU", lru)
end

-- nginx's error log, collected: `lines` holds `{ level, message }`.
function fakes.log()
  local lines = {}

  local function at(level)
    return function(message)
      lines[#lines + 1] = { level, message }
    end
  end

  return strict("log", { lines = lines, error = at("error"), warn = at("warn") })
end

-- Counts what is counted: `of` what was never counted is 0.
function fakes.tally()
  local counts = {}
  return strict("tally", {
    count = function(counter)
      counts[counter] = (counts[counter] or 0) + 1
    end,
    of = function(counter)
      return counts[counter] or 0
    end,
  })
end

-- Timers: `runSoon` queues a task, `run` starts what is queued. A task that raises ends, as in nginx, and `raised`
-- holds what it said. `refuse()`: nginx has no timer left.
function fakes.background(scheduler)
  local queue, raised, refusing = {}, {}, false
  return strict("background runner", {
    raised = raised,
    runSoon = function(task)
      if not refusing then
        queue[#queue + 1] = task
      end
      return not refusing
    end,
    queued = function()
      return #queue
    end,
    run = function()
      local tasks = queue
      queue = {}
      for _, task in ipairs(tasks) do
        scheduler.start(function()
          local done, problem = pcall(task)
          if not done then
            raised[#raised + 1] = tostring(problem)
          end
        end)
      end
    end,
    refuse = function()
      refusing = true
    end,
    accept = function()
      refusing = false
    end,
  })
end

-- Something that reads names and is slow: each call waits until the spec says how it went. `calls` holds all there
-- were, the oldest first; of each, `names` is what was asked for.
function fakes.slowReader(scheduler)
  local calls = {}

  local function read(names)
    local call = { names = { unpack(names) }, ended = false }

    -- The call returns this, once its task goes on.
    function call.answer(value, err, detail)
      assert(not call.ended, "the call has ended")
      call.ended, call.value, call.err, call.detail = true, value, err, detail
    end

    calls[#calls + 1] = call
    scheduler.await(function()
      return call.ended
    end)
    return call.value, call.err, call.detail
  end

  return strict("reader", { calls = calls, read = read })
end

local WRONGTYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"

-- A Redis with the commands that read: `type`, `get`, `hgetall`, `lrange` from the first item on, `smembers`. It can be
-- A Redis with the commands that read: `type`, `get`, `hgetall`, `lrange` from the first item on, `smembers`. It can
-- was asked, after `release()`. `asks` holds, for each round trip, the keys that were read.
function fakes.redis(scheduler)
  local texts, types, items, refusals = {}, {}, {}, {}
  local downBecause, errorMessage, hanging, onAsk = nil, nil, false, nil
  local redis = { asks = {} }

  local TYPES = { hgetall = "hash", lrange = "list", smembers = "set", hlen = "hash", llen = "list", scard = "set" }
  local COUNTS = { hlen = 2, llen = 1, scard = 1 }

  -- Up to the item that Redis calls `last`: it counts from 0.
  local function listOf(key, last)
    local list = { kind = "list", items = {} }
    for i = 1, math.min(#items[key], (last or math.huge) + 1) do
      list.items[i] = { kind = "text", text = items[key][i] }
    end
    return list
  end

  local function readItems(name, key, first, last)
    if types[key] == nil and texts[key] == nil then
      return COUNTS[name] and { kind = "text", text = "0" } or { kind = "list", items = {} }
    elseif types[key] ~= TYPES[name] then
      return { kind = "error", message = WRONGTYPE }
    elseif COUNTS[name] then
      return { kind = "text", text = tostring(#items[key] / COUNTS[name]) }
    end
    assert(name ~= "lrange" or first == "0" and tonumber(last) >= 0, "LRANGE key 0 LAST")
    return listOf(key, tonumber(last))
  end

  -- As many bytes as there are of text, and some for each item.
  local function memoryOf(key)
    local bytes = 50
    for _, item in ipairs(items[key] or { texts[key] }) do
      bytes = bytes + 40 + #item
    end
    return { kind = "text", text = tostring(bytes) }
  end

  local function readString(name, key, first, last)
    if types[key] ~= nil then
      return { kind = "error", message = WRONGTYPE }
    elseif name == "get" then
      return texts[key] == nil and { kind = "nil" } or { kind = "text", text = texts[key] }
    end
    assert(first == "0" and tonumber(last) >= 0, "GETRANGE key 0 LAST")
    return { kind = "text", text = (texts[key] or ""):sub(1, tonumber(last) + 1) }
  end

  -- Which key a command is about: the others have it in the second place.
  local function keyOf(command)
    return command[1] == "memory" and command[3] or command[2]
  end

  local function reply(command)
    local name, key, first, last = unpack(command)
    assert(type(keyOf(command)) == "string", "one key for each command")
    if refusals[name] ~= nil then
      return { kind = "error", message = refusals[name] }
    elseif errorMessage ~= nil then
      return { kind = "error", message = errorMessage }
    elseif name == "type" then
      return { kind = "text", text = types[key] or (texts[key] ~= nil and "string" or "none") }
    elseif TYPES[name] ~= nil then
      return readItems(name, key, first, last)
    elseif name == "memory" then
      return memoryOf(keyOf(command))
    elseif name ~= "get" and name ~= "getrange" then
      error("the fake Redis does not know " .. tostring(name))
    end
    return readString(name, key, first, last)
  end

  local function whileHanging()
    return not hanging
  end

  function redis.ask(commands)
    local because, replies, keys = downBecause, {}, {}
    for i, command in ipairs(commands) do
      replies[i] = reply(command)
      if command[1] ~= "type" and command[1] ~= "memory" then
        keys[#keys + 1] = command[2]
      end
    end
    redis.asks[#redis.asks + 1] = keys
    if onAsk ~= nil then
      onAsk(#redis.asks)
    end
    if hanging then
      scheduler.await(whileHanging)
    end
    if because ~= nil then
      return nil, "redis_down", because
    end
    return replies, nil
  end

  function redis.set(key, text)
    texts[key], types[key] = text, nil
  end

  -- A key of any other type than string; `held` as the command that reads it tells it.
  function redis.setType(key, type, held)
    texts[key], types[key], items[key] = nil, type, held or {}
  end

  function redis.del(key)
    texts[key], types[key] = nil, nil
  end

  -- Called with the number of each round trip, once it has been answered.
  function redis.onAsk(fn)
    onAsk = fn
  end

  function redis.down(detail)
    downBecause = detail or "connect: connection refused"
  end

  function redis.up()
    downBecause, errorMessage = nil, nil
  end

  function redis.refuse(message)
    errorMessage = message
  end

  -- Every such command is answered with an error; without a message, as it should be.
  function redis.refuseCommand(name, message)
    refusals[name] = message
  end

  function redis.connectionsMade()
    return 1
  end

  function redis.hang()
    hanging = true
  end

  function redis.release()
    hanging = false
  end

  return strict("Redis", redis)
end

return fakes
