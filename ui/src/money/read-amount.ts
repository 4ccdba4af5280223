import {
  exponentOf,
  formatMinor,
  MAX_AMOUNT_MINOR,
  MAX_BALANCE_MINOR,
  MIN_BALANCE_MINOR,
  parseMajor,
} from '@micropay/schemas/money'
import { formatMoney } from './format-money.ts'

export type AmountRead =
  | { readonly kind: 'amount'; readonly minor: bigint }
  | { readonly kind: 'empty' }
  | { readonly kind: 'wrong'; readonly why: string }

/**
 * Reads what a person typed as an amount in major units: `1,234.50` where commas group and `1.234,50` where points do.
 * Spaces group everywhere; what could mean two things is refused, never guessed.
 */
export function readAmount(typed: string, currency: string, locale?: string): AmountRead {
  const read = readMinor(typed, currency, locale)
  if (read.kind !== 'amount') return read
  if (read.minor > MAX_AMOUNT_MINOR) {
    const most = formatMoney(MAX_AMOUNT_MINOR, currency, locale ? { locale } : {})
    return { kind: 'wrong', why: `One payment moves at most ${most}.` }
  }
  return read.minor === 0n ? { kind: 'wrong', why: 'The amount must be more than zero.' } : read
}

/** A balance, which may be below zero and larger than what one payment moves. */
export function readBalance(typed: string, currency: string, locale?: string): AmountRead {
  const [, sign, digits = ''] = /^\s*([-−]?)(.*)$/.exec(typed) ?? []
  if (sign && digits.trim() === '') return { kind: 'wrong', why: 'Type a balance behind the sign.' }
  const read = readMinor(digits, currency, locale)
  if (read.kind !== 'amount') return read
  const minor = sign ? -read.minor : read.minor
  if (minor >= MIN_BALANCE_MINOR && minor <= MAX_BALANCE_MINOR) return { kind: 'amount', minor }
  return { kind: 'wrong', why: 'No account can stand at that.' }
}

function readMinor(typed: string, currency: string, locale: string | undefined): AmountRead {
  const text = typed.replace(/[\s\u00a0\u202f'’]/g, '')
  if (text === '') return { kind: 'empty' }
  const { group, decimal } = separatorsOf(locale)
  const plain = ungrouped(text, group, decimal)
  if (plain === undefined) return { kind: 'wrong', why: `Type an amount such as ${example(currency, decimal)}.` }
  const decimals = exponentOf(currency)
  if ((plain.split('.')[1] ?? '').length > decimals) {
    const why = decimals === 0 ? `${currency} has no decimals.` : `${currency} has at most ${decimals} decimals.`
    return { kind: 'wrong', why }
  }
  // What is too long to be parsed is more than any amount or balance.
  return { kind: 'amount', minor: parseMajor(plain, currency) ?? MAX_BALANCE_MINOR + 1n }
}

/** The same for a limit, where zero is an answer. */
export function readLimit(typed: string, currency: string, locale?: string): AmountRead {
  const isZero = /^0+([.,]0*)?$/.test(typed.trim())
  return isZero ? { kind: 'amount', minor: 0n } : readAmount(typed, currency, locale)
}

/** An amount as a person would type it, so that it can be read again. */
export function typedAmount(minor: bigint, currency: string, locale?: string): string {
  return formatMinor(minor, currency).replace('.', separatorsOf(locale).decimal)
}

/** Plain digits with a point, or undefined when groups are not of three or a separator stands twice. */
function ungrouped(text: string, group: string, decimal: string): string | undefined {
  const escaped = (separator: string) => `\\${separator}`
  const whole = `(?:[0-9]+|[0-9]{1,3}(?:${escaped(group)}[0-9]{3})+)`
  if (new RegExp(`^${whole}(?:${escaped(decimal)}[0-9]+)?$`).test(text)) {
    return text.replaceAll(group, '').replace(decimal, '.')
  }
  return group !== '.' && /^[0-9]+\.[0-9]+$/.test(text) ? text : undefined
}

function separatorsOf(locale: string | undefined): { group: string; decimal: string } {
  const parts = new Intl.NumberFormat(locale).formatToParts(1_234_567.5)
  const decimal = parts.find((part) => part.type === 'decimal')?.value === ',' ? ',' : '.'
  return { decimal, group: decimal === ',' ? '.' : ',' }
}

function example(currency: string, decimal: string): string {
  const decimals = exponentOf(currency)
  return decimals === 0 ? '1050' : `10${decimal}${'5'.padEnd(decimals, '0')}`
}
