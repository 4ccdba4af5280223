import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MakePayment } from '@micropay/schemas/api/payment'
import { placeOf } from './decide.ts'
import type { Decision } from './ledger.ts'
import { account, codeOf, leg, pay, posted, posting } from './payment.fixture.ts'

const ada = account('ada', { balanceMinor: 1000n })
const savings = account('ada:savings', { balanceMinor: 500n })
const ben = account('ben', { owner: 'customer:ben', balanceMinor: 30n })
const eve = account('eve', { owner: 'customer:eve' })
const cash = account('cash', { type: 'external', owner: 'house', overdraftLimit: 'unlimited', balanceMinor: -1530n })
const usd = account('usd', { currency: 'USD', balanceMinor: 70n })
const all = [ada, savings, ben, eve, cash, usd]
const booker = { mayBook: true, subject: 'operator:olga' }

/** Why a payment of these legs is refused, and where. */
function refused(decision: Decision): readonly (string | undefined)[] {
  return decision.kind === 'rejected' ? [decision.code, decision.pointer] : ['accepted']
}

describe('a payment of legs', () => {
  test('takes from several accounts and gives to several, as it was asked, without pairs', () => {
    const legs = [leg('ada', '-700'), leg('ben', '600'), leg('ada:savings', '-200'), leg('eve', '299'), leg('ben', '1')]
    const decision = pay(all, { legs, description: 'a dinner' })
    assert.deepEqual(posted(decision), {
      ...{ paymentId: 'pay-0-7', kind: 'payment', legs, effectiveAt: '2026-03-01T09:30:00.000Z' },
      personal: { subject: 'customer:ada', form: 'plain', data: { description: 'a dinner' } },
    })
  })

  test('of one account on a side several times takes the sum', () => {
    const legs = [leg('ada', '-600'), leg('ada', '-400'), leg('ben', '1000')]
    assert.ok(posted(pay(all, { legs })))
    const [one, two] = [leg('ada', '-600'), leg('ada', '-401')]
    assert.deepEqual(refused(pay(all, { legs: [leg('ben', '1001'), one, two] })), [
      'insufficient_funds',
      '/legs/1/amount',
    ])
  })

  test('is checked leg by leg: account, status, currency', () => {
    const frozen = account('ben', { status: 'frozen', owner: 'customer:ben' })
    const legs = [leg('ada', '-5'), leg('eve', '2'), leg('ben', '3')]
    assert.deepEqual(refused(pay([ada, eve], { legs }, booker)), ['account_not_found', '/legs/2/account'])
    assert.deepEqual(refused(pay([ada, eve, frozen], { legs }, booker)), ['account_frozen', '/legs/2/account'])
    assert.deepEqual(refused(pay([ada, eve], { legs })), ['payee_not_payable', '/legs/2/account'])
    assert.deepEqual(refused(pay([ada, eve, frozen], { legs })), ['payee_not_payable', '/legs/2/account'])
    const dollars = [leg('ada', '-5'), leg('ben', '5'), leg('usd', '0')]
    assert.deepEqual(refused(pay(all, { legs: dollars })), ['currency_mismatch', '/legs/2/currency'])
    assert.equal(refused(pay([ada, frozen], { legs: [leg('ada', '0'), leg('ben', '0')] }, booker))[0], 'account_frozen')
  })

  test('of two currencies balances in each', () => {
    const dollars = account('ben:usd', { currency: 'USD', owner: 'customer:ben' })
    const currency = 'USD'
    const legs = [leg('ada', '-5'), leg('usd', '-7', { currency }), leg('ben', '5'), leg('ben:usd', '7', { currency })]
    assert.equal(posted(pay([...all, dollars], { legs }))?.kind, 'payment')
  })

  test('may move nothing, and is a transfer then', () => {
    const legs = [leg('ada', '0'), leg('ada:savings', '0')]
    assert.deepEqual([posted(pay(all, { legs }))?.kind, posted(pay(all, { legs }))?.legs], ['transfer', legs])
  })

  test('is a deposit or a withdrawal by the sides that money is on', () => {
    const nothing = leg('cash', '0')
    const deposit = [leg('cash', '-9'), leg('ada', '4'), leg('ben', '5')]
    assert.equal(posted(pay(all, { legs: deposit }, booker))?.kind, 'deposit')
    assert.equal(posted(pay(all, { legs: [leg('ada', '-9'), leg('cash', '9')] }, booker))?.kind, 'withdrawal')
    assert.equal(posted(pay(all, { legs: [leg('ada', '-9'), leg('ben', '9'), nothing] }, booker))?.kind, 'payment')
    const mixed = [leg('cash', '-4'), leg('ada', '-5'), leg('ben', '9')]
    assert.equal(posted(pay(all, { legs: mixed }, booker))?.kind, 'transfer')
  })

  test('does not pass the edge of 64 bits in a sum of legs, nor on the way to it', () => {
    const edge = account('ben', { owner: 'customer:ben', balanceMinor: 2n ** 63n - 3n })
    const legs = (last: string) => [leg('ada', '-1'), leg('ada', `-${last}`), leg('ben', '1'), leg('ben', last)]
    assert.ok(posted(pay([ada, edge], { legs: legs('1') })))
    assert.equal(codeOf(pay([ada, edge], { legs: legs('2') })), 'balance_overflow')
    const lowest = account('cash', { overdraftLimit: 'unlimited', balanceMinor: -(2n ** 63n) + 1n })
    const many = ['1', '1'].map((amount) => leg('cash', `-${amount}`))
    assert.equal(codeOf(pay([lowest, ben], { legs: [...many, leg('ben', '2')] }, booker)), 'balance_overflow')
  })
})

