import type { Asking, Success } from './ask.ts'
import type { Role } from './draw-faults.ts'
import type { Product, WorkerName } from './product.ts'
import type { Reader } from './reader.ts'

/** The product under load, and what those who inject faults must know of it. */
export type Scene = {
  readonly product: Product
  readonly asking: Asking
  readonly reader: Reader
  readonly successes: Successes
  readonly say: (text: string) => void
  /** How many times longer than usual all may take here. */
  readonly patience: number
  /** The worker that served when the round began: its faults mean that one, whatever becomes of it. */
  readonly serving: WorkerName
}

export type Successes = {
  add(success: Success): void
  count(): number
  newest(): Success | undefined
  /** Of each partition the furthest that anyone was told, as `0:91,3:1842`; undefined before the first. */
  furthest(): string | undefined
  /** The first that was asked for at or after that moment, of one of these workers; undefined until there is one. */
  firstSince(askedAtMs: number, workers?: readonly string[], partition?: number): Success | undefined
  /** Of each partition the first likewise: when the last of them was told, on the monotonic clock. */
  everywhereSince(askedAtMs: number, workers?: readonly string[]): number | undefined
}

/** Enough for all that comes while one round of faults lasts. */
const kept = 20_000

export function createSuccesses(partitions: number): Successes {
  const list: Success[] = []
  const furthest = new Map<number, number>()
  let count = 0
  const firstSince: Successes['firstSince'] = (askedAtMs, workers, partition) =>
    list.find(
      (one) =>
        one.askedAtMs >= askedAtMs &&
        (workers === undefined || workers.includes(one.worker)) &&
        (partition === undefined || placesIn(one.position).some(([at]) => at === partition)),
    )
  return {
    add: (success) => {
      list.push(success)
      for (const [at, seq] of placesIn(success.position)) furthest.set(at, Math.max(seq, furthest.get(at) ?? 0))
      count += 1
      if (list.length > kept) list.splice(0, kept / 2)
    },
    count: () => count,
    newest: () => list.at(-1),
    furthest() {
      const places = [...furthest].sort(([one], [other]) => one - other)
      return places.length === 0 ? undefined : places.map(([at, seq]) => `${at}:${seq}`).join(',')
    },
    firstSince,
    everywhereSince(askedAtMs, workers) {
      const told = Array.from({ length: partitions }, (_, at) => firstSince(askedAtMs, workers, at)?.toldAtMs)
      return told.includes(undefined) ? undefined : Math.max(...told.map((each) => each ?? 0))
    },
  }
}

function placesIn(position: string): readonly (readonly [partition: number, seq: number])[] {
  return position.split(',').map((each) => {
    const [partition, seq] = each.split(':')
    return [Number(partition), Number(seq)]
  })
}

export function workerOf({ serving }: Pick<Scene, 'serving'>, role: Role): WorkerName {
  return role === 'serving' ? serving : otherThan(serving)
}

export function otherThan(worker: WorkerName): WorkerName {
  return worker === 'a' ? 'b' : 'a'
}
