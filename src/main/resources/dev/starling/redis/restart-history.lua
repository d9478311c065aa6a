-- Begins a new epoch without messages if the epoch is still the one that was seen, or is gone.
--
-- KEYS  1 meta: a hash, e = the epoch, s = the newest offset
--       2 stream: the messages, each with its offset as its ID
-- ARGV  1 the epoch that was seen  2 the new one  3 how long to keep meta, in ms
-- Answers offset:epoch of the channel as it is then.
local meta, stream = KEYS[1], KEYS[2]

local known = redis.call('HMGET', meta, 'e', 's')
local epoch, top = known[1], known[2]
if not epoch or epoch == ARGV[1] then
  epoch, top = ARGV[2], '0'
  redis.call('HSET', meta, 'e', epoch, 's', top)
  redis.call('DEL', stream)
end
redis.call('PEXPIRE', meta, ARGV[3])
return top .. ':' .. epoch
