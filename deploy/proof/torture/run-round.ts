import { systemClock } from '@micropay/runtime/clock'
import { textIn, valueIn } from './ask.ts'
import { describeDeed, type Fault, kindOf, type Round } from './draw-faults.ts'
import { inject } from './inject.ts'
import type { Injected } from './injected.ts'
import { otherThan, type Scene } from './scene.ts'
import { until } from './until.ts'
import { partitionsAt } from './workers-say.ts'

/** What one fault did, as it is written down. */
export type FaultOutcome = {
  readonly number: number
  readonly kind: string
  readonly deed: string
  readonly note: string
  readonly struck: boolean
  /** From when a process was taken until another did its work; only where nothing else was wrong. */
  readonly takeoverMs?: number
}

export type RoundOutcome = {
  readonly faults: readonly FaultOutcome[]
  /** From the moment when all was healed until something asked for after it was acknowledged, and read. */
  readonly servedAfterMs: number | undefined
  readonly readAfterMs: number | undefined
  readonly acknowledged: number
  /** What did not come back by itself in time. */
  readonly hangs: readonly string[]
  /** What else was wrong. */
  readonly wrong: readonly string[]
  /** Processes that ended though nobody had told them to. */
  readonly ownEnds: readonly string[]
}

/** A fault is healed within this time, and a process that stood still loses its lease besides. */
const healsWithinMs = 30_000
const leaseMs = 10_000

/** Injects the faults of a round, heals them, and waits until everything serves again; what does not is told. */
export async function runRound(before: Omit<Scene, 'serving'>, round: Round): Promise<RoundOutcome> {
  const scene: Scene = { ...before, serving: before.successes.newest()?.worker === 'b' ? 'b' : 'a' }
  const { product, successes } = scene
  const [countBefore, endsBefore] = [successes.count(), product.ownEnds.length]
  const wrong: string[] = []
  const isAlone = round.faults.length === 1
  const faults = await Promise.all(round.faults.map((fault) => runFault(scene, fault, isAlone, wrong)))
  const healedAtMs = systemClock.monotonicMs()
  const mayLoseLease = round.faults.some(({ deed }) => deed.kind === 'stop' || deed.kind === 'stop postgres')
  const limitMs = scene.patience * (healsWithinMs + (mayLoseLease ? leaseMs : 0))
  const { servedAfterMs, readAfterMs, hangs } = await untilHealed(scene, healedAtMs, limitMs)
  const ownEnds = product.ownEnds.slice(endsBefore).map(({ service, how }) => `${service}: ${how}`)
  const acknowledged = successes.count() - countBefore
  return { faults, servedAfterMs, readAfterMs, hangs, wrong, ownEnds, acknowledged }
}

async function runFault(scene: Scene, fault: Fault, isAlone: boolean, wrong: string[]): Promise<FaultOutcome> {
  await systemClock.sleep(fault.atMs)
  const { number, deed } = fault
  const described = describeDeed(deed)
  const beganAtMs = systemClock.monotonicMs()
  let injected: Injected
  try {
    injected = await inject(scene, deed)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    scene.say(`  ${number}. ${described}: could not be done: ${why}`)
    wrong.push(`${described} could not be done: ${why}`)
    for (const service of Object.values(scene.product.services)) service.start()
    return { number, kind: kindOf(deed), deed: described, note: why, struck: false }
  }
  scene.say(`  ${number}. ${described} (${injected.note})`)
  if (!injected.struckNobody) await systemClock.sleep(fault.lastsMs)
  const takeoverMs = isAlone ? await takeover(scene, injected, fault, beganAtMs, wrong) : undefined
  const struck = injected.struckNobody !== true && injected.struck?.() !== 0
  try {
    for (const problem of await injected.heal()) wrong.push(`${described}: ${problem}`)
  } catch (error) {
    wrong.push(`${described} could not be healed: ${error instanceof Error ? error.message : String(error)}`)
  }
  const outcome = { number, kind: kindOf(deed), deed: described, note: injected.note, struck }
  return takeoverMs === undefined ? outcome : { ...outcome, takeoverMs }
}

/** So long a process must have stood still to have lost its lease. */
const losesLeaseAfterMs = 9_000

/**
 * One that was killed, or stands still for long, stays away until another has taken over; for how long that took. One
 * that stands still for a moment comes back before.
 */
