import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MAX_LEGS, MakePayment } from './payment.ts'

/** Where a request is wrong and why; empty for one that has the required shape. */
function wrongIn(payment: object): string[] {
  const { error } = MakePayment.safeParse(payment)
  return error?.issues.map(({ path, message }) => `/${path.join('/')} ${message}`) ?? []
}

const leg = (account: string, amount: string, more: object = {}) => ({ account, amount, currency: 'EUR', ...more })

describe('legs of a request', () => {
  test('any number stand on either side, and an account several times on one', () => {
    const legs = [
      leg('ada', '-1'),
      leg('ada', '-2'),
      leg('ben', '-3'),
      leg('eve', '4'),
      leg('dan', '1'),
      leg('dan', '1'),
    ]
    assert.deepEqual(wrongIn({ legs }), [])
  })

  test('they sum to zero in each currency, and the text says what is over', () => {
    assert.deepEqual(wrongIn({ legs: [leg('ada', '-100'), leg('ben', '99')] }), [
      '/legs the legs in EUR sum to -1 and not to 0: what leaves accounts must come to others',
    ])
    const usd = { currency: 'USD' }
    assert.deepEqual(
      wrongIn({ legs: [leg('ada', '-5'), leg('ben', '5'), leg('u', '-7', usd), leg('v', '7', usd)] }),
      [],
    )
    assert.deepEqual(wrongIn({ legs: [leg('ada', '-5'), leg('u', '5', usd)] }).length, 2)
  })

  test('no account stands on both sides, but one of zero stands on neither', () => {
    assert.deepEqual(wrongIn({ legs: [leg('ada', '-5'), leg('ben', '3'), leg('ada', '2')] }), [
      '/legs/2/account ada stands on both sides: let all legs of one account go the same way',
    ])
    assert.deepEqual(wrongIn({ legs: [leg('ada', '-5'), leg('ada', '0'), leg('ben', '5'), leg('ben', '0')] }), [])
  })

  test('they may all be of zero, and there are 2 to 200', () => {
    assert.deepEqual(wrongIn({ legs: [leg('ada', '0'), leg('ben', '0')] }), [])
    const many = Array.from({ length: MAX_LEGS }, (_, index) => leg(`a${index}`, index % 2 === 0 ? '-1' : '1'))
    assert.deepEqual(wrongIn({ legs: many }), [])
    assert.equal(wrongIn({ legs: [...many, leg('b', '0')] }).length, 1)
    assert.equal(wrongIn({ legs: [leg('ada', '0')] }).length, 1)
  })

  test('what one is to leave on its account has one spelling', () => {
    const standing = (stands: string) => wrongIn({ legs: [leg('ada', '-1', { stands }), leg('ben', '1')] })
    for (const stands of ['0', '1', '-1', '100', '-9223372036854775808']) assert.deepEqual(standing(stands), [], stands)
    for (const stands of ['-0', '00', '01', '-01', '+1', '-', '', ' 1', '1.0', '1e3', '12345678901234567890']) {
      assert.deepEqual(
        standing(stands),
        ['/legs/0/stands must be an integer string of minor units, such as "-250" or "0"'],
        stands,
      )
    }
  })

  test('each moves an integer of minor units within 10^15', () => {
    const most = '1000000000000000'
    assert.deepEqual(wrongIn({ legs: [leg('ada', `-${most}`), leg('ben', most)] }), [])
    assert.deepEqual(wrongIn({ legs: [leg('ada', '-1000000000000001'), leg('ben', '1000000000000001')] }), [
      '/legs/0/amount must be within 1000000000000000 minor units',
      '/legs/1/amount must be within 1000000000000000 minor units',
    ])
    for (const amount of ['-0', '+1', '01', '1.5', '', '1e3', '-']) {
      assert.match(
        wrongIn({ legs: [leg('ada', amount), leg('ben', '0')] }).join(),
        /^\/legs\/0\/amount must be/,
        amount,
      )
    }
    assert.match(wrongIn({ legs: [{ ...leg('ada', '0'), amount: -1 }, leg('ben', '0')] }).join(), /^\/legs\/0\/amount/)
  })

  test('they have no pairs of their own making', () => {
    const legs = [leg('ada', '-1', { pair: 1 }), leg('ben', '1', { pair: 1 })]
    assert.equal(wrongIn({ legs }).length, 2)
  })
})

test('a payment has postings or legs: neither of them, and both, are told alike', () => {
  const postings = [{ from: 'ada', to: 'ben', amount: '1', currency: 'EUR' }]
  const legs = [leg('ada', '-1'), leg('ben', '1')]
  const wrong = ['/postings give postings (from, to, amount) or legs (account, signed amount), and not both']
  assert.deepEqual([wrongIn({ postings }), wrongIn({ legs })], [[], []])
  assert.deepEqual([wrongIn({ postings, legs }), wrongIn({})], [wrong, wrong])
})
