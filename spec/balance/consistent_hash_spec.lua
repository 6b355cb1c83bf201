local contract = require("spec.balance.picker_contract")
local crc32 = require("spec.support.crc32")
local fakes = require("spec.support.fakes")
local members = require("spec.balance.members")
local newPeer = require("signpost.balance.peer").newPeer
local consistentHash = require("signpost.balance.consistent_hash").consistentHash

local any, allBut, label, of = members.any, members.allBut, members.label, members.of

local KEYS = 20000

contract("consistent hash", function()
  return consistentHash(crc32)
end)

describe("consistent hash", function()
  -- Where each key is, by label.
  local function mapping(peers, mayTake)
    local picker = consistentHash(crc32)
    picker.update(peers)
    local places = {}
    for i = 1, KEYS do
      places[i] = label(picker.pick(mayTake or any, crc32("visitor " .. i)))
    end
    return places
  end

  -- The keys that moved: how many, and for each pair "from > to" how many.
  local function moves(before, after)
    local count, ways = 0, {}
    for i = 1, KEYS do
      if before[i] ~= after[i] then
        local way = before[i] .. " > " .. after[i]
        count = count + 1
        ways[way] = (ways[way] or 0) + 1
      end
    end
    return count, ways
  end

  local function assertAbout(expected, got, what)
    local deviation = math.sqrt(expected)
    assert(math.abs(got - expected) < 5 * deviation, ("%s: %d instead of about %d"):format(what, got, expected))
  end

  it("is tested with CRC-32", function()
    assert.equal(0xCBF43926, crc32("123456789"))
  end)

  it("always picks the same for the same key", function()
    local picker = consistentHash(crc32)
    picker.update(members.many(10))
    for key = 1, 100 do
      local first = picker.pick(any, key)
      for _ = 1, 5 do
        assert.equal(first, picker.pick(any, key))
      end
    end
  end)

  it("picks the same in every worker, in whatever order the members are told", function()
    local draw = fakes.random(3)
    local peers = members.many(20, function(i)
      return i % 3 + 1
    end)
    local expected = mapping(peers)
    for _ = 1, 5 do
      for i = #peers, 2, -1 do
        local j = draw(i)
        peers[i], peers[j] = peers[j], peers[i]
      end
      assert.equal(0, (moves(expected, mapping(peers))))
    end
  end)

  it("picks the same whatever the members were before", function()
    local picker = consistentHash(crc32)
    picker.update(members.many(50))
    picker.update(of({ "a", "b", "c" }, { 3, 2, 1 }))
    picker.update(members.many(7))
    local expected = mapping(members.many(7))
    for i = 1, KEYS do
      assert.equal(expected[i], label(picker.pick(any, crc32("visitor " .. i))))
    end
  end)

  it("takes a key with a sign for the same key", function()
    local picker = consistentHash(crc32)
    picker.update(members.many(10))
    for i = 1, 1000 do
      local key = crc32(tostring(i))
      assert.equal(picker.pick(any, key), picker.pick(any, bit.tobit(key)))
    end
  end)

  it("spreads keys evenly over peers with similar addresses, whatever the keys are like", function()
    local peers = {}
    for i = 1, 100 do
      peers[i] = newPeer({ scheme = "http", form = "ipv4", host = "10.0.0." .. i, port = 8080 }, 1)
    end
    local picker = consistentHash(crc32)
    picker.update(peers)
    for what, keyOf in pairs({
      ["hashes of addresses"] = function(i)
        return crc32(("192.168.%d.%d"):format(i / 256, i % 256))
      end,
      ["numbers in a row"] = function(i)
        return i
      end,
      ["numbers of high bits"] = function(i)
        return i * 65536 % 2 ^ 32
      end,
    }) do
      local counts = {}
      for i = 1, 60000 do
        local name = picker.pick(any, keyOf(i)).name
        counts[name] = (counts[name] or 0) + 1
      end
      for _, peer in ipairs(peers) do
        assertAbout(600, counts[peer.name] or 0, peer.name .. " of " .. what)
      end
    end
  end)

  it("moves only the keys of a peer that leaves, and spreads them over all others", function()
    local peers = members.many(10)
    local before = mapping(peers)
    table.remove(peers, 4)
    local count, ways = moves(before, mapping(peers))
    assertAbout(KEYS / 10, count, "keys moved")
    for _, peer in ipairs(peers) do
      local way = "4 > " .. label(peer)
      assertAbout(KEYS / 10 / 9, ways[way] or 0, way)
      count = count - ways[way]
    end
    assert.equal(0, count, "keys of other peers moved")
  end)

  it("moves only the keys that a newcomer gets, from all others", function()
    local peers = members.many(9)
    local before = mapping(peers)
    peers[10] = members.one("new")
    local count, ways = moves(before, mapping(peers))
    assertAbout(KEYS / 10, count, "keys moved")
    for i = 1, 9 do
      local way = i .. " > new"
      assertAbout(KEYS / 10 / 9, ways[way] or 0, way)
      count = count - ways[way]
    end
    assert.equal(0, count, "keys moved between others")
  end)

  it("gives a peer's keys away while it is down, as if it had left, and back when it is up", function()
    local peers = members.many(10)
    local before, down = mapping(peers), mapping(peers, allBut(4))
    table.remove(peers, 4)
    assert.equal(0, (moves(mapping(peers), down)))
    assert.equal(0, (moves(before, mapping(members.many(10)))))
  end)

  it("gives the keys of a peer that drains away, and moves no others", function()
    local before = mapping(members.many(10))
    local draining = members.many(10, function(i)
      return i == 4 and 0 or 1
    end)
    for i, place in ipairs(mapping(draining)) do
      assert(place ~= "4" and (place == before[i] or before[i] == "4"))
    end
  end)

  it("moves only the keys it must when a weight changes", function()
    local before = mapping(members.many(10))
    local count, ways = moves(before, mapping(members.many(10, function(i)
      return i == 4 and 2 or 1
    end)))
    assertAbout(KEYS * (2 / 11 - 1 / 10), count, "keys moved")
    for way in pairs(ways) do
      assert(way:match(" > 4$"), way)
    end
  end)

  it("moves no key when all weights grow alike", function()
    local before, after = of({ "a", "b", "c" }, { 1, 2, 3 }), of({ "a", "b", "c" }, { 10, 20, 30 })
    assert.equal(0, (moves(mapping(before), mapping(after))))
  end)

  it("is told of a hundred peers in less than some milliseconds", function()
    local picker = consistentHash(crc32)
    local peers = members.many(100, function(i)
      return i
    end)
    local start = os.clock()
    for _ = 1, 100 do
      picker.update(peers)
    end
    local milliseconds = (os.clock() - start) * 1000 / 100
    assert(milliseconds < 3, milliseconds .. " ms")
  end)
end)
