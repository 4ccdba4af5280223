import { ChangeAccount, FreezeAccount, SetAccountFlag } from '@micropay/schemas/api/account'
import { SetPolicy } from '@micropay/schemas/api/approval'
import { ClosePeriod } from '@micropay/schemas/api/period'
import { type AccountId, PeriodId, type ProposalId, proposalIdAt } from '@micropay/schemas/identifiers'
import fc from 'fast-check'
import type { LedgerCommand } from '../decide/decide.ts'
import type { LedgerView } from '../decide/ledger.ts'
import type { Known } from './commands.fixture.ts'

type Ask = (ledger: LedgerView, known: Known) => LedgerCommand | undefined

const DAY_MS = 86_400_000
const digest = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** A value date near today, at an edge of its day in some zone; most have none. */
export const drawnDay = fc.option(
  fc.record({
    daysBack: fc.constantFrom(-1, 0, 0, 1, 1, 2, 9),
    at: fc.constantFrom('00:00:00.000', '12:00:00.000', '15:00:00.000', '23:59:59.999'),
  }),
  { freq: 2, nil: undefined },
)
export type DrawnDay = { readonly daysBack: number; readonly at: string } | undefined

export function dated(drawn: DrawnDay, { nowMs }: Known): { readonly effectiveAt?: string } {
  return drawn ? { effectiveAt: `${day(nowMs - drawn.daysBack * DAY_MS)}T${drawn.at}Z` } : {}
}

const zone = fc.constantFrom('UTC', 'Asia/Tokyo', 'America/Bogota').map(
  (name): Ask =>
    () => ({ type: 'SetZone', data: { zone: name } }),
)

const closing = fc
  .record({ daysBack: fc.constantFrom(0, 1, 1, 1, 1, 2), seesAll: fc.boolean(), skips: fc.constantFrom(0, 0, 1, 1, 2) })
  .map(({ daysBack, seesAll, skips }): Ask => {
    return (_, { seq, nowMs, closed }) => {
      const through = day(nowMs - daysBack * DAY_MS)
      const last = closed.at(-1)?.through
      const next = last && skips > 0 ? day(Date.parse(last) + skips * DAY_MS) : undefined
      const from = next !== undefined && next <= through ? { from: next } : {}
      const data = ClosePeriod.parse({ ...from, through, seq: seesAll ? seq : Math.floor(seq / 2), digest })
      return { type: 'ClosePeriod', data }
    }
  })

const reopening = fc.nat(3).map((nth): Ask => {
  return (_, { closed }) => {
    const periodId = closed.at(-1 - nth)?.periodId ?? PeriodId.parse(`prd-0-${nth}`)
    return { type: 'ReopenPeriod', data: { periodId, reason: 'a correction' } }
  }
})

const above = fc.record({ amount: fc.constantFrom('50', '150'), currency: fc.constant('EUR') })
export const policy = fc
  .oneof(
    fc.record({ command: fc.constant('MakePayment'), people: fc.constant(2), above }),
    fc.record({
      command: fc.constantFrom('RefundPayment', 'ChangeAccount', 'ClosePeriod', 'ReopenPeriod', 'MakePayment'),
      people: fc.constantFrom(1, 1, 2),
    }),
  )
  .map(
    (rule): Ask =>
      () => ({ type: 'SetPolicy', data: SetPolicy.parse(rule) }),
  )

/** The newest proposals, most of them with the hash that they have. */
const deciding = fc
  .record({
    nth: fc.nat(5),
    how: fc.constantFrom('approve', 'approve', 'approve', 'approve', 'approve', 'another', 'refuse'),
  })
  .map(({ nth, how }): Ask => {
    return (_, { proposals }) => {
      if (proposals.length === 0 && nth > 0) return undefined
      const unknown: { proposalId: ProposalId; hash: string } = { proposalId: proposalIdAt(0, nth), hash: digest }
      const { proposalId, hash } = proposals.at(-1 - (nth % Math.max(1, proposals.length))) ?? unknown
      if (how === 'refuse') return { type: 'RefuseCommand', data: { proposalId, reason: 'not so' } }
      return { type: 'ApproveCommand', data: { proposalId, hash: how === 'approve' ? hash : digest } }
    }
  })

/** What changes an account beside its money. */
export const details = (name: fc.Arbitrary<AccountId>) => {
  const change = fc
    .record({ accountId: name, overdraftLimit: fc.constantFrom('0', '100', '400', 'unlimited', undefined) })
    .map(({ accountId, overdraftLimit }): Ask => {
      const data = ChangeAccount.parse(overdraftLimit === undefined ? { name: 'Rent' } : { overdraftLimit })
      return () => ({ type: 'ChangeAccount', data: { ...data, accountId } })
    })
  const flag = fc.record({ accountId: name, value: fc.boolean() }).map(({ accountId, value }): Ask => {
    const data = SetAccountFlag.parse({ flag: 'receivesFromCustomers', value })
    return () => ({ type: 'SetAccountFlag', data: { ...data, accountId } })
  })
  const freezing = name.map((accountId): Ask => {
    return () => ({ type: 'FreezeAccount', data: { ...FreezeAccount.parse({ direction: 'outgoing' }), accountId } })
  })
  return fc.oneof({ weight: 3, arbitrary: change }, flag, freezing)
}

/** Days that close and open again, rules that ask for two, and what the second person does. */
export const governed = fc.oneof(
  { weight: 1, arbitrary: zone },
  { weight: 6, arbitrary: closing },
  { weight: 3, arbitrary: reopening },
  { weight: 3, arbitrary: policy },
  { weight: 16, arbitrary: deciding },
)
