-- Publishes a message of a channel that keeps its history. One step for Redis, so the order of the offsets is the order on
-- the wire, and no offset is without its message. (Redis refuses for want of memory or of a writable disk at the first
-- write of a script or not at all.)
--
-- KEYS  1 meta  2 stream: see generations.lua, which comes before this
--       3 answer: what the message with this idempotency key was answered; absent without such a key
-- ARGV  1 data  2 messages to keep  3 how long to keep them  4 how long to keep meta  5 the name of a life to begin with
--       6 where to publish  7 PUBLISH or SPUBLISH  8 how long to keep the answer; all times in ms
-- Answers offset:epoch.
local answer = KEYS[3]
local epoch = redis.call('HGET', meta, 'e')

if answer then
  local known = redis.call('GET', answer)
  if known then
    local limit, begin = generations()
    local offset, of = string.match(known, '^(%d+):(.*)$')
    local top = redis.call('HGET', meta, 's') or 0
    local last = epoch and limit(epoch, top, of)
    if not last or tonumber(offset) <= last then
      return known
    end
    -- Redis has lost the message, but not the answer.
    if of == epoch then
      epoch = begin(epoch, tonumber(top), true)
    end
  end
end

if not epoch then
  local _, _, start = generations()
  epoch = start(ARGV[5])
elseif string.sub(epoch, -#master) ~= master then
  local _, begin = generations()
  epoch = begin(epoch, tonumber(redis.call('HGET', meta, 's') or 0), true)
end
local offset = redis.call('HINCRBY', meta, 's', 1)
if offset == 1 then
  -- Meta may have been evicted or deleted alone: what is left of an older epoch has higher offsets.
  redis.call('DEL', stream)
end

-- About as many: Redis drops whole nodes of a stream cheaply, and single entries not. Readers take only the newest.
local added = redis.pcall('XADD', stream, 'MAXLEN', '~', ARGV[2], offset .. '-0', 'd', ARGV[1])
if type(added) == 'table' then
  if not string.find(added.err, 'equal or smaller', 1, true) then
    return added
  end
  -- The stream has had this offset before: the count was lost.
  local _, begin = generations()
  epoch = begin(epoch, offset - 1, true)
  offset = redis.call('HINCRBY', meta, 's', 1)
  redis.call('XADD', stream, offset .. '-0', 'd', ARGV[1])
end
-- Each time, at about a microsecond of twelve each: now and then would let the history of a slow channel expire too early.
redis.call('PEXPIRE', stream, ARGV[3])
redis.call('PEXPIRE', meta, ARGV[4])
redis.call(ARGV[7], ARGV[6], '1p' .. epoch .. ':' .. offset .. ':' .. ARGV[1])

local position = offset .. ':' .. epoch
if answer then
  redis.call('SET', answer, position, 'PX', ARGV[8])
end
return position
