import { type PeriodId, placeOfId } from '@micropay/schemas/identifiers'
import type { EventOf } from '@micropay/schemas/log/event'
import { asItIs, type LedgerView, type Put, put, stateTable } from './ledger.ts'
import { isGone } from './lost-spans.ts'

export type ClosedPeriod = Pick<EventOf<'PeriodClosed'>['data'], 'periodId' | 'from' | 'through' | 'zone' | 'before'>

/** The periods of a tenant that are closed, in their order. */
export const closedPeriods = stateTable('closed-periods', (tenant: string) => tenant, asItIs<readonly ClosedPeriod[]>())

/** But for those whose home has lost that it ever began to close them. */
export function closedOf(ledger: LedgerView, tenant: string): readonly ClosedPeriod[] {
  const closed = ledger.read(closedPeriods, tenant) ?? []
  return closed.filter(({ periodId }) => !isGone(placeOfId(periodId), ledger))
}

/** Nothing where it is not closed. */
export function openAgain(periodId: PeriodId, ledger: LedgerView, tenant: string): Put[] {
  const closed = closedOf(ledger, tenant)
  const others = closed.filter((each) => each.periodId !== periodId)
  return others.length === closed.length ? [] : [put(closedPeriods, tenant, others)]
}
