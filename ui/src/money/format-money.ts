import { exponentOf, formatMinor } from '@micropay/schemas/money'

export type MoneyParts = {
  /** `+`, `−` (U+2212) or nothing. */
  readonly sign: string
  /** Digits with the reader's separators and ISO 4217's number of decimals. */
  readonly digits: string
  readonly currency: string
}

type Options = { readonly signed?: boolean; readonly locale?: string }

/**
 * Minor units as people read them. Figures reach `Intl` as strings, so no digit is lost; the decimals come from our ISO
 * table.
 */
export function moneyParts(
  amountMinor: bigint,
  currency: string,
  { signed = false, locale }: Options = {},
): MoneyParts {
  const negative = amountMinor < 0n
  const text = formatMinor(negative ? -amountMinor : amountMinor, currency)
  const decimals = exponentOf(currency)
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return {
    sign: negative ? '−' : signed && amountMinor > 0n ? '+' : '',
    digits: isNumeric(text) ? format.format(text) : text,
    currency,
  }
}

/** `−1,234.50 EUR`, for running text and names that are read aloud. */
export function formatMoney(amountMinor: bigint, currency: string, options: Options = {}): string {
  const { sign, digits } = moneyParts(amountMinor, currency, options)
  return `${sign}${digits} ${currency}`
}

function isNumeric(text: string): text is `${number}` {
  return /^[0-9]+(\.[0-9]+)?$/.test(text)
}
