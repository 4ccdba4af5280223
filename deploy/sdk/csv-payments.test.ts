import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvPayment } from './csv-payments.ts'

const good = { key: 'inv-1', from: 'ada:main', to: 'ben:main', amount: '10.50', currency: 'EUR' }
const faultOf = (fields: Record<string, string>) => {
  const row = csvPayment({ line: 7, fields })
  assert.equal(row.line, 7)
  return 'fault' in row ? row.fault : undefined
}

test('amounts are major units with the digits of their currency', () => {
  const cases = [
    ['10.50', 'EUR', '1050'],
    ['10', 'EUR', '1000'],
    ['10', 'JPY', '10'],
    ['0.001', 'KWD', '1'],
  ] as const
  for (const [amount, currency, minor] of cases) {
    const row = csvPayment({ line: 2, fields: { ...good, amount, currency } })
    assert.deepEqual(row, {
      line: 2,
      payment: { idempotencyKey: 'inv-1', postings: [{ from: 'ada:main', to: 'ben:main', amount: minor, currency }] },
    })
  }
})

test('a date counts from midnight UTC, an instant as it is, and empty optional columns are left out', () => {
  const payment = (effective_at: string) => {
    const row = csvPayment({ line: 2, fields: { ...good, effective_at, reference: 'INV 1', description: '' } })
    return 'payment' in row ? row.payment : undefined
  }
  assert.equal(payment('2026-03-01')?.effectiveAt, '2026-03-01T00:00:00Z')
  assert.equal(payment('2026-03-01T09:30:00+01:00')?.effectiveAt, '2026-03-01T09:30:00+01:00')
  assert.equal(payment('')?.effectiveAt, undefined)
  assert.equal(payment('')?.reference, 'INV 1')
  assert.equal('description' in (payment('') ?? {}), false)
})

const faults: readonly [Record<string, string>, RegExp][] = [
  [{ amount: '1,050.00' }, /^amount is "1,050.00", and must be a positive number in EUR/],
  [{ amount: '10.505' }, /^amount is/],
  [{ amount: '0' }, /^amount is/],
  [{ amount: '-5' }, /^amount is/],
  [{ amount: '' }, /^amount is empty/],
  [{ amount: '10000000000000.01' }, /^amount must be at most/],
  [{ amount: '1.5', currency: 'JPY' }, /^amount is/],
  [{ currency: 'eur' }, /^currency is "eur"/],
  [{ currency: 'constructor' }, /^currency is/],
  [{ key: '' }, /^key must be/],
  [{ key: 'two words' }, /^key must be/],
  [{ from: 'ada main' }, /^from must be/],
  [{ to: 'ada:main' }, /^to an account cannot pay itself/],
  [{ effective_at: '01.03.2026' }, /^effective_at must be/],
  [{ effective_at: '2026-02-30' }, /^effective_at must be/],
  [{ reference: 'a\tb' }, /^reference must not hold control characters/],
  [{ reference: 'Rent \u202e05.1' }, /^reference must not hold characters that hide .*: U\+202E is character 6$/],
  [{ description: '\u200b' }, /^description must not hold characters that hide .*: U\+200B is character 1$/],
]
for (const [change, expected] of faults) {
  test(`a row with ${JSON.stringify(change)} is refused, and the column is named`, () => {
    assert.match(faultOf({ ...good, ...change }) ?? 'no fault', expected)
  })
}
