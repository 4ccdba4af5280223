import { z } from 'zod'
import { AccountType } from '../account-type.ts'
import { personal } from './personal.ts'
import { StoredAccountId, StoredCurrency, StoredDay, StoredLimit, StoredOwnerId, StoredText } from './stored-fields.ts'

const head = { accountId: StoredAccountId, type: AccountType, currency: StoredCurrency, owner: StoredOwnerId }
const rest = { path: StoredText.optional(), overdraftLimit: StoredLimit }

/** The data of `AccountOpened`; `openedOn` is a day that staff gave. */
export const AccountOpened = z.object({
  ...head,
  ...rest,
  openedOn: StoredDay.optional(),
  personal: personal(z.object({ name: StoredText.optional(), ownerReference: StoredText.optional() })).optional(),
})
export type AccountOpened = z.infer<typeof AccountOpened>

/** What `AccountOpened` held in version 1. */
export const AccountOpenedV1 = z.object({ ...head, name: StoredText.optional(), ...rest })
export type AccountOpenedV1 = z.infer<typeof AccountOpenedV1>

/** Which movements a freeze stops. */
export const FrozenDirection = z.enum(['all', 'outgoing'])

const reason = personal(z.object({ reason: StoredText.optional() })).optional()

/** The data of `AccountUnfrozen` and of `AccountClosed`. */
export const AccountStatusChanged = z.object({ accountId: StoredAccountId, personal: reason })
export type AccountStatusChanged = z.infer<typeof AccountStatusChanged>

/** The data of `AccountFrozen`. */
export const AccountFrozen = z.object({ accountId: StoredAccountId, direction: FrozenDirection, personal: reason })
export type AccountFrozen = z.infer<typeof AccountFrozen>

/** What `AccountFrozen`, `AccountUnfrozen` and `AccountClosed` held in version 1. */
export const AccountStatusV1 = z.object({ accountId: StoredAccountId, reason: StoredText.optional() })
export type AccountStatusV1 = z.infer<typeof AccountStatusV1>

/** The data of `AccountChanged`: what is absent stays as it was, and null takes away what was there. */
export const AccountChanged = z.object({
  accountId: StoredAccountId,
  overdraftLimit: StoredLimit.optional(),
  path: StoredText.nullable().optional(),
  personal: personal(
    z.object({ name: StoredText.nullable().optional(), ownerReference: StoredText.nullable().optional() }),
  ).optional(),
})

/** The data of `AccountFlagSet`. */
export const AccountFlagSet = z.object({
  accountId: StoredAccountId,
  flag: z.literal('receivesFromCustomers'),
  value: z.boolean(),
})
