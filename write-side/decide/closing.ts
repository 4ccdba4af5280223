import type { PeriodDecided } from '@micropay/schemas/api/period'
import { type PeriodId, placeOfId } from '@micropay/schemas/identifiers'
import type { Actor } from '@micropay/schemas/log/actor'
import type { EventOf } from '@micropay/schemas/log/event'
import { openAgain } from './closed-periods.ts'
import {
  accepted,
  asItIs,
  type CommandRule,
  type CommitFacts,
  type Decision,
  eventOf,
  type Folds,
  type LedgerView,
  type Put,
  put,
  rejected,
  remove,
  stateTable,
} from './ledger.ts'
import { HOME, putFact } from './ledger-facts.ts'
import { isGone } from './lost-spans.ts'

/*
 * Closing a period on several partitions (docs/money.md; the rules as a model that runs: docs/spec/closing_rules.py).
 * The home begins it, and each partition takes that over as a fact: from that commit on it refuses new bookings and
 * promises that are dated into the days. It waits for the payments that it has promised, or coordinates and has not
 * decided, with such a date, and then says that it is sealed, and where its last posting into the days stands. Once all
 * have, and nobody has booked behind where figures were read, the home closes the period; the others take that over.
 * A person calls it off, or the time that it has. The home alone decides how it ends: a partition that has sealed waits
 * to be told, however long that takes.
 */

type Days = Pick<EventOf<'PeriodClosing'>['data'], 'periodId' | 'from' | 'through' | 'zone' | 'before'>
type SaidAt = { readonly seq: number; readonly hash: string }

/** A period of a tenant that is being closed, as a partition knows it. */
export type Closing = Days & {
  readonly tenant: string
  readonly actor: Actor
  readonly until: string
  /** Where it was begun here: elsewhere than at home, where it was taken over. */
  readonly at: SaidAt
  /** At home. */
  readonly figures?: Pick<EventOf<'PeriodClosing'>['data'], 'seq' | 'digest' | 'seals'>
  /** Elsewhere, once nothing can be posted into the days any more: the commit that says so. */
  readonly sealed?: { readonly at: SaidAt; readonly touched: number }
}

/** Of all tenants, at most one each. */
const closings = stateTable('closings', () => 'all', asItIs<readonly Closing[]>())
export const closingTables = [closings]

/** So long a closing waits for partitions that are away, and for payments that are under way. */
export const CLOSING_FOR_MS = 600_000

type CallingOff = { readonly periodId: PeriodId; readonly reason: string }
/** The first day that is open once it was called off; null where every day is. */
type CalledOffKept = { readonly firstOpenDay: string | null }

export const closingCommands = {
  CallOffPeriod: {
    place: () => 'periods',
    decide: decideCallOff,
    keep: (events): CalledOffKept | undefined => firstOpenAfter(eventOf(events, 'PeriodCalledOff')),
    answer: ({ periodId }, { firstOpenDay = null, decidedAt }) => ({
      ...{ periodId, status: 'called_off' as const },
      ...{ firstOpenDay, decidedAt },
    }),
  } satisfies CommandRule<CallingOff, CalledOffKept, PeriodDecided>,
}

function firstOpenAfter(event: EventOf<'PeriodCalledOff'> | undefined): CalledOffKept | undefined {
  return event && { firstOpenDay: event.data.from ?? null }
}

export const closingEvents: Folds<'PeriodClosing' | 'PeriodSealed' | 'PeriodCalledOff'> = {
  PeriodClosing(data, ledger, facts) {
    const { periodId, from, through, zone, before, until, seq, digest, seals } = data
    const { tenant, actor, partition } = facts
    const days = { periodId, ...(from === undefined ? {} : { from }), through, zone, before }
    const closing: Closing = {
      ...{ ...days, tenant, actor, until, at: saidAt(facts) },
      ...(partition === HOME ? { figures: { seq, digest, seals } } : {}),
    }
    return [
      putClosings([...othersThan(tenant, ledger), closing]),
      // Its home has lost that it was closed, and closes it anew.
      ...openAgain(periodId, ledger, tenant),
      ...putFact({ type: 'PeriodClosing', version: 1, data }, ledger, facts),
    ]
  },
  PeriodSealed({ periodId, touched }, ledger, facts) {
    const sealed = { at: saidAt(facts), touched }
    const all = closingsIn(ledger).map((each) => (each.periodId === periodId ? { ...each, sealed } : each))
    return [putClosings(all)]
  },
  PeriodCalledOff: ({ personal: _, ...data }, ledger, facts) => [
    ...endClosing(ledger, facts.tenant),
    ...openAgain(data.periodId, ledger, facts.tenant),
    ...putFact({ type: 'PeriodCalledOff', version: 1, data }, ledger, facts),
  ],
}

/** All that are being closed, as far as this partition knows, and their home has not lost that it began to. */
export function closingsIn(ledger: LedgerView): readonly Closing[] {
  const all = ledger.read(closings, undefined) ?? []
  return all.filter(({ periodId }) => !isGone(placeOfId(periodId), ledger))
}

/** The period that a tenant is closing. */
export function closingOf(ledger: LedgerView, tenant: string): Closing | undefined {
  return closingsIn(ledger).find((each) => each.tenant === tenant)
}

/**
 * A tenant closes one period at a time: whatever home decides about its periods behind that says that it is over,
 * whichever it was that was missed here in between.
 */
export function endClosing(ledger: LedgerView, tenant: string): Put[] {
  const all = closingsIn(ledger)
  const others = othersThan(tenant, ledger)
  return others.length === all.length ? [] : [putClosings(others)]
}

function othersThan(tenant: string, ledger: LedgerView): Closing[] {
  return closingsIn(ledger).filter((each) => each.tenant !== tenant)
}

function putClosings(all: readonly Closing[]): Put {
  return all.length === 0 ? remove(closings, undefined) : put(closings, undefined, all)
}

function saidAt({ seq, hash }: CommitFacts): SaidAt {
  return { seq, hash }
}

function decideCallOff(
  { periodId, reason }: CallingOff,
  ledger: LedgerView,
  { tenant }: { readonly tenant: string },
): Decision {
  const closing = closingOf(ledger, tenant)
  if (closing?.periodId !== periodId) return rejected('period_not_closing', `${periodId} is not being closed`)
  const detail = `the closing of the days up to ${closing.through} was called off: they are open`
  return accepted({
    type: 'PeriodCalledOff',
    version: 1,
    data: {
      ...{ periodId, rejection: { code: 'period_called_off', detail } },
      ...(closing.from === undefined ? {} : { from: closing.from }),
      personal: { form: 'plain', data: { reason } },
    },
  })
}
