import type { LogRecord, NewRecord } from '@micropay/event-log/event-log'
import { encodeClaim, encodeGenesis } from '@micropay/schemas/log/ledger-record'
import { PLACEMENT } from '@micropay/schemas/placement'
import { isAnyoneStopped, knownTo, LOOK_EVERY_MS, resume } from './operator.ts'
import type { OwnerHost } from './owner-host.ts'
import { BEGINNING_MS } from './process.ts'
import type { Harm, World } from './world.ts'

/** So long after the harm whoever serves must have noticed, if it could reach the log all that time. */
const NOTICED_WITHIN_MS = 12_000
/** No fault is shorter. */
const LOOK_WHO_SERVES_EVERY_MS = 200
/** So often a person looks whether all is well before the log is said to be so. */
const LOOKS = 3
/** A log with less in it is let be. */
const LEAST_RECORDS = 30

/** The newest records are gone, as after a restore of an older copy. A person accepts what is left. */
export function truncate(share: number) {
  return (world: World): (() => void) =>
    harm(
      world,
      (records) => records.slice(0, records.length - 1 - world.random.below(Math.ceil(records.length * share))),
      () => void resume(world),
    )
}

/** Nothing is left. A person puts the copy back. */
export function empty(world: World): () => void {
  return harm(world, () => [], putBack)
}

/** Another ledger stands there. A person puts the right one back. */
export function replaceLog(world: World): () => void {
  return harm(world, (records) => foreignLog(world, records.length), putBack)
}

/** One digit of one commit is another, or the same one of each leg. Whoever has read it before does not see it. */
export function changeRecord(world: World): () => void {
  const { log, random, partition, oracle } = world
  const records = log.records(partition)
  if (world.harm || records.length < LEAST_RECORDS) return () => undefined
  // Whoever reads it anew sees that the next one does not follow it.
  const commits = records.filter(({ key, offset }) => key !== '' && offset < oracle.fold.countedAt)
  const chosen = random.pick(commits)
  const text = Buffer.from(chosen.value).toString()
  // In all legs alike a payment of one posting still balances; in one of them it is no record any more.
  const digits = random.chance(0.5) ? /"amount":"(-?)(\d)/g : /"amount":"(-?)(\d)/
  const changed = text.replace(
    digits,
    (_, sign: string, digit: string) => `"amount":"${sign}${(Number(digit) % 9) + 1}`,
  )
  const write = (value: Uint8Array) =>
    log.replace(
      partition,
      log.records(partition).map((each) => (each.offset === chosen.offset ? { ...each, value } : each)),
    )
  harmNow(world)
  write(changed === text ? Buffer.from(text.replace('{', '[')) : Buffer.from(changed))
  return () => {
    write(chosen.value)
    void settle(world)
  }
}

function harmNow(world: World): void {
  const { hosts } = world
  world.harm = { knownSeq: new Map(hosts.map((host) => [host.name, knownTo(host)])) }
  world.wasHarmed = true
}

type Repair = (world: World, before: readonly LogRecord[]) => void

function harm(
  world: World,
  change: (records: readonly LogRecord[]) => readonly LogRecord[],
  repair: Repair,
): () => void {
  const { log, partition, oracle } = world
  const before = [...log.records(partition)]
  // One at a time: another one changes nothing.
  if (world.harm || before.length < LEAST_RECORDS) return () => undefined
  harmNow(world)
  log.replace(partition, change(before))
  oracle.replaced(log.records(partition))
  watchWhoServes(world, () => true)
  return () => repair(world, before)
}

/** Something stands at the end of the log that stops everybody who reads it. */
export function strange(world: World, add: () => NewRecord, repair: Repair): () => void {
  const { log, partition } = world
  const before = [...log.records(partition)]
  if (world.harm || before.length < LEAST_RECORDS) return () => undefined
  harmNow(world)
  const { offset } = log.append(partition, [add()])
  const added = log.records(partition)[Number(offset)]
  watchWhoServes(world, () => log.records(partition)[Number(offset)] === added, true)
  return () => repair(world, before)
}

/**
 * Whoever serves has appended since, and what it appended did not follow what it knew, or what stands in the log for
 * everybody to read. What was on its way while the log did not answer, or took seconds to, is waited for as long as
 * that takes, so the time of each worker begins where it could reach the log again.
 */
function watchWhoServes(world: World, stands: () => boolean, byAll = false): void {
  const { harm, hosts, log, partition, scheduler } = world
  const reachesSince = new Map<OwnerHost, number>()
  const look = () => {
    if (!harm || world.harm !== harm || !stands()) return
    for (const host of hosts) {
      const isThere = host.links.log.mode === 'up' && host.links.log.slowMs <= QUICK_ENOUGH_MS
      const canSee = host.process?.isRunning() && isThere && log.end(partition) > 0n
      if (!canSee) reachesSince.delete(host)
      else if (!reachesSince.has(host)) reachesSince.set(host, scheduler.nowMs())
      const sinceMs = reachesSince.get(host) ?? Number.POSITIVE_INFINITY
      if (scheduler.nowMs() - sinceMs >= NOTICED_WITHIN_MS) checkNoticed(world, harm, host, byAll)
    }
    scheduler.after(LOOK_WHO_SERVES_EVERY_MS, 'does anybody serve on', look)
  }
  look()
}

/** An append, a look at what stands in the log, and one at where it leads are some ten ways there or back. */
const QUICK_ENOUGH_MS = 500

function checkNoticed({ oracle, fail }: World, harm: Harm, { name, owner }: OwnerHost, byAll: boolean): void {
  const knownSeq = harm.knownSeq.get(name) ?? 0
  const { phase, stoppedBecause } = owner?.status() ?? {}
  if (phase !== 'serving' || stoppedBecause !== undefined) return
  if (byAll || knownSeq > oracle.seqAtReplacement()) {
    fail({ rule: 'nobody serves on', detail: `${name} knows up to ${knownSeq} and serves` })
  }
}

/** What was there stands there again. */
export function putBack(world: World, before: readonly LogRecord[]): void {
  const { log, partition, oracle } = world
  log.replace(partition, before)
  oracle.replaced(log.records(partition))
  void settle(world)
}

/** All is well as far as anybody can see: whoever has read something else meanwhile may say so later. */
async function settle(world: World): Promise<void> {
  const { harm } = world
  for (let look = 0; look < LOOKS; look += 1) {
    await world.clients.clock.sleep(LOOK_EVERY_MS)
    if (world.harm !== harm) return
    if (look > 0 && isAnyoneStopped(world)) return resume(world)
  }
  world.harm = undefined
}

/** The beginning of a ledger of another name, of another length. */
function foreignLog({ random, partition }: World, length: number): LogRecord[] {
  const context = { ledgerId: 'another', partition }
  const at = new Date(BEGINNING_MS).toISOString()
  const genesis = { ledgerId: 'another', partition, partitions: 1, placement: PLACEMENT, hash: 'sha-256' as const }
  const count = random.chance(0.5) ? 1 + random.below(length) : length + 1 + random.below(10)
  return Array.from({ length: count }, (_, index) => ({
    offset: BigInt(index),
    key: '',
    value:
      index === 0
        ? encodeGenesis(context, genesis, at)
        : encodeClaim(context, { epoch: index, claimId: random.id(), ownerId: 'x', claimedAt: at, eventGeneration: 1 }),
  }))
}
