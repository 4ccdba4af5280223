import { type CurrencyCode, exponentOf, MAX_AMOUNT_MINOR } from '@micropay/schemas/money'
import { UnreadableError } from './unreadable-error.ts'

/** Sums and balances of a statement stay below this. */
export const MAX_SUM_MINOR = MAX_AMOUNT_MINOR * 1000n

type Signed = {
  readonly Amt: { readonly '#text': string; readonly '@Ccy': string }
  readonly CdtDbtInd: 'CRDT' | 'DBIT'
}

/** An amount with its direction, a credit above zero; `what` names it where it cannot be read. */
export function signedMinor({ Amt, CdtDbtInd }: Signed, currency: CurrencyCode, what: string): bigint {
  if (Amt['@Ccy'] !== currency) {
    throw new UnreadableError(
      `${what} is in ${Amt['@Ccy']}, and the account in ${currency}: ` +
        "ask the bank for amounts in the account's currency",
    )
  }
  const amount = minorOf(Amt['#text'], currency)
  if (amount === undefined) {
    const text = JSON.stringify(Amt['#text'].slice(0, 40))
    throw new UnreadableError(`${what} is ${text}: no amount in ${currency}. Ask the bank for a correct camt.053`)
  }
  return CdtDbtInd === 'CRDT' ? amount : -amount
}

/** An xs:decimal as minor units; zeros beyond the currency's digits are none. */
export function minorOf(text: string, currency: CurrencyCode): bigint | undefined {
  const match = /^\+?([0-9]{1,18})(?:\.([0-9]{0,17}))?$/.exec(text.trim())
  if (!match) return undefined
  const exponent = exponentOf(currency)
  const fraction = (match[2] ?? '').replace(/0+$/, '')
  if (fraction.length > exponent) return undefined
  const minor = BigInt(`${match[1]}${fraction.padEnd(exponent, '0')}`)
  return minor <= MAX_SUM_MINOR ? minor : undefined
}
