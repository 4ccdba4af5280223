import type { Http } from '@micropay/deploy/runtime/http'
import { Account, AccountPage, AccountStatus, AccountType } from '@micropay/schemas/account'
import { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import { CurrencyCode } from '@micropay/schemas/money'
import { z } from 'zod'
import { type Reader, readAt } from '../await-position.ts'
import type { Cursors } from '../cursor.ts'
import { findAccount, listAccounts } from './account-queries.ts'
import { pageOf, pageQuery } from './page.ts'
import { notFound, viewerOf } from './viewer.ts'

/** GET /v1/accounts and /v1/accounts/:accountId. */
export function addAccountRoutes(app: Http, reader: Reader, cursors: Cursors): void {
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

const AccountParams = z.object({ accountId: AccountId })
const AccountsQuery = z.strictObject({
  owner: OwnerId.optional(),
  type: AccountType.optional(),
  currency: CurrencyCode.optional(),
  status: AccountStatus.optional(),
  ...pageQuery,
})
