import { type Clock, systemClock } from '@micropay/runtime/clock'
import { MAX_BATCH_PAYMENTS } from '@micropay/schemas/api/payment'
import { Problem } from '@micropay/schemas/api/problem'
import { parsePositions } from '@micropay/schemas/position'
import { z } from 'zod'
import type { ImportedRow, PaymentToSend } from './import-source.ts'
import {
  type Answer,
  isTransient,
  type LedgerClient,
  LedgerUnavailableError,
  leavesOpen,
  problemOf,
  saysUnknown,
} from './ledger-client.ts'

export type RefusedRow = { readonly line: number; readonly key: string; readonly reason: string }
export type SendOutcome = {
  readonly posted: number
  /** How many of them had been posted before: by an earlier run, or for an earlier row with the same key. */
  readonly replayed: number
  /** How many need a second person: nothing has moved, unless somebody approved them since an earlier run. */
  readonly waiting: number
  readonly refused: readonly RefusedRow[]
  /** The last sequence of each partition that was written. */
  readonly positions: ReadonlyMap<number, number>
}
export type SendOptions = {
  readonly ledger: LedgerClient
  readonly batchSize: number
  readonly patienceMs: number
  readonly onBatch: (done: number) => void
  readonly onWait: (reason: string) => void
  readonly clock?: Clock
}

const BatchAnswer = z.object({
  results: z.array(
    z.object({
      status: z.int(),
      replayed: z.boolean().optional(),
      position: z.string().nullish(),
      problem: Problem.optional(),
      payment: z.object({ status: z.string().optional(), paymentId: z.string().nullish() }).optional(),
    }),
  ),
})
type Result = z.infer<typeof BatchAnswer>['results'][number]
/** `doubtful`: it says that nothing was appended, and an earlier try of it may have counted. */
export type SentPayment = Result & { readonly doubtful: boolean }
type Batch = { readonly rows: readonly { line: number; key: string }[]; readonly body: string }

const pauseMs = 250
/** Payments between partitions are answered once all of these say so: their positions are read up to afterwards. */
const SEEN = { prefer: 'wait=30' }

/**
 * Sends every row's payment in the file's order, a batch at a time, and reads the file on while one is under way.
 * Sending the same rows again changes nothing, since each carries its own key.
 */
export async function sendPayments(rows: AsyncIterable<ImportedRow>, options: SendOptions): Promise<SendOutcome> {
  const outcome: Tally = { posted: 0, replayed: 0, waiting: 0, refused: [], positions: new Map() }
  let done = 0
  let underWay = Promise.resolve()
  for await (const batch of batchesOf(rows, options.batchSize)) {
    await underWay
    underWay = sendBatch(batch.body, batch.rows.length, options).then((results) => {
      results.forEach((result, index) => {
        const row = batch.rows[index]
        if (row) record(outcome, row, result)
      })
      done += results.length
      options.onBatch(done)
    })
    underWay.catch(() => undefined)
  }
  await underWay
  return outcome
}

async function* batchesOf(rows: AsyncIterable<ImportedRow>, batchSize: number): AsyncGenerator<Batch> {
  const size = Math.min(batchSize, MAX_BATCH_PAYMENTS)
  let payments: PaymentToSend[] = []
  let kept: { line: number; key: string }[] = []
  const take = (): Batch => ({ rows: kept, body: JSON.stringify({ payments }) })
  for await (const row of rows) {
    if (!('payment' in row)) continue
    payments.push(row.payment)
    kept.push({ line: row.line, key: row.payment.idempotencyKey })
    if (payments.length < size) continue
    yield take()
    payments = []
    kept = []
  }
  if (payments.length > 0) yield take()
}

/**
 * Sends one body with `expected` payments. It may be decided in part (its worker was lost, a queue was full): it is
 * sent again, whole, until every item has an outcome. A ledger that stopped is not waited for.
 */
export async function sendBatch(
  body: string,
  expected: number,
  options: Pick<SendOptions, 'ledger' | 'clock' | 'patienceMs' | 'onWait'>,
): Promise<readonly SentPayment[]> {
  const { ledger, clock = systemClock } = options
  const giveUpAt = clock.monotonicMs() + options.patienceMs
  const doubtful = new Set<number>()
  for (;;) {
    const answer = await ledger.send({ method: 'POST', path: '/v1/payments/batch', body, headers: SEEN })
    const results = resultsOf(answer, expected)
    for (const [index, result] of results.entries()) {
      if (!leavesOpen(saidOf(result))) doubtful.delete(index)
      else if (answer.mayHaveCounted || saysUnknown(saidOf(result))) doubtful.add(index)
    }
    const stopped = results.find(({ problem }) => problem?.code === 'ledger_stopped')
    if (stopped) throw new LedgerUnavailableError(`${problemOf(saidOf(stopped))}.`, doubtful.size > 0)
    const open = results.find((result) => isUnderWay(result) || isTransient(saidOf(result)))
    if (!open) return results.map((result, index) => ({ ...result, doubtful: doubtful.has(index) }))
    const reason = isUnderWay(open) ? 'payments between partitions are under way' : problemOf(saidOf(open))
    if (clock.monotonicMs() > giveUpAt) {
      throw new LedgerUnavailableError(`a batch stays without an outcome: ${reason}.`, doubtful.size > 0)
    }
    options.onWait(reason)
    await clock.sleep(pauseMs)
  }
}

/** A payment between partitions of the ledger: the same key is told what becomes of it. */
function isUnderWay({ payment }: Result): boolean {
  return payment?.status === 'pending'
}

/** Why it was refused, in one line. */
export function reasonOf(result: SentPayment): string {
  return `${problemOf(saidOf(result))}${result.doubtful ? mayHaveCounted : ''}`
}

function saidOf({ status, problem }: Result): Pick<Answer, 'status' | 'body'> {
  return { status, body: problem }
}

function resultsOf(answer: Answer, expected: number): readonly Result[] {
  if (answer.status !== 200) {
    const before = answer.mayHaveCounted ? mayHaveCounted : ''
    throw new Error(`the batch was refused: ${problemOf(answer)}${before}`)
  }
  const { results } = BatchAnswer.parse(answer.body)
  if (results.length !== expected) {
    throw new Error(`the batch of ${expected} payments was answered with ${results.length} results`)
  }
  return results
}

type Tally = {
  posted: number
  replayed: number
  waiting: number
  refused: RefusedRow[]
  positions: Map<number, number>
}

const mayHaveCounted = ' (an earlier try may have counted: run it again, with the same keys nothing happens twice)'

function record(tally: Tally, row: { line: number; key: string }, result: SentPayment): void {
  for (const { partition, seq } of parsePositions(result.position ?? '') ?? []) {
    tally.positions.set(partition, Math.max(seq, tally.positions.get(partition) ?? 0))
  }
  if (result.status === 202) {
    tally.waiting += 1
    return
  }
  if (result.status >= 200 && result.status < 300) {
    tally.posted += 1
    if (result.replayed) tally.replayed += 1
    return
  }
  tally.refused.push({ ...row, reason: reasonOf(result) })
}
