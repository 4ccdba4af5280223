import type { PaymentId } from '@micropay/schemas/identifiers'
import { isBlocked, stillSaid } from '../../decide/history.ts'
import { type Saga, sagas } from '../../decide/saga.ts'
import { doneBy } from '../../decide/step.ts'
import type { Engine, UnderWay } from './engine-state.ts'
import { flush, say } from './speak.ts'

const AGAIN_MS = [500, 1_000, 2_000, 5_000] as const
/** So many payments end in one commit at most. */
const MOST_ENDED = 100

/**
 * Ends what is done everywhere, and goes on with what is open: asks again, or says that its time is over. It comes
 * often, and thousands may wait for a partition that is away: those for which nothing is due are not read.
 */
export function goOnWithAll(engine: Engine): void {
  const { ledger, underWay, heard, queue, clock } = engine
  if (!ledger || underWay.size === 0) return
  const done: { readonly payment: PaymentId; readonly tenant: string }[] = []
  const nowMs = clock.monotonicMs()
  for (const [payment, way] of underWay) {
    if (!way.isHeard && nowMs < way.dueMs) continue
    const saga = ledger.read(sagas, payment)
    if (!saga) underWay.delete(payment)
    else if (doneBy(saga, stillSaid(heard.of(payment), ledger))) done.push({ payment, tenant: saga.tenant })
    else goOn(engine, payment, saga, way)
  }
  // A commit is of one tenant.
  for (const ofTenant of Map.groupBy(done, ({ tenant }) => tenant).values()) {
    const payments = ofTenant.map(({ payment }) => payment)
    for (let first = 0; first < payments.length; first += MOST_ENDED) {
      queue.addStep({ kind: 'ended', payments: payments.slice(first, first + MOST_ENDED) })
    }
  }
  flush(engine)
}

function goOn(engine: Engine, payment: PaymentId, saga: Saga, way: UnderWay): void {
  const { clock, time, queue, heard, promptness, ledger } = engine
  const isBegun = saga.state === 'preparing' || saga.state === 'asked'
  const isOpen = isBegun && !(ledger && isBlocked(saga, ledger))
  const leftMs = isOpen ? Date.parse(saga.deadline) - time.nowMs() : Number.POSITIVE_INFINITY
  if (leftMs <= 0) queue.addStep({ kind: 'expired', payment })
  const nowMs = clock.monotonicMs()
  if (nowMs - way.askedMs >= waitAfter(way)) {
    for (const each of saga.participants) if (!heard.of(payment).has(each)) promptness.late(each)
    way.askedMs = nowMs
    way.tries += 1
    say(engine, payment)
  }
  way.isHeard = false
  way.dueMs = Math.min(way.askedMs + waitAfter(way), nowMs + Math.max(0, leftMs))
}

function waitAfter({ tries }: UnderWay): number {
  return AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)] ?? 0
}
