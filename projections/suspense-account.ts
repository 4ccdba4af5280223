import type { EventOf } from '@micropay/schemas/log/event'
import { SUSPENSE_OWNER, suspenseOf } from '@micropay/schemas/suspense'

/**
 * What the opening of a suspense account would have said: nobody opens one, and it begins with what first comes to it.
 * Undefined of any other account.
 */
export function openingOfSuspense(accountId: string): EventOf<'AccountOpened'>['data'] | undefined {
  const suspense = suspenseOf(accountId)
  if (!suspense) return undefined
  const { partition, currency } = suspense
  return {
    ...{ accountId: accountId as EventOf<'AccountOpened'>['data']['accountId'], type: 'internal', currency },
    ...{ owner: SUSPENSE_OWNER, path: `suspense/${currency.toLowerCase()}`, overdraftLimit: 'unlimited' },
    personal: { form: 'plain', data: { name: `Suspense of partition ${partition}` } },
  } as EventOf<'AccountOpened'>['data']
}
