import { z } from 'zod'

export const PaymentKind = z.enum(['payment', 'deposit', 'withdrawal', 'transfer']).meta({
  id: 'PaymentKind',
  description:
    'payment: between customers; deposit and withdrawal: from and to external accounts; transfer: any other.',
})
export type PaymentKind = z.infer<typeof PaymentKind>

const paymentKinds: ReadonlySet<string> = new Set(PaymentKind.options)

export function isPaymentKind(text: string): text is PaymentKind {
  return paymentKinds.has(text)
}
