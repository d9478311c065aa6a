-- Says that a node is here for a time to live from now on, and takes out those that have not said so for too long. The time
-- is that of Redis: the clocks of the nodes don't matter.
--
-- KEYS  1 nodes: a sorted set, by when they are gone unless they say again that they are here
--       2 version of the refusals: a hash, see refuse.lua
-- ARGV  1 for how long this is good, in ms  2 the node
-- Answers {how many nodes there are, number:epoch of the refusals or nothing}.
local nodes, version = KEYS[1], KEYS[2]
local ttl = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('ZADD', nodes, now + ttl, ARGV[2])
redis.call('ZREMRANGEBYSCORE', nodes, '-inf', now)
redis.call('PEXPIRE', nodes, 2 * ttl)
local refusals = redis.call('HMGET', version, 'n', 'e')
return {redis.call('ZCARD', nodes), refusals[2] and refusals[1] .. ':' .. refusals[2] or ''}
