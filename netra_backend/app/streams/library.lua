#!lua name=netra_streams_4
-- The number is part of every name: during a rollout two revisions use one store. A change of this
-- file takes the next number.
--
-- One stream per thread, all of its keys in one hash slot:
--   netra:{<thread>}:events            stream, ids "<offset>-0", fields k s e and t if terminal
--   netra:{<thread>}:meta              hash: epoch head boot forks run run_offset k p<k> owner
--   netra:{<thread>}:producer:<name>   string "<seq> <offset>", the producer's last event
--   netra:{<thread>}:live              sharded channel
-- forks is "epoch:offset,epoch:offset", newest first. k numbers the producers of the stream, and p<k>
-- is "<producer> <run> <offset of its first event>": names of 80 bytes are not repeated per event.
-- Events of library 2 have the fields p s r t e; they are read until they expire.
--
-- owner is "<run> <producer>" of the latest attempt at a run. It has read what the attempts before it
-- published, so later events of theirs, resent after a loss, are dropped.
--
-- Runs of a thread never interleave: the first event of a run waits ("busy") while another run is
-- open, and later events of a run that another one has overtaken are dropped ("lost").

local MAX_FORKS = 16
local MAX_PRODUCERS = 256
local CHECK_EVERY = 64 -- events between two measurements, which cost up to 50 us each

-- The id of the server process. A value other than the stream's last one means a restart or a
-- failover, after which the newest events may be missing. Read once per process: it costs 20 us.
local boot = nil

local function this_boot()
  if boot == nil then boot = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') end
  return boot
end

local function fork_of(forks, epoch)
  for name, offset in string.gmatch(forks, '([^:,]+):(%d+)') do
    if name == epoch then return tonumber(offset) end
  end
  return nil
end

local function with_fork(forks, epoch, offset)
  local kept, count = { epoch .. ':' .. string.format('%d', offset) }, 1
  for name, value in string.gmatch(forks, '([^:,]+):(%d+)') do
    if name ~= epoch and count < MAX_FORKS then
      count = count + 1
      kept[count] = name .. ':' .. value
    end
  end
  return table.concat(kept, ',')
end

-- Returns the current meta; creates or forks the stream if needed.
local function ensure(events, meta, fresh, base_epoch, base_offset, base_run)
  local got = redis.call('HMGET', meta, 'epoch', 'head', 'boot', 'forks')
  local epoch, head, forks = got[1], tonumber(got[2] or 0), got[4] or ''
  if not epoch then
    redis.call('DEL', events)
    head = 0
    if base_epoch ~= '' then
      head = base_offset
      forks = with_fork('', base_epoch, base_offset)
    end
    epoch = fresh
    redis.call('HSET', meta, 'epoch', epoch, 'head', string.format('%d', head),
      'boot', this_boot(), 'forks', forks)
    if base_run ~= '' then redis.call('HSET', meta, 'run', base_run, 'run_offset', '0') end
  elseif got[3] ~= this_boot() then
    forks = with_fork(forks, epoch, head)
    epoch = fresh
    redis.call('HSET', meta, 'epoch', epoch, 'boot', this_boot(), 'forks', forks)
  end
  return epoch, head, forks
end

local function first_of(events, head)
  local oldest = redis.call('XRANGE', events, '-', '+', 'COUNT', '1')
  if #oldest == 0 then return head + 1 end
  return tonumber(string.match(oldest[1][1], '^(%d+)'))
end

-- Readers got the event at another position during an outage of the store. If it has the same
-- offset here, and they had all earlier events, their epoch forks at this offset.
local function claim(meta, epoch, offset, forks, prior_epoch, prior_offset, parent, parent_offset)
  if prior_epoch == '' or prior_epoch == epoch or prior_offset ~= offset then return end
  local through, before = fork_of(forks, prior_epoch), offset - 1
  local continues = through == before
  if through == nil and parent_offset == before then
    local shared = fork_of(forks, parent) or -1
    if parent == epoch then shared = before end
    continues = shared >= before or (parent == '' and before == 0)
  end
  if continues then redis.call('HSET', meta, 'forks', with_fork(forks, prior_epoch, offset)) end
end

-- Returns the number of the producer; a new one is numbered, and events of the oldest are trimmed.
local function number_of(events, meta, last, producer, run, id)
  local number = tonumber(last or 0)
  if number > 0 then
    local known = redis.call('HGET', meta, 'p' .. number)
    if known and string.match(known, '^(%S+) ') == producer then return number end
  end
  number = number + 1
  redis.call('HSET', meta, 'k', number, 'p' .. number, table.concat({ producer, run, id }, ' '))
  if number > MAX_PRODUCERS then
    local oldest = redis.call('HGET', meta, 'p' .. (number - MAX_PRODUCERS + 1))
    if oldest then redis.call('XTRIM', events, 'MINID', string.match(oldest, '(%d+)$') .. '-0') end
    redis.call('HDEL', meta, 'p' .. (number - MAX_PRODUCERS))
  end
  return number
