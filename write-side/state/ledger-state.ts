import assert from 'node:assert/strict'
import { type Stretch, stretchBetween } from '@micropay/event-log/find-commit'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import type { Logger } from '@micropay/runtime/logger'
import type { LedgerView } from '../decide/ledger.ts'
import { overlayOn } from '../decide/overlay.ts'
import type { StateMark } from './mark.ts'
import type { KeyEntry, StateChange } from './partition-state.ts'
import type { StateStore } from './state-store.ts'
import type { CountedChange } from './write-changes.ts'

/**
 * The owner's state of one partition: the fold of all that counts. Changes are seen at once and written to the store
 * behind, in large transactions off the hot path; after a crash the store is behind the log, and the fold goes on
 * from there.
 */
export type LedgerState = LedgerView & {
  /** The fold so far, ahead of what is on disk. */
  readonly fold: FoldState
  keyEntry(scopedKey: string): KeyEntry | undefined
  /** Between which folds of the log a commit stands that counts: few others do. `seq` is not above that of `fold`. */
  stretchWith(seq: number): Stretch
  /** Takes over a commit or a resume that counts; `fold` is the state behind its record, which has `size` bytes. */
  count(change: StateChange, fold: FoldState, size: number): void
  /** Moves the fold over a record that changes nothing here (a claim, a void, a heartbeat). */
  skip(fold: FoldState): void
  /** Waits while too much is unwritten, so that memory stays bounded. Throws what the writing threw. */
  room(): Promise<void>
  /**
   * Begins to write what is unwritten. What is on disk is the proof that a log lost what was in it: asked every second,
   * it is never much behind.
   */
  persist(): void
  /** Writes all that is unwritten. */
  flush(): Promise<void>
  /** False once it could not be written, or was distrusted: nothing may be decided on it, and `room` says why. */
  isTrusted(): boolean
  /** It is no longer to be believed, and nothing more of it is written. */
  distrust(because: Error): void
}

/** So many commits are written in one transaction at most, and wait at most before the owner does. */
const WRITE_COMMITS = 2_000
const MAX_UNWRITTEN = 20_000

export function createLedgerState(store: StateStore, partition: number, log: Logger): LedgerState {
  const start = store.mark()
  let written = start
  let current: StateMark = start ?? { fold: initialFold(partition) }
  const reading = orFail((error) => writer.fail(error))
  /** What is being written, or was written last, lies below what is not yet: it is asked for again the soonest. */
  const writing = overlayOn({ read: (table, key) => reading(() => store.read(table, key)) })
  const fresh = overlayOn(writing)
  let writingKeys = new Map<string, KeyEntry>()
  let freshKeys = new Map<string, KeyEntry>()
  let beingWritten: readonly CountedChange[] = []
  let unwritten: CountedChange[] = []
  /** What came meanwhile waits until it is enough: an account that changes often is written the less often for it. */
  async function writeWhatIsThere(): Promise<void> {
    for (let enough = unwritten.length > 0; enough; enough = unwritten.length >= WRITE_COMMITS) {
      const changes = unwritten
      const to = current
      beingWritten = changes
      unwritten = []
      writing.hold(fresh.take())
      writingKeys = freshKeys
      freshKeys = new Map()
      await store.write(written, to, changes)
      written = to
      beingWritten = []
      writingKeys = new Map()
    }
  }
  const writer = inBackground(writeWhatIsThere, (error) =>
    log.error({ err: error, partition }, 'the state could not be written'),
  )

  return {
    get fold() {
      return current.fold
    },
    read: fresh.read,
    keyEntry: (scopedKey) =>
      freshKeys.get(scopedKey) ?? writingKeys.get(scopedKey) ?? reading(() => store.keyEntry(scopedKey)),
    stretchWith: (seq) =>
      stretchAmong(
        [beingWritten, unwritten],
        reading(() => store.foldsAround(seq)),
        { seq, newest: current.fold },
      ),
    count(change, fold, size) {
      assert(fold.seq > current.fold.seq, 'what counts moves on')
      current = { fold }
      unwritten.push({ change, fold, size })
      if (change.key) freshKeys.set(change.key.scopedKey, change.key.entry)
      for (const { scopedKey, entry } of change.answered) freshKeys.set(scopedKey, entry)
      fresh.put(change.puts)
      if (unwritten.length >= WRITE_COMMITS) void writer.start()
    },
    skip(fold) {
      current = { fold }
    },
    room: () => writer.until(() => unwritten.length <= MAX_UNWRITTEN),
    persist() {
      if (unwritten.length > 0) void writer.start()
    },
    flush: () => writer.until(() => !writer.busy() && unwritten.length === 0),
    isTrusted: () => !writer.failed(),
    distrust: writer.fail,
  }
}

/** On what cannot be read nothing more is decided. */
function orFail(fail: (error: Error) => void) {
  return <Value>(read: () => Value): Value => {
    try {
      return read()
    } catch (error) {
      fail(asError(error))
      throw error
    }
  }
}

/** What is not on disk yet is known fold by fold; what is on disk lies in front of it. */
function stretchAmong(
  notStored: readonly (readonly CountedChange[])[],
  stored: ReturnType<StateStore['foldsAround']>,
  { seq, newest }: { readonly seq: number; readonly newest: FoldState },
): Stretch {
  let { before: from, behind: until } = stored
  for (const changes of notStored) {
    from = changes.findLast(({ fold }) => fold.seq < seq)?.fold ?? from
    until ??= changes.find(({ fold }) => fold.seq >= seq)?.fold
  }
  return stretchBetween(seq, from ?? initialFold(newest.partition), until ?? newest)
}

/** Runs one writing at a time. Once one failed, everybody who waits is told. */
function inBackground(write: () => Promise<void>, onFailure: (error: Error) => void) {
  let work: Promise<void> | undefined
  let failure: Error | undefined

  function start(): Promise<void> {
    work ??= write()
      .catch((error: unknown) => {
        failure = asError(error)
        onFailure(failure)
      })
      .finally(() => {
        work = undefined
      })
    return work
  }
  return {
    start,
    busy: () => work !== undefined,
    failed: () => failure !== undefined,
    fail(error: Error): void {
      failure ??= error
    },
    async until(done: () => boolean): Promise<void> {
      while (!done() && !failure) await start()
      if (failure) throw failure
    },
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
