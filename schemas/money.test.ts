import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { currencyTable } from './currencies.ts'
import {
  AmountMinor,
  CurrencyCode,
  exponentOf,
  formatMinor,
  MAX_AMOUNT_MINOR,
  parseMajor,
  SignedMinor,
  SumMinor,
} from './money.ts'

describe('an amount', () => {
  test('it is a positive integer string of minor units, at most 10^15', () => {
    for (const text of ['1', '1050', '999999999999999', '1000000000000000']) {
      assert.ok(AmountMinor.safeParse(text).success, text)
    }
    const wrong = [
      '0',
      '-1',
      '+1',
      '01',
      '',
      ' 1',
      '1 ',
      '1.0',
      '1e3',
      '0x10',
      '١',
      '1000000000000001',
      '10000000000000000',
    ]
    for (const text of wrong) assert.ok(!AmountMinor.safeParse(text).success, text)
    for (const value of [1, 1n, null, undefined, ['1']]) assert.ok(!AmountMinor.safeParse(value).success)
    assert.equal(MAX_AMOUNT_MINOR, 1_000_000_000_000_000n)
  })

  test('a balance may be negative', () => {
    for (const text of ['0', '-1', '9223372036854775807', '-9223372036854775808']) {
      assert.ok(SignedMinor.safeParse(text).success, text)
    }
    for (const text of ['', '-', '1.5', '--1', '12345678901234567890'])
      assert.ok(!SignedMinor.safeParse(text).success, text)
  })

  test('a sum of balances has as many digits as it takes, up to 38', () => {
    for (const text of ['0', '-1', '18446744073709551614', '9'.repeat(38), `-${'9'.repeat(38)}`]) {
      assert.ok(SumMinor.safeParse(text).success, text)
    }
    for (const text of ['', '-', '1.5', '--1', '1e20', '+1', `1${'0'.repeat(38)}`, `-1${'0'.repeat(38)}`])
      assert.ok(!SumMinor.safeParse(text).success, text)
  })
})

describe('a currency', () => {
  test('it is an active ISO 4217 code in capitals', () => {
    for (const code of ['EUR', 'JPY', 'XCG']) assert.ok(CurrencyCode.safeParse(code).success, code)
    for (const code of ['eur', 'EURO', 'XXX', 'HRK', '', 'constructor', '__proto__', 'toString']) {
      assert.ok(!CurrencyCode.safeParse(code).success, code)
    }
  })

  test('its digits are those of ISO, not those of Intl', () => {
    const exponents = { EUR: 2, JPY: 0, KWD: 3, CLF: 4, HUF: 2, IDR: 2, PKR: 2, UYW: 4, MGA: 2 }
    for (const [code, exponent] of Object.entries(exponents)) assert.equal(exponentOf(code), exponent, code)
    assert.throws(() => exponentOf('XXX'), RangeError)
  })
})

describe('money as text', () => {
  test('it has the digits of its currency', () => {
    assert.equal(formatMinor(1050n, 'EUR'), '10.50')
    assert.equal(formatMinor(5n, 'EUR'), '0.05')
    assert.equal(formatMinor(-5n, 'EUR'), '-0.05')
    assert.equal(formatMinor(0n, 'EUR'), '0.00')
    assert.equal(formatMinor(1050n, 'JPY'), '1050')
    assert.equal(formatMinor(0n, 'JPY'), '0')
    assert.equal(formatMinor(1n, 'KWD'), '0.001')
    assert.equal(formatMinor(12345n, 'CLF'), '1.2345')
    assert.equal(formatMinor(-(2n ** 63n), 'EUR'), '-92233720368547758.08')
  })

  test('it is read with as many digits as the currency has, or fewer', () => {
    assert.equal(parseMajor('10.50', 'EUR'), 1050n)
    assert.equal(parseMajor('10.5', 'EUR'), 1050n)
    assert.equal(parseMajor(' 10 ', 'EUR'), 1000n)
    assert.equal(parseMajor('-0.05', 'EUR'), -5n)
    assert.equal(parseMajor('7', 'JPY'), 7n)
    assert.equal(parseMajor('0.001', 'KWD'), 1n)
    for (const text of ['10.505', '1,5', '', '.5', '5.', '1e3', 'ten', '--1', '12345678901234567', '1 000']) {
      assert.equal(parseMajor(text, 'EUR'), undefined, text)
    }
    assert.equal(parseMajor('7.0', 'JPY'), undefined)
  })

  test('what is written is read back as the same amount, in every currency', () => {
    const amount = fc.bigInt({ min: -(10n ** 16n) + 1n, max: 10n ** 16n - 1n })
    fc.assert(
      fc.property(amount, fc.constantFrom(...Object.keys(currencyTable)), (minor, currency) => {
        assert.equal(parseMajor(formatMinor(minor, currency), currency), minor)
      }),
    )
  })
})
