import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import { type Http, ProblemError } from '@micropay/runtime/http'
import { AccountPath } from '@micropay/schemas/account-path'
import { AccountType } from '@micropay/schemas/account-type'
import { ChartOfAccounts, DailyTotals, LedgerEntryPage, TrialBalance } from '@micropay/schemas/api/reconciliation'
import { AccountId } from '@micropay/schemas/identifiers'
import { CurrencyCode } from '@micropay/schemas/money'
import { formatPositions } from '@micropay/schemas/position'
import { label, plainText } from '@micropay/schemas/text'
import { z } from 'zod'
import { EXAMINED_ROWS } from '../answer/conditions.ts'
import { csvAmount } from '../answer/csv.ts'
import type { Cursors } from '../answer/cursor.ts'
import { Day, endOfDay, startOfDay, TimeZone } from '../answer/day-bounds.ts'
import { pageOf, pageQuery, searchPageOf } from '../answer/page.ts'
import { MAX_CSV_ROWS, sendRows } from '../answer/send-rows.ts'
import { type Reader, readAt } from '../position/await-position.ts'
import { type AsOf, asOfOf, asOfQuery, checkReached } from './as-of.ts'
import { BalanceSort, balanceOrders, pathBalances, trialBalance } from './balance-queries.ts'
import { dailyTotals, entryOf, listLedgerEntries, placeOf } from './entry-queries.ts'
import { rollUp } from './roll-up.ts'

const format = z.enum(['json', 'csv']).default('json')
const named = plainText(100).optional().meta({
  description: 'Of payments whose metadata says so, in its first 100 characters; empty: of those that say nothing.',
})
/** The names that payments carry, under which entries are summed up. */
const names = { operation: named, purpose: named }
const filter = { currency: CurrencyCode.optional(), path: AccountPath.optional() }
const TrialBalanceQuery = z.strictObject({
  ...asOfQuery,
  ...filter,
  text: label(100).optional().meta({ description: "A part of the account's id, name or place." }),
  sort: BalanceSort.default('account'),
  ...pageQuery,
  format,
})
const ChartQuery = z.strictObject({ ...asOfQuery, ...filter, format })
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

/** GET /v1/trial-balance, the entries behind one of its figures, /v1/chart-of-accounts and /v1/daily-totals. */
export function addBalanceRoutes(app: Http, reader: Reader<ReconciliationTables>, cursors: Cursors): void {
  addTrialBalance(app, reader, cursors)
  addEntries(app, reader, cursors)
  addDailyTotals(app, reader)
  const preHandler = app.allow('reconciliation:read')
  app.get(
    '/v1/chart-of-accounts',
    { preHandler, schema: { querystring: ChartQuery, response: { 200: ChartOfAccounts } } },
    async (request, reply) => {
      const { format: wanted, currency, path, ...at } = request.query
      const asOf = asOfOf(at)
      const items = await readAt(reader, request, reply, async (snapshot) => {
        checkReached(asOf, snapshot.head)
        return rollUp(await pathBalances(snapshot, request.caller.tenant, { currency, path }, asOf))
      })
      if (wanted === 'json') return { items }
      return sendRows(
        reply,
        'chart-of-accounts',
        ['path', 'currency', 'accounts', 'debit', 'credit'],
        items.map((node) => [
          ...[node.path, node.currency, { exact: String(node.accounts) }],
          ...[csvAmount(node.debit, node.currency), csvAmount(node.credit, node.currency)],
        ]),
      )
    },
  )
}

