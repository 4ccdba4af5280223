import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FoldState } from '@micropay/event-log/fold-state'
import type { Clock } from '@micropay/runtime/clock'
import { STATE_VERSION } from '../mark.ts'
import { diskFull, isUseless, type StateDisk, StateDiskError } from '../tables.ts'
import { type Checkers, createCheckers } from './checkers.ts'
import { DATA_FILE, readDigestKey, SECRET_BYTES, SECRET_FILE } from './files.ts'
import { readOtherFold } from './other-fold.ts'
import { isWritten, whilePinned } from './pins.ts'
import { LOOKING, openLmdbTables } from './tables.ts'

/**
 * The state of one partition in a directory of its own within `directory`: an LMDB environment, and beside it the
 * secret of its digest, which only its user may read. What is discarded last is kept beside it: an edited state is
 * evidence, and a second one tells no more than the first. The partitions of a process share its `checkers`.
 */
export function lmdbDisk(
  directory: string,
  partition: number,
  clock: Pick<Clock, 'timer'>,
  checkers: Checkers = createCheckers(clock),
): StateDisk {
  const name = nameOf(partition)
  const path = join(directory, name)
  const discarded = `${path}${DISCARDED}`
  return {
    name: path,
    async check(expected, checkOptions) {
      if (!existsSync(join(path, DATA_FILE))) return { kind: 'none' }
      // Where there is no room for its table of readers, LMDB ends the process as over a file that was cut off.
      makeSureOfRoom(path)
      const look = () => whilePinned(path, () => checkers.check({ path, ...expected }, checkOptions))
      const verdict = await look()
      return isUseless(verdict) && isWritten(path) ? look() : verdict
    },
    async discard() {
      rmSync(discarded, { recursive: true, force: true })
      renameSync(path, discarded)
    },
    async open() {
      mkdirSync(path, { recursive: true, mode: 0o700 })
      for (const look of looksInto(directory, name)) rmSync(join(directory, look), RECURSIVE)
      makeSureOfRoom(path)
      return { tables: openLmdbTables(path), digestKey: readDigestKey(path) ?? makeDigestKey(path) }
    },
    async foldOfOther() {
      // LMDB ends the process where there is no room for its table of readers.
      if (statesOfOtherCode(directory, partition, name).length > 0) makeSureOfRoom(path)
      return foldOfOtherCode(directory, partition)
    },
    forgetOthers() {
      for (const other of statesOfOtherCode(directory, partition, name)) rmSync(join(directory, other), RECURSIVE)
    },
  }
}

/** Of how many partitions there are states in the directory, of this code or of other code: those up to the highest. */
export function keptPartitions(directory: string): number {
  if (!existsSync(directory)) return 0
  const kept = readdirSync(directory).flatMap((name) => /^partition-([0-9]{1,4})-v[0-9]+$/.exec(name)?.[1] ?? [])
  return Math.max(0, ...kept.map((partition) => Number(partition) + 1))
}

function nameOf(partition: number): string {
  return `partition-${partition}-v${STATE_VERSION}`
}

/** How far the state of other code in that directory had folded the log, which it leaves as it is. */
export async function foldOfOtherCode(directory: string, partition: number): Promise<FoldState | undefined> {
  const folds: FoldState[] = []
  for (const other of statesOfOtherCode(directory, partition, nameOf(partition))) {
    const fold = await readOtherFold(join(directory, other))
    if (fold) folds.push(fold)
  }
  return folds.sort((one, other) => Number(other.offset - one.offset))[0]
}

const RECURSIVE = { recursive: true, force: true }

const DISCARDED = '-discarded'

/** Folders that looks into the state have left behind, which were ended before they could remove them. */
function looksInto(directory: string, name: string): string[] {
  return readdirSync(directory).filter((found) => found.startsWith(`${name}${LOOKING}`))
}

/** The directories of states of other versions, and what was put aside of them. */
function statesOfOtherCode(directory: string, partition: number, current: string): string[] {
  const ofPartition = new RegExp(`^partition-${partition}(-v[0-9]+)?(${DISCARDED})?$`)
  const isCurrent = (name: string) => name === current || name === `${current}${DISCARDED}`
  if (!existsSync(directory)) return []
  return readdirSync(directory).filter((name) => ofPartition.test(name) && !isCurrent(name))
}

/** What the largest write takes, and what LMDB takes for itself as it opens. */
const ROOM_BYTES = 1024 * 1024

/** Throws StateDiskError where a file of that size does not fit. */
function makeSureOfRoom(path: string): void {
  const file = join(path, 'room')
  try {
    writeFileSync(file, Buffer.alloc(ROOM_BYTES))
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOSPC' || code === 'EDQUOT') throw diskFull(path, { cause })
    const message = `nothing can be written to the state in ${path}: ${cause instanceof Error ? cause.message : cause}`
    throw new StateDiskError('state_not_written', message, { cause })
  } finally {
    rmSync(file, { force: true })
  }
}

function makeDigestKey(path: string): Buffer {
  const key = randomBytes(SECRET_BYTES)
  writeFileSync(join(path, SECRET_FILE), key, { mode: 0o600 })
  return key
}
