import type { PaymentId } from '@micropay/schemas/identifiers'
import { isBlocked, stillSaid } from '../../decide/history.ts'
import { type Saga, sagas } from '../../decide/saga.ts'
import { doneBy } from '../../decide/step.ts'
import type { Engine, UnderWay } from './engine-state.ts'
import { flush, say } from './speak.ts'

const AGAIN_MS = [500, 1_000, 2_000, 5_000] as const
/** So many payments end in one commit at most. */
const MOST_ENDED = 100

/** Ends what is done everywhere, and goes on with what is open: asks again, or says that its time is over. */
export function goOnWithAll(engine: Engine): void {
  const { ledger, underWay, heard, queue } = engine
  if (!ledger || underWay.size === 0) return
  const done: PaymentId[] = []
  for (const [payment, way] of underWay) {
    const saga = ledger.read(sagas, payment)
    if (!saga) underWay.delete(payment)
    else if (doneBy(saga, stillSaid(heard.of(payment), ledger))) done.push(payment)
    else goOn(engine, payment, saga, way)
  }
  for (let first = 0; first < done.length; first += MOST_ENDED) {
    queue.addStep({ kind: 'ended', payments: done.slice(first, first + MOST_ENDED) })
  }
  flush(engine)
}

function goOn(engine: Engine, payment: PaymentId, saga: Saga, way: UnderWay): void {
  const { clock, queue, heard, promptness, ledger } = engine
  const isBegun = saga.state === 'preparing' || saga.state === 'asked'
  const isOpen = isBegun && !(ledger && isBlocked(saga, ledger))
  if (isOpen && clock.nowMs() >= Date.parse(saga.deadline)) queue.addStep({ kind: 'expired', payment })
  const waitMs = AGAIN_MS[Math.min(way.tries, AGAIN_MS.length - 1)] ?? 0
  if (clock.monotonicMs() - way.askedMs < waitMs) return
  for (const each of saga.participants) if (!heard.of(payment).has(each)) promptness.late(each)
  way.askedMs = clock.monotonicMs()
  way.tries += 1
  say(engine, payment)
}