function addTrialBalance(app: Http, reader: Reader<ReconciliationTables>, cursors: Cursors): void {
  const preHandler = app.allow('reconciliation:read')
  app.get(
    '/v1/trial-balance',
    { preHandler, schema: { querystring: TrialBalanceQuery, response: { 200: TrialBalance } } },
    async (request, reply) => {
      const { format: wanted, currency, path, text, sort, limit, cursor, ...at } = request.query
      const { tenant } = request.caller
      const narrowed = { currency, path, text }
      const list = ['trial-balance', tenant, narrowed, sort, at]
      const [pinned, ...after] = cursors.open(list, cursor) ?? []
      const rows = wanted === 'csv' ? MAX_CSV_ROWS : limit
      const { totals, found, position } = await readAt(reader, request, reply, async (snapshot) => {
        const asOf = pinned ? pinnedAt(pinned) : asOfOf(at)
        checkReached(asOf, snapshot.head)
        const page = { sort, after: cursor === undefined ? undefined : after, limit: rows + 1 }
        return {
          ...(await trialBalance(snapshot, tenant, narrowed, asOf, page)),
          position: pinned || (asOf.kind === 'now' && isByAmount(sort) ? formatPositions(snapshot.head.positions) : ''),
        }
      })
      if (pinned) reply.header('position', pinned)
      if (wanted === 'json') {
        return {
          totals,
          ...pageOf(found, limit, (row) => cursors.seal(list, [position, ...balanceOrders[sort].keysOf(row)])),
        }
      }
      checkRows(found.length)
      return sendRows(
        reply,
        'trial-balance',
        ['account', 'name', 'type', 'path', 'currency', 'debit', 'credit'],
        found.map((row) => [
          ...[row.accountId, row.name, row.type, row.path, row.currency],
          ...[csvAmount(row.debit, row.currency), csvAmount(row.credit, row.currency)],
        ]),
      )
    },
  )
}

function addEntries(app: Http, reader: Reader<ReconciliationTables>, cursors: Cursors): void {
  const preHandler = app.allow('reconciliation:read')
  const params = z.object({ accountId: AccountId })
  app.get(
    '/v1/trial-balance/:accountId/entries',
    { preHandler, schema: { params, querystring: EntriesQuery, response: { 200: LedgerEntryPage } } },
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
      checkRows(found.examinedTo === undefined ? found.rows.length : Number.POSITIVE_INFINITY)
      return sendRows(
        reply,
        'entries',
        ['position', 'payment', 'value_date', 'counterparty', 'amount', 'currency', 'reference', 'description'],
        found.rows
          .map(entryOf)
          .map((entry) => [
            ...[entry.position, entry.paymentId, entry.effectiveAt, entry.counterparty],
            ...[csvAmount(entry.amount, entry.currency), entry.currency, entry.reference, entry.description],
          ]),
      )
    },
  )
}

function addDailyTotals(app: Http, reader: Reader<ReconciliationTables>): void {
  const preHandler = app.allow('reconciliation:read')
  app.get(
    '/v1/daily-totals',
    { preHandler, schema: { querystring: DailyQuery, response: { 200: DailyTotals } } },
    async (request, reply) => {
      const { format: wanted, from, to, ...query } = request.query
      const [since, before] = [startOfDay(from, query.zone), endOfDay(to, query.zone)]
      if (from > to) throw new ProblemError('invalid_request', 'the days must be in order: from, then to')
      if (before.getTime() - since.getTime() > MOST_DAYS * 86_400_000) {
        throw new ProblemError('invalid_request', `at most ${MOST_DAYS} days are added up at a time: ask for fewer`)
      }
      const items = await readAt(reader, request, reply, (snapshot) =>
        dailyTotals(snapshot, request.caller.tenant, { ...query, since, before }, MAX_DAILY_ROWS + 1),
      )
      if (items.length > MAX_DAILY_ROWS) {
        throw new ProblemError('invalid_request', `that is more than ${MAX_DAILY_ROWS} totals: ask for fewer days`)
      }
      if (wanted === 'json') return { items }
      return sendRows(
        reply,
        'daily-totals',
        ['day', ...(query.by === 'none' ? [] : [query.by]), 'currency', 'in', 'out', 'entries'],
        items.map((total) => [
          ...[total.day, ...(query.by === 'none' ? [] : [total.group]), total.currency],
          ...[
            csvAmount(total.in, total.currency),
            csvAmount(total.out, total.currency),
            { exact: String(total.entries) },
          ],
        ]),
      )
    },
  )
}

/**
 * Amounts of now change while one pages through them. The pages after the first are of the position that the first one was of, so that
 * none of them skips or repeats an account.
 */
function pinnedAt(position: string): AsOf {
  return asOfOf({ position, zone: 'UTC' })
}

function isByAmount(sort: BalanceSort): boolean {
  return /debit|credit/.test(sort)
}

function checkRows(count: number): void {
  if (count <= MAX_CSV_ROWS) return
  throw new ProblemError('invalid_request', `that is more than ${MAX_CSV_ROWS} rows: narrow it`)
}
