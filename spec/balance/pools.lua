local crc32 = require("spec.support.crc32")
local members = require("spec.balance.members")
local poolFromHash = require("signpost.format.pool_definition").poolFromHash
local poolMaker = require("signpost.balance.pool").poolMaker

-- Pools for the specs.
local pools = {}

-- `health`, if not given, is asked for nothing.
function pools.maker(health, seed)
  return poolMaker({ health = health or {}, random = members.random(seed or 1), hash = crc32, digest = pools.digest })
end

-- What health knows a peer by: of the rules' text it holds only the length and the checksum, so that specs can read it.
function pools.digest(text)
  return ("%d-%08x"):format(#text, crc32(text))
end

-- A pool's text: `fields` is its hash in Redis, address → weight, option → value.
function pools.text(fields)
  local flat = {}
  for name, value in pairs(fields) do
    flat[#flat + 1], flat[#flat + 2] = name, tostring(value)
  end
  return (assert(poolFromHash(flat)))
end

-- `name`, if not given, is "pool".
function pools.of(fields, health, seed, name)
  return (assert(pools.maker(health, seed).ofText(pools.text(fields), nil, name or "pool")))
end

-- The next picks of a pool, by name; each is over before the next.
function pools.picked(pool, count)
  local names = {}
  for key = 1, count do
    local peer = pool.picker.pick(members.any, key)
    names[key] = peer.name
    pool.picker.done(peer)
  end
  return names
end

-- How often each name is in the list.
function pools.counts(names)
  local counts = {}
  for _, name in ipairs(names) do
    counts[name] = (counts[name] or 0) + 1
  end
  return counts
end

return pools
