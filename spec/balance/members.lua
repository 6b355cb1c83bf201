local newPeer = require("signpost.balance.peer").newPeer

-- Peers of a pool for the specs, each with a label of its own: "a", "b", or a number.
local members = {}

function members.one(label, weight)
  return newPeer({ scheme = "http", form = "name", host = "peer-" .. label, port = 8080 }, weight or 1)
end

-- One for each label; of weight 1 unless said.
function members.of(labels, weights)
  local peers = {}
  for i, label in ipairs(labels) do
    peers[i] = members.one(label, weights and weights[i])
  end
  return peers
end

-- `count` peers, labelled by numbers, of the weight that `weightOf` says.
function members.many(count, weightOf)
  local peers = {}
  for i = 1, count do
    peers[i] = members.one(i, weightOf and weightOf(i))
  end
  return peers
end

-- The label that a peer was made with.
function members.label(peer)
  return peer and peer.name:match("^peer%-(.-):8080$")
end

-- Every peer may be taken.
function members.any()
  return true
end

-- Only these labels may be taken.
function members.only(...)
  local set = {}
  for _, name in ipairs({ ... }) do
    set[tostring(name)] = true
  end
  return function(peer)
    return set[members.label(peer)] == true
  end
end

-- All but these.
function members.allBut(...)
  local isRefused = members.only(...)
  return function(peer)
    return not isRefused(peer)
  end
end

-- How often each label is picked, when each request is over before the next.
function members.tally(picker, picks, mayTake, firstKey)
  local counts = {}
  for key = firstKey or 1, (firstKey or 1) + picks - 1 do
    local peer = picker.pick(mayTake or members.any, key)
    local label = members.label(peer)
    counts[label] = (counts[label] or 0) + 1
    picker.done(peer)
  end
  return counts
end

-- Numbers from 0 up to 1, the same for the same seed.
function members.random(seed)
  local draw = require("spec.support.fakes").random(seed)
  return function()
    return (draw(2 ^ 30) - 1) / 2 ^ 30
  end
end

return members