end

-- Measures every node: a sample of the first five is wrong when later events are larger.
local function used_by(key) return redis.call('MEMORY', 'USAGE', key, 'SAMPLES', '0') or 0 end

-- Trims the oldest events while the stream takes more than `max_bytes` of memory. Returns what it
-- takes then. The newest event remains.
local function bound(events, max_bytes)
  local used = used_by(events)
  while used > max_bytes do
    local length = redis.call('XLEN', events)
    if length <= 1 then break end
    local kept = math.min(length - 1, math.max(1, math.floor(length * 0.75 * max_bytes / used)))
    redis.call('XTRIM', events, 'MAXLEN', '=', kept)
    used = used_by(events)
  end
  return used
end

-- KEYS events meta; ARGV fresh_epoch ttl base_epoch base_offset base_run
local function open(keys, args)
  local events, meta = keys[1], keys[2]
  local epoch, head, forks = ensure(events, meta, args[1], args[3], tonumber(args[4]), args[5])
  redis.call('EXPIRE', meta, args[2])
  local run = redis.call('HMGET', meta, 'run', 'run_offset')
  return { epoch, head, first_of(events, head), forks, run[1] or '', tonumber(run[2] or 0) }
end

-- KEYS events meta; ARGV epoch after limit
local function read(keys, args)
  if redis.call('HGET', keys[2], 'epoch') ~= args[1] then return redis.error_reply('EPOCH') end
  local from = string.format('%d-0', tonumber(args[2]) + 1)
  local rows = redis.call('XRANGE', keys[1], from, '+', 'COUNT', args[3])
  local names, seen = {}, {}
  for _, row in ipairs(rows) do
    if row[2][1] == 'k' and not seen[row[2][2]] then
      seen[row[2][2]] = true
      names[#names + 1] = row[2][2]
      names[#names + 1] = redis.call('HGET', keys[2], 'p' .. row[2][2]) or ''
    end
  end
  return { rows, names }
end

-- Drops the producer's event: the database has the end of the run, and its offset is taken. No
-- position may be resumed across it.
local function drop_event(meta, producer, args, breaks)
  if breaks and redis.call('EXISTS', meta) == 1 then
    redis.call('HSET', meta, 'epoch', args[1], 'boot', this_boot(), 'forks', '')
  end
  if args[8] == '1' and redis.call('HGET', meta, 'run') == args[7] then
    redis.call('HDEL', meta, 'run', 'run_offset')
  end
  redis.call('SET', producer, args[6] .. ' 0', 'EX', args[11])
  return { 'lost' }
end

local function is_of(owner, run)
  return string.sub(owner, 1, #run + 1) == run .. ' '
end

-- KEYS events meta producer channel
-- ARGV fresh_epoch ttl base_epoch base_offset producer seq run terminal event max_events
--      producer_ttl prior_epoch prior_offset parent_epoch parent_offset accept_gap
--      in_place base_run max_bytes open_ttl ended_ttl ended_bytes
local function append(keys, args)
  local events, meta, producer, channel = keys[1], keys[2], keys[3], keys[4]
  local seq = tonumber(args[6])
  local last, last_offset = -1, 0
  local known = redis.call('GET', producer)
  if known then
    last, last_offset = string.match(known, '^(%d+) (%d+)$')
    last, last_offset = tonumber(last), tonumber(last_offset)
  end
  if seq <= last then
    local here = redis.call('HMGET', meta, 'epoch', 'head', 'forks')
    if seq < last then last_offset = 0
    elseif here[1] and tonumber(here[2]) == last_offset then
      claim(meta, here[1], last_offset, here[3] or '',
        args[12], tonumber(args[13]), args[14], tonumber(args[15]))
    end
    return { 'there', here[1] or '', last_offset }
  end
  -- Delivered at an offset that the current history shares: it is stored, or was trimmed.
  local present = redis.call('HMGET', meta, 'epoch', 'head', 'forks', 'run', 'k', 'owner')
  if present[1] and args[12] ~= '' then
    local shared, prior_offset = fork_of(present[3] or '', args[12]), tonumber(args[13])
    if args[12] == present[1] then shared = tonumber(present[2]) end
    if shared and prior_offset <= shared then
      redis.call('SET', producer, args[6] .. ' ' .. string.format('%d', prior_offset), 'EX', args[11])
      return { 'there', present[1], prior_offset }
    end
  end
  local owner = args[7] .. ' ' .. args[5]
  local starts = seq == 0 and args[12] == ''
  if not starts and present[6] and present[6] ~= owner and is_of(present[6], args[7]) then
    return drop_event(meta, producer, args, false) -- another attempt has taken the run over
  end
  -- Before any write: the events that fill the gap decide where a lost stream continues.
  if seq > last + 1 and args[16] ~= '1' then return { 'gap', last } end
  if args[17] == '1' and tonumber(present[2] or 0) + 1 ~= tonumber(args[13]) then
    return drop_event(meta, producer, args, true)
  end
  local open_run = present[4]
  if not present[1] and args[18] ~= '' then open_run = args[18] end
  if open_run and open_run ~= args[7] and args[16] ~= '1' then
    if seq == 0 then return { 'busy' } end
    return drop_event(meta, producer, args, false)
  end

  local epoch, head, forks =
    ensure(events, meta, args[1], args[3], tonumber(args[4]), args[18])
  if seq > last + 1 or (open_run and open_run ~= args[7]) then
    epoch, forks = args[1], ''
    redis.call('HSET', meta, 'epoch', epoch, 'forks', '')
  end

  local offset = head + 1
  local id = string.format('%d', offset)
  claim(meta, epoch, offset, forks, args[12], tonumber(args[13]), args[14], tonumber(args[15]))
  local number = number_of(events, meta, present[1] and present[5], args[5], args[7], id)
  local entry = { 'XADD', events, 'MAXLEN', '=', args[10], id .. '-0',
    'k', number, 's', args[6], 'e', args[9] }
  if args[8] == '1' then
    entry[#entry + 1] = 't'
    entry[#entry + 1] = '1'
  end
  redis.call(unpack(entry))
  redis.call('HSET', meta, 'head', id)
  if starts then redis.call('HSET', meta, 'owner', owner) end
  local run = redis.call('HGET', meta, 'run')
  if args[8] == '1' then
    if run == args[7] then
      redis.call('HDEL', meta, 'run', 'run_offset')
      run = false
    end
  elseif run ~= args[7] then
    redis.call('HSET', meta, 'run', args[7], 'run_offset', id)
  end
  local open = run or args[8] ~= '1'
  redis.call('SET', producer, args[6] .. ' ' .. id, 'EX', args[11])
  redis.call('EXPIRE', meta, args[2])
  local used, rest = 0, 0
  if not open then
    used, rest = bound(events, tonumber(args[22])), redis.call('MEMORY', 'USAGE', meta)
    redis.call('EXPIRE', events, args[21])
  else
    if offset % CHECK_EVERY == 0 or #args[9] > 4096 then
      used, rest = bound(events, tonumber(args[19])), redis.call('MEMORY', 'USAGE', meta)
    end
    redis.call('EXPIRE', events, args[20])
  end
  local header = table.concat({ epoch, id, args[5], args[6], args[7], args[8] }, ' ')
  local receivers = redis.call('SPUBLISH', channel, header .. '\n' .. args[9])
  return { 'ok', epoch, offset, receivers, used, rest, open and 1 or 0 }
end

-- Appends to a store that has no memory left: the stream gives up as much as it takes, so that live
-- delivery continues.
local function append_full(keys, args)
  bound(keys[1], tonumber(args[22]) / 2)
  return append(keys, args)
end

-- KEYS events meta; ARGV max_bytes. The account of the stream has more than its share. With 0 bytes
-- an ended stream loses its events, and without events its epoch and offset. Returns what it takes.
local function shrink(keys, args)
  local events, meta, max_bytes = keys[1], keys[2], tonumber(args[1])
  local open = redis.call('HEXISTS', meta, 'run') == 1
  if open or max_bytes > 0 then
    bound(events, max_bytes)
  elseif redis.call('DEL', events) == 0 then
    redis.call('DEL', meta)
  end
  local rest = redis.call('MEMORY', 'USAGE', meta) or 0
  return { used_by(events), rest, open and 1 or 0 }
end

redis.register_function{
  function_name = 'netra_open_4', callback = open, flags = { 'allow-oom' }
}
redis.register_function('netra_append_4', append)
redis.register_function{
  function_name = 'netra_append_full_4', callback = append_full, flags = { 'allow-oom' }
}
redis.register_function{
  function_name = 'netra_shrink_4', callback = shrink, flags = { 'allow-oom' }
}
redis.register_function{ function_name = 'netra_read_4', callback = read, flags = { 'no-writes' } }
