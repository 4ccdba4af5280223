import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { factsKnown } from './ledger-facts.ts'
import { account, partitionsOf } from './partitions.fixture.ts'

const held = [0, 1, 2].map((partition) => account(idOn(partition, 3, 'purse')))
const policy = { type: 'SetPolicy', data: { command: 'CloseAccount', people: 2 } } as const

test('what holds for the whole ledger is told to those alone who have accepted what its home has lost', () => {
  const ledger = partitionsOf(3, held)
  const [home, ...others] = ledger.parts
  const known = () => others.map((part) => factsKnown(part.ledger))
  home?.lose(0)
  ledger.give(policy, { mayBook: true, subject: 'operator:olga' })
  ledger.deliverAll()
  assert.deepEqual(known(), [0, 0], 'they would take its position for one that the resume gives again')
  home?.askHistory()
  ledger.deliverAll()
  home?.tellFacts(0)
  ledger.deliverAll()
  assert.deepEqual(known(), [1001, 1001])
})
