-- Says who of one node is in a channel and who is not any more, and takes out those whose node has not said so for too long.
-- The time is that of Redis: the clocks of the nodes don't matter.
--
-- KEYS  1 members: a sorted set, by when they came
--       2 expiry: a sorted set of the same, by when they are gone unless their node says again that they are here
-- ARGV  1 for how long this is good, in ms  2 the most expired ones to take out  3 how many are here
--       4... those that are here: when each came, and the member; then those that are not any more
-- Answers {which of the first were not here before, which of the second were here, both as places in ARGV;
--          the expired ones that are out now, each with when it came}.
local members, expiry = KEYS[1], KEYS[2]
local ttl, most, here = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local firstGone = 4 + 2 * here

local came = {}
if here > 0 then
  local names, expiries = {}, {}
  for i = 5, firstGone - 1, 2 do
    names[#names + 1] = ARGV[i]
    expiries[#expiries + 1] = now + ttl
    expiries[#expiries + 1] = ARGV[i]
  end
  local before = redis.call('ZMSCORE', expiry, unpack(names))
  for i = 1, here do
    if not before[i] then
      came[#came + 1] = 3 + 2 * i
    end
  end
  redis.call('ZADD', expiry, unpack(expiries))
  -- Always, as Redis may have evicted one of the two.
  redis.call('ZADD', members, unpack(ARGV, 4, firstGone - 1))
  -- What nobody asks after any more goes by itself, but not before somebody could take the members out.
  redis.call('PEXPIRE', expiry, 2 * ttl)
  redis.call('PEXPIRE', members, 2 * ttl)
end

local went = {}
for i = firstGone, #ARGV do
  if redis.call('ZREM', expiry, ARGV[i]) == 1 then
    went[#went + 1] = i
  end
  redis.call('ZREM', members, ARGV[i])
end

local expired = {}
if most > 0 then
  local dead = redis.call('ZRANGE', expiry, '-inf', now, 'BYSCORE', 'LIMIT', 0, most)
  if #dead > 0 then
    local since = redis.call('ZMSCORE', members, unpack(dead))
    redis.call('ZREM', expiry, unpack(dead))
    redis.call('ZREM', members, unpack(dead))
    for i = 1, #dead do
      expired[2 * i - 1] = since[i] or '0'
      expired[2 * i] = dead[i]
    end
  end
end
return {came, went, expired}
