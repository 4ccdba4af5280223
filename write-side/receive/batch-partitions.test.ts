import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { createLogger } from '@micropay/runtime/logger'
import type { Caller } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { partitionOf } from '@micropay/schemas/placement'
import { parsePositions } from '@micropay/schemas/position'
import { startOwner, stopOwner, type TestOwner } from '../handle/owner.fixture.ts'
import type { PartitionOwner } from '../handle/partition-owner.ts'
import { buildCommandApp } from './build-app.ts'

const PARTITIONS = 4
const log = openMemoryLog()
const options = { requestHashKey: 'a key', verifyToken, log: createLogger('test', 'silent') }
let owners: readonly TestOwner[]
/** A tag for each partition, in their order. */
const tags = Array.from({ length: PARTITIONS }, (_, partition) => tagIn(partition))

before(async () => {
  await log.prepare(PARTITIONS)
  owners = tags.map((_, partition) => startOwner(log, { partition, partitions: PARTITIONS }))
  const accounts = tags.flatMap((tag) => [
    { idempotencyKey: `${tag}-cash`, accountId: `{${tag}}cash`, type: 'external', owner: 'house', currency: 'EUR' },
    {
      idempotencyKey: `${tag}-ada`,
      accountId: `{${tag}}ada`,
      type: 'customer',
      owner: 'customer:ada',
      currency: 'EUR',
    },
  ])
  const { results, position } = await send('accounts', accounts)
  assert.deepEqual([...new Set(results.map(({ status }) => status))], [201])
  assert.equal(position, '0:2,1:2,2:2,3:2')
})
after(() => Promise.all(owners.map((owner) => stopOwner(owner))))

test('a batch over several partitions is answered and decided in its order', async () => {
  const payments = Array.from({ length: 400 }, (_, index) => deposit(tags[(index * 7) % PARTITIONS] ?? '', `d${index}`))
  const { results, position } = await send('payments', payments)
  assert.deepEqual(
    results.map(({ idempotencyKey }) => idempotencyKey),
    payments.map(({ idempotencyKey }) => idempotencyKey),
  )
  for (const [partition, tag] of tags.entries()) {
    const seqs = results.flatMap(({ position: at }, index) =>
      payments[index]?.postings[0]?.to === `{${tag}}ada` ? (parsePositions(at ?? '') ?? []) : [],
    )
    assert.deepEqual(
      seqs,
      Array.from({ length: 100 }, (_, index) => ({ partition, seq: 3 + index })),
    )
  }
  assert.equal(position, '0:102,1:102,2:102,3:102')
  // A replayed one stands before what its partition has written since.
  const again = await send('payments', [deposit(tags[2] ?? '', 'new'), payments[0], payments[3]])
  assert.deepEqual(again.position, '0:3,1:3,2:103')
})

test('what is not decided in one partition holds up what comes after it there, and nothing elsewhere', async () => {
  const [held = '', free = ''] = tags
  const busy: PartitionOwner = {
    ...(owners[0] as PartitionOwner),
    submit: async () => ({ kind: 'refused', code: 'overloaded', detail: 'try again' }),
  }
  const app = [busy, ...owners.slice(1)]
  const { results, position } = await send(
    'payments',
    Array.from({ length: 3_000 }, (_, index) => deposit(index % 2 === 0 ? held : free, `h${index}`)),
    app,
  )
  const codes = results.map(({ status, problem }) => problem?.code ?? String(status))
  assert.deepEqual(new Set(codes.filter((_, index) => index % 2 === 1)), new Set(['201']))
  assert.equal(codes[0], 'overloaded')
  assert.equal(codes[2_998], 'not_owner')
  assert.match(position, /^1:[0-9]+$/)
})

test('a payment waits for what is not decided in the partition of any of its accounts', async () => {
  const [held = '', free = ''] = tags
  let submitted = 0
  const [busy, counting] = [{ ...owners[0] }, { ...owners[1] }] as PartitionOwner[]
  assert.ok(busy && counting)
  busy.submit = async () => ({ kind: 'refused', code: 'overloaded', detail: 'try again' })
  counting.submit = async (request) => {
    submitted += 1
    return (owners[1] as PartitionOwner).submit(request)
  }
  const filler = Array.from({ length: 3_000 }, (_, index) => deposit(tags[2] ?? '', `f${index}`))
  const crossing = { ...deposit(free, 'x'), postings: [{ ...posting, from: `{${free}}cash`, to: `{${held}}ada` }] }
  const payments = [deposit(held, 'first'), ...filler, crossing]
  const { results } = await send('payments', payments, [busy, counting, ...owners.slice(2)])
  assert.deepEqual([results.at(-1)?.problem?.code, submitted], ['not_owner', 0])
})

test('who pays from what is still under way is not tried, and others of its partition are', async () => {
  const [one = '', other = '', third = ''] = tags
  const legs = [`{${one}}cash -20`, `{${other}}ada 10`, `{${third}}ada 10`].map((leg) => {
    const [account, amount] = leg.split(' ')
    return { account, amount, currency: 'EUR' }
  })
  // These owners hear nothing of each other.
  const across = { idempotencyKey: 'across', legs }
  const onward = { idempotencyKey: 'onward', postings: [{ ...posting, from: `{${other}}ada`, to: `{${other}}cash` }] }
  const { results } = await send('payments', [across, onward, deposit(other, 'unrelated')])
  const told = results.map(({ status, problem }) => problem?.code ?? status)
  assert.deepEqual(told, [202, 'not_owner', 201])
})

const posting = { from: '', to: '', amount: '100', currency: 'EUR' }

function deposit(tag: string, idempotencyKey: string) {
  return { idempotencyKey, postings: [{ ...posting, from: `{${tag}}cash`, to: `{${tag}}ada` }] }
}

type Result = {
  readonly status: number
  readonly idempotencyKey: string
  readonly position: string | null
  readonly problem?: { readonly code: string }
}

async function send(what: 'accounts' | 'payments', items: readonly unknown[], by: readonly PartitionOwner[] = owners) {
  const app = await buildCommandApp({ ...options, owners: by })
  const answer = await app.inject({
    method: 'POST',
    url: `/v1/${what}/batch`,
    headers: { authorization: 'olga' },
    body: { [what]: items },
  })
  assert.equal(answer.statusCode, 200, answer.body)
  const { results } = answer.json<{ results: Result[] }>()
  return { results, position: String(answer.headers.position) }
}

function tagIn(partition: number): string {
  for (let index = 0; ; index += 1) if (partitionOf(`t${index}`, PARTITIONS) === partition) return `t${index}`
}

async function verifyToken(): Promise<Caller> {
  return {
    subject: OwnerId.parse('operator:olga'),
    client: 'test',
    tenant: 'main',
    scopes: new Set(['accounts:manage', 'payments:book']),
    expiresAt: Number.POSITIVE_INFINITY,
  }
}
