-- Reads who is refused.
--
-- KEYS  as of refuse.lua
-- Answers {number:epoch or nothing, {who, until when...}}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local version = redis.call('HMGET', KEYS[2], 'n', 'e')
return {
  version[2] and version[1] .. ':' .. version[2] or '',
  redis.call('ZRANGE', KEYS[1], '(' .. now, '+inf', 'BYSCORE', 'WITHSCORES')
}
