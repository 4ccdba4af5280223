import type { ProjectionName } from './draw-faults.ts'
import type { WorkerName } from './product.ts'

/** A fault that was injected. `heal` ends it; what it answers was wrong, in words, if anything was. */
export type Injected = {
  /** Whom it struck, or why it struck nobody. */
  readonly note: string
  readonly struckNobody?: true
  /** What was taken from its callers, the worker that served or a projection: another should take over. */
  readonly taken?: WorkerName | ProjectionName
  /** How many callers were reached, asked at the end: 0 is a fault that did not happen. */
  struck?(): number
  heal(): Promise<readonly string[]>
}

export const nothingWrong: readonly string[] = []

/** One whose healing finds nothing wrong. */
export function healing(note: string, heal: () => Promise<unknown>): Injected {
  return {
    note,
    heal: async () => {
      await heal()
      return nothingWrong
    },
  }
}

/** One that cannot be injected here. */
export function nobody(why: string): Injected {
  return { note: why, struckNobody: true, heal: async () => nothingWrong }
}
