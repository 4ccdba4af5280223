import type { NewLedgerAccount, Summand } from './tables.ts'

/** Under which names a payment counts, and when. */
export type Names = Pick<Summand, 'operation' | 'purpose'>
export type Times = Pick<Summand, 'quarter' | 'month'>

export function namesOf(metadata: Readonly<Record<string, string>> | undefined): Names {
  return { operation: cut(metadata?.operation), purpose: cut(metadata?.purpose) }
}

export function timesOf(effectiveAt: string): Times {
  const quarter = quarterOf(effectiveAt)
  return { quarter, month: `${quarter.slice(0, 'yyyy-mm'.length)}-01T00:00:00.000Z` }
}

/** What an entry of an account adds to the sums. */
export function summandOf(account: NewLedgerAccount, names: Names, times: Times, amountMinor: bigint): Summand {
  return {
    account_id: account.account_id,
    partition: account.partition,
    tenant: account.tenant,
    type: account.type,
    currency: account.currency,
    quarter: times.quarter,
    month: times.month,
    operation: names.operation,
    purpose: names.purpose,
    in_minor: amountMinor > 0n ? amountMinor : 0n,
    out_minor: amountMinor > 0n ? 0n : -amountMinor,
    entries: 1n,
  }
}

const QUARTER_MS = 900_000

/**
 * The quarter of an hour that an instant lies in. Instants are written as toISOString does, where it is a matter of
 * the minutes.
 */
function quarterOf(instant: string): string {
  const minutes = written.exec(instant)?.[1]
  if (minutes === undefined) return new Date(Math.floor(Date.parse(instant) / QUARTER_MS) * QUARTER_MS).toISOString()
  const quarter = minutes < '15' ? '00' : minutes < '30' ? '15' : minutes < '45' ? '30' : '45'
  return `${instant.slice(0, 'yyyy-mm-ddThh:'.length)}${quarter}:00.000Z`
}

const written = /^\d{4}-\d\d-\d\dT\d\d:([0-5]\d):\d\d\.\d{3}Z$/

/**
 * Payers write what they like into metadata, and PostgreSQL indexes no key beyond 2.7 kB: a longer one would stop the
 * projection.
 */
const MOST_GROUP_CHARACTERS = 100

function cut(text = ''): string {
  return text.length <= MOST_GROUP_CHARACTERS ? text : [...text].slice(0, MOST_GROUP_CHARACTERS).join('')
}
