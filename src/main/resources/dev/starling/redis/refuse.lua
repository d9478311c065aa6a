-- Changes who is refused and tells all nodes, as one step: so the order of the changes is the order on the wire.
--
-- KEYS  1 refusals: a sorted set, by when each is over; what changes is published under the same name
--       2 version: a hash, e = an epoch, n = how many changes there were in it
-- ARGV  1 who  2 until when, in ms since 1970; 0 for no longer  3 how many there may be  4 an epoch to begin with
--       5 PUBLISH or SPUBLISH  6 how long to keep it all, in ms: longer than any refusal
-- Answers number:epoch, or nothing if there are too many.
local refusals, version = KEYS[1], KEYS[2]
local who, til, most, keep = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[6]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('ZREMRANGEBYSCORE', refusals, '-inf', now)
if til == '0' then
  redis.call('ZREM', refusals, who)
elseif redis.call('ZCARD', refusals) >= most and not redis.call('ZSCORE', refusals, who) then
  return false
else
  redis.call('ZADD', refusals, til, who)
end

local epoch = redis.call('HGET', version, 'e')
if not epoch then
  epoch = ARGV[4]
  redis.call('HSET', version, 'e', epoch, 'n', 0)
end
local answer = redis.call('HINCRBY', version, 'n', 1) .. ':' .. epoch
redis.call('PEXPIRE', refusals, keep)
redis.call('PEXPIRE', version, keep)
redis.call(ARGV[5], refusals, '1r' .. answer .. ':' .. til .. ':' .. who)
return answer
