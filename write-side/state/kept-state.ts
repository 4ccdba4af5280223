import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FoldState } from '@micropay/event-log/fold-state'
import type { Clock } from '@micropay/runtime/clock'
import { checkApart } from './lmdb/check-apart.ts'
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
  if (!existsSync(join(path, DATA_FILE))) return { kind: 'none' }
  const verdict = await checkApart(path, expected, clock)
  if (verdict.kind === 'none') return verdict
  if (verdict.kind !== 'sound') return { kind: 'of no use', reason: verdict.reason }
  const tables = openLmdbTables(path, { readOnly: true })
  const fold = readMark(tables.open(META, 'text'))?.mark.fold
  if (!fold) {
    await tables.close()
    return { kind: 'none' }
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

export type KeptState =
  | { readonly kind: 'none' }
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
