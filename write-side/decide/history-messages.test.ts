import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PaymentId } from '@micropay/schemas/identifiers'
import { unansweredIn } from './history.ts'
import { ada, assertSettled, ben, cid, held, kindsIn, partOf, pays, settle } from './lost-history.fixture.ts'
import { partitionsOf } from './partitions.fixture.ts'
import { zoneOf } from './period.ts'
import { sagas } from './saga.ts'
import { steps } from './steps.ts'

test('what a history that is gone has said is not handled once its loss is accepted', () => {
  const ledger = partitionsOf(3, held)
  ledger.pay(pays('300'))
  const [old] = ledger.mail.splice(0)
  assert(old?.kind === 'settle')
  partOf(ledger, 0).lose(0)
  settle(ledger)
  assert.equal(partOf(ledger, 1).hear(old), 'nothing')
  assert.equal(partOf(ledger, 1).ledger.read(steps, old.payment), undefined)
})

test('an answer about an earlier loss is none about the newest', () => {
  const ledger = partitionsOf(3, held)
  partOf(ledger, 0).lose(0)
  partOf(ledger, 0).askHistory()
  ledger.deliver()
  const answers = ledger.mail.splice(0).filter(({ kind }) => kind === 'accepted')
  partOf(ledger, 0).lose(0)
  for (const answer of answers) assert.equal(partOf(ledger, 0).hear(answer), 'nothing')
  assert.deepEqual(unansweredIn(partOf(ledger, 0).ledger), [1, 2])
  settle(ledger)
})

test('two that lost history at once answer each other', () => {
  const ledger = partitionsOf(3, held)
  ledger.pay(pays('300'))
  ledger.deliverAll()
  partOf(ledger, 0).lose(1)
  partOf(ledger, 1).lose(0)
  settle(ledger)
  assert.deepEqual(ledger.balances(), { [ada]: '700', [ben]: '400', [cid]: '50' })
  assertSettled(ledger)
})

test('who has lost that it accepted a loss accepts it anew, and asks again what the other knows', () => {
  const ledger = partitionsOf(3, held)
  ledger.pay(pays('300'))
  ledger.deliverAll()
  partOf(ledger, 0).lose(0)
  settle(ledger)
  partOf(ledger, 1).lose(1)
  settle(ledger)
  assert.deepEqual(ledger.balances(), { [ada]: '1000', [ben]: '400', [cid]: '50' })
  assertSettled(ledger)
})

test('an answer to what was asked before a payment was opened again is none', () => {
  const ledger = partitionsOf(3, held)
  const payment = ledger.pay(pays('300')) as PaymentId
  ledger.deliverAll()
  partOf(ledger, 1).lose(0)
  settle(ledger)
  // From here on partition 1 has forgotten what it posted by force.
  ledger.pay(pays('5'))
  ledger.deliverAll()
  partOf(ledger, 0).lose(2)
  const asked = ledger.mail.length
  partOf(ledger, 0).askHistory()
  ledger.deliver(asked)
  const [answer] = ledger.mail.splice(0).filter(({ kind, from }) => kind === 'accepted' && from === 1)
  partOf(ledger, 1).askHistory()
  ledger.deliver()
  assert(kindsIn(ledger, 0).includes('PaymentReopened'))
  assert(answer && partOf(ledger, 0).hear(answer) === 'nothing')
  settle(ledger)
  assert.equal(partOf(ledger, 0).ledger.read(sagas, payment), undefined)
  assert(kindsIn(ledger, 1).includes('LegsRecalled'))
  assertSettled(ledger)
})

test('what stands behind a loss is told to nobody who has yet to accept that', () => {
  const ledger = partitionsOf(3, held)
  partOf(ledger, 0).lose(0)
  const zone = (partition: number) => zoneOf(partOf(ledger, partition).ledger, 'main')
  ledger.give({ type: 'SetZone', data: { zone: 'Asia/Tokyo' } }, { mayBook: true })
  assert.deepEqual(ledger.mail, [])
  settle(ledger)
  partOf(ledger, 0).tellFacts(0)
  ledger.deliverAll()
  assert.deepEqual([zone(0), zone(1), zone(2)], ['Asia/Tokyo', 'Asia/Tokyo', 'Asia/Tokyo'])
})
