import { textOf } from './book-steps.ts'
import { type Books, ownOf } from './books.ts'
import type { Commit } from './commit.ts'
import type { Findings } from './findings.ts'
import type { Ledger } from './ledger.ts'
import type { Payments } from './payments.ts'
import { firstDebited, homeOf, isTransit, placeOf } from './placement.ts'
import type { Begun, Step } from './steps.ts'

type Payment = Begun & { readonly commit: Commit }
type Kind = Step['kind']

/**
 * Follows each payment across partitions through its steps on all of them, by the tables of docs/log-protocol.md: it
 * ended, on each partition the same and once, and every step rests on what it must.
 */
export function judgeSagas({ payments, folded }: Pick<Ledger, 'payments' | 'folded'>, findings: Findings): void {
  for (const { partition, commits } of folded) judgeForgotten(partition, commits, payments, findings)
  for (const paymentId of payments.named) {
    const payment = payments.begun.get(paymentId)
    if (payment) judgePayment(paymentId, payment, payments, findings)
    else findings.add('steps that do not follow', `${paymentId} never began`)
  }
}

function judgePayment(paymentId: string, payment: Payment, payments: Payments, findings: Findings): void {
  const wrong = (what: string) => findings.add('steps that do not follow', `${paymentId}: ${what}`)
  const { partition, seq } = payment.commit
  const place = placeOf(paymentId)
  if (place?.partition !== partition || place.seq !== seq) wrong(`begun at ${partition}:${seq}`)
  const { reverses, legs, participants } = payment
  const home = reverses === undefined ? homeOf(firstDebited(legs), payments.partitions) : placeOf(reverses)?.partition
  if (home !== partition) wrong(`partition ${home} decides it`)
  const others = [...new Set(legs.map(({ account }) => homeOf(account, payments.partitions)))]
    .filter((each) => each !== partition)
    .sort((one, other) => one - other)
  if (others.join() !== participants.join()) wrong(`it says ${participants}, and its legs are on ${others}`)
  const own = stepsOn(paymentId, partition, payments)
  const outcome = judgeCoordinator(paymentId, payment, own, wrong)
  if (outcome === undefined) findings.add('payments that did not end', `${paymentId} of ${payment.commit.decidedAt}`)
  for (const participant of participants) {
    const did = judgeParticipant(stepsOn(paymentId, participant, payments), payment, payments, participant, wrong)
    if (outcome === undefined || did === outcome) continue
    const detail = `${paymentId} is ${outcome}, and on partition ${participant} ${did ?? 'nothing was done'}`
    findings.add('payments in part', detail)
  }
  for (const each of [partition, ...participants]) {
    for (const commit of payments.stepsOf(paymentId, each)) judgeCauses(paymentId, payment, commit, payments, wrong)
  }
}

/**
 * Nothing goes on with a payment once its coordinator has said that it is over; and what holds for the whole ledger was
 * decided by the first partition.
 */
function judgeForgotten(partition: number, commits: readonly Commit[], payments: Payments, findings: Findings): void {
  const lows = new Map<number, number>()
  for (const { seq, steps, low, causes, command, governed } of commits) {
    const wrong = (what: string) => findings.add('steps that do not follow', `seq ${partition}:${seq}: ${what}`)
    for (const step of steps) {
      const place = 'paymentId' in step ? placeOf(step.paymentId) : undefined
      if (!place || place.partition === partition) continue
      if (place.seq < (lows.get(place.partition) ?? 0)) wrong(`a step of a payment below ${lows.get(place.partition)}`)
    }
    const [cause] = causes
    if (cause && low !== undefined) lows.set(cause.partition, Math.max(low, lows.get(cause.partition) ?? 0))
    if (command !== 'TakeFact') continue
    const said = cause && payments.at(cause)
    const isSame =
      said?.hash === cause?.hash && JSON.stringify(said?.governed.policy) === JSON.stringify(governed.policy)
    if (cause?.partition !== 0 || !isSame) wrong('takes over what the first partition has not decided')
  }
}

/** The steps of one payment alone, without those that a commit takes in others. */
function stepsOn(paymentId: string, partition: number, payments: Payments): readonly Step[] {
  const isOf = (step: Step) =>
    'paymentIds' in step ? step.paymentIds.includes(paymentId) : step.paymentId === paymentId
  return payments.stepsOf(paymentId, partition).flatMap(({ steps }) => steps.filter(isOf))
}

/** What may follow each other, each once; the last is where it is over. */
const ways: readonly RegExp[] = [
  /^begun (promised )?(cancelling )?completed (posted )?ended$/,
  /^begun (promised )?(cancelling )?failed (released )?ended$/,
]

/** What it came to, once it has ended. */
function judgeCoordinator(
  paymentId: string,
  { legs, commit, deadline }: Payment,
  steps: readonly Step[],
  wrong: (what: string) => void,
): 'posted' | 'refused' | undefined {
  const kinds: Kind[] = steps.map(({ kind }) => kind)
  // A decision that is the end says so itself.
  const isOverAtOnce = steps.some((step) => (step.kind === 'completed' || step.kind === 'failed') && step.ended)
  const way = [...kinds, ...(isOverAtOnce ? ['ended'] : [])].join(' ')
  const at = ways.findIndex((each) => each.test(way))
  const openForMs = Date.parse(deadline) - Date.parse(commit.decidedAt)
  if (openForMs <= 0 || openForMs > 60_000) wrong(`it may stay open for ${openForMs} ms`)
  if (at < 0) {
    if (way.endsWith('ended')) wrong(way)
    return undefined
  }
  const hasOwn = kinds.includes('promised')
  if (hasOwn !== (kinds.includes('posted') || kinds.includes('released'))) wrong(`own legs: ${way}`)
  for (const step of steps) {
    if (!('legs' in step)) continue
    const own = step.legs.filter(({ account }) => !isTransit(account))
    const expected = legs.filter((leg) => own.some(({ account }) => account === leg.account))
    if (textOf(own) !== textOf(expected)) wrong(`${step.kind} of ${paymentId}: ${textOf(own)}`)
  }
  return at === 0 ? 'posted' : 'refused'
}

