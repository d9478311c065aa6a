-- Publishes a message of a channel without history, unless that was done already with the same idempotency key. A message that
-- reached nobody does not count as done: repeating it may reach somebody, and can't reach anybody twice.
--
-- KEYS  1 answer: exists if it was done
-- ARGV  1 envelope  2 where to publish  3 PUBLISH or SPUBLISH  4 how long to remember it, in ms
--       5 1 if Redis counts all receivers; in a Cluster with classic pub/sub it counts only those of one server
-- Answers how many received it, or -1 if it was done before.
-- The key comes first: Redis refuses for want of memory at the first write, and then nothing has been published.
if not redis.call('SET', KEYS[1], '', 'NX', 'PX', ARGV[4]) then
  return -1
end
local receivers = redis.call(ARGV[3], ARGV[2], ARGV[1])
if receivers == 0 and ARGV[5] == '1' then
  redis.call('DEL', KEYS[1])
end
return receivers
