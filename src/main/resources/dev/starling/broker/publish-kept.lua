-- Publishes a message of a channel that keeps its history. One step for Redis, so the order of the offsets is the order on
-- the wire, and no offset is without its message. (Redis refuses for want of memory or of a writable disk at the first
-- write of a script or not at all.)
--
-- KEYS  1 meta: a hash, e = the epoch, s = the newest offset
--       2 stream: the messages, each with its offset as its ID
--       3 answer: what the message with this idempotency key was answered; absent without such a key
-- ARGV  1 data  2 messages to keep  3 how long to keep them  4 how long to keep meta  5 an epoch to begin with
--       6 where to publish  7 PUBLISH or SPUBLISH  8 how long to keep the answer; all times in ms
-- Answers offset:epoch.
local meta, stream, answer = KEYS[1], KEYS[2], KEYS[3]

if answer then
  local known = redis.call('GET', answer)
  if known then
    return known
  end
end

local epoch = redis.call('HGET', meta, 'e')
if not epoch then
  epoch = ARGV[5]
  redis.call('HSET', meta, 'e', epoch, 's', 0)
end
local offset = redis.call('HINCRBY', meta, 's', 1)
if offset == 1 then
  -- Meta may have been evicted or deleted alone: what is left of an older epoch has higher offsets.
  redis.call('DEL', stream)
end

-- About as many: Redis drops whole nodes of a stream cheaply, and single entries not. Who reads takes only the newest.
redis.call('XADD', stream, 'MAXLEN', '~', ARGV[2], offset .. '-0', 'd', ARGV[1])
-- Each time, at about a microsecond of twelve each: now and then would let the history of a slow channel expire too early.
redis.call('PEXPIRE', stream, ARGV[3])
redis.call('PEXPIRE', meta, ARGV[4])
redis.call(ARGV[7], ARGV[6], '1p' .. epoch .. ':' .. offset .. ':' .. ARGV[1])

local position = offset .. ':' .. epoch
if answer then
  redis.call('SET', answer, position, 'PX', ARGV[8])
end
return position
