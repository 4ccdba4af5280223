import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Accepted, PaymentMessage, Resumed } from '@micropay/schemas/log/message'
import { eventOf, HistoryUnansweredError } from './ledger.ts'
import {
  ada,
  assertSettled,
  ben,
  cid,
  held,
  kindsIn,
  type Ledger,
  on,
  partOf,
  pays,
  settle,
  slow,
  suspenseOf,
} from './lost-history.fixture.ts'
import { account, partitionsOf } from './partitions.fixture.ts'
import { posting } from './payment.fixture.ts'
import { sagas } from './saga.ts'
import { steps } from './steps.ts'

/** Delivers until a message of that kind is the next one. */
function deliverUntil(ledger: Ledger, kind: (PaymentMessage | Resumed | Accepted)['kind']): void {
  while (ledger.mail.length > 0 && ledger.mail[0]?.kind !== kind) ledger.deliver()
  assert.equal(ledger.mail[0]?.kind, kind)
}

describe('a payment of a partition that has lost history', () => {
  test('an open one that was posted elsewhere is completed, as soon as that is told', () => {
    const ledger = partitionsOf(3, held)
    const payment = ledger.pay(pays('300')) as PaymentId
    ledger.deliverAll()
    partOf(ledger, 0).lose(1)
    assert.equal(partOf(ledger, 0).ledger.read(sagas, payment)?.state, 'asked')
    settle(ledger)
    const completed = partOf(ledger, 0).log.find(({ events }) => events[0]?.type === 'PaymentCompleted')
    assert.deepEqual(completed?.events[0]?.data, { paymentId: payment, kind: 'payment', ended: true, learned: true })
    assert.equal(completed?.causes?.length, 1)
    assert.deepEqual(ledger.balances(), { [ada]: '700', [ben]: '400', [cid]: '50' })
    assertSettled(ledger)
  })

  test('of several participants one has posted: it is completed, and the others are told to post', () => {
    const ledger = partitionsOf(3, held)
    const legs = [posting(ada, ben, '30'), posting(ada, cid, '20')]
    ledger.pay({ postings: legs }, slow)
    deliverUntil(ledger, 'commit')
    ledger.deliver()
    ledger.mail.length = 0
    partOf(ledger, 0).lose(1)
    settle(ledger)
    assert.deepEqual(ledger.balances(), { [ada]: '950', [ben]: '130', [cid]: '70' })
    assertSettled(ledger)
  })

  test('one that nobody has posted goes on where it stands, and waits for all its participants before', () => {
    const ledger = partitionsOf(3, held)
    const payment = ledger.pay(pays('300'), slow) as PaymentId
    ledger.deliver()
    ledger.mail.length = 0
    partOf(ledger, 0).lose(1)
    const part = partOf(ledger, 0)
    part.askAgain([payment])
    assert.deepEqual(ledger.mail, [], 'nothing is asked before it is known what is known')
    assert.equal(part.step({ kind: 'expired', payment }), 'nothing')
    const cancel = { type: 'CancelPayment' as const, data: { paymentId: payment } as never }
    assert.throws(() => ledger.give(cancel), HistoryUnansweredError)
    assert.throws(() => ledger.pay(pays('1')), HistoryUnansweredError)
    settle(ledger)
    assert.deepEqual(ledger.balances(), { [ada]: '700', [ben]: '400', [cid]: '50' })
    assert.match(String(ledger.pay(pays('1'))), /^pay-0-/)
  })

  test('a promise for one that is gone is released', () => {
    const ledger = partitionsOf(3, held)
    ledger.pay(pays('300'), slow)
    ledger.deliver()
    ledger.mail.length = 0
    assert.equal(ledger.balances()[ben], '100 due 300')
    partOf(ledger, 0).lose(0)
    settle(ledger)
    const released = partOf(ledger, 1).log[1]
    assert.deepEqual(
      released?.events.map(({ type, data }) => [type, 'code' in data && data.code]),
      [['LegsReleased', 'history_lost']],
    )
    assert.deepEqual([released?.command.type, released?.causes?.[0]?.partition], ['AcceptHistory', 0])
    assert.deepEqual(ledger.balances(), { [ada]: '1000', [ben]: '100', [cid]: '50' })
    assert.deepEqual(kindsIn(ledger, 1), ['LegsPrepared', 'LegsReleased', 'HistoryAccepted'])
    assert.deepEqual(kindsIn(ledger, 0), ['HistoryAnswered', 'HistoryAnswered'])
    assertSettled(ledger)
  })

  test('what was posted for one that is gone is written off: whoever got it keeps it', () => {
    const ledger = partitionsOf(3, held)
    ledger.pay(pays('300'))
    ledger.deliverAll()
    partOf(ledger, 0).lose(0)
    settle(ledger)
    assert.deepEqual(ledger.balances(), { [ada]: '1000', [ben]: '400', [cid]: '50' })
    assert.equal(suspenseOf(ledger, 1)?.balanceMinor, -300n)
    assert.equal(partOf(ledger, 1).transit('transit/0/EUR'), undefined)
    assert.deepEqual(kindsIn(ledger, 1), ['LegsPosted', 'LegsWrittenOff', 'HistoryAccepted'])
    assertSettled(ledger)
    partOf(ledger, 0).lose(0)
    settle(ledger)
    assert.equal(suspenseOf(ledger, 1)?.balanceMinor, -300n, 'and never twice')
  })

  test('a step that it had told others to forget is recalled', () => {
    const ledger = partitionsOf(3, held)
    const first = ledger.pay(pays('300')) as PaymentId
    ledger.deliverAll()
    ledger.pay(pays('5'))
    ledger.deliverAll()
    assert.equal(partOf(ledger, 1).ledger.read(steps, first), undefined)
    partOf(ledger, 0).lose(1)
    settle(ledger)
    assert.deepEqual(kindsIn(ledger, 1), [
      'LegsPosted',
      'LegsPosted',
      'LegsRecalled',
      'LegsWrittenOff',
      'HistoryAccepted',
    ])
    assert.deepEqual(ledger.balances(), { [ada]: '700', [ben]: '405', [cid]: '50' })
    assert.equal(suspenseOf(ledger, 1)?.balanceMinor, -5n)
    assertSettled(ledger)
  })
})

