import type { AccountRow } from '@micropay/projections/accounts/tables'
import type { Account } from '@micropay/schemas/api/account'
import { formatPositions, type Position } from '@micropay/schemas/position'
import { accountOf } from './account-queries.ts'
import type { Viewer } from './viewer.ts'

/**
 * What one client has still to be told: the latest state of each account, so that a slow client gets fewer events and
 * never a queue. It starts as having missed what changed since `from`; the caller hands it rows and takes events.
 *
 * An event's id is a position up to which everything was told. Accounts go out in the order of their last change, and a
 * client that comes back gets all that changed at or after its id again: at least once, and nothing is missed. An id
 * that the model has not reached was given by another ledger, or before a restore: then nobody knows what the client
 * holds, and it is told to read all of it again.
 */
export function createAccountStream(viewer: Viewer, from: readonly Position[]): AccountStream {
  const told = new Map(from.map(({ partition, seq }) => [partition, seq]))
  const known = new Map(told)
  const pending = new Map<string, AccountRow>()
  let missed = true
  let resuming = false
  let resync = false
  const miss = () => {
    missed = true
    pending.clear()
    for (const [partition, seq] of told) known.set(partition, seq)
  }
  return {
    position: () => formatPositions(vectorOf(told)),
    hasEvents: () => missed || pending.size > 0,
    miss,
    offer(positions, rows) {
      // While changes are read again, the answer may or may not hold these: they are read once more after it.
      if (resuming || missed) return miss()
      for (const { partition, seq } of positions) known.set(partition, Math.max(seq, known.get(partition) ?? 0))
      for (const row of rows) if (isVisible(viewer, row)) pending.set(row.account_id, row)
      if (pending.size > MAX_PENDING) miss()
    },
    resumeFrom() {
      if (!missed) return undefined
      missed = false
      resuming = true
      return vectorOf(told)
    },
    resumed(rows, head) {
      resuming = false
      if (isAhead(told, head)) {
        resync = true
        for (const seqs of [told, known]) {
          seqs.clear()
          for (const { partition, seq } of head) seqs.set(partition, seq)
        }
        return pending.clear()
      }
      for (const row of rows) pending.set(row.account_id, row)
      const last = rows.length < MAX_PENDING ? undefined : rows.at(-1)
      if (last) missed = true
      for (const { partition, seq } of head) known.set(partition, last ? Math.min(seq, Number(last.changed_seq)) : seq)
    },
    takeResync() {
      const wasSet = resync
      resync = false
      return wasSet
    },
    take() {
      const rows = pending.values().toArray().sort(byChange)
      pending.clear()
      const events = rows.map((row) => {
        advance(told, row.partition, Math.min(Number(row.changed_seq), known.get(row.partition) ?? 0))
        const at = { partition: row.partition, seq: Number(row.changed_seq) }
        return { id: formatPositions(vectorOf(told)), at, account: accountOf(row, viewer) }
      })
      for (const [partition, seq] of known) advance(told, partition, seq)
      return events
    },
  }
}

/**
 * More accounts than this are not kept for one client: what changed is then read again from the model, as many at a
 * time.
 */
export const MAX_PENDING = 1_000

export type AccountStream = {
  /** Up to here everything was told. */
  position(): string
  /** These rows changed at these positions, or later; they may belong to anybody. */
  offer(positions: readonly Position[], rows: readonly AccountRow[]): void
  /** Something changed, and it is not known what. */
  miss(): void
  /**
   * Set when changes were missed: read at most MAX_PENDING of what changed at or after it, and hand that to `resumed`.
   */
  resumeFrom(): Position[] | undefined
  /** The viewer's own rows in the order of their change, and the position that they reflect. */
  resumed(rows: readonly AccountRow[], head: readonly Position[]): void
  /** Whether the client must read all that it shows again, said once. */
  takeResync(): boolean
  hasEvents(): boolean
  /** `at` is where the account changed last. */
  take(): { readonly id: string; readonly at: Position; readonly account: Account }[]
}

function isVisible(viewer: Viewer, row: AccountRow): boolean {
  return row.tenant === viewer.tenant && (viewer.owner === undefined || row.owner === viewer.owner)
}

function isAhead(told: ReadonlyMap<number, number>, head: readonly Position[]): boolean {
  const reached = new Map(head.map(({ partition, seq }) => [partition, seq]))
  return [...told].some(([partition, seq]) => seq > (reached.get(partition) ?? -1))
}

function advance(told: Map<number, number>, partition: number, seq: number): void {
  told.set(partition, Math.max(seq, told.get(partition) ?? 0))
}

function byChange(one: AccountRow, other: AccountRow): number {
  return Number(one.changed_seq - other.changed_seq)
}

function vectorOf(seqs: ReadonlyMap<number, number>): Position[] {
  return [...seqs].map(([partition, seq]) => ({ partition, seq })).sort((one, other) => one.partition - other.partition)
}