const partWays: Readonly<Record<string, 'posted' | 'refused' | 'promised'>> = {
  posted: 'posted',
  'promised posted': 'posted',
  'promised released': 'refused',
  refused: 'refused',
  promised: 'promised',
}

function judgeParticipant(
  steps: readonly Step[],
  payment: Payment,
  { partitions }: Payments,
  partition: number,
  wrong: (what: string) => void,
): 'posted' | 'refused' | 'promised' | undefined {
  const way = steps.map(({ kind }) => kind).join(' ')
  const did = partWays[way]
  if (did === undefined && way !== '') wrong(`on partition ${partition}: ${way}`)
  const expected = textOf(ownOf(payment.legs, { partition, partitions }))
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'posted' && step.wasPromised !== index > 0) wrong(`on partition ${partition}: promised or not`)
    if (step.kind === 'posted' && step.effectiveAt !== payment.effectiveAt) wrong(`it counts at ${step.effectiveAt}`)
    if (!('legs' in step)) continue
    const own = textOf(step.legs.filter(({ account }) => !isTransit(account)))
    if (own !== expected) wrong(`${step.kind} on partition ${partition}: ${own}`)
  }
  return did
}

/** What a step may rest on, said by another partition; of a payment that its one participant decides, otherwise. */
const restsOn: Readonly<Record<Kind, readonly Kind[]>> = {
  ...{ begun: [], cancelling: [], promised: ['begun'], refused: ['begun', 'failed', 'cancelling'] },
  ...{ posted: ['completed'], released: ['failed'], completed: ['promised'] },
  ...{ failed: ['refused', 'released'], ended: ['posted', 'refused', 'released'] },
}

const settlesOn: typeof restsOn = { ...restsOn, posted: ['begun'], promised: [], completed: ['posted'] }

function judgeCauses(
  paymentId: string,
  { commit: begun, participants, deadline, settles }: Payment,
  commit: Commit,
  payments: Payments,
  wrong: (what: string) => void,
): void {
  const first = commit.steps[0]
  const where = `${first?.kind} at ${commit.partition}:${commit.seq}`
  if (!first || commit.tenant !== begun.tenant) wrong(`${where} is of ${commit.tenant}`)
  const causes = first?.kind === 'ended' ? causesOf(paymentId, commit, payments) : commit.causes
  const isParticipant = commit.partition !== begun.partition
  const said = causes.map(({ partition }) => partition).join()
  if (isParticipant && said !== String(begun.partition)) wrong(`${where} has no word of its coordinator`)
  const needsAll = first?.kind === 'completed' || first?.kind === 'ended'
  if (needsAll && said !== participants.join()) wrong(`${where} has the word of ${said}, and not of ${participants}`)
  for (const cause of causes) {
    const other = payments.at(cause)
    if (other?.hash !== cause.hash) {
      wrong(`${where} rests on ${cause.partition}:${cause.seq}, which does not count`)
      continue
    }
    const kinds = other.steps.flatMap((step) =>
      'paymentId' in step && step.paymentId === paymentId ? [step.kind] : [],
    )
    const isSaid = kinds.some((kind) => first && (settles ? settlesOn : restsOn)[first.kind].includes(kind))
    if (!isSaid) wrong(`${where} rests on ${kinds.join(' and ') || 'what is none of it'}`)
  }
  if (commit.command === 'ExpirePayment' && commit.decidedAt < deadline) wrong(`${where} before its time`)
}

/** One commit ends several payments: it names what each rests on in their order. */
function causesOf(paymentId: string, { steps, causes }: Commit, { begun }: Payments): Commit['causes'] {
  let next = 0
  for (const each of steps.flatMap((step) => (step.kind === 'ended' ? step.paymentIds : []))) {
    const count = begun.get(each)?.participants.length ?? 0
    if (each === paymentId) return causes.slice(next, next + count)
    next += count
  }
  return []
}

/** Once nothing is under way no promise is left, each partition sums to zero, and what left one has come to another. */
export function judgeAtRest(all: readonly Books[], findings: Findings): void {
  for (const { partition, balances, held, due } of all) {
    const sum = [...balances.values()].reduce((total, minor) => total + minor, 0n)
    if (sum !== 0n) findings.add('money from nowhere', `partition ${partition} sums to ${sum}`)
    for (const [id, minor] of [...held, ...due]) {
      if (minor !== 0n) findings.add('promises left behind', `${minor} of ${id} on partition ${partition}`)
    }
    for (const [key, minor] of balances) {
      const [tenant, id = ''] = key.split(' ')
      if (!isTransit(id)) continue
      const [, other, currency] = id.split('/')
      const there = all[Number(other)]?.balances.get(`${tenant} transit/${partition}/${currency}`) ?? 0n
      if (minor + there !== 0n) findings.add('money on its way', `${id} on ${partition} is ${minor}, there ${there}`)
    }
  }
}
