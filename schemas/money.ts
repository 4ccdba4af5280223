import { z } from 'zod'
import { currencyTable } from './currencies.ts'

/**
 * The largest amount of one posting, in minor units: large enough for any currency, small enough that sums stay in
 * int8.
 */
export const MAX_AMOUNT_MINOR = 10n ** 15n

/** Balances are kept as PostgreSQL int8: what would leave this range is the rejection `balance_overflow`. */
export const MAX_BALANCE_MINOR = 2n ** 63n - 1n
export const MIN_BALANCE_MINOR = -(2n ** 63n)

/** An active ISO 4217 alphabetic code, such as `EUR`. */
export const CurrencyCode = z
  .string()
  .refine(isCurrencyCode, {
    error: 'must be an active ISO 4217 code in capitals, such as EUR',
  })
  .meta({ id: 'CurrencyCode', pattern: '^[A-Z]{3}$', examples: ['EUR'] })
export type CurrencyCode = z.infer<typeof CurrencyCode>

export function isCurrencyCode(text: string): boolean {
  return Object.hasOwn(currencyTable, text)
}

const minorPattern = /^[1-9][0-9]{0,15}$/

/** A positive amount as an integer string of minor units (`"1050"` is 10.50 EUR), at most 10^15. */
export const AmountMinor = z
  .string()
  .regex(minorPattern, { error: 'must be a positive integer string of minor units, such as "1050" for 10.50 EUR' })
  .refine(isWithinMost, {
    error: 'must be at most 1000000000000000 minor units',
  })
  .meta({ id: 'AmountMinor', examples: ['1050'] })
export type AmountMinor = z.infer<typeof AmountMinor>

function isWithinMost(text: string): boolean {
  return text.length < 16 || BigInt(text) <= MAX_AMOUNT_MINOR
}

const movementPattern = /^(?:0|-?[1-9][0-9]{0,15})$/

export function isMovement(text: string): boolean {
  return movementPattern.test(text)
}

/** What one leg moves, as a signed integer string of minor units within 10^15; zero too. */
export const MovementMinor = z
  .string()
  .regex(movementPattern, {
    error: 'must be an integer string of minor units, such as "-1050" for 10.50 EUR that leave',
  })
  .refine((text) => isWithinMost(text.replace('-', '')), {
    error: 'must be within 1000000000000000 minor units',
  })
  .meta({ id: 'MovementMinor', examples: ['-1050', '1050'] })
export type MovementMinor = z.infer<typeof MovementMinor>

/** A balance or a signed movement as an integer string of minor units, within int8; may be negative. */
export const SignedMinor = z
  .string()
  .regex(/^-?[0-9]{1,19}$/)
  .meta({ id: 'SignedMinor', examples: ['-250', '1050'] })
export type SignedMinor = z.infer<typeof SignedMinor>

/** A balance as a request says it, each in its one spelling: no sign before zero, no zeros in front. */
export const StatedMinor = z
  .string()
  .regex(/^(?:0|-?[1-9][0-9]{0,18})$/, { error: 'must be an integer string of minor units, such as "-250" or "0"' })
  .meta({ id: 'StatedMinor', examples: ['-250', '1050'] })

/**
 * What balances or amounts add up to, as an integer string of minor units of 38 digits at most: each of them is within
 * int8, and their sum need not be. A balance as of a day is such a sum, too, since no limit holds by value date.
 */
export const SumMinor = z
  .string()
  .regex(/^-?[0-9]{1,38}$/)
  .meta({ id: 'SumMinor', examples: ['-250', '18446744073709551614'] })
export type SumMinor = z.infer<typeof SumMinor>

/** Digits after the decimal point in ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD. */
export function exponentOf(currency: CurrencyCode): number {
  const row = currencyTable[currency]
  if (!row) throw new RangeError(`${currency} is not an active ISO 4217 code`)
  return row.exponent
}

/** Minor units as a plain decimal string with the currency's own digits: (`1050n`, EUR) is `10.50`. */
export function formatMinor(amountMinor: bigint, currency: CurrencyCode): string {
  const exponent = exponentOf(currency)
  const negative = amountMinor < 0n
  const digits = (negative ? -amountMinor : amountMinor).toString().padStart(exponent + 1, '0')
  const whole = digits.slice(0, digits.length - exponent)
  const fraction = exponent === 0 ? '' : `.${digits.slice(-exponent)}`
  return `${negative ? '-' : ''}${whole}${fraction}`
}

/**
 * Reads `10.50` or `10` as minor units; undefined when it is no such number or has too many digits for the currency.
 */
export function parseMajor(text: string, currency: CurrencyCode): bigint | undefined {
  const match = /^(-?)([0-9]{1,16})(?:\.([0-9]{1,4}))?$/.exec(text.trim())
  if (!match) return undefined
  const exponent = exponentOf(currency)
  const fraction = match[3] ?? ''
  if (fraction.length > exponent) return undefined
  const magnitude = BigInt(`${match[2]}${fraction.padEnd(exponent, '0')}`)
  return match[1] === '-' ? -magnitude : magnitude
}
