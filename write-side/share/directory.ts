import { partitionLease } from '@micropay/event-log/evidence'
import type { HeldLease } from '@micropay/runtime/lease-table'
import { z } from 'zod'
import { assign, type Holders, nextInLine } from './assign.ts'

/** All leases of a ledger's command workers begin like this. */
export function leasesOf(ledgerId: string): string {
  return `${ledgerId}/`
}

/** The lease that a worker has for as long as it lives. */
export function workerLease(ledgerId: string, workerId: string): string {
  return `${ledgerId}/worker/${workerId}`
}

/** What a worker says of itself under it: where others reach it, and what it could serve at once. */
const Said = z.object({ url: z.url(), ready: z.array(z.int()), leaving: z.boolean() })
export type Said = z.infer<typeof Said>

export type LivingWorker = {
  readonly url: string
  /** Partitions whose log it follows to the end. */
  readonly ready: ReadonlySet<number>
  /** Whether it gives back what it has. */
  readonly isLeaving: boolean
}

/** Who lives and who has what, at one moment, and who shall have it. */
export type View = {
  readonly workers: ReadonlyMap<string, LivingWorker>
  /** By partition: the worker that has its lease. It may be one of before, of which nothing else is known. */
  readonly holders: Holders
  readonly wanted: Holders
  /** By partition: who follows it, to get it when the wanted one is gone. */
  readonly next: Holders
}

/** `before` spares working out what has not changed. */
export function viewOf(
  held: readonly HeldLease[],
  { ledgerId, partitions }: { readonly ledgerId: string; readonly partitions: number },
  before?: View,
): View {
  const byName = new Map(held.map((lease) => [lease.name, lease]))
  const holders = Array.from({ length: partitions }, (_, partition) => {
    return byName.get(partitionLease(ledgerId, partition))?.ownerId
  })
  const workers = new Map<string, LivingWorker>()
  for (const { name, ownerId, said } of held) {
    const read = name === workerLease(ledgerId, ownerId) ? readSaid(said) : undefined
    if (read) workers.set(ownerId, { url: read.url, ready: new Set(read.ready), isLeaving: read.leaving })
  }
  const staying = stayingIn(workers)
  if (before && isSame(before.holders, holders) && isSame(stayingIn(before.workers), staying)) {
    return { ...before, workers }
  }
  const wanted = assign(holders, staying)
  return { workers, holders, wanted, next: nextInLine(wanted, staying) }
}

function stayingIn(workers: View['workers']): readonly string[] {
  return Array.from(workers, ([id, { isLeaving }]) => (isLeaving ? [] : [id])).flat()
}

function isSame(one: Holders, other: Holders): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index])
}

/** One of other code, that says something else, is none that partitions are given to. */
function readSaid(said: string | undefined): Said | undefined {
  try {
    return Said.safeParse(JSON.parse(said ?? '')).data
  } catch {
    return undefined
  }
}
