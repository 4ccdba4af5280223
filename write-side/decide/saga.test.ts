import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import fc from 'fast-check'
import { decide } from './decide.ts'
import { type DecisionFacts, ShareOpenError, TooManyOpenError } from './ledger.ts'
import { MOST_OPEN, openIn } from './open-payments.ts'
import { account, partitionsOf } from './partitions.fixture.ts'
import { posting } from './payment.fixture.ts'

const on = (partition: number, name: string, partitions = 3) => idOn(partition, partitions, name)
const [ada, ben, cid] = [on(0, 'ada'), on(1, 'ben'), on(2, 'cid')]
const held = [
  account(ada, { balanceMinor: 1000n }),
  account(ben, { owner: 'customer:ben' }),
  account(cid, { owner: 'customer:cid', balanceMinor: 50n }),
]
const pays = (amount: string, to = ben) => ({ postings: [posting(ada, to, amount)] })
const slow = { isPrompt: () => false }

test('one participant that answers promptly decides: three commits, two messages', () => {
  const ledger = partitionsOf(3, held)
  const payment = ledger.pay(pays('300')) as PaymentId
  assert.deepEqual(ledger.balances(), { [ada]: '1000 held 300', [ben]: '0', [cid]: '50' })
  assert.deepEqual(
    ledger.mail.map(({ kind }) => kind),
    ['settle'],
  )
  ledger.deliver()
  assert.deepEqual([ledger.balances()[ben], ledger.parts[1]?.transit('transit/0/EUR')], ['300', '-300'])
  ledger.deliver()
  assert.deepEqual(ledger.balances(), { [ada]: '700', [ben]: '300', [cid]: '50' })
  assert.equal(ledger.parts[0]?.transit('transit/1/EUR'), '300')
  assert.deepEqual(
    ledger.parts.map(({ log }) => log.length),
    [2, 1, 0],
  )
  assert.deepEqual(ledger.parts[0]?.log[1]?.events[0]?.data, { paymentId: payment, kind: 'payment', ended: true })
})

test('others promise first, and are told to post: five commits', () => {
  const ledger = partitionsOf(3, held)
  ledger.pay(pays('300'), slow)
  ledger.deliver()
  assert.deepEqual(ledger.balances(), { [ada]: '1000 held 300', [ben]: '0 due 300', [cid]: '50' })
  ledger.deliverAll()
  assert.deepEqual(ledger.balances(), { [ada]: '700', [ben]: '300', [cid]: '50' })
  assert.deepEqual(
    ledger.parts.map(({ log }) => log.length),
    [3, 2, 0],
  )
})

test('what one participant refuses happens nowhere, and the caller is told why and where', () => {
  const ledger = partitionsOf(3, held)
  const dear = { postings: [posting(ada, ben, '1'), posting(ada, on(2, 'nobody'), '2')] }
  const payment = ledger.pay(dear, { mayBook: true }) as PaymentId
  ledger.deliverAll()
  assert.deepEqual(ledger.balances(), { [ada]: '1000', [ben]: '0', [cid]: '50' })
  const told = ledger.parts[0]?.failure(payment)?.rejection
  assert.deepEqual([told?.code, told?.pointer], ['account_not_found', '/postings/1/to'])
})

test('a customer learns of accounts elsewhere no more than of those here', () => {
  const ledger = partitionsOf(3, held)
  const payment = ledger.pay(pays('1', on(1, 'nobody'))) as PaymentId
  ledger.deliverAll()
  assert.equal(ledger.parts[0]?.failure(payment)?.rejection.code, 'payee_not_payable')
})

test('money that is promised is not there for others, and an account with a promise does not close', () => {
  const ledger = partitionsOf(3, held)
  ledger.pay(pays('300'))
  assert.equal(ledger.pay(pays('701')), 'insufficient_funds')
  const mayBook = { mayBook: true }
  assert.equal(
    ledger.give({ type: 'CloseAccount', data: { accountId: held[0]?.accountId as never } }, mayBook),
    'account_not_empty',
  )
  ledger.deliverAll()
  assert.match(String(ledger.pay(pays('700'))), /^pay-0-/)
})

