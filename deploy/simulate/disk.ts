import {
  createMemoryDisk,
  type MemoryDisk,
  type MemoryImage,
  type WriteFault,
} from '@micropay/write-side/state/memory/disk'
import type { StateDisk } from '@micropay/write-side/state/tables'
import type { Process } from './process.ts'
import type { Random } from './random.ts'

/** What lies on one machine: it outlives the processes that write it. */
export type Disk = {
  readonly content: MemoryDisk
  /** What writes meet from now on, each with that probability. */
  writeFault: { readonly fault: WriteFault; readonly probability: number } | undefined
  isFull: boolean
  /** What is stored is of no use, and says nothing, until something is written again. */
  isSpoiled: boolean
  /** A copy of what was stored, of some time before. */
  backup: { readonly image: MemoryImage; readonly isSpoiled: boolean } | undefined
}

const SLOW_MS = 3_000

/** `machine` is a process that never ends: what the disk has begun goes on without whoever asked for it. */
export function createDisk(machine: Process, random: Random): Disk {
  const disk: Disk = {
    content: createMemoryDisk({
      clock: machine.clock,
      slowMs: SLOW_MS,
      random: random.next,
      isFull: () => disk.isFull,
      nextWrite() {
        const { writeFault } = disk
        return writeFault && random.chance(writeFault.probability) ? writeFault.fault : 'pass'
      },
    }),
    writeFault: undefined,
    isFull: false,
    isSpoiled: false,
    backup: undefined,
  }
  return disk
}

/** The disk as one process reaches it: it hears of an answer only while it runs. */
export function diskOf(disk: Disk, process: Process): StateDisk {
  const { content } = disk
  const heard = <Result>(asked: Promise<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      asked.then(
        (result) => process.after(0, 'the disk answers', () => resolve(result)),
        (error: unknown) => process.after(0, 'the disk fails', () => reject(error)),
      )
    })
  return {
    name: content.name,
    check: (expected, options) => heard(content.check(expected, options)),
    discard: () => heard(content.discard()),
    foldOfOther: () => heard(content.foldOfOther()),
    forgetOthers: content.forgetOthers,
    async open() {
      const { tables, digestKey } = await heard(content.open())
      const write = async <Result>(work: () => Result) => {
        const result = await tables.transaction(work)
        disk.isSpoiled = false
        return result
      }
      return { digestKey, tables: { ...tables, transaction: (work) => heard(write(work)) } }
    },
  }
}

/** How far the state on a disk has folded the log, whoever wrote it; 0 for none. */
export function seqOnDisk({ content, isSpoiled }: Disk): number {
  if (isSpoiled) return 0
  const mark = content.copy().content.get('meta')?.bytes.get('mark')
  return mark === undefined ? 0 : Number(JSON.parse(Buffer.from(mark).toString()).fold.seq)
}
