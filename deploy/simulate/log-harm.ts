import { appendResume } from '@micropay/event-log/append-resume'
import type { LogRecord } from '@micropay/event-log/event-log'
import { encodeClaim, encodeGenesis } from '@micropay/schemas/log/ledger-record'
import { PLACEMENT } from '@micropay/schemas/placement'
import { seqOnDisk } from './disk.ts'
import { openLogPort } from './log-port.ts'
import { createLink } from './network.ts'
import type { OwnerHost } from './owner-host.ts'
import { BEGINNING_MS, startProcess } from './process.ts'
import type { Harm, World } from './world.ts'

/** So long after the harm whoever serves must have noticed, if it could reach the log. */
const NOTICED_WITHIN_MS = 12_000
/** So often, and so many times, a person looks whether all is well. */
const LOOK_EVERY_MS = 3_000
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

/** One digit of one commit is another. Whoever has read it before does not see it. */
export function changeRecord(world: World): () => void {
  const { log, random, partition, oracle } = world
  const records = log.records(partition)
  if (world.harm || records.length < LEAST_RECORDS) return () => undefined
  // Whoever reads it anew sees that the next one does not follow it.
  const commits = records.filter(({ key, offset }) => key !== '' && offset < oracle.fold.countedAt)
  const chosen = random.pick(commits)
  const text = Buffer.from(chosen.value).toString()
  const changed = text.replace(/"amount":"(\d)/, (_, digit: string) => `"amount":"${(Number(digit) % 9) + 1}`)
  const write = (value: Uint8Array) =>
    log.replace(
      partition,
      log.records(partition).map((each) => (each.offset === chosen.offset ? { ...each, value } : each)),
    )
  world.harm = harmOf(world)
  write(changed === text ? Buffer.from(text.replace('{', '[')) : Buffer.from(changed))
  return () => {
    write(chosen.value)
    void settle(world)
  }
}

function harmOf({ hosts, scheduler, oracle }: World): Harm {
  const knownSeq = new Map(hosts.map((host) => [host.name, knownTo(host)]))
  return { knownSeq, atMs: scheduler.nowMs(), acknowledged: oracle.acknowledged() }
}

function knownTo({ owner, disk }: OwnerHost): number {
  return Math.max(owner?.status().seq ?? 0, seqOnDisk(disk))
}

type Repair = (world: World, before: readonly LogRecord[]) => void

function harm(
  world: World,
  change: (records: readonly LogRecord[]) => readonly LogRecord[],
  repair: Repair,
): () => void {
  const { log, partition, oracle, scheduler } = world
  const before = [...log.records(partition)]
  // One at a time: another one changes nothing.
  if (world.harm || before.length < LEAST_RECORDS) return () => undefined
  world.harm = harmOf(world)
  log.replace(partition, change(before))
  oracle.replaced(log.records(partition))
  scheduler.after(NOTICED_WITHIN_MS, 'the harm is noticed', () => checkNoticed(world))
  return () => repair(world, before)
}

/** Whoever serves has appended since, and what it appended did not follow what it knew. */
function checkNoticed({ harm, hosts, log, partition, oracle, scheduler, fail }: World): void {
  if (!harm || scheduler.nowMs() - harm.atMs < NOTICED_WITHIN_MS) return
  for (const { name, owner, process, links } of hosts) {
    const knew = (harm.knownSeq.get(name) ?? 0) > oracle.seqAtReplacement()
    const canSee = process?.isRunning() && links.log.mode === 'up' && log.end(partition) > 0n
    const { phase, stoppedBecause } = owner?.status() ?? {}
    if (!knew || !canSee || phase !== 'serving' || stoppedBecause !== undefined) continue
    fail({ rule: 'nobody serves on', detail: `${name} knows up to ${harm.knownSeq.get(name)} and serves` })
  }
}

/** What was there stands there again. */
function putBack(world: World, before: readonly LogRecord[]): void {
  const { log, partition, oracle } = world
  log.replace(partition, before)
  oracle.replaced(log.records(partition))
  void settle(world)
}

/** Whoever has read something else meanwhile says so, and a person has to accept that it is gone. */
async function settle(world: World): Promise<void> {
  const { clients, hosts, readModel } = world
  for (let look = 0; look < LOOKS; look += 1) {
    await clients.clock.sleep(LOOK_EVERY_MS)
    const owners = hosts.map(({ owner }) => owner?.status().stoppedBecause)
    const isStopped = [...owners, readModel.stopped()].some((reason) => reason !== undefined)
    if (isStopped && look > 0) return resume(world)
  }
  world.harm = undefined
}

/** A person accepts what the log holds now, above all that was ever given, and tries again until that is so. */
async function resume(world: World): Promise<void> {
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
