import type { AccountsDatabase, PaymentRow } from '@micropay/projections/accounts/tables'
import type { Http } from '@micropay/runtime/http'
import { type Payment, PaymentPage, PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { PaymentId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { csvAmount } from '../answer/csv.ts'
import type { Cursors } from '../answer/cursor.ts'
import { pageQuery, searchPageOf } from '../answer/page.ts'
import { CSV_PAGE_ROWS, type CsvFile, pagesFrom, sendCsv } from '../answer/send-csv.ts'
import { type Reader, readAt } from '../position/await-position.ts'
import type { Snapshot } from '../position/snapshot.ts'
import { findAccount } from './account-queries.ts'
import { findPayment } from './find-payment.ts'
import { shownTo } from './payment-queries.ts'
import { type PaymentPlace, searchPayments } from './payment-search.ts'
import {
  orderOf,
  PaymentsFilter,
  rangesAreOrdered,
  rangesMustBeOrdered,
  sortFitsRange,
  sortMustFitRange,
} from './search.ts'
import { badRequest, notFound, type Viewer, viewerOf } from './viewer.ts'

/** GET /v1/payments, the same as CSV, and /v1/payments/:paymentId. */
export function addPaymentRoutes(app: Http, reader: Reader<AccountsDatabase>, cursors: Cursors): void {
  const onRequest = app.allow('accounts:read', 'accounts:read:any')
  app.get(
    '/v1/payments',
    { onRequest, schema: { querystring: PaymentsQuery, response: { 200: PaymentPage } } },
    async (request, reply) => {
      const { limit, cursor, ...filter } = request.query
      const viewer = viewerOf(request.caller)
      const list = ['payments', viewer, filter]
      const before = placeOf(cursors.open(list, cursor))
      const page = await readAt(reader, request, reply, (snapshot) => read(snapshot, viewer, filter, before, limit))
      if (!page) throw notFound('account')
      const { next, payments } = page
      return { items: payments, next: next ? cursors.seal(list, keysOf(next)) : null }
    },
  )
  app.get('/v1/payments.csv', { onRequest, schema: { querystring: CsvQuery } }, async (request, reply) => {
    const viewer = viewerOf(request.caller)
    const filter = request.query
    const readPage = async (snapshot: Snapshot<AccountsDatabase>, before: PaymentPlace | undefined) => {
      const page = await read(snapshot, viewer, filter, before, CSV_PAGE_ROWS)
      if (!page) throw notFound('account')
      return { rows: page.payments.flatMap(linesOf), next: page.next }
    }
    const first = await readAt(reader, request, reply, (snapshot) => readPage(snapshot, undefined))
    return sendCsv(reply, paymentsFile, pagesFrom(reader.model, first, readPage))
  })
  app.get(
    '/v1/payments/:paymentId',
    { onRequest, schema: { params: PaymentParams, response: { 200: PaymentWithRefunds } } },
    async (request, reply) => {
      const viewer = viewerOf(request.caller)
      const { paymentId } = request.params
      const payment = await readAt(reader, request, reply, (snapshot) => findPayment(snapshot, viewer, paymentId))
      if (!payment) throw notFound('payment')
      return payment
    },
  )
}

const PaymentParams = z.object({ paymentId: PaymentId })
const PaymentsQuery = PaymentsFilter.extend(pageQuery)
  .refine(rangesAreOrdered, rangesMustBeOrdered)
  .refine(sortFitsRange, sortMustFitRange)
const CsvQuery = PaymentsFilter.refine(rangesAreOrdered, rangesMustBeOrdered).refine(sortFitsRange, sortMustFitRange)

async function read(
  snapshot: Snapshot<AccountsDatabase>,
  viewer: Viewer,
  filter: PaymentsFilter,
  before: PaymentPlace | undefined,
  limit: number,
) {
  const { account, direction } = filter
  if (direction !== undefined && account === undefined && viewer.owner === undefined) {
    throw badRequest('a direction is seen from an account: send account, too')
  }
  if (account !== undefined && !(await findAccount(snapshot.db, viewer, account))) return undefined
  const found = await searchPayments(snapshot, viewer, filter, before, limit + 1)
  const { byValueDate } = orderOf(filter)
  const page = searchPageOf(found, limit, (row: PaymentRow) => ({
    at: byValueDate ? row.effective_at : row.decided_at,
    partition: row.partition,
    seq: row.seq,
  }))
  return { payments: await shownTo(snapshot.db, viewer, page.rows), next: page.next }
}

function keysOf({ at, partition, seq }: PaymentPlace): string[] {
  return [at.toISOString(), String(partition), seq.toString()]
}

function placeOf(keys: readonly string[] | undefined): PaymentPlace | undefined {
  const [at, partition, seq] = keys ?? []
  return at && partition && seq ? { at: new Date(at), partition: Number(partition), seq: BigInt(seq) } : undefined
}

/** A line for each posting that the viewer may see; a leg without a pair has one of its own, with one side. */
function linesOf(payment: Payment): PaymentLine[] {
  if (payment.postings) return payment.postings.map((posting) => ({ payment, posting }))
  return payment.legs.map(({ account, name, amount, currency }) => {
    const nobody = { from: null, fromName: null, to: null, toName: null }
    const side = amount.startsWith('-') ? { from: account, fromName: name } : { to: account, toName: name }
    return { payment, posting: { ...nobody, ...side, amount: amount.replace('-', ''), currency } }
  })
}

type PaymentLine = {
  readonly payment: Payment
  readonly posting: {
    readonly from: string | null
    readonly fromName: string | null
    readonly to: string | null
    readonly toName: string | null
    readonly amount: string
    readonly currency: string
  }
}

const paymentsFile: CsvFile<PaymentLine> = {
  name: 'payments',
  columns: {
    payment: ({ payment }) => payment.paymentId,
    status: ({ payment }) => payment.status,
    kind: ({ payment }) => payment.kind,
    decided_at: ({ payment }) => payment.decidedAt,
    effective_at: ({ payment }) => payment.effectiveAt,
    from: ({ posting }) => posting.from,
    from_name: ({ posting }) => posting.fromName,
    to: ({ posting }) => posting.to,
    to_name: ({ posting }) => posting.toName,
    amount: ({ posting }) => csvAmount(posting.amount, posting.currency),
    currency: ({ posting }) => posting.currency,
    reference: ({ payment }) => payment.reference,
    description: ({ payment }) => payment.description,
    rejection: ({ payment }) => payment.rejection?.code ?? null,
    position: ({ payment }) => payment.position,
    reverses: ({ payment }) => payment.reverses?.paymentId ?? null,
  },
}
