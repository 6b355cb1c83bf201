local ____exports = {}
local enlist, draw, mix
local ____picker = require("signpost.balance.picker")
local withoutDrained = ____picker.withoutDrained
--- In the order of their names, so that even a draw decides the same everywhere.
function enlist(peers, hash)
    local candidates = {}
    for ____, peer in ipairs(peers) do
        candidates[#candidates + 1] = {
            peer = peer,
            seed = mix(hash(peer.name))
        }
    end
    table.sort(
        candidates,
        function(a, b) return a.peer.name < b.peer.name end
    )
    return candidates
end
--- @returns a number between 0 and 1. Its logarithm divided by a weight is the highest as often as the weight says.
function draw(number)
    return (mix(number) + 2147483648.5) / 4294967296
end
--- Makes 32 bits of which each depends on every bit of the number. Products must not exceed 2^51, because LuaJIT's
-- `bit` truncates larger ones inexactly. So the factors have 19 bits, and there are three.
function mix(number)
    local bits = bit.bxor(
        number,
        bit.rshift(number, 16)
    )
    bits = bit.bor(bits * 523955, 0)
    bits = bit.bxor(
        bits,
        bit.rshift(bits, 15)
    )
    bits = bit.bor(bits * 445035, 0)
    bits = bit.bxor(
        bits,
        bit.rshift(bits, 13)
    )
    bits = bit.bor(bits * 376095, 0)
    return bit.bxor(
        bits,
        bit.rshift(bits, 16)
    )
end
--- The same peer for the same key, on every worker and node. Each peer draws a number for the key, and the peer with
-- the highest number gets it (rendezvous hashing). So the keys of a peer that is down or gone go to the peer that drew
-- the second highest for each, which spreads them over all, and come back with it; no other key moves; and a change of
-- weight moves the keys it must and no others.
-- 
-- Why not a ring of virtual nodes or Maglev's table: these pick faster among hundreds of peers, but must be built anew
-- for every change (for 100 peers, milliseconds and a megabyte in every worker), share out unevenly unless they are
-- big, and a peer that is down makes its neighbour take all. Here an update costs a hash for each peer and there is no
-- table; a pick draws for each peer.
-- 
-- @param hash of 32 bits, signed or not, of a peer's name
function ____exports.consistentHash(hash)
    local candidates = {}
    return {
        pick = function(mayTake, key)
            local best = nil
            local highest = -math.huge
            for ____, ____value in ipairs(candidates) do
                local peer = ____value.peer
                local seed = ____value.seed
                local fraction = draw(bit.bxor(key, seed))
                -- A logarithm is never greater than this bound, which is cheap and rules out nearly all peers.
                if (fraction - 1) / peer.weight > highest then
                    local score = math.log(fraction) / peer.weight
                    if score > highest and mayTake(peer) then
                        highest = score
                        best = peer
                    end
                end
            end
            return best
        end,
        done = function()
        end,
        giveBack = function()
        end,
        update = function(peers)
            candidates = enlist(
                withoutDrained(peers),
                hash
            )
        end
    }
end
return ____exports
