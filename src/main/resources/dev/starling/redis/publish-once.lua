-- Publishes a message of a channel without history, unless that was done already with the same idempotency key.
--
-- KEYS  1 answer: exists if it was done
-- ARGV  1 envelope  2 where to publish  3 PUBLISH or SPUBLISH  4 how long to remember it, in ms
-- Answers how many were published, 0 or 1.
if redis.call('SET', KEYS[1], '', 'NX', 'PX', ARGV[4]) then
  redis.call(ARGV[3], ARGV[2], ARGV[1])
  return 1
end
return 0
