import { type FoldState, readFold, storeFold } from '@micropay/event-log/fold-state'
import { z } from 'zod'
import { decodeValue, encodeValue, MARK } from './partition-tables.ts'
import type { Table } from './tables.ts'

/**
 * Changes when what is stored, or how, changes: a state of another version is thrown away and folded again from the
 * log.
 */
export const STATE_VERSION = 13

/** How far the state has folded the log. */
export type StateMark = { readonly fold: FoldState }

/** `unindexedFrom`: all keys of earlier commits are in the index; those from here on may still wait to be put there. */
export type WrittenMark = { readonly mark: StateMark; readonly unindexedFrom: number }

const StoredMark = z.object({
  version: z.literal(STATE_VERSION),
  fold: z.unknown().transform(readFold),
  unindexedFrom: z.int(),
})

/** The mark as it stands in the table of marks; undefined where there is none that this version of the code reads. */
export function readMark(meta: Table<string>): WrittenMark | undefined {
  const bytes = meta.get(MARK)
  return bytes && markIn(bytes)
}

function markIn(bytes: Uint8Array): WrittenMark | undefined {
  try {
    const { fold, unindexedFrom } = StoredMark.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
    return { mark: { fold }, unindexedFrom }
  } catch {
    return undefined
  }
}

/** The same for who asks again and again: what was read is read anew where other bytes stand there. */
export function createMarkReader(meta: Table<string>): () => WrittenMark | undefined {
  let known: { readonly bytes: Uint8Array; readonly written: WrittenMark | undefined } | undefined
  return () => {
    const bytes = meta.get(MARK)
    if (!bytes) return undefined
    if (!known || Buffer.compare(known.bytes, bytes) !== 0) {
      known = { bytes: Uint8Array.from(bytes), written: markIn(bytes) }
    }
    return known.written
  }
}

export function serializeMark({ mark, unindexedFrom }: WrittenMark): Uint8Array {
  return Buffer.from(JSON.stringify({ version: STATE_VERSION, fold: storeFold(mark.fold), unindexedFrom }))
}

/** A fold to go on from, without the genesis, which is the same in all of a ledger. */
export function serializeFoldMark(fold: FoldState): Uint8Array {
  const { genesis: _, ...stored } = storeFold(fold)
  return encodeValue(stored)
}

/** The fold that `serializeFoldMark` made bytes of. */
export function readFoldMark(bytes: Uint8Array, genesis: FoldState['genesis']): FoldState {
  return { ...readFold(decodeValue(bytes)), genesis }
}

/** Whether nothing was written between the two. */
export function sameMark(a: StateMark | undefined, b: StateMark | undefined): boolean {
  return a?.fold.offset === b?.fold.offset && a?.fold.hash === b?.fold.hash && a?.fold.claimId === b?.fold.claimId
}
