import { PaymentAccepted, PaymentPending } from '@micropay/schemas/api/payment'
import { z } from 'zod'

/** What a payment that was taken is answered: it is posted, or under way between partitions of the ledger. */
export const PaymentAnswer = z.union([PaymentAccepted, PaymentPending])
export type PaymentAnswer = z.infer<typeof PaymentAnswer>
