import type { PaymentRequest } from '../../data/payments/make-payment.ts'
import { readAmount } from '../../money/read-amount.ts'

/** A payment form as it stands; `amount` is what was typed, in major units. */
export type PaymentDraft = {
  readonly from: string
  readonly to: string
  readonly amount: string
  readonly reference: string
  readonly description: string
}

/** A draft but for its accounts. */
export const nothingFilledIn = { amount: '', reference: '', description: '' } as const

/** Whom a typed name or id stands for, or why that is not clear. */
export type Receiver =
  | { readonly kind: 'account'; readonly accountId: string }
  | { readonly kind: 'unclear'; readonly why: string }

export type DraftErrors = Partial<Record<'from' | 'to' | 'amount', string>>

type Read =
  | { readonly kind: 'ready'; readonly request: PaymentRequest }
  | { readonly kind: 'incomplete'; readonly errors: DraftErrors }

/** What the draft asks for, or what is missing, each said at its field; `currency` is undefined until it is known. */
export function readDraft(
  draft: PaymentDraft,
  currency: string | undefined,
  receiverOf: (typed: string) => Receiver = asTyped,
  locale?: string,
): Read {
  const receiver: Receiver = draft.to.trim() === '' ? { kind: 'account', accountId: '' } : receiverOf(draft.to)
  const to = receiver.kind === 'account' ? receiver.accountId : ''
  const amount = currency === undefined ? undefined : readAmount(draft.amount, currency, locale)
  const errors: DraftErrors = {
    ...(draft.from === '' ? { from: 'Choose the account that the money leaves.' } : {}),
    ...(receiver.kind === 'unclear' ? { to: receiver.why } : {}),
    ...(receiver.kind === 'account' && to === '' ? { to: 'Say who gets the money.' } : {}),
    ...(to !== '' && to === draft.from ? { to: 'Choose another account: one cannot pay itself.' } : {}),
    ...(amount?.kind === 'empty' ? { amount: 'Type an amount.' } : {}),
    ...(amount?.kind === 'wrong' ? { amount: amount.why } : {}),
  }
  if (Object.keys(errors).length > 0 || amount?.kind !== 'amount' || currency === undefined)
    return { kind: 'incomplete', errors }
  const reference = draft.reference.trim()
  const description = draft.description.trim()
  return {
    kind: 'ready',
    request: {
      postings: [{ from: draft.from, to, amount: amount.minor.toString(), currency }],
      ...(reference ? { reference } : {}),
      ...(description ? { description } : {}),
    },
  }
}

const asTyped = (typed: string): Receiver => ({ kind: 'account', accountId: typed.trim() })
