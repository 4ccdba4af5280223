import assert from 'node:assert/strict'
import type { PeriodDecided, ZoneDecided } from '@micropay/schemas/api/period'
import { dayIn, endOfDay, nextDay } from '@micropay/schemas/days'
import { type PeriodId, periodIdAt, placeOfId } from '@micropay/schemas/identifiers'
import type { EventOf } from '@micropay/schemas/log/event'
import { broughtCommand, broughtRule } from '@micropay/schemas/log/generations'
import { type ClosedPeriod, closedOf, closedPeriods } from './closed-periods.ts'
import { CLOSING_FOR_MS, closingOf, endClosing, type Closing as UnderWay } from './closing.ts'
import {
  accepted,
  asItIs,
  type CommandRule,
  type Decision,
  type DecisionFacts,
  eventOf,
  type Folds,
  type LedgerView,
  put,
  rejected,
  stateTable,
} from './ledger.ts'
import { HOME, putFact, replaceFact } from './ledger-facts.ts'
import { lastBefore, type ValueSteps } from './valued-until.ts'

/** The zone in whose days a tenant closes periods. */
const zones = stateTable('zones', (tenant: string) => tenant, asItIs<string>())
/** How far a tenant's payments reach into the past. */
export const valueSteps = stateTable('value-steps', (tenant: string) => tenant, asItIs<ValueSteps>())
export const periodTables = [zones, closedPeriods, valueSteps]

type Closing = {
  readonly from?: string | undefined
  readonly through: string
  readonly seq: number
  readonly digest: string
  /** Of a ledger of several partitions. */
  readonly seals?: EventOf<'PeriodClosing'>['data']['seals'] | undefined
}
/** Of one that all partitions have to seal first. */
type ClosingKept = { readonly open: { readonly deadline: string }; readonly paymentKind?: never }
type Reopening = { readonly periodId: PeriodId; readonly reason: string }
/** The first open day after a period was reopened; null where every day is open. */
type ReopenedKept = { readonly firstOpenDay: string | null }

/** Facts of the whole ledger, which every partition keeps a copy of. */
const ofLedger = { place: () => 'periods' }

export const periodCommands = {
  SetZone: {
    ...ofLedger,
    decide: ({ zone }) => accepted({ type: 'LedgerZoneSet', version: 1, data: { zone } }),
    answer: ({ zone }, { decidedAt }) => ({ zone, decidedAt }),
  } satisfies CommandRule<{ readonly zone: string }, object, ZoneDecided>,
  ClosePeriod: {
    ...ofLedger,
    needs: ({ seals }) => (seals === undefined ? 1 : broughtCommand('CallOffPeriod')),
    decide: decideClosePeriod,
    keep(events): ClosingKept | undefined {
      const begun = eventOf(events, 'PeriodClosing')
      return begun && { open: { deadline: begun.data.until } }
    },
    answer: ({ through }, { open, decidedAt }, position) => ({
      periodId: position ? periodIdAt(position.partition, position.seq) : null,
      status: open ? ('closing' as const) : ('closed' as const),
      firstOpenDay: nextDay(through),
      ...(open ? { until: open.deadline } : {}),
      decidedAt,
    }),
  } satisfies CommandRule<Closing, ClosingKept, PeriodDecided>,
  ReopenPeriod: {
    ...ofLedger,
    decide: decideReopenPeriod,
    keep(events): ReopenedKept | undefined {
      const event = eventOf(events, 'PeriodReopened')
      return event && { firstOpenDay: event.data.from ?? null }
    },
    answer: ({ periodId }, { firstOpenDay = null, decidedAt }) => ({
      ...{ periodId, status: 'reopened' as const },
      ...{ firstOpenDay, decidedAt },
    }),
  } satisfies CommandRule<Reopening, ReopenedKept, PeriodDecided>,
}

export const periodEvents: Folds<'LedgerZoneSet' | 'PeriodClosed' | 'PeriodReopened'> = {
  LedgerZoneSet: (data, ledger, facts) => [
    put(zones, facts.tenant, data.zone),
    ...putFact({ type: 'LedgerZoneSet', version: 1, data }, ledger, facts),
  ],
  PeriodClosed(data, ledger, facts) {
    const { periodId, from, through, zone, before, seals } = data
    const { tenant } = facts
    const closed = closedOf(ledger, tenant)
    // Once its home has lost history it tells anew what holds.
    const isKnown = closed.some((each) => each.periodId === periodId)
    const days = { periodId, ...(from === undefined ? {} : { from }), through, zone, before }
    return [
      ...(isKnown ? [] : [put(closedPeriods, tenant, [...closed, days])]),
      ...(seals
        ? [...endClosing(ledger, tenant), ...putFact({ type: 'PeriodClosed', version: 1, data }, ledger, facts)]
        : []),
    ]
  },
  PeriodReopened({ personal: _, ...data }, ledger, facts) {
    const { tenant } = facts
    const closed = closedOf(ledger, tenant)
    const last = closed.at(-1)
    // Elsewhere it may be that it was closed and reopened while this partition was away.
    const isMissed = facts.partition !== HOME && last?.periodId !== data.periodId
    assert(isMissed || last?.periodId === data.periodId, `${data.periodId} is not the last closed period`)
    return [
      ...(isMissed ? [] : [put(closedPeriods, tenant, closed.slice(0, -1))]),
      ...endClosing(ledger, tenant),
      ...replaceFact({ type: 'PeriodReopened', version: 1, data }, ledger, facts),
    ]
  },
}

