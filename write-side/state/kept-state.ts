import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FoldState } from '@micropay/event-log/fold-state'
import type { Clock } from '@micropay/runtime/clock'
import { createCheckers } from './lmdb/checkers.ts'
import { foldOfOtherCode } from './lmdb/disk.ts'
import { DATA_FILE } from './lmdb/files.ts'
import { openLmdbTables } from './lmdb/tables.ts'
import { readMark, STATE_VERSION } from './mark.ts'
import { decodeKeyEntry, META, openPartitionTables, type StoredKeyEntry } from './partition-tables.ts'
import type { Expected } from './tables.ts'

/**
 * What a worker's state directory holds of a partition, to be looked at and left as it is: how far it has folded the
 * log, and what each commit's key led to. It is checked first, as the worker does, and one of no use says why.
 */
export async function openKeptState(
  directory: string,
  expected: Expected,
  clock: Pick<Clock, 'timer'>,
): Promise<KeptState> {
  const path = join(directory, `partition-${expected.partition}-v${STATE_VERSION}`)
  if (!existsSync(join(path, DATA_FILE))) return keptByOther(directory, expected)
  const verdict = await createCheckers(clock).check({ path, ...expected })
  if (verdict.kind === 'none') return keptByOther(directory, expected)
  if (verdict.kind !== 'sound') return { kind: 'of no use', reason: verdict.reason }
  const tables = openLmdbTables(path, { readOnly: true })
  const fold = readMark(tables.open(META, 'text'))?.mark.fold
  if (!fold) {
    await tables.close()
    return keptByOther(directory, expected)
  }
  return {
    kind: 'kept',
    fold,
    *entries(from) {
      const { keyEntries } = openPartitionTables(tables)
      for (const { key: seq, value } of keyEntries.entries({ from })) yield { seq, ...decodeKeyEntry(value) }
    },
    close: () => tables.close(),
  }
}

/** A worker that has no state yet is stopped by what one of other code says that the log must lead to. */
async function keptByOther(directory: string, { ledgerId, partition }: Expected): Promise<KeptState> {
  const fold = await foldOfOtherCode(directory, partition)
  const isOurs = fold && (fold.genesis?.ledgerId ?? ledgerId) === ledgerId
  return isOurs ? { kind: 'of other code', fold } : { kind: 'none' }
}

export type KeptState =
  | { readonly kind: 'none' }
  | { readonly kind: 'of other code'; readonly fold: FoldState }
  | { readonly kind: 'of no use'; readonly reason: string }
  | {
      readonly kind: 'kept'
      readonly fold: FoldState
      /** What each command at that sequence and behind it led to, in order. */
      entries(from: number): Iterable<KeptEntry>
      close(): Promise<void>
    }

/** `scopedKey` is tenant, client, person and key, a line each. */
export type KeptEntry = StoredKeyEntry & { readonly seq: number }
