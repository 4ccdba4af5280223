import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAmount, readBalance, readLimit } from './read-amount.ts'

const minorOf = (typed: string, currency: string, locale = 'en-US') => {
  const read = readAmount(typed, currency, locale)
  return read.kind === 'amount' ? read.minor : read.kind
}

test('an amount is read in the digits of its currency', () => {
  assert.equal(minorOf('10.5', 'EUR'), 1050n)
  assert.equal(minorOf('10', 'EUR'), 1000n)
  assert.equal(minorOf('0.01', 'EUR'), 1n)
  assert.equal(minorOf('1050', 'JPY'), 1050n)
  assert.equal(minorOf('1.234', 'KWD'), 1234n)
  assert.equal(minorOf('9.99', 'HUF'), 999n)
})

test('groups and spaces may stand where people write them', () => {
  assert.equal(minorOf(' 1,234,567.89 ', 'EUR'), 123456789n)
  assert.equal(minorOf('1 234.50', 'EUR'), 123450n)
  assert.equal(minorOf('1\u202f234.50', 'EUR'), 123450n)
  assert.equal(minorOf("1'234.50", 'CHF'), 123450n)
})

test('the separators are those of the reader', () => {
  assert.equal(minorOf('1.234,50', 'EUR', 'de-DE'), 123450n)
  assert.equal(minorOf('10,50', 'EUR', 'de-DE'), 1050n)
  assert.equal(minorOf('10,50', 'EUR', 'fr-FR'), 1050n)
})

test('what could mean two things is refused, never guessed', () => {
  assert.equal(minorOf('10,50', 'EUR', 'en-US'), 'wrong')
  assert.equal(minorOf('10.50', 'EUR', 'de-DE'), 'wrong')
  assert.equal(minorOf('1,23,456', 'EUR'), 'wrong')
  assert.equal(minorOf('1.2.3', 'EUR'), 'wrong')
  for (const typed of ['abc', '1e3', '0x10', '+5', '-5', 'NaN', '.', '5.', '.5', '٣'])
    assert.equal(minorOf(typed, 'EUR'), 'wrong', typed)
})

test('more decimals than the currency has are refused with their number', () => {
  assert.deepEqual(readAmount('1.234', 'EUR', 'en-US'), { kind: 'wrong', why: 'EUR has at most 2 decimals.' })
  assert.deepEqual(readAmount('1.5', 'JPY', 'en-US'), { kind: 'wrong', why: 'JPY has no decimals.' })
})

test('nothing, zero, and one past the largest amount are no payment', () => {
  assert.equal(minorOf('', 'EUR'), 'empty')
  assert.equal(minorOf('   ', 'EUR'), 'empty')
  assert.equal(minorOf('0.00', 'EUR'), 'wrong')
  assert.equal(minorOf('10,000,000,000,000.00', 'EUR'), 10n ** 15n)
  assert.equal(minorOf('10,000,000,000,000.01', 'EUR'), 'wrong')
})

test('no digit is lost where floats lose one', () => {
  assert.equal(minorOf('9007199254740.93', 'EUR'), 900719925474093n)
  assert.equal(minorOf('0.29', 'EUR'), 29n)
  assert.equal(minorOf('1.15', 'EUR'), 115n)
})

test('a limit may be zero', () => {
  assert.deepEqual(readLimit('0', 'EUR', 'en-US'), { kind: 'amount', minor: 0n })
  assert.deepEqual(readLimit('0.00', 'EUR', 'en-US'), { kind: 'amount', minor: 0n })
  assert.deepEqual(readLimit('500', 'EUR', 'en-US'), { kind: 'amount', minor: 50000n })
})

test('a balance may be zero, below zero, and any that an account can stand at', () => {
  const balance = (typed: string) => {
    const read = readBalance(typed, 'EUR', 'en-US')
    return read.kind === 'amount' ? read.minor : read.kind
  }
  assert.equal(balance('0'), 0n)
  assert.equal(balance(' -1,234.50 '), -123450n)
  assert.equal(balance('−5'), -500n)
  assert.equal(balance(''), 'empty')
  assert.equal(balance('10,000,000,000,000.01'), 10n ** 15n + 1n)
  for (const wrong of ['-', '--5', '5-', '+5', 'much', '99,999,999,999,999,999.00'])
    assert.equal(balance(wrong), 'wrong')
})
