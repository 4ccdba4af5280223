import type { AccountRow, AccountsDatabase } from '@micropay/projections/accounts/tables'
import type { AccountType } from '@micropay/schemas/account-type'
import { type Account, type AccountStatus, limitText } from '@micropay/schemas/api/account'
import { OwnerId, PayableId } from '@micropay/schemas/identifiers'
import { formatPosition, type Position } from '@micropay/schemas/position'
import { type Kysely, sql } from 'kysely'
import type { AccountName } from '../position/account-name.ts'
import type { Viewer } from './viewer.ts'

type Database = Kysely<AccountsDatabase>

/** The accounts that a viewer may see; every query on accounts starts here. */
function visibleAccounts(db: Database, viewer: Viewer) {
  const ofTenant = db.selectFrom('account').where('account.tenant', '=', viewer.tenant)
  return viewer.owner === undefined ? ofTenant : ofTenant.where('account.owner', '=', viewer.owner)
}

export async function findAccount(db: Database, viewer: Viewer, accountId: string): Promise<Account | undefined> {
  const row = await visibleAccounts(db, viewer).where('account_id', '=', accountId).selectAll().executeTakeFirst()
  return row && accountOf(row, viewer)
}

export type AccountFilter = {
  readonly owner?: string | undefined
  readonly type?: AccountType | undefined
  readonly currency?: string | undefined
  readonly status?: AccountStatus | undefined
  readonly unsettled?: 'true' | undefined
}

/** By id, after the one that the last page ended with. */
export async function listAccounts(
  db: Database,
  viewer: Viewer,
  filter: AccountFilter,
  after: string | undefined,
  limit: number,
): Promise<Account[]> {
  let query = visibleAccounts(db, viewer).selectAll().orderBy('account_id').limit(limit)
  if (filter.owner !== undefined) query = query.where('owner', '=', filter.owner)
  if (filter.type !== undefined) query = query.where('type', '=', filter.type)
  if (filter.currency !== undefined) query = query.where('currency', '=', filter.currency)
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (filter.unsettled) query = query.where(isUnsettled)
  if (after !== undefined) query = query.where('account_id', '>', after)
  return (await query.execute()).map((row) => accountOf(row, viewer))
}

/** As the partial index says it, which none of all other accounts is in. */
const isUnsettled = sql<boolean>`(forced_at is not null or account_id like 'suspense/%')
  and (forced_at is not null or balance_minor <> 0)`

/** Accounts of any tenant, for a stream that shows each viewer its own. */
export async function loadAccountRows(db: Database, accounts: readonly AccountName[]): Promise<AccountRow[]> {
  if (accounts.length === 0) return []
  const [tenants, ids] = [accounts.map(({ tenant }) => tenant), accounts.map(({ accountId }) => accountId)]
  const named = sql<boolean>`(tenant, account_id) in (select * from unnest(${tenants}::text[], ${ids}::text[]))`
  return db.selectFrom('account').where(named).selectAll().execute()
}

/** A viewer's accounts that changed at or after these positions, in that order. */
export async function changedAccounts(
  db: Database,
  viewer: Viewer,
  since: readonly Position[],
  limit: number,
): Promise<AccountRow[]> {
  return visibleAccounts(db, viewer)
    .where((eb) =>
      eb.or(
        since.map(({ partition, seq }) =>
          eb.and([eb('partition', '=', partition), eb('changed_seq', '>=', BigInt(seq))]),
        ),
      ),
    )
    .selectAll()
    .orderBy('changed_seq')
    .orderBy('account_id')
    .limit(limit)
    .execute()
}

/** Where the house keeps an account in its books is not for the account's owner. */
export function accountOf(row: AccountRow, viewer: Viewer): Account {
  const { balance_minor: balance, held_minor: held, overdraft_limit: limit } = row
  return {
    accountId: PayableId.parse(row.account_id),
    type: row.type,
    currency: row.currency,
    owner: OwnerId.parse(row.owner),
    name: row.name,
    ownerReference: row.owner_reference,
    path: viewer.owner === undefined ? row.path : null,
    status: row.status,
    frozen: row.frozen,
    receivesFromCustomers: row.paid_by === 'customers',
    overdraftLimit: limitText(limit),
    balance: balance.toString(),
    held: held.toString(),
    due: row.due_minor.toString(),
    available: limit === null ? null : (balance - held + limit).toString(),
    openedOn: row.opened_on,
    openedAt: row.opened_at.toISOString(),
    changedAt: row.changed_at.toISOString(),
    belowLimitSince: row.forced_at?.toISOString() ?? null,
    position: formatPosition({ partition: row.partition, seq: Number(row.changed_seq) }),
  }
}
