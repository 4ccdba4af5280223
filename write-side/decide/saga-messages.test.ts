import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import type { Message, PaymentMessage } from '@micropay/schemas/log/message'
import { account, partitionsOf } from './partitions.fixture.ts'
import { posting } from './payment.fixture.ts'
import { isSaid } from './saga-messages.ts'

const partitions = 2
const [ada, ben] = [idOn(0, partitions, 'ada'), idOn(1, partitions, 'ben')]
const held = [account(ada, { balanceMinor: 1000n }), account(ben, { owner: 'customer:ben' })]

test('what a partition said is said until its payment goes on, and never with another history', () => {
  const ledger = partitionsOf(partitions, held)
  ledger.pay({ postings: [posting(ada, ben, '300')] }, { isPrompt: () => false })
  const seen: Message[] = []
  const first = () => ledger.mail[0] as PaymentMessage | undefined
  const isStillSaid = (message: Message) => {
    const { ledger: state, log } = ledger.parts[message.from] ?? assert.fail('it comes from nowhere')
    return isSaid(message, state, { partition: message.from, partitions, seq: log.length })
  }
  for (let message = first(); message; message = first()) {
    assert.equal(isStillSaid(message), true, message.kind)
    const { seq, hash } = message.at
    assert.equal(isStillSaid({ ...message, at: { seq, hash: hash.replace(':', ';') } }), false)
    assert.equal(isStillSaid({ ...message, at: { seq: seq + 1, hash } }), false)
    assert.equal(isStillSaid({ ...message, to: 5 }), false)
    seen.push(message)
    ledger.deliver()
  }
  assert.deepEqual(
    seen.map((message) => [message.kind, isStillSaid(message)]),
    [
      ['prepare', false],
      ['prepared', false],
      ['commit', true],
      ['posted', true],
    ],
  )
  ledger.parts[0]?.end()
  assert.equal(
    seen
      .filter(isStillSaid)
      .map(({ kind }) => kind)
      .join(),
    'posted',
  )
})
