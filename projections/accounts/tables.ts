import type { RefusalCause } from '@micropay/schemas/log/rejection'
import type { Selectable } from 'kysely'
import type { CheckpointTable, VersionTable } from '../versions/tables.ts'
import { exactText, instant, int4, int8, json, orNull, text } from '../write/columns.ts'
import { type ChangeOf, type DatabaseOf, type HeldIn, table, type WrittenTo } from '../write/table.ts'
import { policies, proposalDecisions, proposals } from './proposal-tables.ts'

/** One for each leg of a payment, `index` its number from 0 on. */
const entries = table(
  'entry',
  {
    account_id: exactText(),
    seq: int8(),
    index: int4(),
    partition: int4(),
    tenant: exactText(),
    payment_id: exactText(),
    /** Null of a payment across partitions, as all that its coordinator alone knows: `across_payment` says it. */
    kind: orNull(text<PaymentKind>()),
    /** Null where a leg is against several accounts, or moves nothing. */
    counterparty: orNull(exactText()),
    amount_minor: int8(),
    currency: text(),
    balance_after_minor: int8(),
    effective_at: instant(),
    decided_at: instant(),
    reference: orNull(text()),
    description: orNull(text()),
    /** The payment that this one gives back. */
    reverses: orNull(exactText()),
    /** Of a payment across partitions: which leg of the account's it is, from 0 on. */
    nth: orNull(int4()),
  },
  {
    write: 'insert',
    // An account lives on one partition, so (account, tenant, seq, index) names an entry; statements read that index
    // backwards, and lists of payments read nothing else of an entry than what it holds. What varies most stands first,
    // here as in every large index by account: PostgreSQL sorts by the beginning of the first column alone as long as
    // that tells rows apart, which takes half the time. No primary key, so that two indexes can be made on the table at
    // once.
    indexesAfterLoading: {
      entry_place: { on: ['account_id', 'tenant', 'seq', 'index'], unique: true, include: ['decided_at', 'nth'] },
      entry_by_value_date: {
        on: ['account_id', 'tenant', 'effective_at', 'seq', 'index'],
        include: ['amount_minor', 'nth'],
      },
    },
  },
)

const paymentColumns = {
  payment_id: exactText(),
  partition: int4(),
  seq: int8(),
  tenant: exactText(),
  status: text<'pending' | 'posted' | 'rejected'>(),
  rejection_code: orNull(text()),
  rejection_detail: orNull(text()),
  /** What the giver of the command was not told: for staff. */
  rejection_cause: orNull(json<RefusalCause>()),
  /** Of which it was refused for one; null where it was for none. */
  rejection_accounts: orNull(json<string[]>()),
  kind: orNull(text<PaymentKind>()),
  legs: json<StoredLeg[]>(),
  effective_at: instant(),
  decided_at: instant(),
  reference: orNull(text()),
  description: orNull(text()),
  metadata: json<Record<string, string>>(),
  /** The payment that this one gives back, or was to give back, and whether nothing of it is left then. */
  reverses: orNull(exactText()),
  reverses_what: orNull(text<'whole' | 'part'>()),
  /** The closed period in which that one counts. */
  corrects: orNull(text()),
  /** Who asked for it; null where a second person approved it, and the log does not say for whom. */
  actor: orNull(text()),
  client: orNull(text()),
  /** The second person, where one was needed. */
  approved_by: orNull(text()),
}

const payments = table('payment', paymentColumns, {
  write: 'insert',
  key: ['partition', 'seq'],
  indexes: {
    payment_by_time: ['tenant', 'decided_at', 'partition', 'seq'],
    payment_rejected: { on: ['tenant', 'decided_at', 'partition', 'seq'], where: `status = 'rejected'` },
  },
  indexesAfterLoading: {
    payment_by_reference: {
      on: ['reference', 'tenant', 'decided_at', 'partition', 'seq'],
      where: 'reference is not null',
    },
    payment_by_value_date: ['tenant', 'effective_at', 'partition', 'seq'],
    payment_by_reversed: { on: ['reverses', 'partition', 'seq'], where: 'reverses is not null' },
  },
})

/**
 * Payments whose accounts live on several partitions, each written by its coordinator's alone, at the place where it
 * began: whatever the other partitions have read by then, the rows are the same. `deadline`: it comes about by then, or
 * nothing of it happens.
 */
const acrossPayments = table(
  'across_payment',
  { ...paymentColumns, deadline: instant() },
  {
    key: ['payment_id'],
    write: {
      set: ['status', 'kind', 'rejection_code', 'rejection_detail', 'rejection_cause', 'rejection_accounts'],
      by: ['payment_id'],
    },
    fillfactor: 80,
    indexesAfterLoading: {
      across_by_time: ['tenant', 'decided_at', 'partition', 'seq'],
      across_rejected: { on: ['tenant', 'decided_at', 'partition', 'seq'], where: `status = 'rejected'` },
      across_pending: { on: ['tenant', 'decided_at', 'partition', 'seq'], where: `status = 'pending'` },
      across_by_reference: {
        on: ['reference', 'tenant', 'decided_at', 'partition', 'seq'],
        where: 'reference is not null',
      },
      across_by_value_date: ['tenant', 'effective_at', 'partition', 'seq'],
      across_by_reversed: { on: ['reverses', 'partition', 'seq'], where: 'reverses is not null' },
    },
  },
)

const listedColumns = {
  account_id: exactText(),
  decided_at: instant(),
  effective_at: instant(),
  partition: int4(),
  seq: int8(),
  tenant: exactText(),
}

/**
 * Under which accounts a posted payment across partitions is listed, at its own place: its entries stand at those of
 * the partitions of their accounts.
 */
