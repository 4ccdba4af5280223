import { z } from 'zod'
import { StoredCurrency, StoredMovement, StoredPayableId, StoredSum, StoredText } from './stored-fields.ts'

/**
 * One leg of a payment, as it stands in the log: `stands` asserts the balance of the account behind it; the legs of one
 * posting have the same `pair`.
 */
export const PaymentLeg = z.object({
  account: StoredPayableId,
  amount: StoredMovement,
  currency: StoredCurrency,
  pair: z.int().min(1).optional(),
  stands: StoredSum.optional(),
})
export type Leg = z.infer<typeof PaymentLeg>

export const PaymentTexts = z.object({
  reference: StoredText.optional(),
  description: StoredText.optional(),
  metadata: z.record(z.string(), StoredText).optional(),
})
