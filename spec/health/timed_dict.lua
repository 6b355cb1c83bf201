local fakes = require("spec.support.fakes")

-- A fake shared dict whose entries have lifetimes, and that can `add`. `before`, if given, is called before each
-- access.
return function(clock, before)
  local dict = fakes.dict()
  local get, set, safeSet, incr, delete, peek = dict.get, dict.set, dict.safe_set, dict.incr, dict.delete, dict.peek
  local ends = {}

  local function expire(key)
    if ends[key] ~= nil and ends[key] <= clock.now() then
      ends[key] = nil
      dict.evict(key)
    end
  end

  local function access(key)
    if before ~= nil then
      before()
    end
    expire(key)
  end

  local function store(key, value, lifetime)
    assert(lifetime == nil or lifetime > 0, "0 would be for ever")
    ends[key] = lifetime and clock.now() + lifetime
    return set(dict, key, value)
  end

  function dict:get(key)
    access(key)
    return get(self, key)
  end

  function dict:set(key, value, lifetime)
    assert(self == dict, "set is called with a colon")
    access(key)
    return store(key, value, lifetime)
  end

  function dict:add(key, value, lifetime)
    assert(self == dict, "add is called with a colon")
    access(key)
    if peek(key) ~= nil then
      return false, "exists", false
    end
    return store(key, value, lifetime)
  end

  function dict:safe_set(key, value, lifetime)
    assert(self == dict, "safe_set is called with a colon")
    access(key)
    assert(lifetime == nil or lifetime > 0, "0 would be for ever")
    ends[key] = lifetime and clock.now() + lifetime
    return safeSet(self, key, value)
  end

  -- As nginx has it: an entry that was there keeps its lifetime.
  function dict:incr(key, by, init, lifetime)
    access(key)
    if peek(key) == nil then
      ends[key] = lifetime and clock.now() + lifetime
    end
    return incr(self, key, by, init)
  end

  function dict:delete(key)
    access(key)
    ends[key] = nil
    return delete(self, key)
  end

  -- For the spec: how many entries have not expired.
  function dict.alive()
    for key in pairs(ends) do
      expire(key)
    end
    return dict.size()
  end

  return dict
end
