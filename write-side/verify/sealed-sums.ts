import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import type { SealedOtherwise } from '@micropay/schemas/api/period'
import type { AccountId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import { isTransitId } from '@micropay/schemas/transit'
import { accountKey, accounts } from '../decide/account.ts'
import type { LedgerView } from '../decide/ledger.ts'
import type { Closing } from './closings.ts'

/**
 * What all accounts stood at by value date when each of these closings was decided, and whether that is what it sealed
 * (docs/money.md, Periods). Closings are known before the entries are read, so that an entry is summed up at once: one
 * sum for each account, and beside it one for each period that has entries and is not closed yet. `ledger` is the one
 * behind all commits: an account keeps its currency.
 */
export function createSealedSums(closings: readonly Closing[], ledger: LedgerView): SealedSums {
  const tenants = new Map<string, TenantSums>()
  for (const closing of closings) {
    const sums = tenants.get(closing.tenant) ?? newTenantSums()
    tenants.set(closing.tenant, sums)
    sums.periods.push({ closing, beforeMs: Date.parse(closing.sealed.before), moved: new Map() })
  }
  const bySeq = new Map(closings.map((closing) => [closing.seq, closing]))
  return {
    take({ tenant, seq, events }) {
      const sums = tenants.get(tenant)
      if (!sums) return undefined
      for (const event of events) {
        if (!isPosting(event)) continue
        const quarterMs = Math.floor(Date.parse(event.data.effectiveAt) / QUARTER_MS) * QUARTER_MS
        for (const { account, amount } of event.data.legs) {
          const into = isTransitId(account) ? undefined : sumsOf(sums, quarterMs)
          if (into) add(into, account as AccountId, BigInt(amount))
        }
      }
      const closing = bySeq.get(seq)
      return closing && compare(closing, digestOf(seal(sums, closing), tenant, ledger))
    },
  }
}

type Posting = EventOf<'PaymentPosted' | 'LegsPosted' | 'LegsWrittenOff'>

function isPosting(event: LedgerEvent): event is Posting {
  return event.type === 'PaymentPosted' || event.type === 'LegsPosted' || event.type === 'LegsWrittenOff'
}

export type SealedSums = {
  /** Every commit that counts, in their order; of one that is a closing, what it should have sealed. */
  take(commit: Commit): SealedOtherwise | undefined
}

type Moved = Map<AccountId, bigint>
/** What moved on the days between the period before and the end of this one. */
type Period = { readonly closing: Closing; readonly beforeMs: number; readonly moved: Moved }
type TenantSums = {
  /** What all accounts stand at by the end of the periods that are closed so far. */
  readonly closed: Moved
  /** Those that are not yet, in their order. */
  readonly periods: Period[]
  closedBeforeMs: number
}

/** Days of all zones end with a quarter of an hour, and the books are kept by it. */
const QUARTER_MS = 900_000

function newTenantSums(): TenantSums {
  return { closed: new Map(), periods: [], closedBeforeMs: Number.NEGATIVE_INFINITY }
}

/** Undefined for a day that no closing seals. */
function sumsOf({ closed, periods, closedBeforeMs }: TenantSums, quarterMs: number): Moved | undefined {
  if (quarterMs < closedBeforeMs) return closed
  return periods.find(({ beforeMs }) => quarterMs < beforeMs)?.moved
}

function add(sums: Moved, account: AccountId, amount: bigint): void {
  sums.set(account, (sums.get(account) ?? 0n) + amount)
}

function seal(sums: TenantSums, closing: Closing): Moved {
  const period = sums.periods.shift()
  assert(period?.closing === closing, `${closing.sealed.periodId} is the next one to be closed`)
  for (const [account, amount] of period.moved) add(sums.closed, account, amount)
  sums.closedBeforeMs = Math.max(sums.closedBeforeMs, period.beforeMs)
  return sums.closed
}

function digestOf(sums: Moved, tenant: string, ledger: LedgerView): string {
  const lines = [...sums]
    .filter(([, balance]) => balance !== 0n)
    .map(([account, balance]) => {
      const currency = ledger.read(accounts, accountKey(tenant, account))?.currency
      return { id: Buffer.from(account), line: `${account}\t${currency}\t${balance}\n` }
    })
    .sort((one, other) => Buffer.compare(one.id, other.id))
  return hash('sha256', lines.map(({ line }) => line).join(''), 'base64url')
}

function compare({ tenant, seq, sealed }: Closing, booked: string): SealedOtherwise | undefined {
  const { periodId, through, digest } = sealed
  return booked === digest ? undefined : { tenant, periodId, through, seq, sealed: digest, booked }
}
