-- Reads the nodes that are here.
--
-- KEYS  1 nodes: see register-node.lua
-- Answers them.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGE', KEYS[1], '(' .. now, '+inf', 'BYSCORE')
