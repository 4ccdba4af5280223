import { decodeRecord, encodeClaim, encodeResume } from '@micropay/schemas/log/ledger-record'
import { ledgerId } from '../owner-host.ts'
import { BEGINNING_MS } from '../process.ts'
import { hostsOf, type World } from './world.ts'

/** What is lost gladly: about where the newest commit of such a kind stands. */
const gladly = [
  ...['PaymentInitiated', 'PaymentCompleted', 'PaymentEnded', 'LegsPrepared', 'LegsPosted', 'AccountOpened'],
  ...['HistoryAccepted', 'HistoryAnswered', 'PaymentReopened'],
]
const MOST_LOST = 40
/** The genesis, and the first claim. */
const LEAST_KEPT = 2

/**
 * The log of a partition is restored from a copy that lacks its end, and a person accepts that, while none of its
 * owners runs: nothing is written between. What others were told meanwhile is still on its way.
 */
export function loseHistory(world: World, partition: number): void {
  const { log, oracle, random, scheduler } = world
  const records = log.records(partition)
  const kept = Math.max(LEAST_KEPT, endOfCopy(world, partition))
  if (kept >= records.length) return
  const hosts = hostsOf(world, partition)
  for (const host of hosts) host.crash()
  log.replace(partition, records.slice(0, kept))
  const { seq, epoch } = oracle.given(partition)
  const { seq: previousSeq, hash: previousHash, epoch: standing, generation } = oracle.fold(partition)
  const resumedAt = new Date(BEGINNING_MS + scheduler.trueMs()).toISOString()
  const context = { ledgerId, partition }
  const [actor, eventGeneration] = ['operator:olga', Math.max(1, generation)]
  // First a claim, as `micropay resume` does: what arrives late is of an owner that was deposed, and no evidence.
  const claimed = Math.max(epoch, standing) + 1
  const claim = { epoch: claimed, claimId: random.id(), ownerId: actor, claimedAt: resumedAt, eventGeneration }
  const said = { claimId: random.id(), actor, reason: 'restored an older copy', resumedAt, eventGeneration }
  const place = { epoch: claimed + 1, seq: seq + 1, previousSeq, previousHash }
  const values = [encodeClaim(context, claim), encodeResume(context, { ...said, ...place })]
  log.append(
    partition,
    values.map((value) => ({ key: '', value })),
  )
  scheduler.note(`partition ${partition} has lost all behind ${previousSeq}, and goes on behind ${seq + 1}`)
  for (const host of hosts) scheduler.after(random.between(10, 2_000), `${host.name} is started again`, host.start)
}

function endOfCopy({ log, random }: World, partition: number): number {
  const records = log.records(partition)
  const wanted = random.pick(gladly)
  const places = records.flatMap(({ value }, index) => (holds(value, wanted) ? [index] : []))
  const near = places.slice(-4)
  if (near.length > 0 && random.chance(0.6)) return random.pick(near) + random.below(2)
  return records.length - 1 - random.below(MOST_LOST)
}

function holds(value: Uint8Array, type: string): boolean {
  const record = decodeRecord(value)
  return record.kind === 'commit' && record.commit.events.some((event) => event.type === type)
}
