import { z } from 'zod'
import type { Budget, Taken } from '../shared-memory.ts'

/**
 * What `in-process/budgets.ts` does, in the server and by its clock: those of the gateways may differ. A budget that is
 * full is forgotten.
 */
export const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local cost, perSecond, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local token = 1000 / perSecond
local before = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local held = most - (before - now) / token
local missing = math.min(cost, most) - held
if missing > 0.001 then
  return { 0, math.floor(held + 0.001), math.ceil(missing * token), math.ceil(before - now) }
end
local after = before + cost * token
redis.call('SET', KEYS[1], string.format('%.3f', after), 'PX', math.max(1, math.ceil(after - now)))
return { 1, math.floor(held - cost + 0.001), 0, math.ceil(after - now) }
`

export function argumentsOf(cost: number, { perSecond, most }: Budget): readonly [number, number, number] {
  return [cost, perSecond, most]
}

const Reply = z.tuple([z.number(), z.number(), z.number(), z.number()])

export function takenOf(reply: unknown): Taken {
  const [allowed, remaining, retryAfterMs, fullAfterMs] = Reply.parse(reply)
  return { allowed: allowed === 1, remaining: Math.max(0, remaining), retryAfterMs, fullAfterMs }
}
