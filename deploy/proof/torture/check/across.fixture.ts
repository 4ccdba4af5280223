import { createHash } from 'node:crypto'
import { homeOf } from './placement.ts'
import type { Attempt, Leg } from './read-journal.ts'
import type { LogRecord } from './read-log.ts'
import { noon, noonMs } from './said.fixture.ts'

/** A commit of one of two partitions; its causes are named by their places, and get their hashes. */
export type Written = {
  readonly on: 0 | 1
  readonly command: string
  readonly key?: string
  readonly events: readonly { readonly type: string; readonly data: object }[]
  readonly causes?: readonly (readonly [partition: 0 | 1, seq: number])[]
  readonly low?: number
  readonly decidedAt?: string
}

/** When what began at noon is over. */
export const late = '2026-03-01T12:01:00.000Z'

export function idOn(partition: number, name: string): string {
  for (let tag = 0; ; tag += 1) if (homeOf(`{${tag}}${name}`, 2) === partition) return `{${tag}}${name}`
}

/** Ada is on partition 0, Ben on partition 1, and the cash desk, which has no limit, with Ada. */
export const [ada, ben, cash] = [idOn(0, 'ada'), idOn(1, 'ben'), idOn(0, 'cash')]

export function leg(account: string, amount: number): Leg {
  return { account, amount: String(amount), currency: 'EUR' }
}

/** The bytes of both partitions, written in this order. */
export function logsOf(written: readonly Written[]): LogRecord[][] {
  const heads = [0, 1].map((partition) => ({
    hash: createHash('sha256').update(`torture\n${partition}`).digest(),
    hashes: [''],
    records: [
      record('genesis', { ledgerId: 'torture', partition, partitions: 2, placement: 'p', hash: 'sha-256' }),
      record('claim', { epoch: 1, claimId: 'c', ownerId: 'a', claimedAt: noon, eventGeneration: 10 }),
    ],
  }))
  for (const { on, command, key, events, causes, low, decidedAt = noon } of written) {
    const head = heads[on]
    if (!head) continue
    const value = record('commit', {
      ...{
        epoch: 1,
        seq: head.hashes.length,
        previousHash: head.hash.toString('base64url'),
        decidedAt,
        tenant: 'main',
      },
      ...{
        actor: { subject: 'olga', client: 'olga' },
        command: { type: command },
        outcome: { kind: 'accepted' },
        events,
      },
      ...(key === undefined ? {} : { idempotencyKey: key }),
      ...(causes === undefined ? {} : { causes: causes.map(causeOf) }),
      ...(low === undefined ? {} : { low }),
    })
    head.records.push(value)
    head.hash = createHash('sha256').update(head.hash).update(value).digest()
    head.hashes.push(head.hash.toString('base64url'))
  }
  function causeOf([partition, seq]: readonly [0 | 1, number]) {
    return { partition, seq, hash: heads[partition]?.hashes[seq] ?? 'of what is not there' }
  }
  return heads.map(({ records }) => records.map((value, offset) => ({ offset: BigInt(offset), value })))
}

function record(type: string, data: unknown): Buffer {
  return Buffer.from(JSON.stringify({ specversion: '1.0', type: `micropay.${type}.v1`, data }))
}

const opened = (on: 0 | 1, accountId: string, overdraftLimit: string): Written => ({
  ...{ on, command: 'OpenAccount', key: `open ${accountId}` },
  events: [{ type: 'AccountOpened', data: { accountId, overdraftLimit } }],
})

/** At 0:3 Ada has 100. */
export const opening: readonly Written[] = [
  ...[opened(0, ada, '0'), opened(0, cash, 'unlimited')],
  {
    ...{ on: 0, command: 'MakePayment', key: 'salary' },
    events: [{ type: 'PaymentPosted', data: { paymentId: 'pay-0-3', legs: [leg(cash, -100), leg(ada, 100)] } }],
  },
  opened(1, ben, '0'),
]

