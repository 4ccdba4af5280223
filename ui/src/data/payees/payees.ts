import { PayeeChecked, PayeeDecided, PayeeList } from '@micropay/schemas/api/payee'
import { queryOptions } from '@tanstack/react-query'
import type { Client, Decided } from '../../api/client.ts'

export const payeesKey = ['payees'] as const

/** The accounts that the reader has saved, by name. */
export function payeesQuery(client: Client) {
  return queryOptions({ queryKey: payeesKey, queryFn: ({ signal }) => client.read('/v1/payees', PayeeList, signal) })
}

export type NewPayee = { readonly alias: string; readonly accountId: string }

export function savePayee(client: Client, payee: NewPayee, key: string): Promise<Decided<PayeeDecided>> {
  return client.command({ path: '/v1/payees', body: payee, idempotencyKey: key, schema: PayeeDecided })
}

export function removePayee(client: Client, alias: string, key: string): Promise<Decided<PayeeDecided>> {
  const path = `/v1/payees/${encodeURIComponent(alias)}/remove`
  return client.command({ path, body: {}, idempotencyKey: key, schema: PayeeDecided })
}

/** Whether an account is held under that name, as it was typed. */
export type NameQuestion = { readonly accountId: string; readonly name: string }

/** Every question counts towards what one may ask in a day; the same key is told the same, and counts once. */
export function checkPayee(client: Client, question: NameQuestion, key: string): Promise<Decided<PayeeChecked>> {
  return client.command({ path: '/v1/payees/check', body: question, idempotencyKey: key, schema: PayeeChecked })
}
