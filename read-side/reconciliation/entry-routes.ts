import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import { AccountType } from '@micropay/schemas/account-type'
import { type DailyTotal, DailyTotals, type LedgerEntry, LedgerEntryPage } from '@micropay/schemas/api/reconciliation'
import { Day, endOfDay, startOfDay, TimeZone } from '@micropay/schemas/days'
import { AccountId, PayableId } from '@micropay/schemas/identifiers'
import { CurrencyCode } from '@micropay/schemas/money'
import { soughtText } from '@micropay/schemas/text'
import { z } from 'zod'
import { EXAMINED_ROWS } from '../answer/conditions.ts'
import { csvAmount, csvCount } from '../answer/csv.ts'
import type { Cursors } from '../answer/cursor.ts'
import { pageQuery, searchPageOf } from '../answer/page.ts'
import { type CsvFile, checkWhole, format, MAX_CSV_ROWS, sendCsv } from '../answer/send-csv.ts'
import { type Reader, readAt } from '../position/await-position.ts'
import { asOfOf, asOfQuery, checkReached } from './as-of.ts'
import { type DailyFilter, dailyTotals, entryOf, listLedgerEntries, placeOf } from './entry-queries.ts'
import { closedAt } from './period-queries.ts'

const named = soughtText(100).optional().meta({
  description: 'Of payments whose metadata says so, in its first 100 characters; empty: of those that say nothing.',
})
/** The names that payments carry, under which entries are summed up. */
const names = { operation: named, purpose: named }
const EntriesQuery = z.strictObject({
  ...asOfQuery,
  from: Day.optional(),
  sort: z
    .enum(['-value', 'value'])
    .default('-value')
    .meta({ description: 'By value date; with a minus the newest first.' }),
  ...names,
  ...pageQuery,
  format,
})
const MOST_DAYS = 3_700
const MAX_DAILY_ROWS = 20_000
const DailyQuery = z.strictObject({
  by: z
    .enum(['none', 'account', 'operation', 'purpose'])
    .default('operation')
    .meta({ description: 'none: one total a day and currency.' }),
  from: Day,
  to: Day,
  zone: TimeZone,
  currency: CurrencyCode.optional(),
  account: AccountId.optional(),
  type: AccountType.optional(),
  ...names,
  format,
})

/** GET /v1/trial-balance/:accountId/entries, which are behind one of its figures, and /v1/daily-totals. */
export function addEntryRoutes(app: Http, reader: Reader<ReconciliationTables>, cursors: Cursors): void {
  addEntries(app, reader, cursors)
  addDailyTotals(app, reader)
}

function addEntries(app: Http, reader: Reader<ReconciliationTables>, cursors: Cursors): void {
  const onRequest = app.allow('reconciliation:read')
  const params = z.object({ accountId: PayableId })
  app.get(
    '/v1/trial-balance/:accountId/entries',
    { onRequest, schema: { params, querystring: EntriesQuery, response: { 200: LedgerEntryPage } } },
    async (request, reply) => {
      const { format: wanted, limit, cursor, from, sort, operation, purpose, ...at } = request.query
      const { accountId } = request.params
      const { tenant } = request.caller
      const asOf = asOfOf(at)
      const list = ['ledger-entries', tenant, accountId, from, sort, operation, purpose, at]
      const [effectiveAt, seq, index] = cursors.open(list, cursor) ?? []
      const place =
        effectiveAt === undefined
          ? undefined
          : { effectiveAt: new Date(effectiveAt), seq: BigInt(seq ?? ''), index: Number(index) }
      const since = from === undefined ? undefined : startOfDay(from, at.zone)
      const rows = wanted === 'csv' ? MAX_CSV_ROWS : limit
      const found = await readAt(reader, request, reply, (snapshot) => {
        checkReached(asOf, snapshot.head)
        const account = { tenant, accountId }
        return listLedgerEntries(
          snapshot,
          account,
          { asOf, since, operation, purpose },
          { from: place, limit: rows + 1, oldestFirst: sort === 'value', examined: Math.max(rows, EXAMINED_ROWS) },
        )
      })
      if (!found) throw new ProblemError('not_found', 'there is no such account')
      if (wanted === 'json') {
        const page = searchPageOf(found, limit, placeOf)
        const { next } = page
        const sealed = next && cursors.seal(list, [next.effectiveAt.toISOString(), next.seq.toString(), next.index])
        return { items: page.rows.map(entryOf), next: sealed ?? null }
      }
      checkWhole(found.examinedTo === undefined && found.rows.length <= MAX_CSV_ROWS, MAX_CSV_ROWS, 'rows: narrow it')
      return sendCsv(reply, entriesFile, [found.rows.map(entryOf)])
    },
  )
}

function addDailyTotals(app: Http, reader: Reader<ReconciliationTables>): void {
  const onRequest = app.allow('reconciliation:read')
  app.get(
    '/v1/daily-totals',
    { onRequest, schema: { querystring: DailyQuery, response: { 200: DailyTotals } } },
    async (request, reply) => {
      const { format: wanted, from, to, ...query } = request.query
      const [since, before] = [startOfDay(from, query.zone), endOfDay(to, query.zone)]
      if (from > to) throw new ProblemError('invalid_request', 'the days must be in order: from, then to')
      if (before.getTime() - since.getTime() > MOST_DAYS * 86_400_000) {
        throw new ProblemError('invalid_request', `at most ${MOST_DAYS} days are added up at a time: ask for fewer`)
      }
      const { tenant } = request.caller
      const { items, closed } = await readAt(reader, request, reply, async (snapshot) => ({
        items: await dailyTotals(snapshot, tenant, { ...query, since, before }, MAX_DAILY_ROWS + 1),
        closed: await closedAt(snapshot, tenant, before),
      }))
      checkWhole(items.length <= MAX_DAILY_ROWS, MAX_DAILY_ROWS, 'totals: ask for fewer days')
      if (wanted === 'json') return { items, closed }
      return sendCsv(reply, dailyFile(query.by), [items])
    },
  )
}

const entriesFile: CsvFile<LedgerEntry> = {
  name: 'entries',
  columns: {
    position: ({ position }) => position,
    payment: ({ paymentId }) => paymentId,
    value_date: ({ effectiveAt }) => effectiveAt,
    counterparty: ({ counterparty }) => counterparty,
    amount: ({ amount, currency }) => csvAmount(amount, currency),
    currency: ({ currency }) => currency,
    reference: ({ reference }) => reference,
    description: ({ description }) => description,
  },
}

function dailyFile(by: DailyFilter['by']): CsvFile<DailyTotal> {
  return {
    name: 'daily-totals',
    columns: {
      day: ({ day }) => day,
      ...(by === 'none' ? {} : { [by]: ({ group }) => group }),
      currency: ({ currency }) => currency,
      in: (total) => csvAmount(total.in, total.currency),
      out: ({ out, currency }) => csvAmount(out, currency),
      entries: ({ entries }) => csvCount(entries),
    },
  }
}
