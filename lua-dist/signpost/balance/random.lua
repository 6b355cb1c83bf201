local ____exports = {}
--- A generator of random numbers of one's own: `math.random` is the host's, and to seed it would spoil its numbers.
-- 
-- Xorshift with 32 bits (Marsaglia, "Xorshift RNGs", 2003): its numbers repeat after 2^32 - 1. Good enough to spread load;
-- not for secrets.
-- 
-- @param seed any 32 bits; seeds that differ, if only in one bit, make numbers that differ from the first on
-- @returns numbers from 0 up to, not including, 1
function ____exports.newRandom(seed)
    local bits = bit.bor(seed, 0)
    -- Nothing comes of nought.
    if bits == 0 then
        bits = bit.bor(2654435769, 0)
    end
    local function next()
        bits = bit.bxor(
            bits,
            bit.lshift(bits, 13)
        )
        bits = bit.bxor(
            bits,
            bit.rshift(bits, 17)
        )
        bits = bit.bxor(
            bits,
            bit.lshift(bits, 5)
        )
        return (bits + 2147483648) / 4294967296
    end
    -- Neighbouring seeds begin alike; that is over after a few numbers.
    for _ = 1, 16 do
        next()
    end
    return next
end
return ____exports
