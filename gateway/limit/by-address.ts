import { ProblemError } from '@micropay/runtime/problem-error'
import type { FastifyRequest } from 'fastify'
import { networkOf } from './network.ts'
import type { Take } from './take.ts'

/** What is asked before anybody knows who asks is counted by where it comes from. */
export type ByAddress = {
  /** For what needs no token: ProblemError `rate_limited` for who asks too often. */
  open(request: FastifyRequest): Promise<void>
  /**
   * For what needs a token, before that is looked at. ProblemError `rate_limited` where too many were refused that came
   * from there, but for a token that was good before: who shares an address with an attacker goes on.
   */
  admit(request: FastifyRequest): void
  refused(request: FastifyRequest): Promise<void>
  good(request: FastifyRequest): void
}

const MOST_CREDENTIALS = 10_000
const MOST_BLOCKED = 10_000

/** With 0 `perSecond` there is no limit. */
export function createByAddress(
  take: Take,
  perSecond: () => number,
  monotonicMs: () => number,
  limited: () => void,
): ByAddress {
  /** Those that were good, the longest ago first. */
  const known = new Set<string>()
  const blockedUntilMs = new Map<string, number>()
  const credentialOf = ({ headers }: FastifyRequest) => headers.authorization ?? headers.cookie ?? ''
  const tooMany = (what: string, seconds: number) => {
    limited()
    const detail = `at most ${perSecond()} ${what} a second are taken from one address: wait, and ask less often`
    return new ProblemError('rate_limited', detail, {
      headers: { 'retry-after': String(seconds), connection: 'close' },
    })
  }
  return {
    async open({ ip }) {
      if (perSecond() === 0) return
      const { allowed, resetSeconds } = await take(`open ${networkOf(ip)}`)
      if (!allowed) throw tooMany('requests without a token', resetSeconds)
    },
    admit(request) {
      if (perSecond() === 0) return
      const network = networkOf(request.ip)
      const leftMs = (blockedUntilMs.get(network) ?? 0) - monotonicMs()
      if (leftMs <= 0) blockedUntilMs.delete(network)
      else if (!known.has(credentialOf(request))) throw tooMany('refused requests', Math.ceil(leftMs / 1000))
    },
    async refused(request) {
      known.delete(credentialOf(request))
      if (perSecond() === 0) return
      const network = networkOf(request.ip)
      const { remaining, resetSeconds } = await take(`refused ${network}`)
      if (remaining > 0) return
      if (blockedUntilMs.size >= MOST_BLOCKED) blockedUntilMs.delete(blockedUntilMs.keys().next().value ?? '')
      blockedUntilMs.set(network, monotonicMs() + resetSeconds * 1000)
    },
    good(request) {
      if (perSecond() === 0) return
      const credential = credentialOf(request)
      if (known.has(credential)) return
      if (known.size >= MOST_CREDENTIALS) known.delete(known.keys().next().value ?? '')
      known.add(credential)
    },
  }
}