describe('a payment that somebody else coordinates', () => {
  test('one that ended on what is gone is opened again, and posted by force', () => {
    const ledger = partitionsOf(3, held)
    const payment = ledger.pay(pays('300')) as PaymentId
    ledger.deliverAll()
    partOf(ledger, 1).lose(0)
    assert.equal(ledger.balances()[ben], '100')
    settle(ledger)
    assert.deepEqual(kindsIn(ledger, 0).slice(-3), ['PaymentReopened', 'HistoryAccepted', 'PaymentEnded'])
    const forced = partOf(ledger, 1).log.find(({ events }) => events[0]?.type === 'LegsPosted')
    assert.equal(forced?.events[0]?.type === 'LegsPosted' && forced.events[0].data.forced, true)
    assert.deepEqual([forced?.command.type, forced?.causes?.[0]?.partition], ['StepPayment', 0])
    assert.deepEqual(ledger.balances(), { [ada]: '700', [ben]: '400', [cid]: '50' })
    assert.equal(partOf(ledger, 0).ledger.read(sagas, payment), undefined)
    assertSettled(ledger)
  })

  test('of a payment that is opened again only who lost it is asked', () => {
    const ledger = partitionsOf(3, held)
    ledger.pay({ postings: [posting(ada, ben, '30'), posting(ada, cid, '20')] }, slow)
    ledger.deliverAll()
    const before = partOf(ledger, 2).log.length
    partOf(ledger, 1).lose(0)
    settle(ledger)
    assert.equal(partOf(ledger, 2).log.length, before + 1, 'that it has accepted what is lost')
    const again = partOf(ledger, 0).log.flatMap(({ events }) => eventOf(events, 'PaymentReopened') ?? [])
    assert.deepEqual(
      again.map(({ data }) => data.asks),
      [[1]],
    )
    assert.deepEqual(ledger.balances(), { [ada]: '950', [ben]: '130', [cid]: '70' })
    assertSettled(ledger)
  })

  test('one that was promised in what is gone, and is decided, is posted by force, whatever limits say', () => {
    const ledger = partitionsOf(3, held)
    ledger.pay({ postings: [posting(ada, cid, '20'), posting(ben, cid, '100')] }, { ...slow, mayBook: true })
    deliverUntil(ledger, 'commit')
    ledger.mail.length = 0
    partOf(ledger, 1).lose(0)
    ledger.give(
      { type: 'FreezeAccount', data: { accountId: ben as never, direction: 'all' } as never },
      { mayBook: true },
    )
    settle(ledger)
    assert.deepEqual(ledger.balances(), { [ada]: '980', [ben]: '0', [cid]: '170' })
    assertSettled(ledger)
  })

  test('what was promised to an account that is closed by now stands in suspense', () => {
    const ledger = partitionsOf(3, [held[0] as never, account(ben, { owner: 'customer:ben' }), held[2] as never])
    ledger.pay(pays('300'))
    ledger.deliverAll()
    partOf(ledger, 1).lose(0)
    ledger.give({ type: 'CloseAccount', data: { accountId: ben as never } }, { mayBook: true })
    settle(ledger)
    assert.deepEqual([ledger.balances()[ben], suspenseOf(ledger, 1)?.balanceMinor], ['0', 300n])
    assertSettled(ledger)
  })

  test('what it refused in what is gone is refused again, or leaves a tombstone', () => {
    const ledger = partitionsOf(3, held)
    ledger.pay({ postings: [posting(ada, on(1, 'nobody'), '1'), posting(ada, cid, '2')] }, { ...slow, mayBook: true })
    ledger.deliverAll()
    partOf(ledger, 1).lose(0)
    settle(ledger)
    assert.deepEqual(kindsIn(ledger, 1), ['HistoryAnswered', 'HistoryAnswered', 'LegsRefused'])
    assert.deepEqual(ledger.balances(), { [ada]: '1000', [ben]: '100', [cid]: '50' })
    assertSettled(ledger)
  })

  test('a commit for what was never promised is parked where no history was lost', () => {
    const ledger = partitionsOf(3, held)
    ledger.pay(pays('300'), slow)
    const [prepare] = ledger.mail.splice(0)
    assert(prepare?.kind === 'prepare')
    const { mayBook: _, ...commit } = { ...prepare, kind: 'commit' as const }
    assert.equal(partOf(ledger, 1).hear(commit), 'parked')
    partOf(ledger, 1).lose(0)
    assert.equal(partOf(ledger, 1).hear(commit), 'nothing', 'before its sender has answered')
  })
})
