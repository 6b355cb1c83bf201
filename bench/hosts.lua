-- For wrk: asks for so many hosts in turn, as said behind `--`. The names are those of routes.ts.
local requests = {}
local last = 0

function init(args)
  for i = 1, tonumber(args[1]) do
    requests[i] = wrk.format("GET", "/", { Host = ("host%07d.bench.example"):format(i) })
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end
