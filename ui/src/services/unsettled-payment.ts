import { z } from 'zod'
import type { Intent } from '../api/idempotent-intent.ts'
import type { PaymentRequest } from '../data/payments/make-payment.ts'

const amount = { amount: z.string(), currency: z.string() }
const text = z.string().exactOptional()
const more = { reference: text, description: text, effectiveAt: text }
const leg = z.object({ account: z.string(), ...amount, stands: z.string().exactOptional() })
const Stored = z.object({
  subject: z.string(),
  /** Its person has gone to confirm it: it is sent again once they are back. */
  isConfirmed: z.boolean().default(false),
  intent: z.object({
    key: z.string(),
    request: z.union([
      z.object({ postings: z.array(z.object({ from: z.string(), to: z.string(), ...amount })).min(1), ...more }),
      z.object({ legs: z.array(leg).min(1), ...more }),
    ]),
  }),
})

const STORED_AS = 'micropay.unsettled-payment'

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/**
 * Keeps the payment whose answer has not come, or which its person has gone to confirm, for as long as the tab lives:
 * after a reload or a new sign-in it is offered again with its own key, so nobody pays twice by typing it anew.
 */
export function keepUnsettled(
  shelf: Shelf,
  subject: string,
  intent: Intent<PaymentRequest> | undefined,
  isConfirmed = false,
): void {
  try {
    if (intent) shelf.setItem(STORED_AS, JSON.stringify({ subject, isConfirmed, intent }))
    else shelf.removeItem(STORED_AS)
  } catch {
    // A full or forbidden storage only costs the offer after a reload.
  }
}

/** The payment that this person left unsettled in this tab, if there is one. */
export function unsettledOf(shelf: Shelf, subject: string): Intent<PaymentRequest> | undefined {
  return storedOf(shelf, subject)?.intent
}

/** The one that they had gone to confirm. */
export function confirmedOf(shelf: Shelf, subject: string): Intent<PaymentRequest> | undefined {
  const stored = storedOf(shelf, subject)
  return stored?.isConfirmed ? stored.intent : undefined
}

function storedOf(shelf: Shelf, subject: string) {
  try {
    const stored = Stored.safeParse(JSON.parse(shelf.getItem(STORED_AS) ?? 'null')).data
    return stored?.subject === subject ? stored : undefined
  } catch {
    return undefined
  }
}
