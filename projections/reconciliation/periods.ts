import type { ProposalId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import { givenBy } from '@micropay/schemas/log/given'
import type { NewPeriodFact } from './period-table.ts'

/** The row that an event makes of itself where it is about periods; undefined for every other event. */
export function periodFactOf(partition: number, commit: Commit, event: LedgerEvent): NewPeriodFact | undefined {
  switch (event.type) {
    case 'LedgerZoneSet':
      if (isTaken(commit)) return undefined
      return { ...nothing, ...decided(partition, commit), kind: 'zone', day_zone: event.data.zone }
    case 'PeriodReopened': {
      if (isTaken(commit)) return undefined
      const { periodId, from = null, personal } = event.data
      const reopened = { period_id: periodId, from_day: from, reason: personal?.data.reason ?? null }
      return { ...nothing, ...decided(partition, commit), kind: 'reopened', ...reopened }
    }
    case 'PeriodClosed':
      if (isTaken(commit)) return undefined
      return { ...nothing, ...decided(partition, commit), kind: 'closed', ...closingOf(event.data) }
    case 'PeriodClosing': {
      const { periodId, until } = event.data
      if (isTaken(commit)) return { ...nothing, ...decided(partition, commit), kind: 'taken', period_id: periodId }
      const begun = { ...closingOf(event.data), waits_until: until }
      return { ...nothing, ...decided(partition, commit), kind: 'closing', ...begun }
    }
    case 'PeriodSealed':
      return { ...nothing, ...decided(partition, commit), kind: 'sealed', period_id: event.data.periodId }
    case 'PeriodCalledOff': {
      if (isTaken(commit)) return undefined
      const { periodId, rejection, personal } = event.data
      const why = { ...rejection, reason: personal?.data.reason ?? null }
      return { ...nothing, ...decided(partition, commit), kind: 'called off', period_id: periodId, ...why }
    }
    default:
      return undefined
  }
}

const nothing = {
  ...{ period_id: null, from_day: null, through_day: null, day_zone: null, closed_before: null },
  ...{ read_seq: null, sealed: null, reason: null },
  ...{ seals: null, waits_until: null, code: null, detail: null },
}

/** The other partitions only take it over. */
function isTaken({ command }: Commit): boolean {
  return command.type === 'TakeFact'
}

function closingOf(data: EventOf<'PeriodClosed'>['data']) {
  const { periodId, from = null, through, zone, before, seq, digest, seals } = data
  return {
    ...{ from_day: from, through_day: through, day_zone: zone, closed_before: before },
    ...{ period_id: periodId, read_seq: BigInt(seq), sealed: digest },
    ...{ seals: seals ? JSON.stringify(seals) : null },
  }
}

function decided(partition: number, commit: Commit) {
  const { seq, tenant, decidedAt } = commit
  const { actor, approvedBy } = givenBy(commit)
  return {
    ...{ partition, seq: BigInt(seq), tenant, decided_at: decidedAt },
    ...{ actor, approved_by: approvedBy, proposal_id: approvedIn(commit) },
  }
}

/** The proposal whose approval a commit is; null where one person was enough. */
export function approvedIn({ events }: Commit): ProposalId | null {
  const approved = events.find((event) => event.type === 'CommandApproved')
  return approved?.data.proposalId ?? null
}
