import assert from 'node:assert/strict'
import { Claim, Commit } from '@micropay/schemas/log/commit'
import { EVENT_GENERATION, PERSONAL_GENERATION } from '@micropay/schemas/log/generations'
import {
  encodeClaim,
  encodeCommit,
  encodeGenesis,
  encodeHeartbeat,
  encodeResume,
} from '@micropay/schemas/log/ledger-record'
import { PLACEMENT } from '@micropay/schemas/placement'
import type { NewRecord } from './event-log.ts'
import { nextHash } from './fold.ts'

export const ledgerId = 'test-ledger'
const at = '2026-03-01T09:30:00.000Z'

export function genesis(partition = 0, partitions = 1): NewRecord {
  const value = encodeGenesis(
    { ledgerId, partition },
    { ledgerId, partition, partitions, placement: PLACEMENT, hash: 'sha-256' },
    at,
  )
  return { key: 'genesis', value }
}

export function claim(epoch: number, ownerId: string, partition = 0, eventGeneration = EVENT_GENERATION): NewRecord {
  const claimed = Claim.parse({ epoch, claimId: claimIdOf(epoch, ownerId), ownerId, claimedAt: at, eventGeneration })
  return { key: 'claim', value: encodeClaim({ ledgerId, partition }, claimed) }
}

export function claimIdOf(epoch: number, ownerId: string): string {
  return `${ownerId}-${epoch}`.padEnd(16, '.')
}

/** A resume that goes on from `belief`. */
export function resume(
  belief: Belief,
  { epoch, seq, generation = EVENT_GENERATION }: Resumed,
  partition = 0,
): NewRecord {
  const resumed = {
    ...{ epoch, claimId: claimIdOf(epoch, 'resume'), actor: 'ops', reason: 'a test', resumedAt: at, seq },
    ...{ previousSeq: belief.seq, previousHash: belief.hash, eventGeneration: generation },
  }
  return { key: '', value: encodeResume({ ledgerId, partition }, resumed) }
}

type Resumed = { readonly epoch: number; readonly seq: number; readonly generation?: number }

/** What a writer believes: the state that its next commit follows. */
export type Belief = { readonly epoch: number; readonly seq: number; readonly hash: string }

/** The commit that follows `belief`; `reference` tells it from another one at the same place. */
export function commit(
  belief: Belief,
  reference: string,
  partition = 0,
  decidedAt = at,
  generation = EVENT_GENERATION,
): NewRecord {
  const about = generation < PERSONAL_GENERATION ? {} : { subject: 'customer:ada' }
  const seq = belief.seq + 1
  const decided = Commit.parse({
    epoch: belief.epoch,
    seq,
    previousHash: belief.hash,
    decidedAt,
    tenant: 'acme',
    actor: { subject: 'customer:ada', client: 'test' },
    command: { type: 'MakePayment' },
    idempotencyKey: reference,
    requestHash: 'r'.repeat(22),
    outcome: { kind: 'accepted' },
    events: [
      {
        type: 'PaymentPosted',
        version: 2,
        data: {
          paymentId: `pay-${partition}-${seq}`,
          kind: 'payment',
          legs: [
            { account: 'ada:main', amount: '-1050', currency: 'EUR', pair: 1 },
            { account: 'ben:main', amount: '1050', currency: 'EUR', pair: 1 },
          ],
          effectiveAt: at,
          personal: { ...about, form: 'plain', data: { reference } },
        },
      },
    ],
  })
  return { key: 'ada:main', value: encodeCommit({ ledgerId, partition }, 'ada:main', decided, generation) }
}

/** Commits in a row, one for each reference, each following the one before. */
export function commits(belief: Belief, references: readonly string[], partition = 0): NewRecord[] {
  let { seq, hash } = belief
  return references.map((reference) => {
    const record = commit({ epoch: belief.epoch, seq, hash }, reference, partition)
    seq += 1
    hash = nextHash(hash, record.value)
    return record
  })
}

export function heartbeat(epoch: number, partition = 0): NewRecord {
  return { key: 'heartbeat', value: encodeHeartbeat({ ledgerId, partition }, { epoch, at }) }
}

/** The same record with another text in it, which must be there. */
export function changed<Changed extends NewRecord>(record: Changed | undefined, from: string, to: string): Changed {
  const text = new TextDecoder().decode(record?.value)
  assert.ok(record && text.includes(from), `${from} stands in ${text}`)
  return { ...record, value: new TextEncoder().encode(text.replace(from, to)) }
}

/** The same payment of one posting with another amount: one whose legs do not balance would be no record any more. */
export function ofAmount<Changed extends NewRecord>(record: Changed | undefined, from: string, to: string): Changed {
  return changed(changed(record, `"amount":"-${from}"`, `"amount":"-${to}"`), `"amount":"${from}"`, `"amount":"${to}"`)
}

/** A claim with another generation, as newer code or a changed digit has it. */
export function announcing<Changed extends NewRecord>(record: Changed | undefined, generation: number): Changed {
  return changed(record, `"eventGeneration":${EVENT_GENERATION}`, `"eventGeneration":${generation}`)
}

/** A record of a kind that this code has never heard of. */
export function unknownKind(ignorable: boolean): NewRecord {
  const json = { specversion: '1.0', type: 'micropay.future.v1', ignorable, data: {} }
  return { key: 'future', value: new TextEncoder().encode(JSON.stringify(json)) }
}
