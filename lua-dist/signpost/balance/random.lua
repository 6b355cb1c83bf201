local ____exports = {}
--- Makes a generator of random numbers. `math.random` belongs to the whole nginx worker: seeding it would change the
-- numbers that other modules get.
-- 
-- Xorshift with 32 bits (Marsaglia, "Xorshift RNGs", 2003): its numbers repeat after 2^32 - 1. Good enough to spread
-- load; not for secrets.
-- 
-- @param seed any 32 bits; seeds that differ in one bit give numbers that differ from the first on
-- @returns numbers from 0 up to, not including, 1
function ____exports.newRandom(seed)
    local bits = bit.bor(seed, 0)
    -- Xorshift never leaves 0.
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
    -- The first few numbers of neighbouring seeds are alike.
    for _ = 1, 16 do
        next()
    end
    return next
end
return ____exports
