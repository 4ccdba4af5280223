import type { PaymentId } from '@micropay/schemas/identifiers'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import type { SealedMessage } from '@micropay/schemas/log/message'
import type { RejectionCode } from '@micropay/schemas/log/rejection'
import { type Closing, closingsIn } from './closing.ts'
import type { LedgerView } from './ledger.ts'
import { HOME } from './ledger-facts.ts'
import { isGone } from './lost-spans.ts'
import { openIn } from './open-payments.ts'
import { valueSteps } from './period.ts'
import { sagas } from './saga.ts'
import { nothing, type Seals, type StepFacts, type Stepped } from './stepped.ts'
import { steps, stepsFor } from './steps.ts'
import { lastBefore } from './valued-until.ts'

/** The next thing that this partition has to say of the periods that are being closed, if there is any. Pure. */
export function decideClosings(ledger: LedgerView, facts: StepFacts): Stepped {
  for (const closing of closingsIn(ledger)) {
    const stepped = facts.partition === HOME ? decideEnd(closing, ledger, facts) : decideSeal(closing, ledger, facts)
    if (stepped.kind !== 'nothing') return stepped
  }
  return nothing
}

/**
 * Payments of its tenant that may still be posted here with a value date in it: own ones that are not decided, and what
 * was promised to others.
 */
export function waitedForBy(
  { tenant, before }: Pick<Closing, 'tenant' | 'before'>,
  ledger: LedgerView,
  { partition, partitions }: Pick<StepFacts, 'partition' | 'partitions'>,
): PaymentId[] {
  const isOfIt = (effectiveAt: string) => Date.parse(effectiveAt) < Date.parse(before)
  const own = openIn(partition, partitions, ledger).filter((payment) => {
    const saga = ledger.read(sagas, payment)
    // One that others may have lost is posted there anew, whatever it was promised for.
    const isOpen = saga && (saga.repaired || (saga.state !== 'completed' && saga.state !== 'failed'))
    return isOpen && saga.tenant === tenant && isOfIt(saga.effectiveAt)
  })
  const others = Array.from({ length: partitions }, (_, coordinator) => stepsFor(coordinator, ledger)).flat()
  const promised = others.filter((payment) => {
    const promise = ledger.read(steps, payment)?.promised
    return promise && promise.tenant === tenant && isOfIt(promise.effectiveAt)
  })
  return [...own, ...promised]
}

/** Where the last posting stands here that may have a value date in it. */
function touchedIn({ tenant, before }: Closing, ledger: LedgerView): number {
  return lastBefore(ledger.read(valueSteps, tenant) ?? [], before)
}

/**
 * Whether it has something to say of it, elsewhere than at home. What is made good of lost history is posted in days
 * that are sealed, too: then they are sealed anew.
 */
export function mayBeSealed(
  closing: Closing,
  ledger: LedgerView,
  facts: Pick<StepFacts, 'partition' | 'partitions'>,
): boolean {
  const isSaid = closing.sealed?.touched === touchedIn(closing, ledger)
  return !isSaid && waitedForBy(closing, ledger, facts).length === 0
}

function decideSeal(closing: Closing, ledger: LedgerView, facts: StepFacts): Stepped {
  if (!mayBeSealed(closing, ledger, facts)) return nothing
  const data = { periodId: closing.periodId, touched: touchedIn(closing, ledger) }
  return stepOf(closing, [{ type: 'PeriodSealed', version: 1, data }], [])
}

/** What becomes of it: the figures have changed, all partitions have sealed it, or its time is over. */
function decideEnd(closing: Closing, ledger: LedgerView, facts: StepFacts): Stepped {
  const { periodId, from, through, zone, before, until, figures } = closing
  if (!figures) return nothing
  const seals = stillSealed(facts.sealed(periodId), ledger)
  const own = touchedIn(closing, ledger)
  for (const seal of figures.seals) {
    if (isGone(seal, ledger)) {
      const lost = `partition ${seal.partition} has lost what its figures of ${seal.partition}:${seal.seq} are of`
      return calledOff(closing, 'period_changed', `${lost}: read them again`, [])
    }
    const said = seals.get(seal.partition)
    const touched = seal.partition === HOME ? own : (said?.touched ?? 0)
    const causes = said ? [said] : []
    const at = `${seal.partition}:`
    if (said && said.at.seq <= seal.seq) {
      const stands = `partition ${seal.partition} stands at ${at}${said.at.seq}`
      const detail = `${stands}, and its figures are of ${at}${seal.seq}: read the checklist`
      return calledOff(closing, 'period_not_reached', detail, causes)
    }
    if (touched > seal.seq) {
      const payment = `a payment at ${at}${touched} may count there`
      const detail = `${payment}, and the figures are of ${at}${seal.seq}: read them again`
      return calledOff(closing, 'period_changed', detail, causes)
    }
  }
  const others = figures.seals.filter(({ partition }) => partition !== HOME)
  const missing = others.filter(({ partition }) => !seals.has(partition)).map(({ partition }) => partition)
  const waits = waitedForBy(closing, ledger, facts)
  if (missing.length === 0 && waits.length === 0) {
    const days = { periodId, ...(from === undefined ? {} : { from }), through, zone, before }
    const all = others.flatMap(({ partition }) => seals.get(partition) ?? [])
    const data = { ...days, ...figures, seals: [...figures.seals] }
    return stepOf(closing, [{ type: 'PeriodClosed', version: 1, data }], all)
  }
  if (facts.decidedAt < until) return nothing
  const who = [...(waits.length > 0 ? [HOME] : []), ...missing].join(', ')
  const detail = `the days were not sealed in time by partition ${who}: away, or with payments of them under way`
  return calledOff(closing, 'period_not_sealed', detail, [])
}

/** What others have sealed in commits that are not gone. */
function stillSealed(seals: Seals, ledger: LedgerView): Seals {
  return new Map([...seals].filter(([partition, { at }]) => !isGone({ partition, seq: at.seq }, ledger)))
}

function calledOff(closing: Closing, code: RejectionCode, detail: string, causes: readonly SealedMessage[]): Stepped {
  const { periodId, from } = closing
  const data = { periodId, ...(from === undefined ? {} : { from }), rejection: { code, detail } }
  return stepOf(closing, [{ type: 'PeriodCalledOff', version: 1, data }], causes)
}

function stepOf({ tenant, actor }: Closing, events: readonly LedgerEvent[], on: readonly SealedMessage[]): Stepped {
  return { kind: 'accepted', events, tenant, actor, causes: on.map(({ from, at }) => ({ partition: from, ...at })) }
}