test('room that is kept for a credit is not there for another one', () => {
  const full = account(ben, { owner: 'customer:ben', balanceMinor: 2n ** 63n - 301n })
  const ledger = partitionsOf(3, [account(ada, { balanceMinor: 1000n }), full])
  ledger.pay(pays('300'), slow)
  ledger.deliver()
  const second = ledger.pay(pays('1'), slow) as PaymentId
  ledger.deliverAll()
  assert.equal(ledger.parts[0]?.failure(second)?.rejection.code, 'balance_overflow')
  assert.deepEqual(ledger.balances(), { [ada]: '700', [ben]: `${2n ** 63n - 1n}` })
})

test('what a refund that failed would have given back may be given back again', () => {
  const ledger = partitionsOf(3, held)
  const paymentId = ledger.pay(pays('300')) as PaymentId
  ledger.deliverAll()
  const original = ledger.parts[0]?.log[0]
  const facts = { mayBook: true, original, originalOutcome: 'completed', originalKind: 'payment', ...slow } as const
  const refund = () => ledger.give({ type: 'RefundPayment', data: { paymentId, reason: 'sent back' } }, facts)
  const first = refund() as PaymentId
  assert.equal(refund(), 'refund_exceeds_payment')
  ledger.give({ type: 'CancelPayment', data: { paymentId: first } }, { mayBook: true })
  assert.match(String(refund()), /^pay-0-/)
  ledger.deliverAll()
  assert.deepEqual(ledger.balances(), { [ada]: '1000', [ben]: '0', [cid]: '50' })
})

test('a refund of a payment that is open, failed, or too old to say waits, is refused, and says so', () => {
  const ledger = partitionsOf(3, held)
  const paymentId = ledger.pay(pays('300')) as PaymentId
  ledger.deliverAll()
  const [part] = ledger.parts
  const told = (originalOutcome: DecisionFacts['originalOutcome'], mayBook = true) => {
    const facts = { original: part?.log[0], originalOutcome, mayBook, generation: EVENT_GENERATION, partitions: 3 }
    const command = { type: 'RefundPayment' as const, data: { paymentId, reason: 'sent back' } }
    const place = { tenant: 'main', subject: 'customer:ben', decidedAt: '2026-03-01T09:30:00.000Z' }
    const decision = decide(command, part?.ledger ?? assert.fail(), {
      ...facts,
      ...place,
      paymentId: 'pay-0-9' as PaymentId,
    })
    return decision.kind === 'rejected' ? `${decision.code}: ${decision.detail}` : decision.kind
  }
  assert.match(told('open'), /^refund_not_possible: .* has not come about/)
  assert.match(told('failed'), /^refund_not_possible: .* was refused/)
  assert.match(told(undefined), /^refund_not_possible: .* is too old for the ledger to say/)
  assert.match(told(undefined, false), /^payment_not_found/)
  assert.equal(told('completed'), 'accepted')
})

test('whoever gave it cancels it while it is open: at once, or as the one who decides says', () => {
  const ledger = partitionsOf(3, held)
  const cancel = (paymentId: PaymentId, more = {}) => ledger.give({ type: 'CancelPayment', data: { paymentId } }, more)
  const first = ledger.pay(pays('300'), slow) as PaymentId
  assert.equal(cancel(first, { subject: 'customer:ben' }), 'payment_not_open')
  assert.match(String(cancel(first)), /^pay-/)
  assert.equal(ledger.balances()[ada], '1000')
  const second = ledger.pay(pays('300')) as PaymentId
  assert.match(String(cancel(second)), /^pay-/)
  assert.equal(ledger.balances()[ada], '1000 held 300')
  ledger.mail.reverse()
  ledger.deliverAll()
  assert.deepEqual(ledger.balances(), { [ada]: '1000', [ben]: '0', [cid]: '50' })
  assert.equal(ledger.parts[0]?.failure(second)?.rejection.code, 'payment_cancelled')
  const third = ledger.pay(pays('300')) as PaymentId
  ledger.deliver()
  cancel(third)
  ledger.deliverAll()
  assert.deepEqual(ledger.balances(), { [ada]: '700', [ben]: '300', [cid]: '50' })
})

