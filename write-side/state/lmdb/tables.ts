import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Database, open, type RootDatabase, TransactionFlags } from 'lmdb'
import { diskFull, type KeyKinds, StateDiskError, type Table, type Tables } from '../tables.ts'
import { DATA_FILE } from './files.ts'
import { addWriter, removeWriter } from './pins.ts'

/**
 * Tables in an LMDB environment in the directory `path`. Throws StateDiskError where it cannot be made or written; an
 * unreadable one can end the process.
 */
export function openLmdbTables(path: string, { readOnly = false }: LmdbOptions = {}): Tables {
  return readOnly ? lookInto(path) : tablesOf(path, path)
}

/**
 * What is only looked at may be written by another process. LMDB has whoever opens an environment say in its table of
 * readers which commit is the last one, as of a moment before: one that was made meanwhile is written over then, and
 * the pages with it. So a look has a table of its own, in a folder where the data are linked to; who writes keeps the
 * pages of the moment (`whilePinned`).
 */
function lookInto(path: string): Tables {
  const folder = orDiskError(path, () => linkedFolder(path))
  try {
    const tables = tablesOf(path, folder, { readOnly: true })
    return { ...tables, close: () => tables.close().finally(() => rmSync(folder, RECURSIVE)) }
  } catch (error) {
    rmSync(folder, RECURSIVE)
    throw error
  }
}

/** Behind the name of a state: folders of looks that were ended before they could remove them lie there, too. */
export const LOOKING = '-looking-'

function linkedFolder(path: string): string {
  const folder = mkdtempSync(`${path}${LOOKING}`)
  symlinkSync(join('..', basename(path), DATA_FILE), join(folder, DATA_FILE))
  return folder
}

const RECURSIVE = { recursive: true, force: true }

function tablesOf(path: string, folder: string, options: LmdbOptions = {}): Tables {
  const root = orDiskError(path, () => openRoot(folder, options))
  if (!options.readOnly) addWriter(path, root)
  let failure: StateDiskError | undefined
  return {
    open: (name, keys) => orDiskError(path, () => tableIn(root, name, keys)),
    async transaction(work) {
      // LMDB does not check whether a transaction could begin, after one that it could not end.
      if (failure) throw failure
      try {
        // What it writes asynchronously rejects promises that nobody can reach, when it cannot.
        const result = root.transactionSync(work, WRITE_WITHOUT_WAITING)
        await written(root)
        return result
      } catch (error) {
        failure = diskErrorOf(path, error)
        throw failure ?? error
      }
    },
    close() {
      if (!options.readOnly) removeWriter(path)
      return root.close()
    },
  }
}

export type LmdbOptions = { readonly readOnly?: boolean }

const WRITE_WITHOUT_WAITING =
  TransactionFlags.ABORTABLE | TransactionFlags.SYNCHRONOUS_COMMIT | TransactionFlags.NO_SYNC_FLUSH

function openRoot(path: string, { readOnly }: LmdbOptions): RootDatabase {
  return open({
    ...{ path, maxDbs: 48, compression: false, maxReaders: 32, noSubdir: false },
    ...(readOnly ? { readOnly } : {}),
  })
}

function tableIn<Kind extends keyof KeyKinds>(root: RootDatabase, name: string, keys: Kind): Table<KeyKinds[Kind]> {
  const keyEncoding = keys === 'bytes' ? ({ keyEncoding: 'binary' } as const) : {}
  const database: Database<Uint8Array, KeyKinds[Kind]> | undefined = root.openDB({
    ...{ name, encoding: 'binary', ...keyEncoding },
  })
  if (!database) return emptyTable
  return {
    get(key) {
      const bytes = database.getBinaryFast(key)
      // A buffer that is used for all reads, with the length of this one.
      return bytes?.subarray(0, bytes.length)
    },
    put: (key, value) => void database.put(key, value),
    remove: (key) => void database.remove(key),
    clear: () => database.clearSync(),
    entries({ from, limit, reverse = false } = {}) {
      return database.getRange({
        reverse,
        ...(from === undefined ? {} : { start: from }),
        ...(limit === undefined ? {} : { limit }),
      })
    },
  }
}

/** What is opened only to be read may not be there: who made the environment ended before it was. */
const emptyTable: Table<never> = {
  get: () => undefined,
  put: () => {},
  remove: () => {},
  clear: () => {},
  entries: () => [],
}

/** Resolves once what was written is on disk, which may take long: it waits in a thread of its own. */
function written(root: RootDatabase): Promise<void> {
  return new Promise((resolve, reject) => {
    syncOf(root)((error) => (error ? reject(new StateDiskError('state_not_written', String(error))) : resolve()))
  })
}

/** Not among its declared types. */
function syncOf(root: RootDatabase & { sync?: unknown }): (done: (error?: unknown) => void) => void {
  const { sync } = root
  if (typeof sync !== 'function') throw new TypeError('this LMDB has no sync')
  return (done) => sync.call(root, done)
}

function orDiskError<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw diskErrorOf(path, error) ?? error
  }
}

const ENOSPC = 28
const EDQUOT = 122
const MAP_FULL = -30792
/** What it says of a write that the disk took in part. */
const EIO = 5

/** Undefined for what `work` threw itself: LMDB's errors have a number. */
function diskErrorOf(path: string, error: unknown): StateDiskError | undefined {
  if (error instanceof StateDiskError) return error
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'number')) return undefined
  if ([ENOSPC, EDQUOT, MAP_FULL, EIO].includes(error.code)) return diskFull(path, { cause: error })
  const message = `the state in ${path} could not be written: ${error.message}`
  return new StateDiskError('state_not_written', message, { cause: error })
}
