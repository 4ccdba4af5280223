import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_LEGS, MAX_POSTINGS, RefundPayment } from '@micropay/schemas/api/payment'
import { AccountId, OwnerId, type PaymentId, PeriodId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { PaymentPosted } from '@micropay/schemas/log/event'
import { broughtRule, EVENT_GENERATION } from '@micropay/schemas/log/generations'
import fc from 'fast-check'
import { changeOf } from '../state/partition-state.ts'
import { accountKey, accounts, putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { decide, type LedgerCommand } from './decide.ts'
import { ledgerWith } from './ledger.fixture.ts'
import type { DecisionFacts } from './ledger.ts'
import { overlayOn } from './overlay.ts'

const account = (id: string, more: Partial<AccountState> = {}): AccountState => ({
  ...{ accountId: AccountId.parse(id), tenant: 'main', type: 'customer', currency: 'EUR', overdraftLimit: '0' },
  ...{ owner: OwnerId.parse(`customer:${id}`), status: 'open', balanceMinor: 1_000n },
  ...more,
})

/** A ledger of four accounts with 10.00 each, that keeps its commits as a log would. */
function book() {
  const ledger = overlayOn(ledgerWith(...['ada', 'ben', 'eve', 'shop'].map((id) => putAccount(account(id)))))
  const commits: Commit[] = []
  function give(command: LedgerCommand, more: Partial<DecisionFacts> = {}) {
    const seq = commits.length + 1
    const facts = {
      ...{ tenant: 'main', subject: 'operator:olga', mayBook: true, mayApprove: true, generation: EVENT_GENERATION },
      ...{ decidedAt: '2026-07-02T09:30:00.000Z', paymentId: paymentIdAt(0, seq) },
      original: command.type === 'RefundPayment' ? originalOf(command.data.paymentId) : undefined,
      ...more,
    }
    const decision = decide(command, ledger, facts)
    const head: Commit = {
      ...{ epoch: 1, seq, previousHash: '', decidedAt: facts.decidedAt, tenant: facts.tenant },
      ...{ actor: { subject: facts.subject, client: 'test' }, command: { type: command.type } },
      ...{ idempotencyKey: `k${seq}`, requestHash: 'h', outcome: { kind: 'accepted' }, events: [] },
    }
    if (decision.kind === 'rejected') {
      const { code, detail } = decision
      commits.push({ ...head, outcome: { kind: 'rejected', code, detail } })
      return { code, detail, event: undefined }
    }
    const commit = { ...head, events: [...decision.events] }
    commits.push(commit)
    ledger.put(changeOf(commit, ledger, { partition: 0, hash: '' }).puts)
    const [event] = commit.events
    return { code: undefined, detail: '', event: event?.type === 'PaymentPosted' ? event.data : undefined }
  }
  const originalOf = (paymentId: PaymentId) => commits[Number(paymentId.split('-')[2]) - 1]
  const balances = () =>
    ['ada', 'ben', 'eve', 'shop'].map((id) =>
      Number(ledger.read(accounts, accountKey('main', AccountId.parse(id)))?.balanceMinor),
    )
  return { ledger, give, balances }
}

const from = (payer: string, to: string, amount: string): LedgerCommand => ({
  type: 'MakePayment',
  data: {
    postings: [{ from: AccountId.parse(payer), to: AccountId.parse(to), amount, currency: 'EUR' }],
    reference: 'INV-7',
  },
})
const leg = (id: string, amount: string) => ({ account: AccountId.parse(id), amount, currency: 'EUR' })
const split: LedgerCommand = {
  type: 'MakePayment',
  data: { legs: [leg('ada', '-600'), leg('ben', '200'), leg('shop', '400')] },
}
function refund(seq: number, more: object = {}): LedgerCommand {
  const { dryRun: _, ...data } = RefundPayment.parse({ reason: 'a mistake', ...more })
  return { type: 'RefundPayment', data: { paymentId: paymentIdAt(0, seq), ...data } }
}

test('a payment is given back whole, linked, with its reference and the reason', () => {
  const books = book()
  books.give(from('ada', 'shop', '300'))
  const { event } = books.give(refund(1))
  assert.deepEqual(event?.reverses, { paymentId: 'pay-0-1', whole: true })
  assert.deepEqual(event?.personal?.data, { reference: 'INV-7', description: 'a mistake' })
  assert.deepEqual(event?.legs, [
    { ...leg('shop', '-300'), pair: 1 },
    { ...leg('ada', '300'), pair: 1 },
  ])
  assert.deepEqual(books.balances(), [1_000, 1_000, 1_000, 1_000])
})

test('what is said of a refund besides is kept with it', () => {
  const books = book()
  books.give(from('ada', 'shop', '300'))
  const { event } = books.give(refund(1, { metadata: { case: '17' } }))
  const texts = { reference: 'INV-7', description: 'a mistake', metadata: { case: '17' } }
  assert.deepEqual(event?.personal?.data, texts)
})

test('a part is given back, then what is left, and never more', () => {
  const books = book()
  books.give(from('ada', 'shop', '300'))
  assert.deepEqual(books.give(refund(1, { amount: '100' })).event?.reverses, { paymentId: 'pay-0-1', whole: false })
  const { code, detail } = books.give(refund(1, { amount: '201' }))
  assert.equal(code, 'refund_exceeds_payment')
  assert.match(detail, /2\.00 EUR of pay-0-1 is left to go back from shop/)
  assert.deepEqual(books.give(refund(1)).event?.reverses, { paymentId: 'pay-0-1', whole: true })
  assert.deepEqual(books.balances(), [1_000, 1_000, 1_000, 1_000])
  for (const more of [{}, { amount: '1' }, { legs: [leg('shop', '-1'), leg('ada', '1')] }]) {
    assert.equal(books.give(refund(1, more)).code, 'refund_exceeds_payment')
  }
})

test('of many legs, each account gives and gets back no more than it got and gave', () => {
  const books = book()
  books.give(split)
  assert.equal(books.give(refund(1, { amount: '100' })).code, 'refund_not_possible')
  const legs = (...amounts: [string, string, string]) => ({
    legs: ['ben', 'shop', 'ada'].map((id, index) => leg(id, amounts[index] ?? '')),
  })
  assert.equal(books.give(refund(1, legs('-201', '-1', '202'))).code, 'refund_exceeds_payment')
  assert.equal(books.give(refund(1, { legs: [leg('eve', '-1'), leg('ada', '1')] })).code, 'refund_exceeds_payment')
  assert.equal(books.give(refund(1, { legs: [leg('ada', '-1'), leg('ben', '1')] })).code, 'refund_exceeds_payment')
  assert.equal(books.give(refund(1, legs('-50', '-100', '150'))).event?.reverses?.whole, false)
  assert.equal(books.give(refund(1)).event?.reverses?.whole, true)
  assert.deepEqual(books.balances(), [1_000, 1_000, 1_000, 1_000])
})

test('a refund, a refused payment, no payment and one of another tenant cannot be given back', () => {
  const books = book()
  books.give(from('ada', 'shop', '300'))
  books.give(refund(1, { amount: '100' }))
  books.give(refund(1))
  for (const back of [2, 3]) assert.equal(books.give(refund(back)).code, 'refund_not_possible')
  assert.equal(books.give(from('ada', 'shop', '90000')).code, 'insufficient_funds')
  assert.equal(books.give(refund(6)).code, 'refund_not_possible')
  assert.equal(books.give(refund(99)).code, 'payment_not_found')
  assert.equal(books.give(refund(1), { tenant: 'other' }).code, 'payment_not_found')
})

test('who was paid may give back, and nobody else but staff', () => {
  const books = book()
  books.give(from('ada', 'shop', '300'))
  const as = (subject: string) => ({ subject, mayBook: false })
  assert.equal(books.give(refund(1), as('customer:ada')).code, 'payment_not_found')
  assert.equal(books.give(refund(1), as('customer:eve')).code, 'payment_not_found')
  assert.equal(books.give(refund(1, { amount: '100' }), as('customer:shop')).code, undefined)
})

test('who was paid beside others, or by several, is not told of their accounts, nor how much is on them', () => {
  const books = book()
  books.give(split)
  const two: LedgerCommand = {
    type: 'MakePayment',
    data: { legs: [leg('ada', '-300'), leg('eve', '-100'), leg('shop', '400')] },
  }
  books.give(two)
  const asked = [
    refund(1),
    refund(1, { legs: [leg('shop', '-900'), leg('ada', '900')] }),
    refund(1, { legs: [leg('ada', '1'), leg('ben', '-1')] }),
    refund(2),
    refund(2, { legs: [leg('ada', '400'), leg('shop', '-400')] }),
  ]
  for (const command of asked) {
    const { code, detail } = books.give(command, { subject: 'customer:shop', mayBook: false })
    assert.equal(code, 'refund_not_possible')
    assert.doesNotMatch(detail, /\b(?:ada|ben|eve)\b|[0-9]\.[0-9]/)
  }
})

test('a payment that left every account as it was, and a leg of nothing, are no refund', () => {
  const books = book()
  books.give({ type: 'MakePayment', data: { legs: [leg('ada', '0'), leg('ben', '0')] } })
  assert.equal(books.give(refund(1)).code, 'refund_not_possible')
  for (const legs of [
    [leg('ada', '0'), leg('ben', '0')],
    [{ ...leg('ada', '-1'), stands: '5' }, leg('ben', '1')],
  ]) {
    assert.equal(RefundPayment.safeParse({ reason: 'a mistake', legs }).success, false)
  }
})

test('it is of the kind of what it gives back', () => {
  const books = book()
  books.ledger.put([putAccount(account('cash', { type: 'external', overdraftLimit: 'unlimited' }))])
  assert.equal(books.give(from('cash', 'ada', '300')).event?.kind, 'deposit')
  assert.equal(books.give(refund(1)).event?.kind, 'deposit')
})

test('limits hold for a refund as for a payment', () => {
  const books = book()
  books.give(from('ada', 'shop', '300'))
  books.give(from('shop', 'eve', '1200'))
  assert.equal(books.give(refund(1)).code, 'insufficient_funds')
  books.ledger.put([putAccount(account('ada', { status: 'closed', balanceMinor: 0n }))])
  assert.equal(books.give(refund(1, { amount: '50' })).code, 'account_closed')
})

test('nothing is given back on a day before the one that the payment counts on, in the zone of the ledger', () => {
  const books = book()
  const { data } = from('ada', 'shop', '300')
  books.give({ type: 'MakePayment', data: { ...data, effectiveAt: '2026-07-01T22:30:00Z' } } as LedgerCommand)
  const dated = (effectiveAt: string) => books.give(refund(1, { amount: '1', effectiveAt }))
  assert.equal(dated('2026-06-30T23:59:59.999Z').code, 'refund_before_payment')
  assert.equal(dated('2026-07-01T00:00:00Z').event?.effectiveAt, '2026-07-01T00:00:00.000Z')
  books.give({ type: 'SetZone', data: { zone: 'Europe/Amsterdam' } })
  assert.equal(dated('2026-07-01T21:59:59Z').code, 'refund_before_payment')
  assert.equal(dated('2026-07-01T22:00:00Z').code, undefined)
  const before = { generation: broughtRule('refund_before_payment') - 1 }
  assert.equal(books.give(refund(1, { amount: '1', effectiveAt: '2026-06-30T12:00:00Z' }), before).code, undefined)
})

test('a payment of a closed period is given back in the open one, and says which it corrects', () => {
  const books = book()
  const may = { decidedAt: '2026-05-20T09:30:00.000Z' }
  books.give(from('ada', 'shop', '300'), may)
  books.give({ type: 'ClosePeriod', data: { through: '2026-05-31', seq: 1, digest: 'd'.repeat(43) } })
  const { event } = books.give(refund(1))
  assert.deepEqual([event?.effectiveAt, event?.corrects], ['2026-07-02T09:30:00.000Z', PeriodId.parse('prd-0-2')])
  assert.equal(books.give(refund(1, { effectiveAt: '2026-05-20T10:00:00Z' })).code, 'refund_exceeds_payment')
  books.give(from('ada', 'shop', '10'))
  assert.equal(books.give(refund(5)).event?.corrects, undefined)
})

test('whatever is asked for, nothing is given back twice, and the books balance', () => {
  const amounts = fc.array(fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 400 }).map(String)), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(amounts, (list) => {
      const books = book()
      books.give(from('ada', 'shop', '300'))
      for (const amount of list) {
        books.give(refund(1, amount === undefined ? {} : { amount }))
        const [ada = 0, , , shop = 0] = books.balances()
        assert.ok(ada <= 1_000 && shop >= 1_000, `${ada} ${shop}`)
        assert.equal(ada + shop, 2_000)
      }
    }),
  )
})

