import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import type { Http } from '@micropay/runtime/http'
import { AccountType } from '@micropay/schemas/account-type'
import { Account, AccountPage, AccountStatus, type Opening, OpeningPage } from '@micropay/schemas/api/account'
import { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import { CurrencyCode } from '@micropay/schemas/money'
import { sql } from 'kysely'
import { z } from 'zod'
import { csvAmount } from '../answer/csv.ts'
import type { Cursors } from '../answer/cursor.ts'
import { pageOf, pageQuery } from '../answer/page.ts'
import { CSV_PAGE_ROWS, type CsvFile, pagesFrom, sendCsv } from '../answer/send-csv.ts'
import { type Reader, readAt } from '../position/await-position.ts'
import type { Snapshot } from '../position/snapshot.ts'
import { findAccount, listAccounts } from './account-queries.ts'
import { notFound, viewerOf } from './viewer.ts'

/** GET /v1/accounts, the same as CSV, /v1/accounts/:accountId, and /v1/openings. */
export function addAccountRoutes(app: Http, reader: Reader<AccountsDatabase>, cursors: Cursors): void {
  addOpenings(app, reader, cursors)
  const preHandler = app.allow('accounts:read', 'accounts:read:any')
  app.get(
    '/v1/accounts',
    { preHandler, schema: { querystring: AccountsQuery, response: { 200: AccountPage } } },
    async (request, reply) => {
      const { limit, cursor, ...filter } = request.query
      const viewer = viewerOf(request.caller)
      const list = ['accounts', viewer, filter]
      const after = cursors.open(list, cursor)?.[0]
      const found = await readAt(reader, request, reply, ({ db }) => listAccounts(db, viewer, filter, after, limit + 1))
      return pageOf(found, limit, (account) => cursors.seal(list, [account.accountId]))
    },
  )
  app.get('/v1/accounts.csv', { preHandler, schema: { querystring: AccountsFilter } }, async (request, reply) => {
    const viewer = viewerOf(request.caller)
    const readPage = async ({ db }: Snapshot<AccountsDatabase>, after: string | undefined) => {
      const found = await listAccounts(db, viewer, request.query, after, CSV_PAGE_ROWS + 1)
      const rows = found.slice(0, CSV_PAGE_ROWS)
      return { rows, next: found.length > rows.length ? rows.at(-1)?.accountId : undefined }
    }
    const first = await readAt(reader, request, reply, (snapshot) => readPage(snapshot, undefined))
    return sendCsv(reply, accountsFile, pagesFrom(reader.model, first, readPage))
  })
  app.get(
    '/v1/accounts/:accountId',
    { preHandler, schema: { params: AccountParams, response: { 200: Account } } },
    async (request, reply) => {
      const viewer = viewerOf(request.caller)
      const { accountId } = request.params
      const account = await readAt(reader, request, reply, ({ db }) => findAccount(db, viewer, accountId))
      if (!account) throw notFound('account')
      return account
    },
  )
}

/** GET /v1/openings: those of the whole tenant, so for callers who may see every account. */
function addOpenings(app: Http, reader: Reader<AccountsDatabase>, cursors: Cursors): void {
  const preHandler = app.allow('accounts:read:any')
  app.get(
    '/v1/openings',
    { preHandler, schema: { querystring: OpeningsQuery, response: { 200: OpeningPage } } },
    async (request, reply) => {
      const { limit, cursor } = request.query
      const { tenant } = request.caller
      const list = ['openings', tenant]
      const before = cursors.open(list, cursor)?.[0]
      const found = await readAt(reader, request, reply, ({ db }) => listOpenings(db, tenant, before, limit + 1))
      return pageOf(found, limit, ({ day }) => cursors.seal(list, [day]))
    },
  )
}

/** Newest first, before the day that the last page ended with. */
async function listOpenings(
  db: Snapshot<AccountsDatabase>['db'],
  tenant: string,
  before: string | undefined,
  limit: number,
): Promise<Opening[]> {
  const accounts = sql<bigint>`sum(accounts)::int8`.as('opened')
  let query = db.selectFrom('opening').where('tenant', '=', tenant).select(['day', accounts])
  if (before !== undefined) query = query.where('day', '<', new Date(before))
  const rows = await query.groupBy('day').orderBy('day', 'desc').limit(limit).execute()
  return rows.map(({ day, opened }) => ({
    day: day.toISOString().slice(0, 'yyyy-mm-dd'.length),
    accounts: Number(opened),
  }))
}

const OpeningsQuery = z.strictObject(pageQuery)
const AccountParams = z.object({ accountId: AccountId })
const AccountsFilter = z.strictObject({
  owner: OwnerId.optional(),
  type: AccountType.optional(),
  currency: CurrencyCode.optional(),
  status: AccountStatus.optional(),
})
const AccountsQuery = AccountsFilter.extend(pageQuery)

const accountsFile: CsvFile<Account> = {
  name: 'accounts',
  columns: {
    account: ({ accountId }) => accountId,
    name: ({ name }) => name,
    type: ({ type }) => type,
    owner: ({ owner }) => owner,
    status: ({ status }) => status,
    currency: ({ currency }) => currency,
    balance: ({ balance, currency }) => csvAmount(balance, currency),
    available: ({ available, currency }) => (available === null ? null : csvAmount(available, currency)),
    overdraft_limit: ({ overdraftLimit, currency }) =>
      overdraftLimit === 'unlimited' ? 'unlimited' : csvAmount(overdraftLimit, currency),
    opened_at: ({ openedAt }) => openedAt,
    changed_at: ({ changedAt }) => changedAt,
    position: ({ position }) => position,
  },
}
