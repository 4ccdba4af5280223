import type { SealedMessage, ToldFact } from '@micropay/schemas/log/message'
import { type Closing, closingsIn } from '../../decide/closing.ts'
import { mayBeSealed } from '../../decide/closing-step.ts'
import { factsBehind, HOME } from '../../decide/ledger-facts.ts'
import { sealedIn } from '../../decide/saga-messages.ts'
import type { Engine } from './engine-state.ts'
import { park } from './park.ts'
import { flush } from './speak.ts'

/** What is lost on the way is said again after so long; as often it is looked whether a promise has ended. */
const AGAIN_MS = 500

/** A commit has changed a closing, or ended a payment that one may wait for: it goes on at once. */
export function closingsChanged(engine: Engine): void {
  const { ledger, queue, closings } = engine
  if (!ledger) return
  const open = closingsIn(ledger)
  if (open.length === 0) closings.clear()
  else queue.addStep({ kind: 'closings' })
  saySealed(engine)
}

/** Elsewhere than at home: puts what is sealed here on its way. */
function saySealed(engine: Engine): void {
  const { ledger, partition, outbox } = engine
  if (!ledger) return
  const sealed = sealedIn(ledger, { partition, seq: ledger.fold.seq })
  outbox.push(...sealed.map((message) => ({ message, isFirst: false })))
  flush(engine)
}

/** At home: what a partition says of a closing that is under way is noted; of any other it is late. */
export function hearSeal(engine: Engine, bytes: Uint8Array, message: SealedMessage): void {
  const { ledger, partition, partitions, queue, closings } = engine
  if (partition !== HOME || message.from === HOME || message.from >= partitions || message.to !== HOME) {
    park(engine, bytes, 'a seal is told to the home of facts, by another partition')
    return
  }
  if (!ledger || !closingsIn(ledger).some(({ periodId }) => periodId === message.period)) return
  closings.add(message)
  queue.addStep({ kind: 'closings' })
}

/** Whether it is told of a closing that this partition has taken over: who asks for it is told whether it is sealed. */
export function isKnownClosing(engine: Engine, { fact }: ToldFact): boolean {
  const { ledger } = engine
  if (!ledger || fact.type !== 'PeriodClosing') return false
  const isKnown = closingsIn(ledger).some(({ periodId }) => periodId === fact.data.periodId)
  if (isKnown) saySealed(engine)
  // One whose days are not over here is told again before long.
  return isKnown || new Date(engine.time.nowMs()).toISOString() < fact.data.before
}

/** Asks again, seals what waited for payments that have ended, and ends what has taken too long. */
export function goOnWithClosings(engine: Engine): void {
  const { ledger, closings, clock } = engine
  if (!ledger) return
  for (const closing of closingsIn(ledger)) {
    const lookedMs = closings.lookedMs.get(closing.periodId) ?? Number.NEGATIVE_INFINITY
    if (clock.monotonicMs() - lookedMs < AGAIN_MS) continue
    closings.lookedMs.set(closing.periodId, clock.monotonicMs())
    goOnWith(engine, closing)
  }
  flush(engine)
}

function goOnWith(engine: Engine, closing: Closing): void {
  const { ledger, partition, partitions, queue, time } = engine
  if (!ledger) return
  if (partition !== HOME) {
    if (mayBeSealed(closing, ledger, { partition, partitions })) queue.addStep({ kind: 'closings' })
    return
  }
  const silent = silentOn(engine, closing)
  if (silent.length === 0 || time.nowMs() >= Date.parse(closing.until)) queue.addStep({ kind: 'closings' })
  const told = factsBehind(closing.at.seq - 1, ledger).find(({ at }) => at.seq === closing.at.seq)
  if (!told) return
  for (const to of silent) {
    const message = { kind: 'fact' as const, from: partition, to, asOf: ledger.fold.seq, ...told }
    engine.outbox.push({ message, isFirst: false })
  }
}

/** At home: the partitions that have not said that they are sealed. */
export function silentOn(
  { closings, partitions }: Pick<Engine, 'closings' | 'partitions'>,
  closing: Closing,
): number[] {
  const seals = closings.of(closing.periodId)
  return Array.from({ length: partitions - 1 }, (_, index) => index + 1).filter((each) => !seals.has(each))
}
