/**
 * Short-lived memory that the gateways of a site have in common: budgets, sets whose members end by themselves, and
 * messages. Every call ends within a second, and rejects with SharedMemoryAwayError where the memory cannot be asked:
 * what is to be done then is said by whoever calls. Nothing in it is money, and all of it may be lost.
 */
export type SharedMemory = {
  readonly kind: 'process' | 'redis'
  /**
   * Takes as much as there is, `most` at most and one by default, from the budget of that name, which is full at first
   * and fills again by itself. What is refused costs nothing.
   */
  take(name: string, budget: Budget, most?: number): Promise<Taken>
  /** What something cost beyond the one that was taken for it, as seen afterwards: it is waited for by what follows. */
  owe(name: string, cost: number, budget: Budget): Promise<Taken>
  /** Puts members into a set, each until its own time; resolves with how many were not in it. No end comes earlier. */
  add(set: string, members: Ends): Promise<number>
  /** Those of these members that are in it. */
  among(set: string, members: readonly string[]): Promise<Ends>
  /** Those whose end has not come, at most 100,000: the ones that end last. */
  members(set: string): Promise<Ends>
  /** To all gateways that hear it now, this one too. */
  publish(channel: string, text: string): Promise<void>
  /** Until the memory is closed. While it is away nothing is heard, nor told later: see `onReach`. */
  subscribe(channel: string, hear: (text: string) => void): void
  /** Calls back now, if it can be asked, and each time that it can be asked again; subscriptions hold by then. */
  onReach(work: () => void): void
  /** Why it cannot be asked, and since when in ms since 1970; undefined while it can. */
  away(): Away | undefined
  /** Times that it was asked in vain, over the last ten seconds. */
  failuresPerSecond(): number
  close(): Promise<void>
}

export type Budget = {
  readonly perSecond: number
  /** What it holds when it is full. */
  readonly most: number
}
export type Taken = {
  readonly allowed: boolean
  /** What was taken, or owed; 0 when refused. */
  readonly spent: number
  /** What is left; 0 where something is owed. */
  readonly remaining: number
  /** When refused: until it would be allowed, if nobody else took anything. */
  readonly retryAfterMs: number
  /** Until the budget is full again. */
  readonly fullAfterMs: number
}
/** Members with the times at which they end, in ms since 1970. */
export type Ends = ReadonlyMap<string, number>
export type Away = { readonly reason: string; readonly sinceMs: number }

export class SharedMemoryAwayError extends Error {
  readonly code = 'shared_memory_away'
}

export const MOST_MEMBERS = 100_000
/** Gateways whose clocks differ by no more than that forget nothing too early. */
export const CLOCKS_APART_MS = 600_000

/** That of several gateways; one that is alone remembers by itself. */
export function sharedOf(memory: SharedMemory): SharedMemory | undefined {
  return memory.kind === 'process' ? undefined : memory
}

/** What a gateway lacks while the memory is away. */
export function troubleOf(memory: Pick<SharedMemory, 'away'>): string | undefined {
  const away = memory.away()
  return away && `the shared memory is away since ${new Date(away.sinceMs).toISOString()}: ${away.reason}`
}
