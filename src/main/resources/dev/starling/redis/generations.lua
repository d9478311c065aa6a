-- The generations of a channel's history. This file comes before the scripts that need it.
--
-- A generation is what one master wrote from one start or promotion on. Redis only ever loses the newest writes, so a
-- position of a generation names the same message for as long as its offset is not above the count at which any later
-- generation began.
--
-- KEYS  1 meta: a hash. e = the epoch, life.number.tag: a name that the history keeps, the number of the generation, and
--         the master that wrote it. s = the newest offset. g = the generations before, the newest first, each with the last
--         offset that still holds, as epoch:offset. c = the minute of the last losses that clients brought to light, and how
--         many there were in it
--       2 stream: the messages, each with its offset as its ID
local meta, stream = KEYS[1], KEYS[2]
local MOST_GENERATIONS, MOST_CLAIMS = 16, 5

-- Names the master that runs this, as the end of its epochs. Redis draws a new ID with each start and each promotion.
local info, field = redis.call('INFO', 'replication'), 'master_replid:'
local _, last = string.find(info, field, 1, true)
if not last then
  info, field = redis.call('INFO', 'server'), 'run_id:'
  _, last = string.find(info, field, 1, true)
end
local master = '.' .. (last and string.sub(info, last + 1, last + 8) or '0')

-- What is seldom needed, and would cost each publish more than a microsecond to have at hand.
local function generations()
  local function life(epoch)
    return string.match(epoch, '^[^.]*')
  end

  -- The last offset up to which an epoch still holds; nil if nothing is known of it.
  local function limit(epoch, top, asked)
    if asked == epoch then
      return tonumber(top)
    end
    if life(asked) == life(epoch) then
      for known, last in string.gmatch(redis.call('HGET', meta, 'g') or '', '([^:,]+):(%d+)') do
        if known == asked then
          return tonumber(last)
        end
      end
    end
    return nil
  end

  -- Begins the next generation of the epoch after `base`, and returns its epoch. `certain` says that a message above `base` was
  -- there before, which a client may only claim.
  local function begin(epoch, base, certain)
    local info, newest = redis.pcall('XINFO', 'STREAM', stream), 0
    for i = 1, #info - 1, 2 do
      if info[i] == 'last-generated-id' or info[i] == 'max-deleted-entry-id' then
        newest = math.max(newest, tonumber(string.match(info[i + 1], '^%d+')))
      end
    end
    local before = {}
    -- Without a new master, messages may have taken the offsets of lost ones before, unless the stream still knows those.
    if not certain or string.sub(epoch, -#master) ~= master or newest > base then
      before[1] = epoch .. ':' .. base
      for known, last in string.gmatch(redis.call('HGET', meta, 'g') or '', '([^:,]+):(%d+)') do
        if #before < MOST_GENERATIONS and life(known) == life(epoch) then
          before[#before + 1] = known .. ':' .. math.min(tonumber(last), base)
        end
      end
    end
    local number = tonumber(string.match(epoch, '^[^.]*%.(%d+)')) or 0
    local new = life(epoch) .. '.' .. number + 1 .. master
    redis.call('HSET', meta, 'e', new, 's', base, 'g', table.concat(before, ','))
    if newest > base then
      -- Made anew: from Redis 7.2 on, XSETID refuses an ID below that of an entry that was deleted.
      local kept, left = redis.call('XRANGE', stream, '-', base), redis.call('PTTL', stream)
      redis.call('DEL', stream)
      for _, message in ipairs(kept) do
        redis.call('XADD', stream, message[1], unpack(message[2]))
      end
      if #kept > 0 and left > 0 then
        redis.call('PEXPIRE', stream, left)
      end
    end
    return new
  end

  -- Begins the first generation of a new life, and returns its epoch.
  local function start(name)
    local new = name .. '.1' .. master
    redis.call('HSET', meta, 'e', new, 's', 0)
    redis.call('HDEL', meta, 'g', 'c')
    redis.call('DEL', stream)
    return new
  end
  return limit, begin, start, life
end

