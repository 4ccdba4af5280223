import { ProblemError } from '@micropay/runtime/problem-error'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { callerKey } from './caller.ts'
import type { Take } from './take.ts'

/** What each caller may ask a second, by cost. */
export type ByCaller = {
  /** ProblemError `rate_limited` for who asks too often. Headers by draft-ietf-httpapi-ratelimit-headers. */
  admit(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** The same of a small command that only asks what would happen. */
  admitDryRun(request: FastifyRequest): Promise<void>
  /** What a batch cost beyond the one request that it was: its items, and at least one for each KiB of its body. */
  charge(request: FastifyRequest, batch: { readonly items: number; readonly bytes: number }): Promise<void>
}

/** Enough for a person who looks before each payment, and little to find things out with. */
export const DRY_RUNS_PER_SECOND = 20

/** With 0 `perSecond` there is no limit. */
export function createByCaller(
  take: Take,
  takeDryRun: Take,
  perSecond: () => number,
  limited: (limit: 'caller' | 'dry_runs') => void,
): ByCaller {
  return {
    async admit(request, reply) {
      const limit = perSecond()
      if (limit === 0) return
      const { allowed, remaining, resetSeconds } = await take(callerKey(request))
      const policy = `"default";q=${limit};w=1`
      reply.headers({ 'ratelimit-policy': policy, ratelimit: `"default";r=${remaining};t=${resetSeconds}` })
      if (allowed) return
      limited('caller')
      const detail = `at most ${limit} requests a second are taken from one caller, and as many payments of batches`
      throw tooOften(`${detail}: wait`, resetSeconds)
    },
    async admitDryRun(request) {
      if (perSecond() === 0 || !isDryRun(request)) return
      const { allowed, resetSeconds } = await takeDryRun(callerKey(request))
      if (allowed) return
      limited('dry_runs')
      throw tooOften(`at most ${DRY_RUNS_PER_SECOND} dry runs a second are taken from one caller: wait`, resetSeconds)
    },
    async charge(request, { items, bytes }) {
      if (perSecond() === 0) return
      const cost = Math.max(items, Math.ceil(bytes / 1024)) / (isOfStaff(request) ? STAFF_PAYS_ONE_IN : 1)
      if (cost > 1) await take(callerKey(request), Math.ceil(cost) - 1)
    },
  }
}

/** Whoever books for others imports what a bank did in years, and is known. */
const STAFF_PAYS_ONE_IN = 10
function isOfStaff({ caller: { scopes } }: FastifyRequest): boolean {
  return scopes.has('payments:book') || scopes.has('accounts:manage')
}

function tooOften(detail: string, seconds: number): ProblemError {
  return new ProblemError('rate_limited', detail, { headers: { 'retry-after': String(seconds) } })
}

/** As the service reads it: what is written with escapes is the same name. */
function isDryRun({ body }: FastifyRequest): boolean {
  if (!Buffer.isBuffer(body) || !(body.includes('dryRun') || body.includes('\\u'))) return false
  try {
    const read: unknown = JSON.parse(body.toString('utf8'))
    return typeof read === 'object' && read !== null && 'dryRun' in read && read.dryRun === true
  } catch {
    return false
  }
}