export function zoneOf(ledger: LedgerView, tenant: string): string {
  return ledger.read(zones, tenant) ?? 'UTC'
}

export function lastClosed(ledger: LedgerView, tenant: string): ClosedPeriod | undefined {
  return closedOf(ledger, tenant).at(-1)
}

/** The closed period that an instant lies in, by value date. */
export function closedPeriodOf(effectiveAt: string, ledger: LedgerView, tenant: string): PeriodId | undefined {
  const instant = new Date(effectiveAt).toISOString()
  return closedOf(ledger, tenant).find(({ before }) => instant < before)?.periodId
}

/**
 * Closes all days from the last closed one up to `through`, which is over in the ledger's zone, as they stood at the
 * position that the caller has read: what was booked into them since must be looked at first. On several partitions
 * that begins to close them (closing.ts).
 */
function decideClosePeriod(
  { from, through, seq, digest, seals }: Closing,
  ledger: LedgerView,
  facts: DecisionFacts,
): Decision {
  const { tenant, decidedAt } = facts
  const zone = zoneOf(ledger, tenant)
  const last = lastClosed(ledger, tenant)
  const underWay = closingOf(ledger, tenant)
  if (underWay) return closingFirst(underWay)
  const open = last && nextDay(last.through)
  if (through >= dayIn(zone, decidedAt)) {
    const today = `today is ${dayIn(zone, decidedAt)} in ${zone}`
    return rejected('period_in_future', `${today}: a period can be closed once its last day is over`, '/through')
  }
  const before = endOfDay(through, zone).toISOString()
  if (last && (through <= last.through || before <= last.before)) {
    const detail = `the days up to ${last.through} are closed: the first open day is ${open}`
    return rejected('period_already_closed', detail, '/through')
  }
  if (from !== undefined && open !== undefined && from !== open) {
    return rejected('period_gap', `the first open day is ${open}: begin there, or leave from out`, '/from')
  }
  const position = placeOfId(facts.paymentId)
  if (facts.generation >= broughtRule('period_not_reached') && seq >= position.seq) {
    const detail = `the ledger stands at ${position.seq - 1}, and the figures are of ${seq}: read the checklist`
    return rejected('period_not_reached', detail, '/seq')
  }
  const touched = lastBefore(ledger.read(valueSteps, tenant) ?? [], before)
  if (touched > seq) {
    const detail = `a payment at sequence ${touched} may count there, and the figures are of ${seq}: read them again`
    return rejected('period_changed', detail, '/seq')
  }
  const begins = open ?? from
  const data = {
    periodId: periodIdAt(position.partition, position.seq),
    ...(begins === undefined ? {} : { from: begins }),
    ...{ through, zone, before, seq, digest },
  }
  if ((facts.partitions ?? 1) === 1) return accepted({ type: 'PeriodClosed', version: 1, data })
  if (!seals || seals.length !== facts.partitions) {
    return rejected(
      'period_not_reached',
      'the checklist gives seals of all partitions: send them as they are',
      '/seals',
    )
  }
  const until = new Date(Date.parse(decidedAt) + CLOSING_FOR_MS).toISOString()
  return accepted({ type: 'PeriodClosing', version: 1, data: { ...data, seals: [...seals], until } })
}

function closingFirst({ periodId, through }: UnderWay): Decision {
  const detail = `the days up to ${through} are being closed, as ${periodId}: wait until they are, or call that off`
  return rejected('period_closing', detail)
}

/** The periods before the last one stay closed until that one is open. */
function decideReopenPeriod({ periodId, reason }: Reopening, ledger: LedgerView, { tenant }: DecisionFacts): Decision {
  const underWay = closingOf(ledger, tenant)
  if (underWay) return closingFirst(underWay)
  const closed = closedOf(ledger, tenant)
  const [before, last] = [closed.at(-2), closed.at(-1)]
  if (!closed.some((period) => period.periodId === periodId)) {
    return rejected('period_not_closed', `no closed period is called ${periodId}`)
  }
  if (last?.periodId !== periodId) {
    const detail = `${last?.periodId}, up to ${last?.through}, was closed after it: reopen that one first`
    return rejected('period_not_last', detail)
  }
  const from = before && nextDay(before.through)
  return accepted({
    type: 'PeriodReopened',
    version: 1,
    data: {
      periodId,
      ...(from === undefined ? {} : { from }),
      personal: { form: 'plain', data: { reason } },
    },
  })
}
