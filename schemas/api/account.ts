import { z } from 'zod'
import { AccountPath } from '../account-path.ts'
import { AccountType } from '../account-type.ts'
import { AccountId, IdempotencyKey, OwnerId } from '../identifiers.ts'
import { CurrencyCode, SignedMinor, SumMinor } from '../money.ts'
import { label } from '../text.ts'

export const AccountStatus = z.enum(['open', 'frozen', 'closed']).meta({ id: 'AccountStatus' })
export type AccountStatus = z.infer<typeof AccountStatus>

/** How far below zero an account may go, in minor units; `unlimited` for no limit. */
export const OverdraftLimit = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,15}|unlimited)$/, {
    error: 'must be an integer string of minor units, such as "0", or "unlimited"',
  })
  .meta({ id: 'OverdraftLimit', examples: ['0', '50000', 'unlimited'] })
export type OverdraftLimit = z.infer<typeof OverdraftLimit>

const dryRun = z.boolean().optional().meta({ description: 'Say what would happen, and append nothing.' })

export const MAX_BATCH_ACCOUNTS = 10_000

const openingFields = {
  accountId: AccountId.optional().meta({ description: 'Chosen by you, or else derived from the idempotency key.' }),
  type: AccountType,
  currency: CurrencyCode,
  owner: OwnerId,
  name: label(100).optional(),
  path: AccountPath.optional().meta({
    description: 'The place in the chart of accounts; by type and currency when left out.',
  }),
  overdraftLimit: OverdraftLimit.optional(),
}

/** POST /v1/accounts. Without `overdraftLimit` a customer may not go below zero, and other types have no limit. */
export const OpenAccount = z.strictObject({ ...openingFields, dryRun }).meta({ id: 'OpenAccount' })
export type OpenAccount = z.infer<typeof OpenAccount>

export const BatchAccount = z
  .strictObject({ idempotencyKey: IdempotencyKey, ...openingFields })
  .meta({ id: 'BatchAccount' })
export type BatchAccount = z.infer<typeof BatchAccount>

/** POST /v1/accounts/batch: every account has a key and an outcome of its own, as in a batch of payments. */
export const AccountBatch = z
  .strictObject({ accounts: z.array(z.unknown()).min(1).max(MAX_BATCH_ACCOUNTS) })
  .meta({ id: 'AccountBatch' })
export type AccountBatch = z.infer<typeof AccountBatch>

/** POST /v1/accounts/:accountId/freeze, /unfreeze and /close. */
export const ChangeAccount = z.strictObject({ reason: label(200).optional(), dryRun }).meta({ id: 'ChangeAccount' })
export type ChangeAccount = z.infer<typeof ChangeAccount>

/** What an account command answers: the account as it stands after it. */
export const AccountDecided = z
  .object({
    accountId: AccountId,
    type: AccountType,
    currency: CurrencyCode,
    owner: OwnerId,
    name: z.string().optional(),
    path: AccountPath.optional(),
    overdraftLimit: OverdraftLimit,
    status: AccountStatus,
    decidedAt: z.iso.datetime(),
  })
  .meta({ id: 'AccountDecided' })
export type AccountDecided = z.infer<typeof AccountDecided>

/**
 * An account as GET /v1/accounts/:accountId shows it. Amounts are minor units; `available` is null when there is no
 * limit.
 */
export const Account = z
  .object({
    accountId: AccountId,
    type: AccountType,
    currency: CurrencyCode,
    owner: OwnerId,
    name: z.string().nullable(),
    status: AccountStatus,
    overdraftLimit: OverdraftLimit,
    balance: SignedMinor,
    available: SumMinor.nullable(),
    openedAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
    position: z.string().meta({ description: 'The commit that last changed it.', examples: ['0:1842'] }),
  })
  .meta({ id: 'Account' })
export type Account = z.infer<typeof Account>

/** One line of a statement: a movement (`amount` is signed, from the account's view) and the balance after it. */
export const Entry = z
  .object({
    position: z.string(),
    index: z.int(),
    paymentId: z.string(),
    kind: z.enum(['payment', 'deposit', 'withdrawal', 'transfer']),
    counterparty: AccountId,
    counterpartyName: z.string().nullable(),
    amount: SignedMinor,
    currency: CurrencyCode,
    balanceAfter: SignedMinor,
    effectiveAt: z.iso.datetime(),
    decidedAt: z.iso.datetime(),
    reference: z.string().nullable(),
    description: z.string().nullable(),
  })
  .meta({ id: 'Entry' })
export type Entry = z.infer<typeof Entry>

export const AccountPage = z
  .object({ items: z.array(Account), next: z.string().nullable() })
  .meta({ id: 'AccountPage' })
export type AccountPage = z.infer<typeof AccountPage>
export const EntryPage = z.object({ items: z.array(Entry), next: z.string().nullable() }).meta({ id: 'EntryPage' })
export type EntryPage = z.infer<typeof EntryPage>