describe('whoever may not book', () => {
  test('takes from accounts of their own, and gives to any', () => {
    assert.ok(posted(pay(all, { legs: [leg('ada', '-5'), leg('ada:savings', '-5'), leg('ben', '10')] })))
    const foreign = [leg('ada', '-5'), leg('eve', '10'), leg('ben', '-5')]
    assert.deepEqual(refused(pay(all, { legs: foreign })), ['account_not_found', '/legs/2/account'])
    assert.ok(posted(pay(all, { legs: foreign }, booker)))
  })

  test('hears of a payee that cannot be paid nothing but that, leg by leg', () => {
    for (const [other, cause] of [
      [leg('nobody', '2'), 'account_not_found'],
      [leg('cash', '2'), 'account_of_house'],
    ] as const) {
      const decision = pay(all, { legs: [leg('ada', '-5'), leg('ben', '3'), other] })
      assert.deepEqual(refused(decision), ['payee_not_payable', '/legs/2/account'])
      assert.equal(decision.kind === 'rejected' && decision.cause?.code, cause)
    }
  })

  test('pays into an account that is frozen for what leaves it, and not from it', () => {
    const frozen = account('ada:savings', { status: 'frozen', frozen: 'outgoing', balanceMinor: 500n })
    assert.ok(posted(pay([ada, frozen], { legs: [leg('ada', '-5'), leg('ada:savings', '5')] })))
    assert.ok(posted(pay([ada, ben, frozen], { legs: [leg('ada', '-5'), leg('ben', '5'), leg('ada:savings', '0')] })))
    assert.equal(codeOf(pay([ada, frozen], { legs: [leg('ada:savings', '-5'), leg('ada', '5')] })), 'account_frozen')
  })

  test('leaves no leg of zero on the account of another', () => {
    const legs = [leg('ada', '-5'), leg('ben', '5'), leg('eve', '0')]
    assert.deepEqual(refused(pay(all, { legs })), ['account_not_found', '/legs/2/account'])
    assert.ok(posted(pay(all, { legs: [leg('ada', '-5'), leg('ben', '5'), leg('ada:savings', '0')] })))
  })

  test('does not learn where the account of another stands, by a right assertion or a wrong one', () => {
    for (const stands of ['35', '34']) {
      const decision = pay(all, { legs: [leg('ada', '-5'), leg('ben', '5', { stands })] })
      assert.deepEqual(refused(decision), ['account_not_found', '/legs/1/account'])
      assert.doesNotMatch(JSON.stringify(decision), /0\.35/)
    }
    assert.ok(posted(pay(all, { legs: [leg('ada', '-5'), leg('ben', '5', { stands: '35' })] }, booker)))
  })
})

