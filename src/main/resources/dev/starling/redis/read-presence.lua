-- Tells how many are in a channel, and who came first. Those whose node has not spoken for too long are not counted and not
-- named, but stay until a node takes them out and tells everybody: see write-presence.lua.
--
-- KEYS  1 members: a sorted set, by when they came
--       2 expiry: a sorted set of the same, by when they are gone unless their node says again that they are here
-- ARGV  1 the most to name  2 the most to look at, for others than these may have come first
-- Answers {count, when the first one came, the first one, …}.
local members, expiry = KEYS[1], KEYS[2]
local limit, most = 2 * tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local answer = {redis.call('ZCOUNT', expiry, '(' .. now, '+inf')}
local strays = {}
local seen = 0
while #answer - 1 < limit and seen < most do
  local piece = redis.call('ZRANGE', members, seen, math.min(seen + limit / 2, seen + 500, most) - 1, 'WITHSCORES')
  if #piece == 0 then
    break
  end
  local names = {}
  for i = 1, #piece, 2 do
    names[#names + 1] = piece[i]
  end
  local expiries = redis.call('ZMSCORE', expiry, unpack(names))
  for i = 1, #names do
    if not expiries[i] then
      strays[#strays + 1] = names[i]
    elseif tonumber(expiries[i]) > now and #answer - 1 < limit then
      answer[#answer + 1] = piece[2 * i]
      answer[#answer + 1] = names[i]
    end
  end
  seen = seen + #names
end
-- Redis has evicted the expiry of these, so nobody else would ever take them out.
for i = 1, #strays, 500 do
  redis.call('ZREM', members, unpack(strays, i, math.min(i + 499, #strays)))
end
return answer
