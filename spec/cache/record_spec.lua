local record = require("signpost.cache.record")
local encodeRecord, decodeRecord = record.encodeRecord, record.decodeRecord

local CHECKED = 1700000000.5

-- What nginx needs for an entry of a shared dict beside the key and the value, and the slab class it shall fit.
local ENTRY_BYTES, SLAB_BYTES = 68, 128

-- Out of a dict again, which holds the epoch as the entry's flags.
local function passedOn(known)
  return decodeRecord(encodeRecord(known), known.epoch)
end

local ODD_TEXTS = {
  "", " ", "a", "0", "\0", "a\0b", "\r\n", "\255\254\128", "%s%d%", "r0123456789", "ü", ("x"):rep(4096),
  "return 301 https://www.example.com$request_uri", "10.0.0.5:8080 [fd00::5]:80,https://app.internal",
}

describe("a record", function()
  for _, kind in ipairs({ "good", "bad", "absent" }) do
    it(("of the kind %s comes out of a shared dict as it went in, whatever bytes it holds"):format(kind), function()
      for _, text in ipairs(ODD_TEXTS) do
        for _, epoch in ipairs({ 0, 1, 2 ^ 32 - 1 }) do
          local known = { kind = kind, checked = CHECKED, text = text, epoch = epoch }
          assert.same(known, passedOn(known))
        end
      end
    end)
  end

  it("keeps its time to a tenth of a second", function()
    for tenth = 0, 200 do
      local checked = 1700000000 + tenth / 19
      local kept = passedOn({ kind = "absent", checked = checked, text = "", epoch = 0 }).checked
      assert(kept <= checked + 1e-6 and kept > checked - 0.100001, ("%.6f became %.6f"):format(checked, kept))
    end
  end)

  it("keeps its time from 1970 until 2187", function()
    for _, checked in ipairs({ 0, 1, 429496729.6, 4294967296, 6871947673.5 }) do
      assert.equal(checked, passedOn({ kind = "good", checked = checked, text = "x", epoch = 0 }).checked)
    end
  end)

  it("of a host of 25 bytes and the longest IPv4 address fits the 128 bytes of its slab class", function()
    local host = "a.rather-long.example.com"
    assert.equal(25, #host)
    local value = encodeRecord({ kind = "good", checked = CHECKED, text = "255.255.255.255:65535", epoch = 7 })
    assert(ENTRY_BYTES + #host + #value <= SLAB_BYTES, ("%d bytes"):format(ENTRY_BYTES + #host + #value))
  end)

  it("is not seen in another program's value", function()
    local foreign = {
      "", "a", "r", "b", "absent", "bad", "abc", "r1", "a0", "10.0.0.5:8080", "route:10.0.0.5:8080", "nil", "{}",
      "x003f5476a05text", "R003f5476a05text", "r003f547", "r-03f5476a0text", "r 03f5476a0text", "r0x3f5476atext",
      "rxyzxyzxyztext", "\0\0\0\0\0\0\0\0\0\0\0", "a\n03f5476a0", 42, -1.5,
    }
    for _, value in ipairs(foreign) do
      assert.is_nil(decodeRecord(value, 0), ("%q is no record"):format(value))
    end
  end)
end)