test('what is left of many large legs is given back in legs that each hold no more than one may', () => {
  const most = '1000000000000000'
  const rich = { overdraftLimit: 'unlimited' } as const
  const posting = { from: AccountId.parse('ada'), to: AccountId.parse('shop'), amount: most, currency: 'EUR' }
  const large: LedgerCommand[] = [
    { type: 'MakePayment', data: { postings: Array.from({ length: MAX_POSTINGS }, () => posting) } },
    {
      type: 'MakePayment',
      data: { legs: [leg('ada', `-${most}`), leg('ada', `-${most}`), leg('shop', most), leg('ben', most)] },
    },
  ]
  const parts = [{ amount: '1' }, { legs: [leg('ben', '-1'), leg('ada', '1')] }]
  for (const [index, payment] of large.entries()) {
    const books = book()
    books.ledger.put([putAccount(account('ada', rich))])
    books.give(payment)
    books.give(refund(1, parts[index]))
    const { event } = books.give(refund(1))
    assert.equal(event?.reverses?.whole, true)
    assert.ok(event.legs.length <= MAX_LEGS, `${event.legs.length} legs`)
    assert.deepEqual(PaymentPosted.parse(event), event)
    assert.deepEqual(books.balances(), [1_000, 1_000, 1_000, 1_000])
  }
})
