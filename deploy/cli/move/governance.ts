import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import { formatPosition } from '@micropay/schemas/position'
import type { OldCommit } from './old-ledger.ts'

type Policy = EventOf<'PolicySet'>['data']['rule']
type Payee = EventOf<'PayeeSaved'>['data']
type Period = EventOf<'PeriodClosed'>['data']
type Statement = Pick<EventOf<'StatementImported'>['data'], 'accountId' | 'statementId' | 'sha256'>

/** What a ledger has besides accounts and payments, as it stands in the end. */
export type Governance = {
  take(commit: OldCommit): void
  zone(): string | undefined
  /** The rule of each command that has one. */
  policies(): readonly Policy[]
  payees(): readonly Payee[]
  /** Closed ones, in their order. */
  periods(): readonly Period[]
  statements(): readonly Statement[]
  /** Of commands that still wait for a second person. */
  proposals(): readonly string[]
  /** Commands that were refused. */
  refusals(): number
  checks(): number
}

export function createGovernance(): Governance {
  const policies = new Map<string, Policy>()
  const payees = new Map<string, Payee>()
  const periods = new Map<string, Period>()
  const statements = new Map<string, Statement>()
  const proposals = new Set<string>()
  const counts = { refusals: 0, checks: 0 }
  let zone: string | undefined
  const payeeOf = ({ owner, alias }: Payee) => JSON.stringify([owner, alias])
  function takeEvent({ type, data }: LedgerEvent, position: string): void {
    if (type === 'LedgerZoneSet') zone = data.zone
    if (type === 'PolicySet') policies.set(data.rule.command, data.rule)
    if (type === 'PayeeSaved') payees.set(payeeOf(data), data)
    if (type === 'PayeeRemoved') payees.delete(payeeOf(data))
    if (type === 'PayeeChecked') counts.checks += 1
    if (type === 'PeriodClosed') periods.set(data.periodId, data)
    if (type === 'PeriodReopened') periods.delete(data.periodId)
    if (type === 'StatementImported') {
      const { accountId, statementId, sha256 } = data
      statements.set(position, { accountId, statementId, sha256 })
    }
    if (type === 'StatementWithdrawn') statements.delete(data.position)
    if (type === 'CommandProposed') proposals.add(data.proposalId)
    if (type === 'CommandApproved' || type === 'CommandRefused') proposals.delete(data.proposalId)
  }
  return {
    take({ partition, commit: { seq, outcome, command, events } }) {
      if (outcome.kind === 'rejected') counts.refusals += 1
      // What was decided elsewhere is taken over later, and may be out of date by then.
      if (command.type === 'TakeFact') return
      for (const event of events) takeEvent(event, formatPosition({ partition, seq }))
    },
    zone: () => zone,
    policies: () => [...policies.values()],
    payees: () => [...payees.values()],
    periods: () => [...periods.values()],
    statements: () => [...statements.values()],
    proposals: () => [...proposals],
    refusals: () => counts.refusals,
    checks: () => counts.checks,
  }
}
