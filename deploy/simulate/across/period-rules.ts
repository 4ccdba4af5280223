import { placeOfId } from '@micropay/schemas/identifiers'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { commitAt, type Data, type Event, type Step } from './cause-rules.ts'
import { PARTITIONS } from './partitions.ts'
import { closingIn, lastPosting, type Period } from './periods.ts'
import { isCoordinator } from './truth.ts'

const HOME = 0

type OfPeriods = Event<'PeriodClosing' | 'PeriodSealed' | 'PeriodClosed' | 'PeriodCalledOff'>

/** What is wrong with what a commit says of a period that is closed on all partitions. */
export function wrongInPeriod(event: OfPeriods, step: Step): string | undefined {
  const { truth, commit } = step
  if (event.type === 'PeriodSealed') return wrongSeal(event.data, step)
  const period = truth.periods.get(event.data.periodId)
  if (truth.partition !== HOME) return wrongTaken(event, period, step)
  if (event.type === 'PeriodClosing') return wrongBeginning(event.data, step)
  if (period?.outcome !== 'closing') return 'it is not being closed'
  if (event.type === 'PeriodClosed') return wrongEnd(event.data, period, step)
  const { code } = event.data.rejection
  if (commit.command.type === 'CallOffPeriod') return code === 'period_called_off' ? undefined : `it is ${code}`
  return commit.command.type === 'StepPeriod' ? wrongCallingOff(code, event.data, period, step) : 'nobody asked for it'
}

/** Of what is new, and counts in days that are closed here or being closed. */
export function wrongDate(event: LedgerEvent, { truth }: Step): string | undefined {
  const { type, data } = event
  const isNew =
    type === 'PaymentPosted' ||
    type === 'PaymentInitiated' ||
    (type === 'LegsPrepared' && !isCoordinator(truth.partition, data.paymentId)) ||
    (type === 'LegsPosted' && !data.promised && !data.forced && !isCoordinator(truth.partition, data.paymentId))
  if (!isNew || !('effectiveAt' in data) || !isLocked(data.effectiveAt, { truth })) return undefined
  return `it counts at ${data.effectiveAt}, and all before ${truth.lockedBefore()} is locked`
}

/** Whether a date lies in days that are closed on the partition, or being closed. */
export function isLocked(effectiveAt: string | undefined, { truth }: Pick<Step, 'truth'>): boolean {
  const before = truth.lockedBefore()
  return effectiveAt !== undefined && before !== '' && Date.parse(effectiveAt) < Date.parse(before)
}

function wrongBeginning({ before }: Data<'PeriodClosing'>, { truth, commit }: Step): string | undefined {
  const other = closingIn(truth)
  if (other) return `${other.id} is being closed`
  if (before <= truth.lockedBefore()) return `all before ${truth.lockedBefore()} is closed`
  if (before > commit.decidedAt) return 'its days are not over'
  return commit.idempotencyKey === undefined ? 'nobody asked for it' : undefined
}

/** Elsewhere: it is what home says. */
function wrongTaken({ type, data }: OfPeriods, period: Period | undefined, step: Step): string | undefined {
  const [cause] = step.commit.causes ?? []
  const said = commitAt(step, cause)?.events.find((event) => event.type === type)?.data
  const isSaid = said && 'periodId' in said && said.periodId === data.periodId
  if (cause?.partition !== HOME || !isSaid) return 'the first partition does not say so'
  return type === 'PeriodClosed' && period?.outcome !== 'closing' ? 'it is not being closed here' : undefined
}

function wrongSeal({ periodId, touched }: Data<'PeriodSealed'>, step: Step): string | undefined {
  const period = step.truth.periods.get(periodId)
  if (step.truth.partition === HOME || period?.outcome !== 'closing') return 'it is not being closed here'
  const last = lastPosting(step.truth.commits, period.before)
  if (touched < last) return `it says ${touched}, and a payment is posted at ${last}`
  return openIn(period, step)
}

/** A payment that may still be posted here, and counts in the days. */
function openIn({ before }: Period, { truth, truths }: Step): string | undefined {
  const isIn = (effectiveAt = '') => Date.parse(effectiveAt) < Date.parse(before)
  const own = [...truth.begun].find(([, { state, effectiveAt }]) => {
    return state !== 'completed' && state !== 'failed' && isIn(effectiveAt)
  })
  const promised = [...truth.parts].find(([id, { state }]) => {
    return state === 'prepared' && isIn(truths[placeOfId(id).partition]?.begun.get(id)?.effectiveAt)
  })
  const [id] = own ?? promised ?? []
  return id && `${id} may still be posted`
}

function wrongEnd({ periodId }: Data<'PeriodClosed'>, period: Period, step: Step): string | undefined {
  const causes = step.commit.causes ?? []
  if (causes.length !== PARTITIONS - 1) return `it rests on ${causes.length}`
  for (const { partition, seq } of period.seals) {
    const said = partition === HOME ? undefined : sealOf(partition, periodId, step)
    if (partition !== HOME && said === undefined) return `partition ${partition} has not sealed it`
    const last = said ?? lastPosting(step.truth.commits, period.before)
    if (last > seq) return `its figures are of ${partition}:${seq}, and a payment is posted at ${last}`
  }
  return openIn(period, step)
}

/** Where the last posting of the days stands on another partition, as the seal says that the commit rests on. */
function sealOf(partition: number, periodId: string, step: Step): number | undefined {
  const cause = step.commit.causes?.find((each) => each.partition === partition)
  const seal = commitAt(step, cause)?.events.find((event) => event.type === 'PeriodSealed')?.data
  return seal?.periodId === periodId ? seal.touched : undefined
}

function wrongCallingOff(
  code: string,
  { periodId }: Data<'PeriodCalledOff'>,
  { seals, before, until }: Period,
  step: Step,
): string | undefined {
  const { commit, truth } = step
  const isTouched = seals.some(({ partition, seq }) => {
    const last = partition === HOME ? lastPosting(truth.commits, before) : sealOf(partition, periodId, step)
    return last !== undefined && last > seq
  })
  if (code === 'period_changed') return isTouched ? undefined : 'nothing is posted behind its figures'
  if (code === 'period_not_sealed') return commit.decidedAt >= until ? undefined : `it has time until ${until}`
  return `for ${code}`
}