const postedAcross = table('posted_across', listedColumns, {
  write: 'insert',
  indexesAfterLoading: {
    posted_across_by_time: ['account_id', 'tenant', 'decided_at', 'partition', 'seq'],
    posted_across_by_value_date: ['account_id', 'tenant', 'effective_at', 'partition', 'seq'],
  },
})

/** When a partition has posted its legs of one: a balance by booking of a past day goes by it. */
const postedLegs = table(
  'posted_legs',
  { partition: int4(), seq: int8(), tenant: exactText(), payment_id: exactText(), decided_at: instant() },
  {
    write: 'insert',
    key: ['partition', 'seq'],
    indexes: { posted_legs_by_time: ['partition', 'tenant', 'decided_at', 'seq'] },
  },
)

/**
 * Of posted payments the entries say which accounts they are listed under. A refused one has none, and is listed under
 * the accounts that were to pay, alone: nobody sees who failed to pay them.
 */
const refusedPayments = table('refused_payment', listedColumns, {
  write: 'insert',
  indexesAfterLoading: {
    refused_by_time: ['account_id', 'tenant', 'decided_at', 'partition', 'seq'],
    refused_by_value_date: ['account_id', 'tenant', 'effective_at', 'partition', 'seq'],
  },
})

const accounts = table(
  'account',
  {
    account_id: exactText(),
    partition: int4(),
    tenant: exactText(),
    type: text<'customer' | 'external' | 'internal'>(),
    currency: text(),
    owner: exactText(),
    name: orNull(text()),
    owner_reference: orNull(text()),
    /** The place in the chart of accounts, derived from type and currency where none was given. */
    path: text(),
    /** null: unlimited. */
    overdraft_limit: orNull(int8()),
    status: text<'open' | 'frozen' | 'closed'>(),
    /** What is stopped while it is frozen. */
    frozen: orNull(text<'all' | 'outgoing'>()),
    /** Customers pay each other, and those accounts of the house that are flagged so. */
    paid_by: text<'customers' | 'staff'>(),
    opened_on: orNull(text()),
    balance_minor: int8(),
    /** What payments under way hold of it, and keep room for to come. */
    held_minor: int8(),
    due_minor: int8(),
    /** Since when what was posted again behind a lost history has left it below its limit; null where it is within. */
    forced_at: orNull(instant()),
    opened_at: instant(),
    changed_at: instant(),
    changed_seq: int8(),
  },
  {
    key: ['tenant', 'account_id'],
    write: {
      set: [
        ...(['name', 'owner_reference', 'path', 'overdraft_limit', 'status', 'frozen', 'paid_by'] as const),
        ...(['balance_minor', 'held_minor', 'due_minor', 'forced_at', 'changed_at', 'changed_seq'] as const),
      ],
      by: ['tenant', 'account_id'],
    },
    // No index holds a column that changes, so that a new balance stays on its page (heap-only tuples).
    fillfactor: 60,
    indexesAfterLoading: {
      account_by_owner: ['tenant', 'owner', 'account_id'],
      account_unsettled: {
        on: ['tenant', 'account_id'],
        where: `forced_at is not null or account_id like 'suspense/%'`,
      },
    },
  },
)

/** What people call the accounts that they pay; `alias_key` is the alias whatever its case. */
const payees = table(
  'payee',
  {
    tenant: exactText(),
    owner: exactText(),
    alias_key: exactText(),
    alias: text(),
    account_id: exactText(),
    saved_at: instant(),
  },
  {
    key: ['tenant', 'owner', 'alias_key'],
    write: { edit: ['alias', 'account_id', 'saved_at'], by: ['tenant', 'owner', 'alias_key'] },
  },
)

/** The accounts read model. */
export const accountsTables = {
  ...{ entries, payments, refusedPayments, acrossPayments, postedAcross, postedLegs, accounts, payees },
  ...{ proposals, proposalDecisions, policies },
}

/** Rises when the tables or the fold change; `digest` is that of the statements that make the tables. */
export const accountsVersion = { version: 12, digest: '7d7712ae42f53016' }

/** The read model as Kysely sees it. */
export type AccountsDatabase = DatabaseOf<typeof accountsTables> & {
  'projection.version': VersionTable
  'projection.checkpoint': CheckpointTable
}

export type PaymentKind = 'payment' | 'deposit' | 'withdrawal' | 'transfer'

export type StoredLeg = {
  readonly account: string
  /** Below zero for what leaves the account. */
  readonly amount: string
  readonly currency: string
  readonly pair?: number | undefined
  readonly stands?: string | undefined
  /** Of a payment across partitions: the account that its money is against, where it is one. */
  readonly other?: string | undefined
}

export type AccountRow = Selectable<HeldIn<typeof accounts>>
export type EntryRow = Selectable<HeldIn<typeof entries>>
/** A payment of either kind; `deadline` is null of one inside a partition. */
export type PaymentRow = Selectable<HeldIn<typeof payments>> & { readonly deadline: Date | null }
export type ProposalRow = Selectable<HeldIn<typeof proposals>>
export type ProposalDecisionRow = Selectable<HeldIn<typeof proposalDecisions>>

export type NewAccount = WrittenTo<typeof accounts>
export type NewEntry = WrittenTo<typeof entries>
export type NewPayment = WrittenTo<typeof payments>
export type NewAcrossPayment = WrittenTo<typeof acrossPayments>
export type NewListedPayment = WrittenTo<typeof postedAcross>
export type NewPostedLegs = WrittenTo<typeof postedLegs>
export type PayeeChange = ChangeOf<typeof payees>
