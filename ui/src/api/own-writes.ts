import { formatPositions, parsePositions } from '@micropay/schemas/position'

/** Remembers how far the commands of this page reached, so that its reads wait until the read model has got there. */
export type OwnWrites = {
  note(position: string | null): void
  /** The vector for `At-Least`, or undefined when nothing was written lately. */
  atLeast(): string | undefined
  /** What was written is of a ledger that there is no more; nothing waits for it. */
  forget(): void
}

/** After this long a read model has caught up or is in trouble, and showing what it has serves people better. */
const REMEMBERED_MS = 60_000

export function rememberOwnWrites(nowMs: () => number): OwnWrites {
  const reached = new Map<number, { seq: number; atMs: number }>()
  return {
    note(position) {
      for (const { partition, seq } of (position && parsePositions(position)) || []) {
        if (seq >= (reached.get(partition)?.seq ?? 0)) reached.set(partition, { seq, atMs: nowMs() })
      }
    },
    atLeast() {
      const recent = [...reached]
        .filter(([, { atMs }]) => nowMs() - atMs < REMEMBERED_MS)
        .map(([partition, { seq }]) => ({ partition, seq }))
        .sort((a, b) => a.partition - b.partition)
      return recent.length === 0 ? undefined : formatPositions(recent)
    },
    forget: () => reached.clear(),
  }
}
