#!lua name=netra_stream_accounts_1
-- How much memory the streams of each account take, and which must shrink. The streams themselves
-- are in the slots of their threads; this is their book, in one slot:
--   netra:{stream-accounts}:totals        sorted set: account -> bytes
--   netra:{stream-accounts}:sizes         hash: thread -> "<account> <bytes> <rest> <open>"
--   netra:{stream-accounts}:expiry        sorted set: thread -> unix time at which its keys expire
--   netra:{stream-accounts}:sum           bytes of all accounts
--   netra:{stream-accounts}:of:<account>  sorted set: thread -> unix time of its last entry
-- bytes are those of the events, rest those of the epoch and the producers, which live longer.

local ENTRY = 600 -- bytes of a thread in this book
local EXPIRED_PER_CALL = 128
local RANKED = 256 -- accounts, the largest first
local SHRUNK_PER_CALL = 64
local SEARCHED = 256 -- threads of one account, the oldest first
local ROOM = 0.9 -- of its bound: an account above it shrinks further, and so not at every entry
local NEARLY_FULL = 0.85 -- of the store's memory; above it streams give way to everything else

local function parse(value)
  local account, bytes, rest, open = string.match(value, '^(%S+) (%d+) (%d+) (%d)$')
  return account, tonumber(bytes), tonumber(rest), open == '1'
end

local function integer(value) return string.format('%d', value) end

local function add(keys, account, change)
  if change == 0 then return end
  local total = tonumber(redis.call('ZINCRBY', keys[1], integer(change), account))
  redis.call('INCRBY', keys[4], integer(change))
  if total <= 0 then redis.call('ZREM', keys[1], account) end
end

local function recent(keys, account)
  return string.gsub(keys[1], 'totals$', 'of:') .. account
end

local function enter(keys, account, thread, bytes, rest, open, expires, now)
  local known = redis.call('HGET', keys[2], thread)
  local before = 0
  if known then
    local _, old_bytes, old_rest = parse(known)
    before = old_bytes + old_rest + ENTRY
  end
  if bytes + rest == 0 then
    redis.call('HDEL', keys[2], thread)
    redis.call('ZREM', keys[3], thread)
    redis.call('ZREM', recent(keys, account), thread)
    add(keys, account, -before)
    return
  end
  redis.call('HSET', keys[2], thread,
    table.concat({ account, integer(bytes), integer(rest), open and '1' or '0' }, ' '))
  redis.call('ZADD', keys[3], integer(expires), thread)
  if now then redis.call('ZADD', recent(keys, account), now, thread) end
  add(keys, account, bytes + rest + ENTRY - before)
end

local function expire(keys, now, ttl)
  local due = redis.call('ZRANGE', keys[3], '-inf', now, 'BYSCORE', 'LIMIT', 0, EXPIRED_PER_CALL)
  for _, thread in ipairs(due) do
    local account, bytes, rest = parse(redis.call('HGET', keys[2], thread))
    if bytes == 0 then rest = 0 end
    enter(keys, account, thread, 0, rest, false, now + ttl, nil)
  end
end

-- Max-min fairness: accounts below the level keep all they have; the others get the level.
local function level_of(ranked, sum, budget)
  local rest = sum
  for at = 1, #ranked, 2 do
    rest = rest - tonumber(ranked[at + 1])
    local count = (at + 1) / 2
    local level = (budget - rest) / count
    if level >= tonumber(ranked[at + 3] or 0) then return math.max(0, level) end
  end
  return 0
end

local function budget_of(sum, percent)
  local memory = redis.call('INFO', 'memory')
  local limit = tonumber(string.match(memory, 'maxmemory:(%d+)'))
  if limit == 0 then return nil end
  local used = tonumber(string.match(memory, 'used_memory:(%d+)'))
  return math.min(limit * percent / 100, sum - (used - NEARLY_FULL * limit))
end

-- Ended streams shrink first, the oldest first; then the largest open ones, to one size.
local function shrink(keys, account, excess, victims)
  local threads = redis.call('ZRANGE', recent(keys, account), 0, SEARCHED - 1)
  local open, open_bytes, empty = {}, 0, {}
  local function release(thread, size)
    victims[#victims + 1] = thread
    victims[#victims + 1] = '0'
    excess = excess - size
  end
  for _, thread in ipairs(threads) do
    if excess <= 0 or #victims >= 2 * SHRUNK_PER_CALL then return end
    local _, bytes, rest, is_open = parse(redis.call('HGET', keys[2], thread))
    if is_open then
      open[#open + 1] = { thread, bytes }
      open_bytes = open_bytes + bytes
    elseif bytes > 0 then release(thread, bytes)
    else empty[#empty + 1] = { thread, rest + ENTRY }
    end
  end
  for _, one in ipairs(empty) do
    if excess <= 0 or #victims >= 2 * SHRUNK_PER_CALL then return end
    release(one[1], one[2])
  end
  if #open == 0 then return end
  table.sort(open, function(one, other) return one[2] > other[2] end)
  local rest, level = open_bytes, 0
  for at, one in ipairs(open) do
    rest = rest - one[2]
    level = (open_bytes - excess - rest) / at
    if level >= (open[at + 1] and open[at + 1][2] or 0) then break end
  end
  for _, one in ipairs(open) do
    if one[2] <= level or #victims >= 2 * SHRUNK_PER_CALL then return end
    victims[#victims + 1] = one[1]
    victims[#victims + 1] = integer(math.max(1, level))
  end
end

-- KEYS totals sizes expiry sum
-- ARGV account_bytes store_percent open_seconds ended_seconds ttl_seconds
--      then for each stream: account thread bytes rest open
-- Returns thread, bytes, thread, bytes: streams that must shrink, and to how many bytes.
local function enter_all(keys, args)
  local now = tonumber(redis.call('TIME')[1])
  expire(keys, now, tonumber(args[5]))
  for at = 6, #args, 5 do
    local open = args[at + 4] == '1'
    local life = tonumber(open and args[3] or args[4])
    if args[at + 2] == '0' then life = tonumber(args[5]) end
    enter(keys, args[at], args[at + 1], tonumber(args[at + 2]), tonumber(args[at + 3]), open,
      now + life, now)
  end
  local sum = tonumber(redis.call('GET', keys[4]) or 0)
  local ranked = redis.call('ZRANGE', keys[1], 0, RANKED - 1, 'REV', 'WITHSCORES')
  local level = tonumber(args[1])
  local budget = budget_of(sum, tonumber(args[2]))
  if budget and sum > budget then level = math.min(level, level_of(ranked, sum, budget)) end
  local victims = {}
  for at = 1, #ranked, 2 do
    local total = tonumber(ranked[at + 1])
    if total <= level or #victims >= 2 * SHRUNK_PER_CALL then break end
    shrink(keys, ranked[at], total - ROOM * level, victims)
  end
  return victims
end

redis.register_function{
  function_name = 'netra_stream_accounts_enter_1', callback = enter_all, flags = { 'allow-oom' }
}
