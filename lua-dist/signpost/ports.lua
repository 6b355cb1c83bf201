--- The outside world as the logic sees it. `platform/` fits nginx to these types, the specs fit fakes to them; nothing
-- else is known of either.
local ____exports = {}
return ____exports
