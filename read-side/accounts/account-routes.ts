import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import type { Http } from '@micropay/runtime/http'
import { AccountType } from '@micropay/schemas/account-type'
import { Account, AccountPage, AccountStatus } from '@micropay/schemas/api/account'
import { OwnerId, PayableId } from '@micropay/schemas/identifiers'
import { CurrencyCode } from '@micropay/schemas/money'
import { z } from 'zod'
import { csvAmount } from '../answer/csv.ts'
import type { Cursors } from '../answer/cursor.ts'
import { pageOf, pageQuery } from '../answer/page.ts'
import { CSV_PAGE_ROWS, type CsvFile, pagesFrom, sendCsv } from '../answer/send-csv.ts'
import { type Reader, readAt } from '../position/await-position.ts'
import type { Snapshot } from '../position/snapshot.ts'
import { findAccount, listAccounts } from './account-queries.ts'
import { notFound, viewerOf } from './viewer.ts'

/** GET /v1/accounts, the same as CSV, and /v1/accounts/:accountId. */
export function addAccountRoutes(app: Http, reader: Reader<AccountsDatabase>, cursors: Cursors): void {
  const onRequest = app.allow('accounts:read', 'accounts:read:any')
  app.get(
    '/v1/accounts',
    { onRequest, schema: { querystring: AccountsQuery, response: { 200: AccountPage } } },
    async (request, reply) => {
      const { limit, cursor, ...filter } = request.query
      const viewer = viewerOf(request.caller)
      const list = ['accounts', viewer, filter]
      const after = cursors.open(list, cursor)?.[0]
      const found = await readAt(reader, request, reply, ({ db }) => listAccounts(db, viewer, filter, after, limit + 1))
      return pageOf(found, limit, (account) => cursors.seal(list, [account.accountId]))
    },
  )
  app.get('/v1/accounts.csv', { onRequest, schema: { querystring: AccountsFilter } }, async (request, reply) => {
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
    { onRequest, schema: { params: AccountParams, response: { 200: Account } } },
    async (request, reply) => {
      const viewer = viewerOf(request.caller)
      const { accountId } = request.params
      const account = await readAt(reader, request, reply, ({ db }) => findAccount(db, viewer, accountId))
      if (!account) throw notFound('account')
      return account
    },
  )
}

const AccountParams = z.object({ accountId: PayableId })
const AccountsFilter = z.strictObject({
  owner: OwnerId.optional(),
  type: AccountType.optional(),
  currency: CurrencyCode.optional(),
  status: AccountStatus.optional(),
  unsettled: z.literal('true').optional().meta({
    description: 'Those on which lost history has left something for staff: suspense, or below their limit.',
  }),
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
    frozen: ({ frozen }) => frozen,
    owner_reference: ({ ownerReference }) => ownerReference,
    place: ({ path }) => path,
    paid_by_customers: ({ receivesFromCustomers }) => (receivesFromCustomers ? 'yes' : 'no'),
    opened_on: ({ openedOn }) => openedOn,
    below_limit_since: ({ belowLimitSince }) => belowLimitSince,
  },
}