async function takeover(
  { successes, reader, patience }: Scene,
  { taken }: Injected,
  { deed, lastsMs }: Fault,
  beganAtMs: number,
  wrong: string[],
): Promise<number | undefined> {
  if (taken === undefined) return undefined
  const others = taken === 'a' || taken === 'b' ? [otherThan(taken)] : undefined
  const takenAtMs = () =>
    others ? successes.everywhereSince(beganAtMs, others) : reader.firstFreshSince(beganAtMs)?.toldAtMs
  const isBrief = deed.kind === 'stop' && lastsMs < losesLeaseAfterMs
  const limitMs = isBrief ? 0 : patience * healsWithinMs
  await until(() => takenAtMs() !== undefined, limitMs - (systemClock.monotonicMs() - beganAtMs))
  const atMs = takenAtMs()
  if (atMs !== undefined) return Math.round(atMs - beganAtMs)
  if (!isBrief) wrong.push(`nobody took over from ${taken} within ${limitMs / 1000} s`)
  return undefined
}

type Healed = Pick<RoundOutcome, 'servedAfterMs' | 'readAfterMs' | 'hangs'>

async function untilHealed(scene: Scene, healedAtMs: number, limitMs: number): Promise<Healed> {
  const { successes, reader, product } = scene
  const hasServed = () => successes.everywhereSince(healedAtMs) !== undefined
  const hasRead = () => reader.firstFreshSince(healedAtMs) !== undefined
  let [servedAfterMs, readAfterMs]: (number | undefined)[] = []
  const leftMs = () => limitMs - (systemClock.monotonicMs() - healedAtMs)
  const look = () => {
    if (hasServed()) servedAfterMs ??= Math.round(systemClock.monotonicMs() - healedAtMs)
    if (hasRead()) readAfterMs ??= Math.round(systemClock.monotonicMs() - healedAtMs)
    return servedAfterMs !== undefined && readAfterMs !== undefined
  }
  await until(look, leftMs())
  const hangs: string[] = []
  if (servedAfterMs === undefined) {
    const silent = Array.from({ length: product.partitions }, (_, partition) => partition)
    const which = silent.filter((partition) => !successes.firstSince(healedAtMs, undefined, partition))
    hangs.push(`nothing was acknowledged on ${which} within ${limitMs / 1000} s of healing`)
  }
  if (readAfterMs === undefined) hangs.push(`nothing new could be read within ${limitMs / 1000} s of healing`)
  for (const service of Object.values(product.services)) {
    let stuck: string | undefined
    do stuck = await whyStuck(service.url, scene)
    while (stuck !== undefined && leftMs() > 0 && (await systemClock.sleep(250)))
    if (stuck !== undefined) hangs.push(`${service.name} ${limitMs / 1000} s after healing: ${stuck}`)
  }
  let unfair: string | undefined
  do unfair = await whyUnfair(scene)
  while (unfair !== undefined && leftMs() > 0 && (await systemClock.sleep(250)))
  if (unfair !== undefined) hangs.push(`${limitMs / 1000} s after healing ${unfair}`)
  return { servedAfterMs, readAfterMs, hangs }
}

/** Undefined once both workers serve as many partitions as the other. */
async function whyUnfair({ product, asking, patience }: Scene): Promise<string | undefined> {
  if (product.partitions === 1) return undefined
  const asked = partitionsAt(product.services.a.url, await asking.token(), patience)
  const items = await asked.catch(() => undefined)
  if (items === undefined) return 'a worker does not say who serves what'
  const serving = items.filter((item) => textIn(item, 'phase') === 'serving')
  const counts = ['a', 'b'].map((worker) => serving.filter((item) => textIn(item, 'worker') === worker).length)
  if (counts.every((count) => count === product.partitions / 2)) return undefined
  return `the workers serve ${counts.join(' and ')} of ${product.partitions} partitions`
}

/** A standby that waits for its turn is well; undefined for that, and for who is ready and has no trouble. */
async function whyStuck(url: string, { asking, patience }: Scene): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(3_000 * patience) })
    const told: unknown = await answer.json()
    const reason = textIn(told, 'reason') ?? textIn(told, 'trouble')
    // That a state was not believed is shown for as long as the process lives, and is no trouble of now.
    if (reason === undefined || (answer.status === 200 && reason.includes('folded anew'))) return undefined
    if (!reason.includes('waiting for the lease')) return reason
    return (await seesLease(url, await asking.token(), patience))
      ? undefined
      : `${reason}, and it does not see who has it`
  } catch {
    return 'it does not answer'
  }
}

/** Whether a worker that waits can tell whom it waits for: one whose connection hangs cannot. */
async function seesLease(url: string, authorization: string, patience: number): Promise<boolean> {
  const items = await partitionsAt(url, authorization, patience)
  return items.length > 0 && items.every((item) => valueIn(item, 'lease') !== null)
}
