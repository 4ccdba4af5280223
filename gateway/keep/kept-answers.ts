import type { Clock } from '@micropay/runtime/clock'
import type { Position } from '@micropay/schemas/position'
import { LRUCache } from 'lru-cache'
import { isEnded } from '../authenticate/open-answers.ts'
import type { Marks } from '../authenticate/session-marks.ts'
import type { Ends } from '../share/shared-memory.ts'

/** What a caller was answered: headers as they went out, the whole body, and the position that it reflects. */
export type KeptAnswer = {
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
  readonly position: readonly Position[]
  /** Of the clock that never goes back: when it came. */
  readonly atMs: number
}

/** Under what an answer stands, and whose it is. */
export type Name = {
  readonly caller: string
  readonly tenant: string
  readonly key: string
  /** Of two questions the later one has the higher number. */
  readonly order: number
  /** Of the session that asked, if it was one. */
  readonly session: Marks | undefined
  /** How long it may be kept at most. */
  readonly forMs: number
}

type Entry = Name & { readonly answer: KeptAnswer | undefined }

const MOST_BYTES = 32 * 1024 * 1024
const MOST_BYTES_OF_CALLER = 1024 * 1024
/** What an entry takes beside its texts and its body. */
const ENTRY_BYTES = 1024
const SWEEP_EVERY_MS = 30_000

export type KeptAnswers = ReturnType<typeof createKeptAnswers>

/**
 * The latest answer to each question of each caller, 32 MiB in all and 1 MiB of one caller: what was not asked for
 * longest goes first. A refusal takes the place of an answer, and an answer to an earlier question never that of a
 * later one.
 */
export function createKeptAnswers(clock: Clock) {
  /** Keys by caller, what came longest ago first. */
  const callers = new Map<string, { readonly keys: Set<string>; bytes: number }>()
  const entries = new LRUCache<string, Entry>({
    maxSize: MOST_BYTES,
    sizeCalculation: bytesOf,
    ...{ ttl: 1, ttlResolution: 0, perf: { now: clock.monotonicMs } },
    dispose: (entry, key) => forget(entry, key),
  })
  // What is over is nobody's to read any more, although nobody asks for it.
  const sweep = clock.every(SWEEP_EVERY_MS, () => void entries.purgeStale())

  function forget(entry: Entry, key: string): void {
    const of = callers.get(entry.caller)
    if (!of?.keys.delete(key)) return
    of.bytes -= bytesOf(entry)
    if (of.keys.size === 0) callers.delete(entry.caller)
  }
  function set(name: Name, answer: KeptAnswer | undefined): void {
    if ((entries.peek(name.key)?.order ?? -1) > name.order || name.forMs <= 0) return
    entries.delete(name.key)
    const entry: Entry = { ...name, answer }
    const of = callers.get(name.caller) ?? { keys: new Set(), bytes: 0 }
    for (const oldest of of.keys) {
      if (of.bytes + bytesOf(entry) <= MOST_BYTES_OF_CALLER) break
      entries.delete(oldest)
    }
    callers.set(name.caller, of)
    of.keys.add(name.key)
    of.bytes += bytesOf(entry)
    entries.set(name.key, entry, { ttl: name.forMs })
  }
  return {
    keep: (name: Name, answer: KeptAnswer): void => set(name, answer),
    /** Remembers that the question was refused. */
    refuse: (name: Name): void => set(name, undefined),
    of: (key: string): KeptAnswer | undefined => entries.get(key)?.answer,
    dropSessions(ends: Ends): void {
      for (const [key, { session }] of entries) if (session && isEnded(session, ends)) entries.delete(key)
    },
    clear: (): void => entries.clear(),
    bytes: (): number => entries.calculatedSize,
    close: (): void => sweep.cancel(),
  }
}

function bytesOf({ key, caller, answer }: Entry): number {
  return ENTRY_BYTES + 2 * (key.length + caller.length) + (answer?.body.byteLength ?? 0)
}
