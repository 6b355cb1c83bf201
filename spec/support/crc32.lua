-- CRC-32 as everybody has it, ngx.crc32_short too: from 0 to 2^32 - 1.

local band, bxor, rshift = bit.band, bit.bxor, bit.rshift

local remainders = {}
for byte = 0, 255 do
  local remainder = byte
  for _ = 1, 8 do
    remainder = bxor(rshift(remainder, 1), band(remainder, 1) == 1 and 0xEDB88320 or 0)
  end
  remainders[byte] = remainder
end

return function(text)
  local crc = -1
  for i = 1, #text do
    crc = bxor(remainders[band(bxor(crc, text:byte(i)), 255)], rshift(crc, 8))
  end
  return bit.bnot(crc) % 2 ^ 32
end
