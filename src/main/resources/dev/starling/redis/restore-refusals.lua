-- Puts back refusals that a node knows and Redis may have lost; what Redis has itself stays as it is.
--
-- KEYS  as of refuse.lua
-- ARGV  1 how many there may be  2 an epoch to begin with  3 how long to keep it all, in ms
--       4... until when, and who
-- Answers how many were not there.
local refusals, version = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('ZREMRANGEBYSCORE', refusals, '-inf', now)
local room = tonumber(ARGV[1]) - redis.call('ZCARD', refusals)
local lost = 0
for i = 4, #ARGV, 2 do
  if lost < room then
    lost = lost + redis.call('ZADD', refusals, 'NX', ARGV[i], ARGV[i + 1])
  end
end
redis.call('HSETNX', version, 'e', ARGV[2])
if lost > 0 then
  redis.call('HINCRBY', version, 'n', 1)
  redis.call('PEXPIRE', refusals, ARGV[3])
end
redis.call('HSETNX', version, 'n', 0)
redis.call('PEXPIRE', version, ARGV[3])
return lost
