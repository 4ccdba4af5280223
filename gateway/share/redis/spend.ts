import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Budget, Taken } from '../shared-memory.ts'

/**
 * What `in-process/budgets.ts` does, in the server and by its clock: those of the gateways may differ. A budget that is
 * full is forgotten. Beside when it is full stands when that was said: where the clock was set back since, that goes
 * back with it, or whoever asked before would be refused for as long.
 */
export const SPEND = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local cost, perSecond, most, owed = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local token = 1000 / perSecond
local full, said = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+) ?(%S*)$')
local back = math.max(0, (tonumber(said) or now) - now)
local before = math.max((tonumber(full) or now) - back, now)
local held = most - (before - now) / token
local allowed = held >= 0.999
local there = allowed and math.min(cost, math.floor(held + 0.001)) or 0
local spent = owed and cost or there
local after = before + spent * token
if spent > 0 then
  redis.call('SET', KEYS[1], string.format('%.3f %.3f', after, now), 'PX', math.max(1, math.ceil(after - now)))
end
local wait = allowed and 0 or math.ceil((1 - held + spent) * token)
return { allowed and 1 or 0, math.floor(held - spent + 0.001), wait, math.ceil(after - now), spent }
`
/** By which a server knows it that was sent it before. */
export const SPEND_HASH = createHash('sha1').update(SPEND).digest('hex')

export function argumentsOf(cost: number, { perSecond, most }: Budget, isOwed: boolean): readonly number[] {
  return [cost, perSecond, most, isOwed ? 1 : 0]
}

const Reply = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])

export function takenOf(reply: unknown): Taken {
  const [allowed, remaining, retryAfterMs, fullAfterMs, spent] = Reply.parse(reply)
  return { allowed: allowed === 1, spent, remaining: Math.max(0, remaining), retryAfterMs, fullAfterMs }
}
