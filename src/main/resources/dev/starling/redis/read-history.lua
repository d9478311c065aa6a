-- Reads the newest offset and the messages after a position, and begins an epoch if there is none: so that who reads
-- knows whether it is still the same later.
--
-- KEYS  1 meta: a hash, e = the epoch, s = the newest offset
--       2 stream: the messages, each with its offset as its ID
-- ARGV  1 an epoch to begin with  2 how long to keep meta, in ms  3 the epoch of the position, or empty
--       4 the offset of the position  5 the most messages to read  6 messages to keep
-- Answers {epoch, newest offset, messages}.
local meta, stream = KEYS[1], KEYS[2]

local known = redis.call('HMGET', meta, 'e', 's')
local epoch, top = known[1], known[2]
if not epoch then
  epoch, top = ARGV[1], '0'
  redis.call('HSET', meta, 'e', epoch, 's', top)
  redis.call('DEL', stream)
end
redis.call('PEXPIRE', meta, ARGV[2])

-- The stream may have some more than are to be kept.
local first = math.max(1, top - ARGV[6] + 1)
if epoch == ARGV[3] then
  first = math.max(first, ARGV[4] + 1)
end
if first > tonumber(top) or ARGV[5] == '0' then
  return {epoch, top, {}}
end
return {epoch, top, redis.call('XRANGE', stream, first, '+', 'COUNT', ARGV[5])}
