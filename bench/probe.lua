-- For content_by_lua_file: until someone asks for ?stop, sleeps a millisecond again and again, and says what kept the
-- worker from the next turn: how many turns there were; then by the wall clock and by CPU time the longest, in
-- milliseconds, and how many took more than 10 ms. Runs alone in its worker.
if ngx.var.arg_stop then
  package.loaded.probe_stopped = true
  return
end

local SLEEP_SECONDS = 0.001

local turns = 0
local wall = { longest = 0, long = 0 }
local cpu = { longest = 0, long = 0 }

local function wall_clock()
  ngx.update_time()
  return ngx.now()
end

local function note(kind, seconds)
  kind.longest = math.max(kind.longest, seconds)
  if seconds > 0.010 then
    kind.long = kind.long + 1
  end
end

package.loaded.probe_stopped = false
while not package.loaded.probe_stopped do
  local wall_before, cpu_before = wall_clock(), os.clock()
  ngx.sleep(SLEEP_SECONDS)
  note(cpu, os.clock() - cpu_before)
  note(wall, wall_clock() - wall_before - SLEEP_SECONDS)
  turns = turns + 1
end
ngx.say(("%d %.1f %d %.1f %d"):format(turns, wall.longest * 1e3, wall.long, cpu.longest * 1e3, cpu.long))
