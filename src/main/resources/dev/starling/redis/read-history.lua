-- Reads the newest offset and the messages after a position, or the last ones before it, and tells whether the position
-- still holds. Begins an epoch if there is none, so that a reader knows later whether it is still the same.
--
-- KEYS  1 meta  2 stream: see generations.lua, which comes before this
-- ARGV  1 the name of a life to begin with  2 how long to keep meta, in ms  3 the epoch of the position, or empty
--       4 the offset of the position  5 the most messages to read  6 messages to keep
--       7 the most bytes of them to read, but two messages in any case
--       8 1 for those before the position, the newest first; 2 for a node that goes on after the last message that it has
--         heard, which is read, too
-- Answers {epoch, newest offset, messages, the last offset up to which the epoch of the position holds, or -1}. What comes
-- after a position that does not hold is what that epoch does not have.
local known = redis.call('HMGET', meta, 'e', 's')
local epoch, top = known[1], tonumber(known[2] or 0)
local limit, begin, start, life = generations()
if not epoch then
  epoch, top = start(ARGV[1]), 0
end

local asked, at = ARGV[3], tonumber(ARGV[4])
local back, follows = ARGV[8] == '1', ARGV[8] == '2'

-- Clients could make positions up, and push the generations that others know out of the list.
local function mayClaim()
  local minute = math.floor(redis.call('TIME')[1] / 60)
  local last, count = string.match(redis.call('HGET', meta, 'c') or '', '^(%d+):(%d+)$')
  count = tonumber(last) == minute and tonumber(count) or 0
  if count < MOST_CLAIMS then
    redis.call('HSET', meta, 'c', minute .. ':' .. count + 1)
  end
  return count < MOST_CLAIMS
end

-- A position above the newest offset proves a loss: what is written from now on must not look like what was lost.
local last = asked == '' and top or limit(epoch, top, asked)
if asked == epoch and at > top and not back and (follows or string.sub(epoch, -#master) ~= master or mayClaim()) then
  epoch = begin(epoch, top, follows)
  last = limit(epoch, top, asked)
end
redis.call('PEXPIRE', meta, ARGV[2])

-- The stream may have some more than are to be kept.
local from, to = math.max(1, top - ARGV[6] + 1), top
if back then
  if last and asked ~= '' and at - 1 <= last then
    to = math.min(to, at - 1)
  end
elseif last and asked ~= '' then
  from = math.max(from, math.min(at, last) + (follows and at <= last and 0 or 1))
elseif asked ~= '' and life(asked) == life(epoch) then
  from = top + 1
end
last = last or -1
if from > to or ARGV[5] == '0' then
  return {epoch, top, {}, last}
end

-- In pieces, since a stream can't be asked for so many bytes.
local most, maxBytes = tonumber(ARGV[5]), tonumber(ARGV[7])
local messages, bytes, place = {}, 0, back and to or from
while #messages < most do
  local wanted = math.min(most - #messages, 64)
  local piece = back and redis.call('XREVRANGE', stream, place, from, 'COUNT', wanted)
    or redis.call('XRANGE', stream, place, '+', 'COUNT', wanted)
  for _, message in ipairs(piece) do
    bytes = bytes + #message[2][2]
    if bytes > maxBytes and #messages > 1 then
      return {epoch, top, messages, last}
    end
    messages[#messages + 1] = message
  end
  if #piece < wanted then
    break
  end
  place = '(' .. piece[wanted][1]
end
return {epoch, top, messages, last}
