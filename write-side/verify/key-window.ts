import { hash } from 'node:crypto'

/**
 * Which keys were counted within the time that they are kept. A key takes 24 bytes at least and 48 at most, whatever
 * its length: the first 128 bits of its SHA-256, and where it was counted.
 */
export type KeyWindow = {
  /**
   * Notes that a key was counted at `seq`, when the ledger's own time was `agedMs`; answers where it was counted before
   * when it was still kept then. Which day that was is known and not the hour, so of the last day nothing is said.
   */
  note(scopedKey: string, seq: number, agedMs: number): number | undefined
}

const DAY_MS = 86_400_000
const WORDS = 4

export function createKeyWindow(keptDays: number): KeyWindow {
  let table = newTable(4096)
  let used = 0
  /** Where each day of the ledger's own time began. */
  const days: { readonly firstSeq: number; readonly day: number }[] = []
  return {
    note(scopedKey, seq, agedMs) {
      const day = Math.floor(agedMs / DAY_MS)
      if (day !== days.at(-1)?.day) days.push({ firstSeq: seq, day })
      const id = wordsOf(scopedKey)
      const slot = slotOf(table, id)
      const before = table.seqs[slot] ?? 0
      if (before === 0) {
        table.ids.set(id, slot * WORDS)
        used += 1
      }
      table.seqs[slot] = seq
      if (used > table.seqs.length * MOST_FULL) table = grown(table)
      const isKept = before > 0 && agedMs - dayOf(days, before) * DAY_MS <= keptDays * DAY_MS
      return isKept ? before : undefined
    },
  }
}

/** Seq 0 is an empty slot. */
type KeyTable = { readonly ids: Uint32Array; readonly seqs: Float64Array }

const MOST_FULL = 0.8

function newTable(slots: number): KeyTable {
  return { ids: new Uint32Array(slots * WORDS), seqs: new Float64Array(slots) }
}

function wordsOf(scopedKey: string): Uint32Array {
  const digest = hash('sha256', scopedKey, 'buffer')
  return new Uint32Array(digest.buffer.slice(digest.byteOffset, digest.byteOffset + WORDS * 4))
}

/** Where the key stands, or would: the next slots are tried until it or an empty one is found. */
function slotOf({ ids, seqs }: KeyTable, id: Uint32Array): number {
  const slots = seqs.length
  let slot = (id[0] ?? 0) % slots
  while (seqs[slot] !== 0 && !isSame(ids, slot * WORDS, id)) slot = (slot + 1) % slots
  return slot
}

function isSame(ids: Uint32Array, from: number, id: Uint32Array): boolean {
  for (let word = 0; word < WORDS; word += 1) if (ids[from + word] !== id[word]) return false
  return true
}

function grown(table: KeyTable): KeyTable {
  const next = newTable(2 * table.seqs.length)
  for (const [slot, seq] of table.seqs.entries()) {
    if (seq === 0) continue
    const id = table.ids.subarray(slot * WORDS, (slot + 1) * WORDS)
    const place = slotOf(next, id)
    next.ids.set(id, place * WORDS)
    next.seqs[place] = seq
  }
  return next
}

function dayOf(days: readonly { readonly firstSeq: number; readonly day: number }[], seq: number): number {
  let [low, high] = [0, days.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((days[middle]?.firstSeq ?? 0) <= seq) low = middle
    else high = middle - 1
  }
  return days[low]?.day ?? 0
}
