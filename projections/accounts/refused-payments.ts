import { AccountId, canonicalPaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { refusedBeforeItsLegs } from '@micropay/schemas/log/rejection'
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
  const known = code === 'account_not_found' ? legs.slice(0, legNamedBy(pointer)) : legs
  return new Set(known.filter(isToPay).map(({ account }) => account))
}

/** The number of the leg whose account a pointer into a request names; undefined for any other. */
function legNamedBy(pointer = ''): number | undefined {
  const { posting, side, leg } = accountPointer.exec(pointer)?.groups ?? {}
  if (posting !== undefined) return 2 * Number(posting) + (side === 'to' ? 1 : 0)
  return leg === undefined ? undefined : Number(leg)
}

const accountPointer = /^\/(?:postings\/(?<posting>[0-9]+)\/(?<side>from|to)|legs\/(?<leg>[0-9]+)\/account)$/
