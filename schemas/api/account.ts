import { z } from 'zod'
import { AccountPath } from '../account-path.ts'
import { AccountType } from '../account-type.ts'
import { Day } from '../days.ts'
import { AccountId, IdempotencyKey, OwnerId, PayableId, PaymentId } from '../identifiers.ts'
import { CurrencyCode, SignedMinor, SumMinor } from '../money.ts'
import { label } from '../text.ts'

export const AccountStatus = z.enum(['open', 'frozen', 'closed']).meta({ id: 'AccountStatus' })
export type AccountStatus = z.infer<typeof AccountStatus>

/** What a freeze stops: all, or only what would leave the account. */
export const FrozenDirection = z.enum(['all', 'outgoing']).meta({ id: 'FrozenDirection' })
export type FrozenDirection = z.infer<typeof FrozenDirection>

/** How far below zero an account may go, in minor units; `unlimited` for no limit. */
export const OverdraftLimit = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,15}|unlimited)$/, {
    error: 'must be an integer string of minor units, such as "0", or "unlimited"',
  })
  .meta({ id: 'OverdraftLimit', examples: ['0', '50000', 'unlimited'] })
export type OverdraftLimit = z.infer<typeof OverdraftLimit>

/** As a read model has it, where null is no limit. */
export function limitText(limitMinor: bigint | null): OverdraftLimit {
  return limitMinor === null ? 'unlimited' : limitMinor.toString()
}

const dryRun = z.boolean().optional().meta({ description: 'Say what would happen, and append nothing.' })

export const MAX_BATCH_ACCOUNTS = 10_000

const ownerReference = label(100).meta({ description: 'What its owner calls it, such as the number of a contract.' })

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
  ownerReference: ownerReference.optional(),
  openedOn: Day.optional().meta({
    description:
      'Since when there is such an account, where it was held elsewhere before: "2019-04-01". Today at the latest.',
  }),
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

const reason = label(200).optional()

/** POST /v1/accounts/:accountId/unfreeze and /close. */
export const ChangeStatus = z.strictObject({ reason, dryRun }).meta({ id: 'ChangeStatus' })
export type ChangeStatus = z.infer<typeof ChangeStatus>

/** POST /v1/accounts/:accountId/freeze. A frozen account is frozen in the other direction by freezing it again. */
export const FreezeAccount = z
  .strictObject({
    reason,
    direction: FrozenDirection.optional().meta({ description: '`all` when left out: it neither pays nor is paid.' }),
    dryRun,
  })
  .meta({ id: 'FreezeAccount' })
export type FreezeAccount = z.infer<typeof FreezeAccount>

/**
 * POST /v1/accounts/:accountId/change (RFC 7396): what is left out stays as it is; null takes a name or a reference
 * away, and brings the account to the usual place of its type and currency.
 */
export const ChangeAccount = z
  .strictObject({
    name: label(100).nullable().optional(),
    ownerReference: ownerReference.nullable().optional(),
    overdraftLimit: OverdraftLimit.optional(),
    path: AccountPath.nullable().optional(),
    dryRun,
  })
  .refine(({ dryRun: _, ...fields }) => Object.values(fields).some((field) => field !== undefined), {
    error: 'must name what changes: name, ownerReference, overdraftLimit or path',
  })
  .meta({ id: 'ChangeAccount' })
export type ChangeAccount = z.infer<typeof ChangeAccount>

/** POST /v1/accounts/:accountId/flag */
export const SetAccountFlag = z
  .strictObject({
    flag: z.literal('receivesFromCustomers').meta({
      description: 'An account of the house takes money from customers only where it is set.',
    }),
    value: z.boolean(),
    dryRun,
  })
  .meta({ id: 'SetAccountFlag' })
export type SetAccountFlag = z.infer<typeof SetAccountFlag>

/** What an account command answers: the account as it stands after it. */
export const AccountDecided = z
  .object({
    accountId: PayableId,
    type: AccountType,
    currency: CurrencyCode,
    owner: OwnerId,
    name: z.string().optional(),
    path: AccountPath.optional(),
    overdraftLimit: OverdraftLimit,
    status: AccountStatus,
    frozen: FrozenDirection.optional().meta({ description: 'While it is frozen.' }),
    ownerReference: z.string().optional(),
    openedOn: z.iso.date().optional(),
    receivesFromCustomers: z.literal(true).optional().meta({ description: 'Where the flag of the house is set.' }),
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
    accountId: PayableId,
    type: AccountType,
    currency: CurrencyCode,
    owner: OwnerId,
    name: z.string().nullable(),
    ownerReference: z.string().nullable(),
    path: AccountPath.nullable().meta({ description: 'Its place in the chart of accounts; null for its owner.' }),
    status: AccountStatus,
    frozen: FrozenDirection.nullable().meta({ description: 'What is stopped while it is frozen.' }),
    receivesFromCustomers: z.boolean().meta({ description: 'Whether customers may pay into it.' }),
    overdraftLimit: OverdraftLimit,
    balance: SignedMinor.meta({ description: 'What is posted.' }),
    held: SumMinor.meta({ description: 'What payments under way take from it once they are posted.' }),
    due: SumMinor.meta({ description: 'What payments under way bring to it once they are posted.' }),
    available: SumMinor.nullable().meta({
      description: 'What can be paid from it: balance, less held, and overdraft.',
    }),
    openedOn: z.iso.date().nullable().meta({ description: 'The day that staff gave when it was opened.' }),
    openedAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
    belowLimitSince: z.iso
      .datetime()
      .nullable()
      .meta({
        description:
          'Since when it is below its limit as what had been promised was posted again, once its partition had lost ' +
          'history; null while it is within.',
      }),
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
    kind: z.enum(['payment', 'deposit', 'withdrawal', 'transfer']).nullable().meta({
      description: 'null: the payment is across partitions, and the one that decided it has not been read so far.',
    }),
    counterparty: PayableId.nullable().meta({ description: 'null: several accounts, or no money moved.' }),
    counterpartyName: z.string().nullable(),
    amount: SignedMinor,
    currency: CurrencyCode,
    balanceAfter: SignedMinor,
    effectiveAt: z.iso.datetime(),
    decidedAt: z.iso.datetime(),
    reference: z.string().nullable(),
    description: z.string().nullable(),
    reverses: PaymentId.nullable().meta({ description: 'The payment that this one gives back.' }),
  })
  .meta({ id: 'Entry' })
export type Entry = z.infer<typeof Entry>

export const AccountPage = z
  .object({ items: z.array(Account), next: z.string().nullable() })
  .meta({ id: 'AccountPage' })
export type AccountPage = z.infer<typeof AccountPage>
export const EntryPage = z.object({ items: z.array(Entry), next: z.string().nullable() }).meta({ id: 'EntryPage' })
export type EntryPage = z.infer<typeof EntryPage>
