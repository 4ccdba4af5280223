import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import type { Http } from '@micropay/runtime/http'
import { type Entry, EntryPage } from '@micropay/schemas/api/account'
import { BalanceOn } from '@micropay/schemas/api/balance'
import { Day, endOfDay, TimeZone } from '@micropay/schemas/days'
import { type AccountId, PayableId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { type CsvColumns, csvAmount } from '../answer/csv.ts'
import type { Cursors } from '../answer/cursor.ts'
import { pageQuery, searchPageOf } from '../answer/page.ts'
import { CSV_PAGE_ROWS, pagesFrom, sendCsv } from '../answer/send-csv.ts'
import { type Reader, readAt } from '../position/await-position.ts'
import type { Snapshot } from '../position/snapshot.ts'
import { findAccount } from './account-queries.ts'
import { balanceBefore, type EntryPlace, searchEntries } from './entry-search.ts'
import { EntriesFilter, rangesAreOrdered, rangesMustBeOrdered, sortFitsRange, sortMustFitRange } from './search.ts'
import { notFound, type Viewer, viewerOf } from './viewer.ts'

/** GET /v1/accounts/:accountId/entries, the same as CSV, and the balance on a past day. */
export function addEntryRoutes(app: Http, reader: Reader<AccountsDatabase>, cursors: Cursors): void {
  const onRequest = app.allow('accounts:read', 'accounts:read:any')
  app.get(
    '/v1/accounts/:accountId/entries',
    { onRequest, schema: { params: AccountParams, querystring: EntriesQuery, response: { 200: EntryPage } } },
    async (request, reply) => {
      const viewer = viewerOf(request.caller)
      const { limit, cursor, ...filter } = request.query
      const { accountId } = request.params
      const list = ['entries', viewer.tenant, accountId, filter]
      const before = placeOf(cursors.open(list, cursor))
      const page = await readAt(reader, request, reply, (at) => read(at, viewer, accountId, filter, before, limit))
      return { items: [...page.rows], next: page.next ? cursors.seal(list, keysOf(page.next)) : null }
    },
  )
  app.get(
    '/v1/accounts/:accountId/entries.csv',
    { onRequest, schema: { params: AccountParams, querystring: CsvQuery } },
    async (request, reply) => {
      const viewer = viewerOf(request.caller)
      const filter = request.query
      const { accountId } = request.params
      const readPage = (snapshot: Snapshot<AccountsDatabase>, before: EntryPlace | undefined) =>
        read(snapshot, viewer, accountId, filter, before, CSV_PAGE_ROWS)
      const first = await readAt(reader, request, reply, (snapshot) => readPage(snapshot, undefined))
      const name = accountId.replaceAll(/[^A-Za-z0-9._-]/g, '-')
      return sendCsv(reply, { name, columns }, pagesFrom(reader.model, first, readPage))
    },
  )
  app.get(
    '/v1/accounts/:accountId/balance',
    { onRequest, schema: { params: AccountParams, querystring: BalanceQuery, response: { 200: BalanceOn } } },
    async (request, reply) => {
      const viewer = viewerOf(request.caller)
      const { accountId } = request.params
      const { at, zone } = request.query
      const before = endOfDay(at, zone)
      return readAt(reader, request, reply, async (snapshot) => {
        const account = await findAccount(snapshot.db, viewer, accountId)
        if (!account) throw notFound('account')
        const balances = await balanceBefore(snapshot, viewer.tenant, account, before)
        return { accountId, currency: account.currency, at, zone, before: before.toISOString(), ...balances }
      })
    },
  )
}

const AccountParams = z.object({ accountId: PayableId })
const EntriesQuery = EntriesFilter.extend(pageQuery)
  .refine(rangesAreOrdered, rangesMustBeOrdered)
  .refine(sortFitsRange, sortMustFitRange)
const CsvQuery = EntriesFilter.refine(rangesAreOrdered, rangesMustBeOrdered).refine(sortFitsRange, sortMustFitRange)
const BalanceQuery = z.strictObject({ at: Day, zone: TimeZone })

async function read(
  snapshot: Snapshot<AccountsDatabase>,
  viewer: Viewer,
  accountId: AccountId,
  filter: EntriesFilter,
  before: EntryPlace | undefined,
  limit: number,
) {
  if (!(await findAccount(snapshot.db, viewer, accountId))) throw notFound('account')
  const found = await searchEntries(snapshot, { tenant: viewer.tenant, accountId }, filter, before, limit + 1)
  return searchPageOf(found, limit, (entry: Entry) => ({
    at: new Date(entry.effectiveAt),
    seq: BigInt(entry.position.split(':')[1] ?? 0),
    index: entry.index,
  }))
}

function keysOf({ at, seq, index }: EntryPlace): string[] {
  return [at.toISOString(), seq.toString(), String(index)]
}

function placeOf(keys: readonly string[] | undefined): EntryPlace | undefined {
  const [at, seq, index] = keys ?? []
  return at && seq && index ? { at: new Date(at), seq: BigInt(seq), index: Number(index) } : undefined
}

const columns: CsvColumns<Entry> = {
  position: ({ position }) => position,
  payment: ({ paymentId }) => paymentId,
  kind: ({ kind }) => kind,
  decided_at: ({ decidedAt }) => decidedAt,
  effective_at: ({ effectiveAt }) => effectiveAt,
  counterparty: ({ counterparty }) => counterparty,
  counterparty_name: ({ counterpartyName }) => counterpartyName,
  amount: ({ amount, currency }) => csvAmount(amount, currency),
  currency: ({ currency }) => currency,
  balance_after: ({ balanceAfter, currency }) => csvAmount(balanceAfter, currency),
  reference: ({ reference }) => reference,
  description: ({ description }) => description,
  reverses: ({ reverses }) => reverses,
}