/** Ada pays Ben 40 at 0:4: promised here, then there at 1:2, posted here at 0:5, there at 1:3, and over at 0:6. */
export const paid: readonly Written[] = [begun({}), prepared(), completed(), postedThere(), ended()]
/** The same, decided by the one who is paid. */
export const settled: readonly Written[] = [
  begun({ settles: true }),
  { ...postedThere(false), causes: [[0, 4]] },
  completed(true),
]
/** The same, given up at its deadline, and let go of by both. */
export const expired: readonly Written[] = [begun({}), prepared(), failed(), releasedThere(), ended(late)]

export function begun(more: object, legs = [leg(ada, -40), leg(ben, 40)]): Written {
  const data = {
    paymentId: 'pay-0-4',
    legs,
    participants: [1],
    deadline: late,
    effectiveAt: noon,
  }
  const own = { paymentId: 'pay-0-4', legs: [leg(ada, -40)], effectiveAt: noon }
  return {
    ...{ on: 0, command: 'MakePayment', key: 'across' },
    events: [
      { type: 'PaymentInitiated', data: { ...data, ...more } },
      { type: 'LegsPrepared', data: own },
    ],
  }
}

export function prepared(legs = [leg(ben, 40)]): Written {
  const data = { paymentId: 'pay-0-4', legs, effectiveAt: noon }
  return { ...step(1, [[0, 4]]), low: 0, events: [{ type: 'LegsPrepared', data }] }
}

export function completed(isOver = false): Written {
  const legs = [leg(ada, -40), leg('transit/1/EUR', 40)]
  const events = [
    { type: 'PaymentCompleted', data: { paymentId: 'pay-0-4', kind: 'payment', ended: isOver } },
    { type: 'LegsPosted', data: { paymentId: 'pay-0-4', legs, promised: true, effectiveAt: noon } },
  ]
  return { ...step(0, [[1, 2]]), events }
}

export function postedThere(promised = true, legs = [leg(ben, 40), leg('transit/0/EUR', -40)]): Written {
  const data = { paymentId: 'pay-0-4', legs, promised, effectiveAt: noon }
  return { ...step(1, [[0, 5]]), low: 0, events: [{ type: 'LegsPosted', data }] }
}

export function ended(decidedAt = noon): Written {
  return { ...step(0, [[1, 3]]), decidedAt, events: [{ type: 'PaymentEnded', data: { paymentIds: ['pay-0-4'] } }] }
}

export function failed(decidedAt = late): Written {
  const rejection = { code: 'payment_expired', detail: 'too late' }
  const events = [
    { type: 'PaymentFailed', data: { paymentId: 'pay-0-4', rejection, ended: false } },
    { type: 'LegsReleased', data: { paymentId: 'pay-0-4', legs: [leg(ada, -40)] } },
  ]
  return { on: 0, command: 'ExpirePayment', decidedAt, events }
}

export function releasedThere(): Written {
  const data = { paymentId: 'pay-0-4', legs: [leg(ben, 40)] }
  return { ...step(1, [[0, 5]]), low: 0, events: [{ type: 'LegsReleased', data }] }
}

function step(on: 0 | 1, causes: NonNullable<Written['causes']>): Pick<Written, 'on' | 'command' | 'causes'> {
  return { on, command: 'StepPayment', causes }
}

/** What the clients asked for, each told what its commit says; the payment across partitions is told `status`. */
export function askedFor(position: string, more: Partial<Attempt['answer']> = {}): Attempt[] {
  const attempt = (key: string, path: string, body: Attempt['body'], at: string): Attempt => ({
    ...{ id: 0, at: noonMs, key, worker: 'a', path, body },
    answer: { at: noonMs, status: 201, position: at, decidedAt: noon },
  })
  const payment = attempt('across', '/v1/payments', { legs: [leg(ada, -40), leg(ben, 40)] }, position)
  const answer = { at: noonMs, status: 201, position, decidedAt: noon, paymentId: 'pay-0-4', ...more }
  return [
    attempt(`open ${ada}`, '/v1/accounts', { accountId: ada }, '0:1'),
    attempt(`open ${cash}`, '/v1/accounts', { accountId: cash }, '0:2'),
    attempt('salary', '/v1/payments', { legs: [leg(cash, -100), leg(ada, 100)] }, '0:3'),
    attempt(`open ${ben}`, '/v1/accounts', { accountId: ben }, '1:1'),
    { ...payment, answer },
  ]
}