test('the deadline ends what is being prepared, and asks the one who decides', () => {
  for (const facts of [{}, slow]) {
    const ledger = partitionsOf(3, held)
    const payment = ledger.pay(pays('300'), facts) as PaymentId
    ledger.mail.length = 0
    assert.equal(ledger.parts[0]?.step({ kind: 'expired', payment }), 'accepted')
    ledger.deliverAll()
    assert.deepEqual(ledger.balances(), { [ada]: '1000', [ben]: '0', [cid]: '50' })
    assert.equal(ledger.parts[0]?.failure(payment)?.rejection.code, 'payment_expired')
    assert.deepEqual(openIn(0, 3, ledger.parts[0]?.ledger as never), [])
  }
})

test('who has all places that one payer gets toward a partition that does not answer leaves others theirs', () => {
  const [dot, eve] = [on(0, 'dot'), on(0, 'eve')]
  const rich = [ada, dot, eve].map((accountId) => account(accountId, { balanceMinor: 9999n }))
  const ledger = partitionsOf(3, [...rich, ...held.slice(1)])
  const pay = (from: string, to = ben) => ledger.pay({ postings: [posting(from, to, '1')] }, { mayBook: true })
  const isShareError = (error: unknown) =>
    error instanceof ShareOpenError && error.code === 'rate_limited' && error.message.includes(ada)
  for (let count = 0; count < MOST_OPEN / 2; count += 1) assert.match(`${pay(ada)}`, /^pay-/)
  assert.throws(() => pay(ada), isShareError)
  assert.match(`${pay(ada, cid)}`, /^pay-/)
  for (let count = 0; count < MOST_OPEN / 4; count += 1) assert.match(`${pay(dot)}`, /^pay-/)
  assert.throws(() => pay(dot), ShareOpenError)
  assert.match(`${pay(eve)}`, /^pay-/)
  ledger.deliverAll()
  assert.equal(ledger.balances()[ben], `${MOST_OPEN / 2 + MOST_OPEN / 4 + 1}`)
  // What has ended takes no place any more.
  for (let count = 0; count < MOST_OPEN / 2; count += 1) assert.match(`${pay(ada)}`, /^pay-/)
})

test('to a partition that does not answer so many payments are open, and no more', () => {
  const payers = Array.from({ length: MOST_OPEN + 1 }, (_, index) => on(0, `payer-${index}`))
  const all = payers.map((accountId) => account(accountId, { balanceMinor: 1n }))
  const ledger = partitionsOf(3, [...all, ...held.slice(1)])
  const last = payers.pop() ?? ada
  for (const payer of payers) ledger.pay({ postings: [posting(payer, ben, '1')] }, { mayBook: true })
  assert.throws(() => ledger.pay({ postings: [posting(last, ben, '1')] }, { mayBook: true }), TooManyOpenError)
})

test('a commit of what was never promised is parked, and so is what is said of nothing', () => {
  const ledger = partitionsOf(3, held)
  const payment = ledger.pay(pays('300'), slow) as PaymentId
  const [prepare] = ledger.mail
  assert(prepare?.kind === 'prepare')
  const { legs: _, mayBook, effectiveAt, ...head } = prepare
  assert.equal(ledger.parts[1]?.hear({ ...head, kind: 'commit' }), 'parked')
  assert.equal(ledger.parts[1]?.hear({ ...prepare, to: 2 }), 'parked')
  const answer = { ...head, from: 1, to: 0, kind: 'posted' as const, sides: { debited: [], credited: [] } }
  assert.equal(ledger.parts[0]?.hear({ ...answer, payment: 'pay-0-99' as PaymentId }), 'parked')
  assert.equal(ledger.parts[0]?.hear({ ...answer, from: 2, payment }), 'parked')
})

