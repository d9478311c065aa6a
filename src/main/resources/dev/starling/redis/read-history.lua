-- Reads the newest offset and the messages after a position, or the last ones before it, and begins an epoch if there is none: so that who reads
-- knows whether it is still the same later.
--
-- KEYS  1 meta: a hash, e = the epoch, s = the newest offset
--       2 stream: the messages, each with its offset as its ID
-- ARGV  1 an epoch to begin with  2 how long to keep meta, in ms  3 the epoch of the position, or empty
--       4 the offset of the position  5 the most messages to read  6 messages to keep
--       7 the most bytes of them to read, but two messages in any case
--       8 1 for those before the position, the newest first
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
local first, last = math.max(1, top - ARGV[6] + 1), tonumber(top)
local back = ARGV[8] == '1'
if epoch == ARGV[3] then
  if back then
    last = math.min(last, ARGV[4] - 1)
  else
    first = math.max(first, ARGV[4] + 1)
  end
end
if first > last or ARGV[5] == '0' then
  return {epoch, top, {}}
end

-- In pieces, since a stream can't be asked for so many bytes.
local most, maxBytes = tonumber(ARGV[5]), tonumber(ARGV[7])
local messages, bytes, start = {}, 0, back and last or first
while #messages < most do
  local wanted = math.min(most - #messages, 64)
  local piece = back and redis.call('XREVRANGE', stream, start, first, 'COUNT', wanted)
    or redis.call('XRANGE', stream, start, '+', 'COUNT', wanted)
  for _, message in ipairs(piece) do
    bytes = bytes + #message[2][2]
    if bytes > maxBytes and #messages > 1 then
      return {epoch, top, messages}
    end
    messages[#messages + 1] = message
  end
  if #piece < wanted then
    break
  end
  start = '(' .. piece[wanted][1]
end
return {epoch, top, messages}
