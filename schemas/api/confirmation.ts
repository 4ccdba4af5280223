import { z } from 'zod'

/**
 * What a person confirms at the issuer of what a payment brings to one payee, and a token says that they did (RFC 9396,
 * `authorization_details`). A payment has one for each payee and currency.
 */
export const PaymentDetail = z
  .object({
    type: z.literal('micropay_payment'),
    identifier: z.string().min(1).max(128).meta({ description: 'The Idempotency-Key of the payment.' }),
    payee: z
      .string()
      .regex(/^[A-Za-z0-9._:{}/-]{1,64}$/)
      .meta({ description: 'The account that gets it.' }),
    amount: z
      .string()
      .regex(/^[0-9]{1,16}(\.[0-9]{1,4})?$/)
      .meta({
        description: 'In units of the currency, with all its digits, as people read it.',
        examples: ['6000.00'],
      }),
    currency: z.string().regex(/^[A-Z]{3}$/),
  })
  .meta({ id: 'PaymentDetail' })
export type PaymentDetail = z.infer<typeof PaymentDetail>

/** Those among all details of a token; there may be others, which are for somebody else. */
export function paymentDetailsIn(details: readonly unknown[]): PaymentDetail[] {
  return details.flatMap((detail) => PaymentDetail.safeParse(detail).data ?? [])
}
