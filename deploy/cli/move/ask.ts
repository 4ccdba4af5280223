import { type Clock, systemClock } from '@micropay/runtime/clock'
import { furthestOf, type Position, parsePositions } from '@micropay/schemas/position'
import {
  type Answer,
  type LedgerClient,
  LedgerUnavailableError,
  leavesOpen,
  problemOf,
} from '@micropay/sdk/ledger-client'
import { z } from 'zod'

/** How the new ledger is asked, and where what it answered is seen. */
export type Asking = {
  readonly ledger: LedgerClient
  readonly patienceMs: number
  readonly onWait: (reason: string) => void
  readonly clock?: Clock
  readonly seen: Seen
}

/** The furthest positions that were answered. */
export type Seen = { note(position: unknown): void; positions(): readonly Position[] }

export function createSeen(): Seen {
  const seqs = new Map<number, number>()
  return {
    note(position) {
      for (const { partition, seq } of typeof position === 'string' ? (parsePositions(position) ?? []) : []) {
        seqs.set(partition, Math.max(seq, seqs.get(partition) ?? 0))
      }
    },
    positions: () => furthestOf(Array.from(seqs, ([partition, seq]) => ({ partition, seq }))),
  }
}

export type Asked =
  | { readonly kind: 'done'; readonly replayed: boolean; readonly body: unknown }
  /** Nothing has happened until somebody else approves it. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly reason: string }

const UnderWay = z.object({ status: z.literal('pending') })
const PAUSE_MS = 250

/**
 * Gives one command until it is known what became of it, seen on all partitions. Throws LedgerUnavailableError where
 * that stays unknown.
 */
export async function ask(asking: Asking, path: string, key: string, body: object): Promise<Asked> {
  const { ledger, patienceMs, onWait, seen, clock = systemClock } = asking
  const giveUpAt = clock.monotonicMs() + patienceMs
  for (;;) {
    const headers = { 'idempotency-key': key, prefer: 'wait=30' }
    const answer = await ledger.send({ method: 'POST', path, headers, body: JSON.stringify(body) })
    seen.note(answer.headers.position)
    if (answer.status !== 202 || !UnderWay.safeParse(answer.body).success) return askedOf(answer)
    if (clock.monotonicMs() > giveUpAt) throw new LedgerUnavailableError(`${path} stays under way.`, true)
    onWait('payments between partitions are under way')
    await clock.sleep(PAUSE_MS)
  }
}

function askedOf(answer: Answer): Asked {
  if (answer.status === 202) return { kind: 'waiting' }
  if (answer.status === 200 || answer.status === 201) {
    return { kind: 'done', replayed: answer.headers['idempotent-replayed'] === 'true', body: answer.body }
  }
  const before = answer.mayHaveCounted && leavesOpen(answer) ? '; an earlier try may have counted: run it again' : ''
  return { kind: 'refused', reason: `${problemOf(answer)}${before}` }
}

const AT_ONCE = 32

/** Does one thing for each of many, several at once. */
export async function forEach<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]()
  const worker = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}
