import type { PaymentsUnderWay, WorkerStatus } from '@micropay/schemas/api/worker'

/** Payments of one partition that wait for another one. */
export type Waiting = PaymentsUnderWay['waitsFor'][number] & {
  readonly of: number
  readonly tone: 'plain' | 'warn' | 'bad'
}

/** A partition answers within milliseconds: who takes longer is slow, and who lets a deadline pass is away. */
const SLOW_MS = 10_000

/** Who waits for whom, the worst first. */
export function waitingIn(workers: readonly WorkerStatus[]): readonly Waiting[] {
  return workers
    .flatMap(({ partition, underWay }) =>
      (underWay?.waitsFor ?? []).map((other) => ({ of: partition, ...other, tone: toneOf(other) })),
    )
    .sort((one, other) => other.pastDeadlineMs - one.pastDeadlineMs || other.oldestMs - one.oldestMs)
}

function toneOf({ overdue, pastDeadlineMs, oldestMs }: PaymentsUnderWay['waitsFor'][number]): Waiting['tone'] {
  if (overdue > 0) return 'bad'
  return pastDeadlineMs > 0 || oldestMs > SLOW_MS ? 'warn' : 'plain'
}

/** A partition that payments of others are open for behind their deadline. */
export type Away = {
  readonly partition: number
  readonly of: readonly number[]
  readonly overdue: number
  readonly pastDeadlineMs: number
}

/** Each partition that lets deadlines pass, once, however many others wait for it; the longest first. */
export function awayIn(workers: readonly WorkerStatus[]): readonly Away[] {
  const late = waitingIn(workers).filter(({ overdue }) => overdue > 0)
  return Array.from(
    Map.groupBy(late, ({ partition }) => partition),
    ([partition, all]) => ({
      partition,
      of: all.map(({ of }) => of).sort((one, other) => one - other),
      overdue: all.reduce((sum, each) => sum + each.overdue, 0),
      pastDeadlineMs: all[0]?.pastDeadlineMs ?? 0,
    }),
  )
}

/** How many payments are open, and how old the oldest is; of a worker of before nobody knows. */
export function openIn(workers: readonly WorkerStatus[]): { readonly open: number; readonly oldestMs: number } {
  const all = workers.flatMap(({ underWay }) => underWay ?? [])
  const open = all.reduce((sum, each) => sum + each.open, 0)
  return { open, oldestMs: all.reduce((oldest, each) => Math.max(oldest, each.oldestMs), 0) }
}

/** Whether partitions have anything to tell each other. */
export function hasSeveral(workers: readonly WorkerStatus[]): boolean {
  return new Set(workers.map(({ partition }) => partition)).size > 1
}

/** How many messages are parked: all workers ask one store, and undefined where nobody got an answer. */
export function parkedIn(workers: readonly WorkerStatus[]): number | undefined {
  const known = new Map(workers.flatMap(({ partition, parked }) => (parked ? [[partition, parked.kept] as const] : [])))
  return known.size === 0 ? undefined : [...known.values()].reduce((sum, kept) => sum + kept, 0)
}
