-- Says who of one node is in a channel and who is not any more, and takes out those whose node has not said so for too long.
-- The time is that of Redis: the clocks of the nodes don't matter.
--
-- A node may never read the answer, so what was changed is kept until the node has said that it has read it; and a batch may
-- come after a later one, from a connection that was cut off: then it changes nothing.
--
-- KEYS  1 members: a sorted set, by when they came
--       2 expiry: a sorted set of the same, by when they are gone unless their node says again that they are here
--       3 batches of this node: a hash, n = the number of the last one, u = what was changed and may be unread
-- ARGV  1 for how long this is good, in ms  2 the most expired ones to take out  3 the number of this batch
--       4 the number of the last batch whose answer was read, or that was none of this channel  5 how many are here
--       6... those that are here: when each came, and the member; then those that are not any more
-- Answers all changes that may be unread, the oldest first: {what, when the member came, the member, …}, where what is
-- 1 for one that came, 0 for one that went, and 2 for one that has expired.
local members, expiry, batches = KEYS[1], KEYS[2], KEYS[3]
local ttl, most, number, here = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local firstGone = 6 + 2 * here

local known = redis.call('HMGET', batches, 'n', 'u')
local last = tonumber(known[1] or 0)
if number <= last then
  return {}
end
local changes = {}
if known[2] and last > tonumber(ARGV[4]) then
  changes = cmsgpack.unpack(known[2])
end
local function changed(what, since, member)
  changes[#changes + 1] = what
  changes[#changes + 1] = since
  changes[#changes + 1] = member
end

if here > 0 then
  local names, expiries = {}, {}
  for i = 7, firstGone - 1, 2 do
    names[#names + 1] = ARGV[i]
    expiries[#expiries + 1] = now + ttl
    expiries[#expiries + 1] = ARGV[i]
  end
  local before = redis.call('ZMSCORE', expiry, unpack(names))
  for i = 1, here do
    if not before[i] then
      changed('1', ARGV[4 + 2 * i], names[i])
    end
  end
  redis.call('ZADD', expiry, unpack(expiries))
  -- Always, as Redis may have evicted one of the two.
  redis.call('ZADD', members, unpack(ARGV, 6, firstGone - 1))
  -- What nobody asks after any more goes by itself, but not before somebody could take the members out.
  redis.call('PEXPIRE', expiry, 2 * ttl)
  redis.call('PEXPIRE', members, 2 * ttl)
end

for i = firstGone, #ARGV do
  local since = redis.call('ZSCORE', members, ARGV[i])
  if redis.call('ZREM', expiry, ARGV[i]) == 1 then
    changed('0', since or '0', ARGV[i])
  end
  redis.call('ZREM', members, ARGV[i])
end

if most > 0 then
  local dead = redis.call('ZRANGE', expiry, '-inf', now, 'BYSCORE', 'LIMIT', 0, most)
  if #dead > 0 then
    local since = redis.call('ZMSCORE', members, unpack(dead))
    redis.call('ZREM', expiry, unpack(dead))
    redis.call('ZREM', members, unpack(dead))
    for i = 1, #dead do
      changed('2', since[i] or '0', dead[i])
    end
  end
end

redis.call('HSET', batches, 'n', number)
if #changes > 0 then
  redis.call('HSET', batches, 'u', cmsgpack.pack(changes))
elseif known[2] then
  redis.call('HDEL', batches, 'u')
end
redis.call('PEXPIRE', batches, 2 * ttl)
return changes
