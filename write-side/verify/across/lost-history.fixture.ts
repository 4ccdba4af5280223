import { idOn } from '@micropay/event-log/across.fixture'
import type { Cause, Commit } from '@micropay/schemas/log/commit'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { createAcrossJudge } from './judge-across.ts'

export const [ada, ben, cid] = [idOn(0, 3, 'ada'), idOn(1, 3, 'ben'), idOn(2, 3, 'cid')] as const
const sides = { debited: ['customer'], credited: ['customer'] }
const effectiveAt = '2026-03-01T09:00:00.000Z'
export const hashAt = (partition: number, seq: number) => `${partition}:${seq}`.padEnd(43, '-')

/** A commit with one step or more, or a resume that goes on from a seq; each stands at its own. */
export type Entry = { readonly seq: number; readonly events?: readonly object[]; readonly on?: readonly string[] } & {
  readonly resumes?: number
  readonly generation?: number
}
export type Logs = readonly (readonly Entry[])[]

export const leg = (account: string, amount: number, to?: string) => ({
  account: to ?? account,
  amount: `${amount}`,
  currency: 'EUR',
})
export const legs = [leg(ada, -300), leg(ben, 300)]
const head = { paymentId: 'pay-0-2', effectiveAt }
const event = (type: string, data: object, version = 1) => ({ type, version, data: { ...head, ...data } })
export const initiated = (more: object = {}) =>
  event('PaymentInitiated', { legs, participants: [1], subject: 'customer:ada', ...more })
export const posted = (own: readonly object[], more: object) =>
  event('LegsPosted', { legs: own, sides, promised: true, ...more }, 2)
export const ownPosted = posted([legs[0] as object, leg('transit/1/EUR', 300)], {})
export const benPosted = (more: object = {}) => posted([legs[1] as object, leg('transit/0/EUR', -300)], more)
export const prepared = event('LegsPrepared', { legs: legs.slice(1), sides })
export const completed = (more: object = {}) => event('PaymentCompleted', { kind: 'payment', ended: false, ...more }, 2)
const ended = { type: 'PaymentEnded', version: 1, data: { paymentIds: ['pay-0-2'] } }
const accepted = (of: number) => ({ type: 'HistoryAccepted', version: 1, data: { partition: of, lost: [], open: [] } })
const answered = (by: number) => ({ type: 'HistoryAnswered', version: 1, data: { partition: by } })
export const reopened = (more: object = {}) =>
  event('PaymentReopened', { legs, participants: [1], asks: [1], outcome: 'completed', ...more })
export const writtenOff = (transit: number, rest = -transit) =>
  event('LegsWrittenOff', { legs: [leg('transit/0/EUR', transit), leg('suspense/1/EUR', rest)] })

function causesOf(on: readonly string[]): Cause[] {
  return on.map((place) => {
    const [partition = 0, seq = 0, other] = place.split(':').map(Number)
    return { partition, seq, hash: hashAt(partition, other ?? seq) }
  })
}

function commitOf({ events = [], on = [] }: Entry): Commit {
  const actor = { subject: 'customer:ada', client: 'test' }
  return { ...{ tenant: 'main', actor, decidedAt: effectiveAt, events }, causes: causesOf(on) } as unknown as Commit
}

/** Each log read to its end, in that order of partitions, `vector` entries of each. */
export function judged(logs: Logs, order: readonly number[] = [0, 1, 2], vector: readonly number[] = [99, 99, 99]) {
  const judge = createAcrossJudge(3)
  for (const partition of order) {
    for (const { seq, resumes, generation = EVENT_GENERATION, ...entry } of logs[partition]?.slice(
      0,
      vector[partition],
    ) ?? []) {
      const place = { partition, seq, hash: hashAt(partition, seq) }
      if (resumes === undefined) judge.take(commitOf({ seq, ...entry }), place)
      else judge.resumed({ previousSeq: resumes, eventGeneration: generation }, place)
    }
  }
  return judge
}

