import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import {
  Reconciliation,
  type ReconciliationItem,
  ReconciliationPage,
  type ReconciliationSummary,
} from '@micropay/schemas/api/reconciliation'
import { TimeZone } from '@micropay/schemas/days'
import { AccountId } from '@micropay/schemas/identifiers'
import { formatPosition, onePosition } from '@micropay/schemas/position'
import { z } from 'zod'
import { csvAmount, csvCount } from '../answer/csv.ts'
import type { Cursors } from '../answer/cursor.ts'
import { pageQuery } from '../answer/page.ts'
import { type CsvFile, checkWhole, format, sendCsv } from '../answer/send-csv.ts'
import { type Reader, readAt } from '../position/await-position.ts'
import { summaryOf } from './reconcile.ts'
import { listStatements, reconciliationsOf, type StatementPlace, withdrawnOf } from './statement-queries.ts'

const ListQuery = z.strictObject({
  account: AccountId.optional(),
  withdrawn: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'true: the statements that were withdrawn, instead of those that stand.' }),
  zone: TimeZone,
  ...pageQuery,
  limit: z.coerce.number({ error: 'must be a whole number from 1 to 50' }).int().min(1).max(50).default(20),
  format,
})

/**
 * So many statements a file holds at most, and of so many accounts, as many as a page may have: each is matched for it,
 * one after the other.
 */
const MAX_CSV_STATEMENTS = 1_000
export const MOST_ACCOUNTS = 50

/**
 * GET /v1/reconciliations and /v1/reconciliations/:statementId: what is matched and what is open, as the ledger stands
 * now.
 */
export function addReconciliationRoutes(app: Http, reader: Reader<ReconciliationTables>, cursors: Cursors): void {
  const onRequest = app.allow('reconciliation:read')
  app.get(
    '/v1/reconciliations',
    { onRequest, schema: { querystring: ListQuery, response: { 200: ReconciliationPage } } },
    async (request, reply) => {
      const { account, zone, limit, cursor, format: wanted } = request.query
      const { tenant } = request.caller
      const which = request.query.withdrawn === 'true' ? 'withdrawn' : 'standing'
      const list = ['reconciliations', tenant, account, ...(which === 'withdrawn' ? [which] : [])]
      const before = placeOf(cursors.open(list, cursor))
      const rows = wanted === 'csv' ? MAX_CSV_STATEMENTS : limit
      const page = await readAt(reader, request, reply, async (snapshot) => {
        const found = await listStatements(snapshot, tenant, account, { which, before, limit: rows + 1 })
        const shown = found.slice(0, rows)
        const accounts = new Map<string, Reconciliation[]>()
        const concerned = new Set(shown.map((statement) => statement.accountId))
        if (concerned.size > MOST_ACCOUNTS) throw new ProblemError('invalid_request', tooManyAccounts)
        for (const accountId of concerned) {
          const ofAccount = which === 'withdrawn' ? withdrawnOf : reconciliationsOf
          accounts.set(accountId, await ofAccount(snapshot, tenant, accountId, zone))
        }
        const items = shown.flatMap(({ accountId, partition, seq }) => {
          const position = formatPosition({ partition, seq: Number(seq) })
          const reconciled = accounts.get(accountId)?.find((each) => each.position === position)
          return reconciled ? [summaryOf(reconciled)] : []
        })
        const last = shown.at(-1)
        return { items, next: found.length > rows && last ? cursors.seal(list, keysOf(last)) : null }
      })
      if (wanted === 'json') return page
      checkWhole(page.next === null, MAX_CSV_STATEMENTS, 'statements: ask for one account')
      return sendCsv(reply, summariesFile, [page.items])
    },
  )

  const params = z.object({ statementId: z.string().min(1).max(64) })
  const querystring = z.strictObject({ account: AccountId, position: importedAt, zone: TimeZone, format })
  app.get(
    '/v1/reconciliations/:statementId',
    { onRequest, schema: { params, querystring, response: { 200: Reconciliation } } },
    async (request, reply) => {
      const { account, position, zone, format: wanted } = request.query
      const { statementId } = request.params
      const { tenant } = request.caller
      const found = await readAt(reader, request, reply, async (snapshot) => {
        const isAsked = (each: Reconciliation) =>
          each.statementId === statementId && (position === undefined || each.position === position)
        const standing = newestOf((await reconciliationsOf(snapshot, tenant, account, zone)).filter(isAsked))
        return standing ?? newestOf((await withdrawnOf(snapshot, tenant, account, zone)).filter(isAsked)) ?? null
      })
      if (!found)
        throw new ProblemError(
          'not_found',
          'there is no such statement of this account, or it is too old to be matched',
        )
      if (wanted === 'json') return found
      const { currency } = found
      return sendCsv(reply, reconciliationFile, [found.items.map((item) => ({ ...item, currency }))])
    },
  )
}

