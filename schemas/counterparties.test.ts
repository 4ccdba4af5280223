import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counterpartiesOf } from './counterparties.ts'

const leg = (account: string, amount: string, pair?: number, currency = 'EUR') => ({
  ...{ account, amount, currency },
  ...(pair === undefined ? {} : { pair }),
})

test('the money of a leg is against the other one of its pair, or the only account on the other side', () => {
  const pairs = [leg('ada', '-5', 1), leg('ben', '5', 1), leg('ada', '-2', 2), leg('fees', '2', 2)]
  assert.deepEqual(counterpartiesOf(pairs), ['ben', 'ada', 'fees', 'ada'])
  assert.deepEqual(counterpartiesOf([leg('ada', '-5'), leg('ben', '5')]), ['ben', 'ada'])
  const split = [leg('ada', '-5'), leg('ben', '3'), leg('eve', '2')]
  assert.deepEqual(counterpartiesOf(split), [undefined, 'ada', 'ada'])
  assert.deepEqual(counterpartiesOf([leg('ada', '-5'), leg('ben', '3'), leg('ben', '2')]), ['ben', 'ada', 'ada'])
  assert.deepEqual(counterpartiesOf([...split, leg('bob', '-1'), leg('ben', '1')]).slice(1, 3), [undefined, undefined])
})

test('currencies are apart, and a leg of zero is against nobody', () => {
  const two = [leg('ada', '-5'), leg('ben', '5'), leg('yen', '-7', undefined, 'JPY'), leg('eve', '7', undefined, 'JPY')]
  assert.deepEqual(counterpartiesOf(two), ['ben', 'ada', 'eve', 'yen'])
  assert.deepEqual(counterpartiesOf([leg('ada', '-5'), leg('ben', '5'), leg('zoe', '0')]), ['ben', 'ada', undefined])
})
