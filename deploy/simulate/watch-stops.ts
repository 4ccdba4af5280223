import { isEvidence } from './operator.ts'
import type { OwnerHost } from './owner-host.ts'
import type { World } from './world.ts'

/** By then what one worker knows of the log is known to all that the leases answer. */
const TOLD_WITHIN_MS = 15_000
const LOOK_EVERY_MS = 1_000

export const stopOf = ({ owner }: OwnerHost): string | undefined => owner?.status().stoppedBecause

/**
 * Nobody stops where nothing is wrong with the log, a clock or a disk; and where the log is not what one worker knows,
 * none serves.
 */
export function watchStops(world: World): void {
  const stopped = createSince(world)
  const serving = createSince(world)
  const look = () => {
    world.scheduler.after(LOOK_EVERY_MS, 'does anybody stand still', look)
    checkCauses(world)
    const knowing = world.hosts.filter((host) => stopped(host, reaches(host) && isEvidence(stopOf(host) ?? 'clock')))
    const others = world.hosts.filter((host) =>
      serving(host, reaches(host) && host.owner?.status().phase === 'serving'),
    )
    if (knowing.length === 0 || others.length === 0) return
    const detail = `${others[0]?.name} serves, and ${knowing[0]?.name} ${knowing[0] && stopOf(knowing[0])}`
    world.fail({ rule: 'a stop is for all', detail })
  }
  look()
}

function checkCauses(world: World): void {
  const { scheduler, hosts, readModel, fail, harm, mayStopUntilMs } = world
  if (harm || scheduler.nowMs() < mayStopUntilMs) return
  const standing = hosts.map((host) => ({ name: host.name, reason: stopOf(host) }))
  for (const { name, reason } of [...standing, { name: 'the read model', reason: readModel.stopped() }]) {
    if (reason === undefined || mayComeLate(world, reason)) continue
    fail({ rule: 'no stop without a cause', detail: `${name} ${reason}` })
  }
}

/** What a standby has read of a log that was another one for a moment it may miss later: nobody does who serves. */
function mayComeLate({ wasHarmed }: World, reason: string): boolean {
  return wasHarmed && /read before|ends at offset/.test(reason)
}

/** Whether something has been so of a host, without a break and a restart, for as long as it takes to be told. */
function createSince({ scheduler }: World) {
  const since = new Map<OwnerHost, { readonly process: OwnerHost['process']; readonly sinceMs: number }>()
  return (host: OwnerHost, isSo: boolean): boolean => {
    const { process } = host
    const known = since.get(host)
    if (!isSo) since.delete(host)
    else if (known?.process !== process) since.set(host, { process, sinceMs: scheduler.nowMs() })
    return (
      isSo && known !== undefined && known.process === process && scheduler.nowMs() - known.sinceMs > TOLD_WITHIN_MS
    )
  }
}

function reaches({ process, links }: OwnerHost): boolean {
  const isQuick = ({ mode, slowMs }: OwnerHost['links']['log']) => mode === 'up' && slowMs === 0
  return process?.isRunning() === true && isQuick(links.log) && isQuick(links.lease)
}