test('a request is parked whose coordinator has a payment open no more that is promised here', () => {
  const ledger = partitionsOf(3, held)
  ledger.pay(pays('1'), slow)
  ledger.deliver()
  ledger.mail.length = 0
  ledger.pay(pays('2'))
  const [settle] = ledger.mail.splice(0)
  assert(settle?.kind === 'settle')
  const { seq } = placeOfId(settle.payment)
  assert.equal(ledger.parts[1]?.hear({ ...settle, low: seq }), 'parked')
  assert.equal(ledger.balances()[ben], '0 due 1')
  assert.equal(ledger.parts[1]?.hear(settle), 'accepted')
})

test('whatever is lost, late or said twice, all partitions end with the same, and each at zero at every step', () => {
  const spread = [0, 1, 2].flatMap((partition) => [
    account(on(partition, 'rich'), { owner: 'house', type: 'external', overdraftLimit: 'unlimited' }),
    account(on(partition, 'poor'), { balanceMinor: 0n }),
  ])
  const ids = spread.map(({ accountId }) => accountId)
  const payment = fc.record({
    postings: fc.array(
      fc.record({ from: fc.constantFrom(...ids), to: fc.constantFrom(...ids), amount: fc.constantFrom('1', '5', '9') }),
      { minLength: 1, maxLength: 4 },
    ),
    isPrompt: fc.boolean(),
  })
  const act = fc.oneof(
    { weight: 4, arbitrary: fc.record({ pay: payment }) },
    { weight: 12, arbitrary: fc.record({ deliver: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ lose: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ repeat: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ forget: fc.nat({ max: 2 }) }) },
    { weight: 1, arbitrary: fc.record({ expire: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ askAgain: fc.nat({ max: 2 }) }) },
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const ledger = partitionsOf(3, spread)
      const given: PaymentId[] = []
      const openOf = (index: number) => openIn(index, 3, ledger.parts[index]?.ledger as never)
      const at = (index: number) => index % ledger.mail.length
      for (const each of acts) {
        if ('pay' in each) {
          const postings = each.pay.postings
            .filter(({ from, to }) => from !== to)
            .map((one) => ({ ...one, currency: 'EUR' }))
          if (postings.length === 0) continue
          const told = ledger.pay({ postings }, { mayBook: true, isPrompt: () => each.pay.isPrompt })
          if (told.startsWith('pay-')) given.push(told as PaymentId)
        } else if ('forget' in each) ledger.parts[each.forget]?.forgetHeard()
        else if ('askAgain' in each) ledger.parts[each.askAgain]?.askAgain(openOf(each.askAgain))
        else if ('expire' in each) {
          const payment = given[each.expire % given.length]
          if (payment) ledger.parts[Number(payment.split('-')[1])]?.step({ kind: 'expired', payment })
        } else if (ledger.mail.length === 0) continue
        else if ('deliver' in each) ledger.deliver(at(each.deliver))
        else if ('lose' in each) ledger.mail.splice(at(each.lose), 1)
        else ledger.mail.push(ledger.mail[at(each.repeat)] as never)
      }
      ledger.deliverAll()
      for (const index of [0, 1, 2]) ledger.parts[index]?.askAgain(openOf(index))
      ledger.deliverAll()
      const balances = Object.values(ledger.balances())
      assert.equal(
        balances.find((balance) => /held|due/.test(balance)),
        undefined,
      )
      assert.equal(
        balances.reduce((sum, balance) => sum + BigInt(balance), 0n),
        0n,
      )
      assert.deepEqual([0, 1, 2].map(openOf), [[], [], []])
      for (const [a, b] of [
        [0, 1],
        [0, 2],
        [1, 2],
      ] as const) {
        const between = (one: number, other: number) => BigInt(ledger.parts[one]?.transit(`transit/${other}/EUR`) ?? 0)
        assert.equal(between(a, b) + between(b, a), 0n)
      }
    }),
    { numRuns: 400 },
  )
})
