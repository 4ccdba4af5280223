import type { Clock } from '@micropay/runtime/clock'
import { checkTables } from '../check-tables.ts'
import { diskFull, type KeyKinds, type OpenedTables, type StateDisk } from '../tables.ts'
import {
  apply,
  type Change,
  type Content,
  copyOf,
  isSame,
  keyCodecs,
  type Run,
  recordsOf,
  type Transaction,
  tablesOver,
  undo,
} from './tables.ts'

/**
 * A disk in memory on which everything happens that can happen to one, on demand: for tests and simulation. With the
 * same clock, faults and chances it does the same again.
 */
export type MemoryDisk = StateDisk & {
  /**
   * The power fails: whoever opened the disk is gone, and waits for ever. What was not flushed is lost, and of what
   * was torn some changes stay. False where no transaction ever left the disk as it is then.
   */
  crash(): boolean
  /** Somebody changes a record behind the ledger's back: `change` is given its bytes, and undefined removes it. */
  edit<Kind extends keyof KeyKinds>(
    table: string,
    keys: Kind,
    key: KeyKinds[Kind],
    change: (value: Uint8Array | undefined) => Uint8Array | undefined,
  ): void
  /** The file is cut off, and cannot be read any more. */
  truncate(): void
  /** The secret of the digest is gone. */
  loseKey(): void
  /** What is stored, to be restored later: on this disk or another. */
  copy(): MemoryImage
  restore(image: MemoryImage): void
  /** How often what was stored was put aside. */
  discards(): number
}

export type MemoryImage = {
  readonly content: Content
  readonly digestKey: Uint8Array | undefined
  readonly readable: boolean
}

/**
 * What a transaction meets. `slow`: it is carried out only after `slowMs`. `unflushed`: it is lost if the power fails
 * before the next one that passes; `torn`: some of it is. `full`: it fails.
 */
export type WriteFault = 'pass' | 'slow' | 'unflushed' | 'torn' | 'full'

export type MemoryDiskOptions = {
  readonly clock: Pick<Clock, 'sleep' | 'turn' | 'randomId'>
  readonly nextWrite?: () => WriteFault
  /** Asked whenever the disk is opened or written. */
  readonly isFull?: () => boolean
  readonly slowMs?: number
  /** From 0 to below 1: a change of a torn transaction stays below one half. */
  readonly random?: () => number
}

const NAME = 'memory'
const SECRET_BYTES = 32

export function createMemoryDisk(options: MemoryDiskOptions): MemoryDisk {
  const { clock, random = () => 0 } = options
  const disk: Disk = { ...emptyImage(), flushed: new Map(), unflushed: [], lives: 0, discards: 0 }
  return {
    name: NAME,
    async check(expected, { signal } = {}) {
      signal?.throwIfAborted()
      if (!disk.readable) return { kind: 'unreadable', reason: 'the file is cut off' }
      return checkTables(
        tablesOver(() => disk.content, readOnly),
        disk.digestKey,
        expected,
      )
    },
    async discard() {
      disk.discards += 1
      hold(disk, emptyImage())
    },
    async open() {
      if (options.isFull?.()) throw diskFull(NAME)
      disk.digestKey ??= Buffer.from(clock.randomId() + clock.randomId(), 'base64url').subarray(0, SECRET_BYTES)
      return { tables: openTables(disk, options), digestKey: disk.digestKey }
    },
    foldOfOther: async () => undefined,
    forgetOthers() {},
    crash() {
      disk.lives += 1
      const { unflushed, flushed } = disk
      const wasWritten = copyOf(flushed)
      for (const { changes } of unflushed.filter(({ torn }) => torn)) {
        const kept = changes.filter(() => random() < 0.5)
        apply(flushed, kept)
      }
      let isWhole = isSame(wasWritten, flushed)
      for (const { changes } of unflushed) {
        apply(wasWritten, changes)
        isWhole ||= isSame(wasWritten, flushed)
      }
      hold(disk, { ...disk, content: flushed })
      return isWhole
    },
    edit(table, keys, key, change) {
      for (const content of [disk.content, disk.flushed]) {
        const at = keyCodecs[keys].encode(key)
        apply(content, [{ table, key: at, value: change(recordsOf(content, table).bytes.get(at)) }])
      }
    },
    truncate() {
      disk.readable = false
    },
    loseKey() {
      disk.digestKey = undefined
    },
    copy: () => ({ content: copyOf(disk.content), digestKey: disk.digestKey, readable: disk.readable }),
    restore: (image) => hold(disk, image),
    discards: () => disk.discards,
  }
}

type Disk = {
  content: Content
  digestKey: Uint8Array | undefined
  readable: boolean
  /** What is still there when the power fails now. */
  flushed: Content
  unflushed: { readonly changes: readonly Change[]; readonly torn: boolean }[]
  /** Who opened the disk in an earlier one is gone. */
  lives: number
  discards: number
}

function emptyImage(): MemoryImage {
  return { content: new Map(), digestKey: undefined, readable: true }
}

function hold(disk: Disk, { content, digestKey, readable }: MemoryImage): void {
  Object.assign(disk, { content: copyOf(content), flushed: copyOf(content), unflushed: [], digestKey, readable })
}

function openTables(
  disk: Disk,
  { clock, nextWrite, isFull, slowMs = 1_000 }: MemoryDiskOptions,
): OpenedTables['tables'] {
  const life = disk.lives
  const run: Run = async (begin) => {
    const fault = nextWrite?.() ?? 'pass'
    await (fault === 'slow' ? clock.sleep(slowMs) : clock.turn())
    if (life !== disk.lives) return new Promise(() => {})
    const { result, transaction } = begin()
    if (fault === 'full' || isFull?.()) {
      undo(disk.content, transaction)
      throw diskFull(NAME)
    }
    keep(disk, transaction, fault)
    return result
  }
  return tablesOver(() => {
    if (life !== disk.lives) throw new Error('whoever opened this disk is gone')
    return disk.content
  }, run)
}

function keep(disk: Disk, { changes }: Transaction, fault: WriteFault): void {
  disk.unflushed.push({ changes, torn: fault === 'torn' })
  if (fault === 'unflushed' || fault === 'torn') return
  for (const each of disk.unflushed.splice(0)) apply(disk.flushed, each.changes)
}

const readOnly: Run = () => Promise.reject(new Error('this only reads'))
