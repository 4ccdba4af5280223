import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMoney } from './format-money.ts'

const locale = 'en-US'

test('amounts carry the decimals of ISO 4217, also where Intl has others', () => {
  assert.equal(formatMoney(123450n, 'EUR', { locale }), '1,234.50 EUR')
  assert.equal(formatMoney(1234n, 'JPY', { locale }), '1,234 JPY')
  assert.equal(formatMoney(1234567n, 'KWD', { locale }), '1,234.567 KWD')
  assert.equal(formatMoney(150n, 'HUF', { locale }), '1.50 HUF')
  assert.equal(formatMoney(150n, 'IDR', { locale }), '1.50 IDR')
})

test('the sign is a real minus, and a plus where movements are shown', () => {
  assert.equal(formatMoney(-5n, 'EUR', { locale }), '−0.05 EUR')
  assert.equal(formatMoney(5n, 'EUR', { locale, signed: true }), '+0.05 EUR')
  assert.equal(formatMoney(0n, 'EUR', { locale, signed: true }), '0.00 EUR')
})

test('the largest and smallest balances keep every digit', () => {
  assert.equal(formatMoney(2n ** 63n - 1n, 'EUR', { locale }), '92,233,720,368,547,758.07 EUR')
  assert.equal(formatMoney(-(2n ** 63n), 'EUR', { locale }), '−92,233,720,368,547,758.08 EUR')
})

test('a sum of balances keeps every digit, too', () => {
  assert.equal(formatMoney(2n ** 64n - 2n, 'EUR', { locale }), '184,467,440,737,095,516.14 EUR')
  assert.equal(formatMoney(-(10n ** 30n) - 1n, 'JPY', { locale }), `−1${',000'.repeat(9)},001 JPY`)
})

test('separators are those of the reader', () => {
  assert.equal(formatMoney(123450n, 'EUR', { locale: 'de-DE' }), '1.234,50 EUR')
})
