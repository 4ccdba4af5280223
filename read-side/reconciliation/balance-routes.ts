import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import type { Http } from '@micropay/runtime/http'
import { AccountPath } from '@micropay/schemas/account-path'
import {
  type ChartNode,
  ChartOfAccounts,
  type ClosedAt,
  TrialBalance,
  type TrialBalanceRow,
} from '@micropay/schemas/api/reconciliation'
import { CurrencyCode } from '@micropay/schemas/money'
import { formatPositions } from '@micropay/schemas/position'
import { soughtLabel } from '@micropay/schemas/text'
import { z } from 'zod'
import { csvAmount, csvCount } from '../answer/csv.ts'
import type { Cursors } from '../answer/cursor.ts'
import { pageOf, pageQuery } from '../answer/page.ts'
import { type CsvFile, checkWhole, format, MAX_CSV_ROWS, sendCsv } from '../answer/send-csv.ts'
import { type Reader, readAt } from '../position/await-position.ts'
import { type AsOf, asOfOf, asOfQuery, checkReached } from './as-of.ts'
import { BalanceSort, balanceOrders, pathBalances, trialBalance } from './balance-queries.ts'
import { closedAt } from './period-queries.ts'
import { rollUp } from './roll-up.ts'
import { transitBalances } from './under-way.ts'

const filter = { currency: CurrencyCode.optional(), path: AccountPath.optional() }
const TrialBalanceQuery = z.strictObject({
  ...asOfQuery,
  ...filter,
  text: soughtLabel(100).optional().meta({ description: "A part of the account's id, name or place." }),
  sort: BalanceSort.default('account'),
  ...pageQuery,
  format,
})
const ChartQuery = z.strictObject({ ...asOfQuery, ...filter, format })

/** GET /v1/trial-balance and /v1/chart-of-accounts. */
export function addBalanceRoutes(app: Http, reader: Reader<ReconciliationTables>, cursors: Cursors): void {
  addTrialBalance(app, reader, cursors)
  const onRequest = app.allow('reconciliation:read')
  app.get(
    '/v1/chart-of-accounts',
    { onRequest, schema: { querystring: ChartQuery, response: { 200: ChartOfAccounts } } },
    async (request, reply) => {
      const { format: wanted, currency, path, ...at } = request.query
      const asOf = asOfOf(at)
      const items = await readAt(reader, request, reply, async (snapshot) => {
        checkReached(asOf, snapshot.head)
        return rollUp(await pathBalances(snapshot, request.caller.tenant, { currency, path }, asOf))
      })
      if (wanted === 'json') return { items }
      return sendCsv(reply, chartFile, [items])
    },
  )
}

function addTrialBalance(app: Http, reader: Reader<ReconciliationTables>, cursors: Cursors): void {
  const onRequest = app.allow('reconciliation:read')
  app.get(
    '/v1/trial-balance',
    { onRequest, schema: { querystring: TrialBalanceQuery, response: { 200: TrialBalance } } },
    async (request, reply) => {
      const { format: wanted, currency, path, text, sort, limit, cursor, ...at } = request.query
      const { tenant } = request.caller
      const narrowed = { currency, path, text }
      const list = ['trial-balance', tenant, narrowed, sort, at]
      const [pinned, ...after] = cursors.open(list, cursor) ?? []
      const rows = wanted === 'csv' ? MAX_CSV_ROWS : limit
      const isOfAll = path === undefined && text === undefined
      const { totals, underWay, found, closed, position } = await readAt(reader, request, reply, async (snapshot) => {
        const asOf = pinned ? pinnedAt(pinned) : asOfOf(at)
        checkReached(asOf, snapshot.head)
        const page = { sort, after: cursor === undefined ? undefined : after, limit: rows + 1 }
        return {
          ...(await trialBalance(snapshot, tenant, narrowed, asOf, page)),
          underWay: isOfAll ? await transitBalances(snapshot, tenant, asOf, currency) : [],
          closed: asOf.kind === 'instant' ? await closedAt(snapshot, tenant, asOf.before) : null,
          position: pinned || (asOf.kind === 'now' && isByAmount(sort) ? formatPositions(snapshot.head.positions) : ''),
        }
      })
      if (pinned) reply.header('position', pinned)
      if (wanted === 'json') {
        return {
          ...{ totals, underWay, closed },
          ...pageOf(found, limit, (row) => cursors.seal(list, [position, ...balanceOrders[sort].keysOf(row)])),
        }
      }
      checkWhole(found.length <= MAX_CSV_ROWS, MAX_CSV_ROWS, 'rows: narrow it')
      return sendCsv(reply, trialBalanceFile(at.day !== undefined, closed), [found])
    },
  )
}

/**
 * Amounts of now change while one pages through them. The pages after the first are of the position that the first one
 * was of, so that none of them skips or repeats an account.
 */
function pinnedAt(position: string): AsOf {
  return asOfOf({ position, zone: 'UTC' })
}

function isByAmount(sort: BalanceSort): boolean {
  return /debit|credit/.test(sort)
}

/** As of a day it says in each line where that day was closed. */
function trialBalanceFile(isOfDay: boolean, closed: ClosedAt | null): CsvFile<TrialBalanceRow> {
  return {
    name: 'trial-balance',
    columns: {
      account: ({ accountId }) => accountId,
      name: ({ name }) => name,
      type: ({ type }) => type,
      path: ({ path }) => path,
      currency: ({ currency }) => currency,
      debit: ({ debit, currency }) => csvAmount(debit, currency),
      credit: ({ credit, currency }) => csvAmount(credit, currency),
      ...(isOfDay ? { closed_at: () => closed?.position ?? null } : {}),
    },
  }
}

const chartFile: CsvFile<ChartNode> = {
  name: 'chart-of-accounts',
  columns: {
    path: ({ path }) => path,
    currency: ({ currency }) => currency,
    accounts: ({ accounts }) => csvCount(accounts),
    debit: ({ debit, currency }) => csvAmount(debit, currency),
    credit: ({ credit, currency }) => csvAmount(credit, currency),
  },
}