/** The payer's partition has lost that it was completed, which the payee's has posted. */
export const learned: Logs = [
  [
    { seq: 2, events: [initiated()] },
    { seq: 50, resumes: 2 },
    { seq: 51, events: [completed({ learned: true }), ownPosted], on: ['1:3'] },
    { seq: 52, events: [answered(1)], on: ['1:4'] },
    { seq: 53, events: [ended], on: ['1:3'] },
  ],
  [
    { seq: 2, events: [prepared], on: ['0:2'] },
    { seq: 3, events: [benPosted()], on: ['0:3'] },
    { seq: 4, events: [accepted(0)], on: ['0:50'] },
  ],
  [],
]

/** The payee's has lost what it had posted, and the payment was over. */
export const again: Logs = [
  [
    { seq: 2, events: [initiated({ settles: true })] },
    { seq: 3, events: [completed({ ended: true }), ownPosted], on: ['1:2'] },
    { seq: 4, events: [reopened()], on: ['1:50'] },
    { seq: 5, events: [accepted(1)], on: ['1:50'] },
    { seq: 6, events: [ended], on: ['1:52'] },
  ],
  [
    { seq: 50, resumes: 1 },
    { seq: 51, events: [answered(0)], on: ['0:5'] },
    { seq: 52, events: [benPosted({ promised: false, forced: true })], on: ['0:4'] },
  ],
  [],
]

/** Then the payer's has lost that it was opened again, and opens it once more; the payee's has done so by then. */
export const afresh: Logs = [
  [
    ...(again[0] ?? []).slice(0, 2),
    { seq: 60, resumes: 3 },
    { seq: 61, events: [answered(1)], on: ['1:53'] },
    { seq: 62, events: [reopened()], on: ['1:50'] },
    { seq: 63, events: [accepted(1)], on: ['1:50'] },
    { seq: 64, events: [ended], on: ['1:52'] },
  ],
  [...(again[1] ?? []), { seq: 53, events: [accepted(0)], on: ['0:60'] }],
  [],
]

/** The payer's has lost that it ever began. */
export const gone: Logs = [
  [
    { seq: 50, resumes: 1 },
    { seq: 51, events: [answered(1)], on: ['1:5'] },
  ],
  [
    { seq: 2, events: [prepared], on: ['0:2'] },
    { seq: 3, events: [benPosted()], on: ['0:3'] },
    { seq: 4, events: [writtenOff(300)], on: ['0:50'] },
    { seq: 5, events: [accepted(0)], on: ['0:50'] },
  ],
  [],
]
export const released: Logs = [
  gone[0] ?? [],
  [
    { seq: 2, events: [prepared], on: ['0:2'] },
    { seq: 4, events: [event('LegsReleased', { legs: legs.slice(1), code: 'history_lost' }, 2)], on: ['0:50'] },
    { seq: 5, events: [accepted(0)], on: ['0:50'] },
  ],
  [],
]

const spread = [leg(ada, -300), leg(ben, 200), leg(cid, 100)]
/** One of two payees has lost what it had posted: it alone is asked again. */
export const partly: Logs = [
  [
    { seq: 2, events: [event('PaymentInitiated', { legs: spread, participants: [1, 2], subject: 'customer:ada' })] },
    {
      seq: 3,
      events: [completed(), posted([leg(ada, -300), leg('transit/1/EUR', 200), leg('transit/2/EUR', 100)], {})],
      on: ['1:2', '2:2'],
    },
    { seq: 4, events: [ended], on: ['1:3', '2:3'] },
    { seq: 5, events: [reopened({ legs: spread, participants: [1, 2], asks: [1] })], on: ['1:50'] },
    { seq: 6, events: [accepted(1)], on: ['1:50'] },
    { seq: 7, events: [ended], on: ['1:52'] },
  ],
  [
    { seq: 50, resumes: 1 },
    { seq: 51, events: [answered(0)], on: ['0:6'] },
    {
      seq: 52,
      events: [posted([leg(ben, 200), leg('transit/0/EUR', -200)], { promised: false, forced: true })],
      on: ['0:5'],
    },
  ],
  [
    { seq: 2, events: [event('LegsPrepared', { legs: [leg(cid, 100)], sides })], on: ['0:2'] },
    { seq: 3, events: [posted([leg(cid, 100), leg('transit/0/EUR', -100)], {})], on: ['0:3'] },
  ],
]
