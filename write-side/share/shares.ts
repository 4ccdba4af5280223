import type { Clock } from '@micropay/runtime/clock'
import type { Leases } from '@micropay/runtime/leases'
import type { Logger } from '@micropay/runtime/logger'
import { leasesOf, type View, workerLease } from './directory.ts'
import { createOwnShares } from './own-shares.ts'
import type { PartitionHolder, Share } from './share.ts'

/** The shares of one worker in all partitions of a ledger. */
export type Shares = {
  of(partition: number): Share
  /** Who lives and who has what, as it was seen last; undefined before the table was read for the first time. */
  view(): View | undefined
  /** Who has a partition, or gets it; undefined where nobody says. */
  ownerOf(partition: number): PartitionHolder | undefined
  /** Whether no other worker lives that could decide anything. */
  isAlone(): boolean
  /** Resolves once the view has changed, or after that long. */
  viewChanged(withinMs: number): Promise<void>
  /** From here on others know that this worker lives, and where they reach it. */
  live(url: string): void
  /** Looks again soon: what is seen is not so any more. */
  lookAgain(): void
  /** Hands over what it has, where somebody takes it, for some seconds at most. */
  leave(): Promise<void>
  /** Lives no more, for others. */
  close(): Promise<void>
}

export type SharesOptions = {
  readonly leases: Pick<Leases, 'open' | 'held' | 'forget' | 'onChange'>
  readonly ledgerId: string
  readonly partitions: number
  readonly workerId: string
  readonly clock: Clock
  readonly log: Logger
}

/** What is told of a lease is seen at once; that somebody died is not told. */
const LOOK_EVERY_MS = 500
const FIRST_LOOK_MS = 2_000
const LEAVE_WITHIN_MS = 4_000

/** Resolves when the table was read once, or does not answer. */
export async function joinWorkers(options: SharesOptions): Promise<Shares> {
  const { leases, ledgerId, workerId, clock, log } = options
  const closing = new AbortController()
  let url = ''
  const presence = leases.open(workerLease(ledgerId, workerId), workerId, { said: () => own.said(url) })
  const own = createOwnShares({ ...options, onSaid: presence.renew })
  let living: Promise<void> | undefined
  let asking: Promise<void> | undefined
  let again = false
  let trouble: string | undefined
  const looking = clock.every(LOOK_EVERY_MS, look)
  leases.onChange((name) => {
    if (name.startsWith(leasesOf(ledgerId))) look()
  })
  leases.forget(workerLease(ledgerId, '')).catch(() => undefined)
  look()
  await own.changedWithin(FIRST_LOOK_MS)

  async function keepLiving(): Promise<void> {
    while (await presence.acquire(closing.signal)) {
      look()
      const lost = AbortSignal.any([presence.lost(), closing.signal])
      if (!lost.aborted) await new Promise((resolve) => lost.addEventListener('abort', resolve, { once: true }))
    }
  }
  function look(): void {
    again = true
    asking ??= lookWhileAsked().finally(() => {
      asking = undefined
    })
  }
  async function lookWhileAsked(): Promise<void> {
    while (again && !closing.signal.aborted) {
      again = false
      try {
        own.see(await leases.held(leasesOf(ledgerId)))
        trouble = undefined
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        if (reason !== trouble) log.warn({ err: error }, 'it cannot be seen which workers live: they stay as they were')
        trouble = reason
      }
    }
  }
  return {
    of: own.of,
    view: own.view,
    ownerOf: own.ownerOf,
    isAlone: own.isAlone,
    viewChanged: own.changedWithin,
    live(address) {
      url = address
      living ??= keepLiving()
    },
    lookAgain: look,
    leave: () => own.leave(LEAVE_WITHIN_MS),
    async close() {
      closing.abort()
      looking.cancel()
      await Promise.all([living, asking])
      await presence.release()
    },
  }
}
