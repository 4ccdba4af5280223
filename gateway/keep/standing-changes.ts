import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { formatPositions, type Position, parsePositions } from '@micropay/schemas/position'
import { openInProcessMemory } from '../share/in-process/in-process-memory.ts'
import type { Ends, SharedMemory } from '../share/shared-memory.ts'

const SET = 'standing-changes'
/** In place of a position: it may have been changed, and nobody knows where that stands. */
const IN_DOUBT = '?'

/** Where a tenant's accounts were frozen last, or changed in their standing otherwise. */
type Standing = { readonly seqs: Map<number, number>; doubtUntilMs: number }

export type StandingChanges = ReturnType<typeof createStandingChanges>

/**
 * Since which position what is read of a tenant shows every freeze that a gateway of the site has forwarded. Each tells
 * the others before the freeze is answered; one that could not be reached learns of it when it is.
 */
export function createStandingChanges(options: {
  readonly memory: SharedMemory
  readonly clock: Clock
  readonly log: Logger
  /** So long nothing of before is shown. */
  readonly keptMs: number
}) {
  const { memory, clock, log, keptMs } = options
  const own = openInProcessMemory(clock)
  const tenants = new Map<string, Standing>()

  memory.subscribe(SET, (text) => learn([[text, clock.nowMs() + keptMs]]))
  memory.onReach(() => {
    compare().catch((error: unknown) => log.warn({ err: error }, 'freezes could not be compared yet'))
  })

  /** What was told while nobody heard it is told again, and what this one did not hear is learned. */
  async function compare(): Promise<void> {
    const known = await own.members(SET)
    if (known.size > 0) await memory.add(SET, known)
    for (const text of known.keys()) await memory.publish(SET, text)
    learn(await memory.members(SET))
  }

  function learn(changes: Iterable<readonly [string, number]>): void {
    for (const [text, untilMs] of changes) {
      const [tenant = '', where = ''] = text.split(' ')
      const positions = where === IN_DOUBT ? undefined : parsePositions(where)
      const standing = tenants.get(tenant) ?? { seqs: new Map(), doubtUntilMs: 0 }
      tenants.set(tenant, standing)
      if (!positions) standing.doubtUntilMs = Math.max(standing.doubtUntilMs, untilMs)
      for (const { partition, seq } of positions ?? []) {
        standing.seqs.set(partition, Math.max(seq, standing.seqs.get(partition) ?? 0))
      }
    }
  }

  return {
    /** Without a position it may have happened, anywhere. */
    async changed(tenant: string, positions: readonly Position[] | undefined): Promise<void> {
      const text = `${tenant} ${positions ? formatPositions(positions) : IN_DOUBT}`
      const ends: Ends = new Map([[text, clock.nowMs() + keptMs]])
      learn(ends)
      await own.add(SET, ends)
      try {
        await memory.add(SET, ends)
        await memory.publish(SET, text)
      } catch (error) {
        log.warn({ err: error }, 'a freeze is known to this gateway alone: others learn of it later')
      }
    },
    /** Whether what reflects this position shows all that has changed. */
    isShownAt(tenant: string, position: readonly Position[]): boolean {
      const standing = tenants.get(tenant)
      if (!standing) return true
      if (standing.doubtUntilMs > clock.nowMs()) return false
      return hasReached(
        position,
        Array.from(standing.seqs, ([partition, seq]) => ({ partition, seq })),
      )
    },
  }
}

/** Whether a vector names each of these partitions, and is as far there. */
export function hasReached(position: readonly Position[], atLeast: readonly Position[]): boolean {
  const seqs = new Map(position.map(({ partition, seq }) => [partition, seq]))
  return atLeast.every(({ partition, seq }) => (seqs.get(partition) ?? -1) >= seq)
}
