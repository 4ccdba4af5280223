import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { partitionOf } from '@micropay/schemas/placement'
import type { Position } from '@micropay/schemas/position'
import { moveLedger } from './move-ledger.ts'
import { commitsBehind, commitsInOrder, partsOf } from './old-ledger.ts'
import { surveyLedger } from './survey.ts'

const { signal } = new AbortController()
const names = Array.from({ length: 20 }, (_, index) => `account-${index}`)
const idOn = (partition: number) => names.find((id) => partitionOf(id, 2) === partition) ?? ''
const [ada, ben] = [idOn(0), idOn(1)]
const unlimited = { overdraftLimit: 'unlimited' } as const

async function logOf(...partitions: Parameters<Awaited<ReturnType<EventLog['openAppender']>>['append']>[0][]) {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(partitions.length)
  for (const [partition, records] of partitions.entries()) await (await log.openAppender(partition)).append(records)
  return log
}

const surveyOf = (log: EventLog, until: readonly Position[] = [], tenant?: string) =>
  surveyLedger({ log, until, tenant, signal, nowMs: Date.parse('2026-04-01T00:00:00Z'), onProgress: () => undefined })

/** What is printed and thrown by a move that must send nothing. */
async function stopped(log: EventLog, more: { yes?: boolean; until?: Position[] } = {}) {
  const lines: string[] = []
  const moving = moveLedger({
    ...{ log, until: [], tenant: undefined, yes: true, batchSize: 10, patienceMs: 0, signal, ...more },
    ...{ print: (line) => void lines.push(line), terminal: { write: () => true } },
    connect: () => assert.fail('the new ledger was connected to'),
  })
  const error = await moving.then(
    () => undefined,
    (cause: Error) => cause,
  )
  return { lines, message: error?.message ?? '' }
}

for (const generation of [1, 2, 7, EVENT_GENERATION]) {
  test(`a ledger of generation ${generation} is read, with its balances`, async () => {
    const old = createLedger(0, 1, { generation })
    const log = await logOf([
      ...[old.genesis(), old.claim(), old.open('ada', unlimited), old.open('ben')],
      old.pay([['ada', 'ben', 5]], { reference: 'r' }),
    ])
    const { accounts, payments, faults } = await surveyOf(log)
    assert.deepEqual([payments, faults], [1, []])
    assert.deepEqual(
      Array.from(accounts.values(), ({ balanceMinor }) => balanceMinor),
      [-5n, 5n],
    )
    const { lines, message } = await stopped(log, { yes: false })
    assert.equal(message, '')
    assert.match(lines[0] ?? '', /^ledger test-ledger of 1 partition, tenant acme, at 0:3: 2 accounts, 1 payment/)
    assert.match(lines.at(-1) ?? '', /Nothing was sent/)
  })
}

test('partitions are read in the order of time, each in its own', async () => {
  const [home, other] = [createLedger(0, 2), createLedger(1, 2)]
  const at = (second: number) => ({ decidedAt: `2026-03-01T09:00:0${second}.000Z` })
  const log = await logOf(
    [home.genesis(), home.claim(), home.open('a', at(1)), home.open('b', at(2)), home.open('c', at(5))],
    [other.genesis(), other.claim(), other.open('d', at(2)), other.open('e', at(3)), other.open('f', at(4))],
  )
  const seen: string[] = []
  const parts = await partsOf(log, [])
  for await (const run of commitsInOrder(log, parts, signal)) {
    for (const { commit } of run) {
      const [event] = commit.events
      if (event?.type === 'AccountOpened') seen.push(event.data.accountId)
    }
  }
  assert.equal(seen.join(''), 'abdefc')
  assert.equal(await commitsBehind(log, parts, signal), 0)
  await (await log.openAppender(1)).append([other.heartbeat(), other.open('g', at(6))])
  assert.equal(await commitsBehind(log, parts, signal), 1)
})

test('up to a position, accounts are open from the first day that anything later counts on, too', async () => {
  const old = createLedger()
  const paying = [['ada', 'ben', 5]] as const
  const log = await logOf([
    ...[old.genesis(), old.claim(), old.open('ada', unlimited), old.open('ben'), old.pay(paying)],
    old.pay(paying, { effectiveAt: '2025-01-01T00:00:00.000Z' }),
  ])
  const { accounts, payments } = await surveyOf(log, [{ partition: 0, seq: 3 }])
  assert.equal(payments, 1)
  for (const { balanceMinor, firstMs } of accounts.values()) {
    assert.equal(balanceMinor < 0n ? -balanceMinor : balanceMinor, 5n)
    assert.equal(firstMs, Date.parse('2025-01-01'))
  }
  const beyond = await stopped(log, { until: [{ partition: 0, seq: 9 }] })
  assert.match(beyond.message, /ends at 0:4, and --until names 0:9/)
})

test('payments under way stop it before anything is sent', async () => {
  const [home, other] = [createLedger(0, 2), createLedger(1, 2)]
  const leg = (account: string, amount: string) => ({ account, amount, currency: 'EUR', pair: 1 })
  const [effectiveAt, paymentId] = ['2026-03-01T09:00:01.000Z', 'pay-0-2']
  const begun = {
    ...{ paymentId, legs: [leg(ada, '-5'), leg(ben, '5')], participants: [1], settles: true },
    ...{ subject: 'customer:ada', mayBook: true, effectiveAt, deadline: '2026-03-01T09:01:01.000Z' },
  }
  const held = { paymentId, legs: [leg(ada, '-5')], effectiveAt, sides: { debited: ['customer'], credited: [] } }
  const events = [
    { type: 'PaymentInitiated', version: 1, data: begun },
    { type: 'LegsPrepared', version: 1, data: held },
  ]
  const log = await logOf(
    [home.genesis(), home.claim(), home.open(ada, unlimited), home.decide('MakePayment', events)],
    [other.genesis(), other.claim(), other.open(ben)],
  )
  const { message } = await stopped(log)
  assert.match(message, /payments under way, which must end first: pay-0-2/)
})

test('a history that may have changed, and several tenants, stop it, too', async () => {
  const old = createLedger()
  const records = [old.genesis(), old.claim(), old.open('ada'), old.open('ben', { tenant: 'other' })]
  const both = await stopped(await logOf(records))
  assert.match(both.message, /of several tenants \(acme, other\): name one by --tenant/)
  assert.equal((await surveyOf(await logOf(records), [], 'other')).accounts.size, 1)
  const [genesis, claimed, first] = records
  const last = old.open('eve')
  if (!genesis || !claimed || !first) throw new RangeError('there are records')
  const broken = await stopped(await logOf([genesis, claimed, first, last]))
  assert.match(broken.message, /holds evidence of a changed history \(chain_broken\)/)
})
