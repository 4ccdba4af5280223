import { hash } from 'node:crypto'
import type { Table } from './tables.ts'

/**
 * Where each idempotency key was decided: the first 128 bits of its SHA-256 lead to the commit's sequence number.
 * Keys come in no order, so that in a B-tree each would dirty a page of its own; here they wait in memory, and every
 * write of the state puts those of one slice, with the same leading bits, into the tree. Several share a page then,
 * and pages follow one another.
 */
export type KeyIndex = {
  /** The commit that the key may belong to: its entry says whether it does. */
  seqOf(scopedKey: string): number | undefined
  add(scopedKey: string, seq: number): void
  /**
   * Lets go of a key, but not of one that was decided again since. One that still waits when the process ends leads
   * to nothing, for ever.
   */
  remove(scopedKey: string, seq: number): void
  /**
   * Puts the next slice into the tree (more of them when more keys came in), within a write that added keys from
   * `firstSeq` on. Returns the commit from which on keys may still wait: all of them are to be added again when the
   * state is opened.
   */
  putSlices(firstSeq: number, added: number): number
  /** The write that put slices is on disk: until then its keys are found in memory. */
  settled(): void
  clear(): void
}

const SLICES = 32
/** 64,000 keys wait at a time, in some 5 MB. */
const KEYS_PER_SLICE = 2_000
const HASH_BYTES = 16
const SEQ_BYTES = 6

type Change = { readonly kind: 'add' | 'remove'; readonly seq: number }

/** `unindexedFrom` is what the last `putSlices` of this tree returned. */
export function createKeyIndex(tree: Table<Uint8Array>, unindexedFrom?: number): KeyIndex {
  const waiting = Array.from({ length: SLICES }, () => new Map<string, Change>())
  /** Put into the tree by a write that may still fail. */
  const putting = new Map<string, Change>()
  let next = 0
  /**
   * For each of the last slices, the first commit of the write that put it: once all were put after a write, its keys
   * are in the tree.
   */
  let starts = unindexedFrom === undefined ? [] : [unindexedFrom]
  const sliceOf = (key: string) => waiting[Math.floor((key.charCodeAt(0) * SLICES) / 256)] as Map<string, Change>

  function put(digest: Uint8Array, { kind, seq }: Change): void {
    if (kind === 'add') tree.put(digest, bytesOf(seq))
    else if (seqIn(tree.get(digest)) === seq) tree.remove(digest)
  }
  function putSlice(slice: Map<string, Change>): void {
    const inOrder = Array.from(slice).sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [key, change] of inOrder) {
      put(bytesIn(key), change)
      putting.set(key, change)
    }
    slice.clear()
  }

  return {
    seqOf(scopedKey) {
      const key = digestOf(scopedKey)
      const change = sliceOf(key).get(key) ?? putting.get(key)
      return change?.kind === 'add' ? change.seq : seqIn(tree.get(bytesIn(key)))
    },
    add(scopedKey, seq) {
      const key = digestOf(scopedKey)
      sliceOf(key).set(key, { kind: 'add', seq })
    },
    remove(scopedKey, seq) {
      const key = digestOf(scopedKey)
      const slice = sliceOf(key)
      const change = slice.get(key)
      if (change === undefined || change.seq <= seq) slice.set(key, { kind: 'remove', seq })
    },
    putSlices(firstSeq, added) {
      const count = Math.min(SLICES, Math.max(1, Math.ceil(added / KEYS_PER_SLICE)))
      for (let put = 0; put < count; put += 1) {
        putSlice(waiting[next] as Map<string, Change>)
        next = (next + 1) % SLICES
        starts.push(firstSeq)
      }
      starts = starts.slice(-SLICES)
      return starts[0] ?? firstSeq
    },
    settled: () => putting.clear(),
    clear() {
      for (const slice of waiting) slice.clear()
      putting.clear()
      starts = []
      tree.clear()
    },
  }
}

/** The commit that the tree alone leads to: what waits in memory is not in it. */
export function indexedSeqOf(tree: Table<Uint8Array>, scopedKey: string): number | undefined {
  return seqIn(tree.get(bytesIn(digestOf(scopedKey))))
}

/** Its bytes as characters, by which a map finds them. */
function digestOf(scopedKey: string): string {
  return hash('sha256', scopedKey, 'binary').slice(0, HASH_BYTES)
}

function bytesIn(digest: string): Uint8Array {
  return Buffer.from(digest, 'latin1')
}

function bytesOf(seq: number): Buffer {
  const bytes = Buffer.allocUnsafe(SEQ_BYTES)
  bytes.writeUIntBE(seq, 0, SEQ_BYTES)
  return bytes
}

function seqIn(bytes: Uint8Array | undefined): number | undefined {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, SEQ_BYTES).readUIntBE(0, SEQ_BYTES)
}
