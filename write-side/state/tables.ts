import type { FoldState } from '@micropay/event-log/fold-state'

/**
 * What the state of one partition needs of a disk, and no more: the rules of state-store and key-index are the same
 * over LMDB and over a memory in which everything that can happen to a disk happens on demand.
 */
export type StateDisk = {
  /** Where it is, for people. */
  readonly name: string
  /**
   * Looks through all that is stored, without writing and apart from this process, since reading a file that was cut
   * off ends whoever does. What cannot be read at all is a verdict too; throws StateDiskError where a full disk does
   * not let it look, and what `signal` aborts with.
   */
  check(expected: Expected, options?: CheckOptions): Promise<Verdict>
  /** Puts what is stored aside, so that a person can look into it. Only the last one is kept. */
  discard(): Promise<void>
  /** Opens what is stored, or begins. Throws StateDiskError. */
  open(): Promise<OpenedTables>
  /**
   * How far the state of other code that lies there had folded the log. It is of no use as a state, and still says what
   * the log must lead to. Undefined where there is none, or it cannot be read. Throws StateDiskError.
   */
  foldOfOther(): Promise<FoldState | undefined>
  /** Removes states of other code, which would lie there for ever. */
  forgetOthers(): void
}

/** `background`: nobody waits for it, so it leaves the processor to others. */
export type CheckOptions = { readonly signal?: AbortSignal | undefined; readonly background?: boolean }

/** What the state must belong to. */
export type Expected = { readonly ledgerId: string; readonly partition: number }

export type Verdict =
  /** There is nothing. */
  | { readonly kind: 'none' }
  | { readonly kind: 'sound' }
  /** Of no use: `unreadable` as a whole, `edited` (its digest is another), or `foreign` (another ledger or version). */
  | { readonly kind: 'unreadable' | 'edited' | 'foreign'; readonly reason: string }

export type UselessVerdict = Extract<Verdict, { readonly reason: string }>

/** Whether what is stored is not to be believed. */
export function isUseless(verdict: Verdict): verdict is UselessVerdict {
  return verdict.kind !== 'none' && verdict.kind !== 'sound'
}

/** `digestKey`: 32 random bytes that belong to what is stored, and that nobody knows who can only read it. */
export type OpenedTables = { readonly tables: Tables; readonly digestKey: Uint8Array }

/** Tables of bytes, changed by one transaction at a time. Reads in one turn see all of a transaction or nothing. */
export type Tables = {
  /** The same name always goes with the same kind of keys. */
  open<Kind extends keyof KeyKinds>(name: string, keys: Kind): Table<KeyKinds[Kind]>
  /**
   * Runs `work`, which changes tables and awaits nothing, and resolves once its changes are on disk. When it throws,
   * or they cannot be written (StateDiskError), nothing of them stays. One that failed to write is to be closed.
   */
  transaction<Result>(work: () => Result): Promise<Result>
  close(): Promise<void>
}

/** Numbers are whole and not negative; texts are not empty. */
export type KeyKinds = { readonly text: string; readonly number: number; readonly bytes: Uint8Array }

export type Table<Key> = {
  /** Valid until the next call of any table. */
  get(key: Key): Uint8Array | undefined
  /** Within a transaction alone, as all that changes something. */
  put(key: Key, value: Uint8Array): void
  remove(key: Key): void
  clear(): void
  /**
   * In ascending order from `from` on, or, `reverse`, in descending order from it down. What they hold may be removed
   * on the way.
   */
  entries(range?: { readonly from?: Key; readonly limit?: number; readonly reverse?: boolean }): Iterable<Entry<Key>>
}

export type Entry<Key> = { readonly key: Key; readonly value: Uint8Array }

/** The disk did not take what was to be written: the log has it, and it is folded again from there. */
export class StateDiskError extends Error {
  readonly code: 'state_disk_full' | 'state_not_written'

  constructor(code: StateDiskError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export function diskFull(where: string, options?: ErrorOptions): StateDiskError {
  return new StateDiskError(
    'state_disk_full',
    `the disk that holds the state (${where}) is full: make room, and the partition goes on by itself`,
    options,
  )
}
