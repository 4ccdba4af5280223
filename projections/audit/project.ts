import { hash } from 'node:crypto'
import type { FoldedRecord } from '@micropay/event-log/fold-batch'
import { AccountId, canonicalPaymentId, type PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { refusedIn } from '@micropay/schemas/log/given'
import { isOfAllLegs } from '@micropay/schemas/log/legs-in'
import { isToPay } from '@micropay/schemas/paying-legs'
import { isTransitId } from '@micropay/schemas/transit'
import { z } from 'zod'
import type { AccountRecord, IndexedRecord, PaymentRecord } from './tables.ts'

/** Where a batch's records stand, and which accounts its commits concern. Heartbeats say nothing, and are left out. */
export function indexRecords(partition: number, folds: readonly FoldedRecord[]): AuditChanges {
  const records: IndexedRecord[] = []
  const accounts: AccountRecord[] = []
  const payments: PaymentRecord[] = []
  for (const { record, folded } of folds) {
    const place = { partition, log_offset: record.offset, tenant: null }
    switch (folded.kind) {
      case 'genesis':
      case 'ignored':
        records.push({ ...place, kind: folded.kind, reason: null, epoch: null, seq: null, hash: hashOf(record.value) })
        break
      case 'claimed': {
        const epoch = BigInt(folded.claim.epoch)
        records.push({ ...place, kind: 'claim', reason: null, epoch, seq: null, hash: hashOf(record.value) })
        break
      }
      case 'resumed': {
        const [epoch, seq] = [BigInt(folded.resume.epoch), BigInt(folded.resume.seq)]
        records.push({ ...place, kind: 'claim', reason: null, epoch, seq, hash: hashOf(record.value) })
        break
      }
      case 'void': {
        const { reason, named } = folded
        const [epoch, seq] = [orNull(named.epoch), orNull(named.seq)]
        records.push({ ...place, kind: 'void', reason, epoch, seq, hash: hashOf(record.value) })
        break
      }
      case 'counted': {
        const [epoch, seq] = [BigInt(folded.commit.epoch), BigInt(folded.commit.seq)]
        const { tenant } = folded.commit
        records.push({ ...place, kind: 'commit', reason: null, epoch, seq, tenant, hash: folded.state.hash })
        for (const account_id of concernedAccounts(folded.commit)) accounts.push({ tenant, account_id, partition, seq })
        for (const payment_id of paymentsStepped(folded.commit)) payments.push({ tenant, payment_id, partition, seq })
      }
    }
  }
  return { records, accounts, payments }
}

export type AuditChanges = {
  readonly records: readonly IndexedRecord[]
  readonly accounts: readonly AccountRecord[]
  readonly payments: readonly PaymentRecord[]
}

/** What a refused command named: the accounts that were to pay, or the one that was to change. */
const Refused = z.object({
  accountId: AccountId.optional().catch(undefined),
  postings: z.array(z.object({ from: AccountId })).catch([]),
  legs: z.array(z.object({ account: AccountId, amount: z.string() })).catch([]),
})

/** Each account once: those that the events changed, or those whom a refused command named. */
export function concernedAccounts(commit: Commit): Set<string> {
  const concerned = new Set<string>()
  if (commit.outcome.kind === 'rejected') {
    const { accountId, postings, legs } = Refused.parse(refusedIn(commit).data)
    if (accountId !== undefined) concerned.add(accountId)
    for (const { from } of postings) concerned.add(from)
    for (const leg of legs) if (isToPay(leg)) concerned.add(leg.account)
  }
  for (const event of commit.events) {
    if ('accountId' in event.data) concerned.add(event.data.accountId)
    // Those of a beginning also live elsewhere: what is promised here stands beside it.
    if (!('legs' in event.data) || isOfAllLegs(event)) continue
    for (const { account } of event.data.legs) if (!isTransitId(account)) concerned.add(account)
  }
  return concerned
}

/** The payments across partitions that a commit is a step of, each once. */
function paymentsStepped({ events }: Commit): Set<PaymentId> {
  const named = events.flatMap(({ type, data }) => {
    if (type === 'PaymentEnded') return data.paymentIds
    return type !== 'PaymentPosted' && 'paymentId' in data ? [data.paymentId] : []
  })
  return new Set(named.map(canonicalPaymentId))
}

function orNull(value: number | null): bigint | null {
  return value === null ? null : BigInt(value)
}

function hashOf(value: Uint8Array): string {
  return hash('sha256', value, 'base64url')
}
