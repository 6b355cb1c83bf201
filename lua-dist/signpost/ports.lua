--- The interfaces between the logic and the outside world. `platform/` implements them with nginx, and the specs with
-- fakes. The logic knows nothing else about either.
local ____exports = {}
return ____exports