const importedAt = onePosition.optional().meta({
  description: 'Where it was imported, such as 0:1842: several statements of an account may have one id.',
})

/** Of several statements of one id the one that was imported last; one that stands goes before those withdrawn. */
function newestOf(statements: readonly Reconciliation[]): Reconciliation | undefined {
  return statements.toSorted((a, b) => (a.importedAt < b.importedAt ? 1 : -1))[0]
}

const orPages = 'name one with account, or ask for pages'
const tooManyAccounts = `these are statements of more than ${MOST_ACCOUNTS} accounts: ${orPages}`

function keysOf({ decidedAt, partition, seq }: StatementPlace): string[] {
  return [decidedAt.toISOString(), String(partition), seq.toString()]
}

function placeOf(keys: readonly string[] | undefined): StatementPlace | undefined {
  const [decidedAt, partition, seq] = keys ?? []
  return decidedAt && partition && seq
    ? { decidedAt: new Date(decidedAt), partition: Number(partition), seq: BigInt(seq) }
    : undefined
}

const summariesFile: CsvFile<ReconciliationSummary> = {
  name: 'reconciliations',
  columns: {
    account: ({ accountId }) => accountId,
    statement: ({ statementId }) => statementId,
    iban: ({ iban }) => iban,
    currency: ({ currency }) => currency,
    from: ({ from }) => from,
    to: ({ to }) => to,
    opening: ({ opening, currency }) => csvAmount(opening, currency),
    closing: ({ closing, currency }) => csvAmount(closing, currency),
    lines: ({ lines }) => csvCount(lines),
    matched: ({ matched }) => csvCount(matched),
    missing_here: ({ missingHere }) => csvCount(missingHere),
    missing_there: ({ missingThere }) => csvCount(missingThere),
    differing_amount: ({ differingAmount }) => csvCount(differingAmount),
    imported_at: ({ importedAt }) => importedAt,
    imported_by: ({ importedBy }) => importedBy,
    repeated: ({ repeated }) => csvCount(repeated),
    information: ({ information }) => csvCount(information),
    ledger_closing: ({ ledgerClosing, currency }) => csvAmount(ledgerClosing, currency),
    previous_statement: ({ previous }) => previous?.statementId ?? null,
    opens_above_its_close: ({ previous, currency }) =>
      previous ? csvAmount(previous.openingDifference, currency) : null,
    days_without_statement: ({ previous }) => (previous ? csvCount(previous.gapDays) : null),
    overlaps: ({ overlaps }) => overlaps.map(({ statementId }) => statementId).join(' '),
    position: ({ position }) => position,
    sha256: ({ sha256 }) => sha256,
    withdrawn_at: ({ withdrawn }) => withdrawn?.at ?? null,
    withdrawn_by: ({ withdrawn }) => withdrawn?.by ?? null,
    withdrawn_because: ({ withdrawn }) => withdrawn?.reason ?? null,
    import_approved_by: ({ approvedBy }) => approvedBy,
    withdrawal_approved_by: ({ withdrawn }) => withdrawn?.approvedBy ?? null,
  },
}

const reconciliationFile: CsvFile<ReconciliationItem & { readonly currency: string }> = {
  name: 'reconciliation',
  columns: {
    kind: ({ kind }) => kind,
    matched_by: ({ matchedBy }) => matchedBy,
    line: ({ lineNumber }) => (lineNumber === null ? null : csvCount(lineNumber)),
    booked_on: ({ line }) => line?.bookedOn ?? null,
    bank_amount: ({ bankAmount, currency }) => (bankAmount === null ? null : csvAmount(bankAmount, currency)),
    bank_text: ({ line }) => line?.text ?? null,
    bank_counterparty: ({ line }) => line?.counterparty ?? null,
    position: ({ entry }) => entry?.position ?? null,
    value_date: ({ entry }) => entry?.effectiveAt ?? null,
    // In the bank's sign, so that both columns can be compared.
    ledger_amount: ({ entries, currency }) => (entries.length > 0 ? csvAmount(bankAmount(entries), currency) : null),
    reference: ({ line, entry }) => entry?.reference ?? line?.references[0] ?? null,
    counterparty: ({ entry }) => entry?.counterparty ?? null,
    currency: ({ currency }) => currency,
    entries: ({ entries }) => csvCount(entries.length),
    detail: ({ detailNumber }) => (detailNumber === null ? null : csvCount(detailNumber)),
    batch_of: ({ line }) => (line?.batch ? csvCount(line.batch) : null),
    repeats_statement: ({ repeats }) => repeats?.statementId ?? null,
    repeats_line: ({ repeats }) => (repeats ? csvCount(repeats.lineNumber) : null),
  },
}

/** What the entries add up to, in the bank's sign. */
function bankAmount(entries: ReconciliationItem['entries']): string {
  return (-entries.reduce((sum, { amount }) => sum + BigInt(amount), 0n)).toString()
}
