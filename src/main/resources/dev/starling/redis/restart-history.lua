-- Begins a new life without messages if the epoch is still the one that was seen, or is gone.
--
-- KEYS  1 meta  2 stream: see generations.lua, which comes before this
-- ARGV  1 the epoch that was seen  2 the name of the new life  3 how long to keep meta, in ms
-- Answers offset:epoch of the channel as it is then.
local known = redis.call('HMGET', meta, 'e', 's')
local epoch, top = known[1], known[2]
if not epoch or epoch == ARGV[1] then
  local _, _, start = generations()
  epoch, top = start(ARGV[2]), '0'
end
redis.call('PEXPIRE', meta, ARGV[3])
return top .. ':' .. epoch
