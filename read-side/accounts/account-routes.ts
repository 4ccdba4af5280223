import type { Http } from '@micropay/deploy/runtime/http'
import { Account, AccountPage, AccountStatus, AccountType, EntryPage } from '@micropay/schemas/account'
import { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import { CurrencyCode } from '@micropay/schemas/money'
import { z } from 'zod'
import { type Reader, readAt } from '../await-position.ts'
import type { Cursors } from '../cursor.ts'
import { findAccount, listAccounts, listEntries } from './account-queries.ts'
import { pageOf, pageQuery } from './page.ts'
import { notFound, viewerOf } from './viewer.ts'

/** GET /v1/accounts, /v1/accounts/:accountId and its entries. */
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
  app.get(
    '/v1/accounts/:accountId/entries',
    { preHandler, schema: { params: AccountParams, querystring: EntriesQuery, response: { 200: EntryPage } } },
    async (request, reply) => {
      const viewer = viewerOf(request.caller)
      const { limit, cursor } = request.query
      const { accountId } = request.params
      const list = ['entries', accountId]
      const [seq, index] = cursors.open(list, cursor) ?? []
      const before = seq === undefined ? undefined : { seq: BigInt(seq), index: Number(index) }
      const found = await readAt(reader, request, reply, async ({ db }) => {
        const account = await findAccount(db, viewer, accountId)
        return account && listEntries(db, accountId, before, limit + 1)
      })
      if (!found) throw notFound('account')
      return pageOf(found, limit, (entry) => cursors.seal(list, [entry.position.split(':')[1] ?? '', entry.index]))
    },
  )
}

const AccountParams = z.object({ accountId: AccountId })
const EntriesQuery = z.strictObject(pageQuery)
const AccountsQuery = z.strictObject({
  owner: OwnerId.optional(),
  type: AccountType.optional(),
  currency: CurrencyCode.optional(),
  status: AccountStatus.optional(),
  ...pageQuery,
})
