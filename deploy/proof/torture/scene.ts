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
  /** The worker that served when the round began: its faults mean that one, whatever becomes of it. */
  readonly serving: WorkerName
}

export type Successes = {
  add(success: Success): void
  count(): number
  newest(): Success | undefined
  /** The first that was asked for at or after that moment, of one of these workers; undefined until there is one. */
  firstSince(askedAtMs: number, workers?: readonly string[]): Success | undefined
}

/** Enough for all that comes while one round of faults lasts. */
const kept = 20_000

export function createSuccesses(): Successes {
  const list: Success[] = []
  let count = 0
  return {
    add: (success) => {
      list.push(success)
      count += 1
      if (list.length > kept) list.splice(0, kept / 2)
    },
    count: () => count,
    newest: () => list.at(-1),
    firstSince: (askedAtMs, workers) =>
      list.find((one) => one.askedAtMs >= askedAtMs && (workers === undefined || workers.includes(one.worker))),
  }
}

export function workerOf({ serving }: Pick<Scene, 'serving'>, role: Role): WorkerName {
  return role === 'serving' ? serving : otherThan(serving)
}

export function otherThan(worker: WorkerName): WorkerName {
  return worker === 'a' ? 'b' : 'a'
}
