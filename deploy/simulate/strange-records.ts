import type { LogRecord, NewRecord } from '@micropay/event-log/event-log'
import { encodeClaim, encodeResume } from '@micropay/schemas/log/ledger-record'
import { putBack, strange } from './log-harm.ts'
import { resume } from './operator.ts'
import { BEGINNING_MS } from './process.ts'
import type { World } from './world.ts'

/** What no worker writes stands in the log, and whoever reads it must know it for what it is. */

/** A commit that no honest owner wrote. A person accepts the log without it. */
export function forge(world: World): () => void {
  const { oracle, random, log, partition } = world
  const forged = (): NewRecord => {
    const { fold } = oracle
    const seqs = [oracle.books.seqAtClaim(), fold.seq + 1, fold.seq + 2]
    const commit = random.pick(log.records(partition).filter(({ key }) => key !== ''))
    const [seq, isUnclaimed] = [random.pick(seqs), random.chance(0.25)]
    const isNext = seq === fold.seq + 1
    return changed(commit, {
      ...{ epoch: fold.epoch + (isUnclaimed ? 1 : 0), seq },
      previousHash: isNext && !isUnclaimed ? otherHash : fold.hash,
    })
  }
  return strange(world, forged, () => void resume(world))
}

/** A claim of newer code, which a person takes back with the log, or says that there was none. */
export function claimByNewerCode(world: World): () => void {
  const repair = world.random.chance(0.5) ? putBack : () => void resume(world)
  return strange(world, () => claimOf(world, world.oracle.fold.epoch + 1, 99), repair)
}

/** A claim whose epoch was changed, which locks nobody out. A person puts it right, or accepts the log without it. */
export function claimFarAhead(world: World): () => void {
  const { oracle, random } = world
  const repair = random.chance(0.5) ? putBack : () => void resume(world)
  return strange(world, () => claimOf(world, oracle.fold.epoch + 1_001 + random.below(1_000), 1), repair)
}

/** A resume that was made on another log. A person puts back what was there. */
export function resumeOfAnotherPast(world: World): () => void {
  const { partition, oracle, random } = world
  const add = () => {
    const { epoch, seq } = oracle.fold
    const resume = {
      ...{ epoch: epoch + 1, claimId: random.id(), actor: 'operator:olga', reason: 'on another log', resumedAt: at },
      ...{ seq: seq + 10, previousSeq: seq, previousHash: otherHash, eventGeneration: 1 },
    }
    return { key: '', value: encodeResume({ ledgerId: 'simulated', partition }, resume) }
  }
  return strange(world, add, putBack)
}

/** Of no record. */
const otherHash = `${'x'.repeat(42)}A`
const at = new Date(BEGINNING_MS).toISOString()

function claimOf({ partition, random }: World, epoch: number, eventGeneration: number): NewRecord {
  const claim = { epoch, claimId: random.id(), ownerId: 'x', claimedAt: at, eventGeneration }
  return { key: '', value: encodeClaim({ ledgerId: 'simulated', partition }, claim) }
}

function changed({ key, value }: LogRecord, fields: object): NewRecord {
  const record = JSON.parse(Buffer.from(value).toString())
  return { key, value: Buffer.from(JSON.stringify({ ...record, data: { ...record.data, ...fields } })) }
}
