import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { testKafka } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import type { ReceivedSpan } from '@micropay/runtime/telemetry/otlp-messages.fixture'
import { partitionOf } from '@micropay/schemas/placement'
import { PARTITIONS, startTracedSite, type TracedSite } from './site.fixture.ts'

const ids = Array.from({ length: 40 }, (_, index) => `acc-${index}`)
const [payer = '', near = ''] = ids.filter((id) => partitionOf(id, PARTITIONS) === 0)
const far = ids.find((id) => partitionOf(id, PARTITIONS) === 1) ?? ''

let site: TracedSite
/** By night on the other log, too: there the trace is a header of the record. */
const logs = process.env.NIGHTLY === '1' ? (['postgres', 'kafka'] as const) : (['postgres'] as const)

async function begin(log: (typeof logs)[number]): Promise<void> {
  site = await startTracedSite(log === 'kafka' ? await onKafka() : {})
  for (const [accountId, type] of [
    [payer, 'external'],
    [near, 'customer'],
    [far, 'customer'],
  ] as const) {
    const overdraftLimit = type === 'external' ? 'unlimited' : undefined
    const answer = await site.post('/v1/accounts', {
      ...{ accountId, type, owner: 'customer:ada', currency: 'EUR', overdraftLimit },
    })
    assert.equal(answer.status, 201, await answer.text())
  }
}

async function onKafka(): Promise<Record<string, string>> {
  const { brokers, name, close } = await testKafka()
  after(close)
  return { LOG: 'kafka', KAFKA_BROKERS: brokers.join(','), KAFKA_TOPIC: name('traces') }
}

const CALLER = '00f067aa0ba902b7'

/** Pays in a trace that the caller has begun; answers its spans once there are as many: processes send their own. */
async function paid(to: string, size: number, isOf = (_span: ReceivedSpan) => true) {
  const traceId = Buffer.from(systemClock.randomId(), 'base64url').toString('hex')
  const postings = [{ from: payer, to, amount: '100', currency: 'EUR' }]
  const answer = await site.post('/v1/payments', { postings }, { traceparent: `00-${traceId}-${CALLER}-01` })
  assert.equal(answer.status, 201, await answer.text())
  assert.equal(answer.headers.get('traceparent')?.slice(3, 35), traceId)
  const ofTrace = (spans: readonly ReceivedSpan[]) => spans.filter((span) => span.traceId === traceId && isOf(span))
  return ofTrace(await site.receiver.until((spans) => ofTrace(spans).length >= size))
}

type Tree = readonly [name: string, ...children: Tree[]]

/** What stands below a span, in the order in which it began. */
function treeBelow(parentId: string, spans: readonly ReceivedSpan[]): Tree[] {
  return spans
    .filter((span) => span.parentId === parentId)
    .toSorted((one, other) => Number(one.startNs - other.startNs))
    .map((span): Tree => [`${span.service}: ${span.name}`, ...treeBelow(span.spanId, spans)])
}

/** Of which partition each append of the trace is, from the first one on. */
function appendsIn(spans: readonly ReceivedSpan[]): string[] {
  return spans
    .filter(({ name }) => name === 'append')
    .toSorted((one, other) => Number(one.startNs - other.startNs))
    .map(({ attributes }) => String(attributes['micropay.position']).split(':')[0] ?? '')
}

const project: Tree = [
  'accounts-projection: project',
  ['accounts-projection: fold'],
  ['accounts-projection: transaction'],
]
const turn: Tree[] = [['write-side: wait in the queue'], ['write-side: decide']]
const throughGateway = (...below: Tree[]): Tree[] => [
  ['gateway: POST /v1/payments', ['gateway: ask write-side', ['write-side: POST /v1/payments', ...below]]],
]

for (const log of logs) {
  describe(`on ${log}`, () => {
    before(() => begin(log))
    after(() => site?.close())
    describePayments()
  })
}

function describePayments(): void {
  test('a payment inside one partition is one trace, from its caller to the event that a stream is told', async () => {
    const gone = new AbortController()
    const { authorization } = site
    const stream = await fetch(`${site.url}/v1/account-events`, { headers: { authorization }, signal: gone.signal })
    const reader = stream.body?.getReader()
    // An id without an event: from here on it is told of changes.
    for (let told = ''; !/^id: /m.test(told); told += Buffer.from((await reader?.read())?.value ?? '').toString());
    const told = reader?.read()
    const spans = await paid(near, 11)
    await told
    gone.abort()
    const tell: Tree = ['accounts: tell a change']
    const [name, ...parts] = project
    const append: Tree = ['write-side: append', [name, ...parts, tell, tell]]
    assert.deepEqual(treeBelow(CALLER, spans), throughGateway(...turn, append))
    assert.ok(spans.every(({ startNs, endNs, failure }) => startNs <= endNs && failure === undefined))
    // The batch is a trace of its own, which leads here.
    const projected = spans.find((span) => span.name === 'project')
    const [batch] = await site.receiver
      .until((all) => all.some(({ links }) => links.some(({ spanId }) => spanId === projected?.spanId)))
      .then((all) => all.filter(({ links }) => links.some(({ spanId }) => spanId === projected?.spanId)))
    assert.deepEqual([batch?.name, batch?.parentId], ['project a batch', ''])
    assert.notEqual(batch?.traceId, projected?.traceId)
  })

  test('a payment across two partitions is one trace, through the messages by which they speak', async () => {
    // The stream of before may end only now.
    const spans = await paid(far, 21, ({ name }) => name !== 'tell a change')
    const home: Tree = ['write-side: append', project]
    const away: Tree = ['write-side: append', ...turn, home, project]
    const begun: Tree = ['write-side: append', ...turn, away, project]
    assert.deepEqual(sorted(treeBelow(CALLER, spans)), sorted(throughGateway(...turn, begun)))
    assert.deepEqual(appendsIn(spans), ['0', '1', '0'])
  })
}

/** A projection and another partition go on with a record at the same time. */
function sorted(trees: readonly Tree[]): Tree[] {
  return trees
    .map(([name, ...children]): Tree => [name, ...sorted(children)])
    .toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)))
}
