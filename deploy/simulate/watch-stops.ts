import type { PartitionOwner } from '@micropay/write-side/handle/partition-owner'
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
    const standing = world.hosts.map((host) => ({ host, name: host.name, status: host.owner?.status() }))
    checkCauses(world, standing)
    const knowing = standing.filter(({ host, status }) =>
      stopped(host, reaches(host) && isEvidence(status?.stoppedBecause ?? 'clock')),
    )
    const others = standing.filter(({ host, status }) => serving(host, reaches(host) && status?.phase === 'serving'))
    const [knows, serves] = [knowing[0], others[0]]
    if (!knows || !serves) return
    const detail = `${serves.name} serves, and ${knows.name} ${knows.status?.stoppedBecause}`
    world.fail({ rule: 'a stop is for all', detail })
  }
  look()
}

type Standing = { readonly name: string; readonly status: ReturnType<PartitionOwner['status']> | undefined }

function checkCauses(world: World, workers: readonly Standing[]): void {
  const { scheduler, readModel, fail, harm, mayStopUntilMs } = world
  if (harm || scheduler.nowMs() < mayStopUntilMs) return
  const standing = workers.map(({ name, status }) => ({ name, reason: status?.stoppedBecause }))
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
