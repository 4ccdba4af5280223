/** What became of what was sent. */
export type Tally = {
  done: number
  /** Of those, what was there from an earlier run. */
  replayed: number
  waiting: number
  refused: number
  /** The first of those that were refused, or wait for a second person: what, and why. */
  readonly reasons: string[]
}

const MOST_REASONS = 20

export function newTally(): Tally {
  return { done: 0, replayed: 0, waiting: 0, refused: 0, reasons: [] }
}

export function noteReason({ reasons }: Tally, what: string, reason: string): void {
  if (reasons.length < MOST_REASONS) reasons.push(`${what}: ${reason}`)
}
