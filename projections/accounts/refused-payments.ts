import { AccountId, canonicalPaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { refusedBeforeItsLegs, refusedForAnAccount } from '@micropay/schemas/log/rejection'
import { StoredPaymentId } from '@micropay/schemas/log/stored-fields'
import { AmountMinor, CurrencyCode, MovementMinor, SignedMinor } from '@micropay/schemas/money'
import { isToPay } from '@micropay/schemas/paying-legs'
import { z } from 'zod'
import type { NewPayment, StoredLeg } from './tables.ts'

const RefusedPosting = z.object({
  from: AccountId,
  to: AccountId,
  amount: AmountMinor,
  currency: CurrencyCode,
})
const RefusedLeg = z.object({
  account: AccountId,
  amount: MovementMinor,
  currency: CurrencyCode,
  stands: SignedMinor.optional(),
})

/**
 * What is shown of a request that was refused. Requests have no versions as events do, so what does not fit is left
 * out.
 */
export const RefusedPayment = z.object({
  postings: z.array(RefusedPosting).catch([]),
  legs: z.array(RefusedLeg).catch([]),
  effectiveAt: z.iso.datetime({ offset: true }).optional().catch(undefined),
  reference: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  /** Of a refund: of which payment, of how much where it was of a part between two accounts, and why. */
  paymentId: StoredPaymentId.transform(canonicalPaymentId).optional().catch(undefined),
  amount: AmountMinor.optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  metadata: z.record(z.string(), z.string()).optional().catch(undefined),
})

/** What a refund was to give back, as far as its request says. */
export function reversedIn({ paymentId, amount, legs }: z.infer<typeof RefusedPayment>) {
  const isWhole = amount === undefined && legs.length === 0
  return {
    reverses: paymentId ?? null,
    reverses_what: paymentId === undefined ? null : whatOf(isWhole),
    corrects: null,
  } satisfies Partial<NewPayment>
}

export function whatOf(isWhole: boolean): 'whole' | 'part' {
  return isWhole ? 'whole' : 'part'
}

/**
 * Those that were to pay, and that the giver of the command may pay from: legs are looked at in their order, and from
 * the one on that was refused as unknown anybody may have named any account. So may a refund that was refused before
 * its legs were looked at.
 */
export function ownAccounts(
  { code, pointer }: Extract<Commit['outcome'], { kind: 'rejected' }>,
  legs: readonly StoredLeg[],
): Set<string> {
  if (refusedBeforeItsLegs.has(code)) return new Set()
  const known = code === 'account_not_found' ? legs.slice(0, legsNamedBy(pointer)?.[0]) : legs
  return new Set(known.filter(isToPay).map(({ account }) => account))
}

/**
 * The accounts that it may have been refused for: one, where the pointer into the request names a leg, both of a
 * posting where it names what they share, otherwise all. Null where it was refused for no account.
 */
export function refusedAccounts(
  { code, pointer }: Pick<Extract<Commit['outcome'], { kind: 'rejected' }>, 'code' | 'pointer'>,
  legs: readonly StoredLeg[],
): string[] | null {
  if (!refusedForAnAccount.has(code)) return null
  const named = legsNamedBy(pointer)
  const about = legs.filter((leg, index) => {
    return (named?.includes(index) ?? true) && (code !== 'insufficient_funds' || isToPay(leg))
  })
  return [...new Set(about.map(({ account }) => account))]
}

/** The numbers of the legs that a pointer into a request is about; undefined for any other. */
function legsNamedBy(pointer = ''): number[] | undefined {
  const { posting, member, leg } = legPointer.exec(pointer)?.groups ?? {}
  if (leg !== undefined) return [Number(leg)]
  if (posting === undefined) return undefined
  const from = 2 * Number(posting)
  if (member === 'from') return [from]
  return member === 'to' ? [from + 1] : [from, from + 1]
}

const legPointer = /^\/(?:postings\/(?<posting>[0-9]+)\/(?<member>[a-z]+)|legs\/(?<leg>[0-9]+)\/[a-z]+)$/
