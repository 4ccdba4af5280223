import { appendResume } from '@micropay/event-log/append-resume'
import { seqOnDisk } from './disk.ts'
import { openLogPort } from './log-port.ts'
import { createLink } from './network.ts'
import type { OwnerHost } from './owner-host.ts'
import { startProcess } from './process.ts'
import type { World } from './world.ts'

/** So often a person looks whether all is well. */
export const LOOK_EVERY_MS = 3_000
/** So many times at most they see that it is not before they do something. */
const MOST_LOOKS = 6

/** Whether a worker, or the read model, says that the log is not what it was. */
export function isAnyoneStopped({ hosts, readModel }: World): boolean {
  const reasons = [...hosts.map(({ owner }) => owner?.status().stoppedBecause), readModel.stopped()]
  return reasons.some((reason) => reason !== undefined && isEvidence(reason))
}

/** Rather than of a clock, a disk, or of records that newer code wrote. */
export function isEvidence(reason: string): boolean {
  return !/clock|the disk|newer code/.test(reason)
}

/**
 * For ever: where somebody stops because the log was another one for a while, when that is over, a person accepts what
 * it holds now, sooner or later.
 */
export async function attend(world: World): Promise<void> {
  const { clock, random } = world.clients
  for (let seen = 0; ; ) {
    await clock.sleep(LOOK_EVERY_MS)
    const isTheirs = world.wasHarmed && !world.harm && isAnyoneStopped(world)
    seen = isTheirs ? seen + 1 : 0
    if (seen <= 1 + random.below(MOST_LOOKS)) continue
    await resume(world)
    seen = 0
  }
}

export function knownTo({ owner, disk }: OwnerHost): number {
  return Math.max(owner?.status().seq ?? 0, seqOnDisk(disk))
}

/** A person accepts what the log holds now, above all that was ever given, and tries again until that is so. */
export async function resume(world: World): Promise<void> {
  const { scheduler, log, oracle, logger, partition, random, habits, harm, hosts } = world
  const process = startProcess(scheduler, 'operator', random.fork(`operator ${scheduler.nowMs()}`), { offsetMs: 0 })
  const { clock } = process
  const eventLog = openLogPort({
    ...{ scheduler, server: log, process, link: createLink(habits.legMs), logger, hearsOfTruncation: true },
    nextFate: () => 'arrives',
    onSent: () => undefined,
  })
  const options = { ledgerId: 'simulated', actor: 'operator:olga', reason: 'restored an older copy', clock }
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const read = world.readModel.checkpoint()
    const known = [...hosts.map(knownTo), ...(harm?.knownSeq.values() ?? []), oracle.highestGiven(), read.seq]
    const above = { aboveSeq: Math.max(...known), aboveEpoch: Math.max(oracle.highestEpoch(), read.epoch) }
    const signal = new AbortController().signal
    const resumed = await appendResume(eventLog, partition, { ...options, ...above, signal }).catch(
      (error: unknown) => {
        scheduler.note(`operator: ${String(error)}`)
        return undefined
      },
    )
    if (resumed) {
      scheduler.note(
        `operator accepts up to ${resumed.previousSeq}, and goes on behind ${resumed.seq} in epoch ${resumed.epoch}`,
      )
      world.harm = undefined
      return
    }
    await clock.sleep(200)
  }
}