describe('an assertion', () => {
  test('that is right is kept beside its leg', () => {
    const legs = [leg('ada', '-5', { stands: '995' }), leg('ben', '5')]
    assert.deepEqual(posted(pay(all, { legs }))?.legs, legs)
  })

  test('that is wrong refuses the payment, and says where the account stands', () => {
    const decision = pay(all, { legs: [leg('ben', '5'), leg('ada', '-5', { stands: '1000' })] })
    assert.deepEqual(decision, {
      ...{ kind: 'rejected', code: 'assertion_failed', pointer: '/legs/1/stands' },
      detail: 'ada would stand at 9.95 EUR and not at 10.00 EUR: look for what is missing here or there',
    })
  })

  test('is of the balance behind its own leg, of several on one account', () => {
    const legs = (one: string, two: string) => [
      leg('ada', '-5', { stands: one }),
      leg('ben', '8'),
      leg('ada', '-3', { stands: two }),
    ]
    assert.ok(posted(pay(all, { legs: legs('995', '992') })))
    assert.deepEqual(refused(pay(all, { legs: legs('992', '992') })), ['assertion_failed', '/legs/0/stands'])
    assert.deepEqual(refused(pay(all, { legs: legs('995', '995') })), ['assertion_failed', '/legs/2/stands'])
  })

  test('may stand on a leg of zero, and is then of the balance as it is', () => {
    assert.ok(posted(pay(all, { legs: [leg('ada', '0', { stands: '1000' }), leg('ada:savings', '0')] })))
    const behind = [leg('ada', '-5'), leg('ben', '5'), leg('ada', '0', { stands: '995' })]
    assert.ok(posted(pay(all, { legs: behind })))
  })

  test('is judged behind all else', () => {
    const wrong = { stands: '7' }
    assert.equal(codeOf(pay(all, { legs: [leg('ada', '-1001', wrong), leg('ben', '1001')] })), 'insufficient_funds')
    const edge = account('ben', { owner: 'customer:ben', balanceMinor: 2n ** 63n - 1n })
    assert.equal(codeOf(pay([ada, edge], { legs: [leg('ada', '-1', wrong), leg('ben', '1')] })), 'balance_overflow')
  })
})

describe('a payment is about', () => {
  const aboutOf = (payment: object, generation?: number) =>
    placeOf({ type: 'MakePayment', data: MakePayment.parse(payment) }, generation)

  test('the debited account whose id sorts first by bytes', () => {
    assert.equal(aboutOf({ legs: [leg('a', '6'), leg('ben', '-1'), leg('ada', '-2'), leg('{zoe}', '-3')] }), 'ada')
    assert.equal(aboutOf({ legs: [leg('a', '3'), leg('ada', '-2'), leg('Zoe', '-1')] }), 'Zoe')
    assert.equal(aboutOf({ legs: [leg('a', '0'), leg('ben', '-1'), leg('c', '1')] }), 'ben')
    assert.equal(aboutOf({ postings: [posting('ben', 'a', '1'), posting('ada', 'a', '1')] }), 'ada')
  })

  test('the first by bytes of all, where no money moves', () => {
    assert.equal(aboutOf({ legs: [leg('ben', '0'), leg('ada', '0')] }), 'ada')
  })

  test('the first payer, as the first generation had it', () => {
    assert.equal(aboutOf({ postings: [posting('ben', 'a', '1'), posting('ada', 'a', '1')] }, 1), 'ben')
  })

  test('its texts are about whoever owns that account', () => {
    const legs = [leg('ben', '-1'), leg('ada', '-1'), leg('eve', '2')]
    const { personal } = posted(pay(all, { legs, reference: 'r' }, booker)) ?? {}
    assert.deepEqual(personal, { subject: 'customer:ada', form: 'plain', data: { reference: 'r' } })
    assert.equal(posted(pay(all, { legs }, booker))?.personal, undefined)
  })
})
