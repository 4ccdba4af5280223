import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import { factsBehind, factsKnown, HOME } from '../../decide/ledger-facts.ts'
import { openIn, sagas } from '../../decide/saga.ts'
import { messagesOf } from '../../decide/saga-messages.ts'
import type { Engine } from './engine-state.ts'

const MOST_FACTS = 100

/** Puts what counted state has to say of a payment on its way; `flush` sends it. */
export function say(engine: Engine, payment: PaymentId): void {
  const { ledger, partition, partitions, heard, outbox } = engine
  if (!ledger) return
  outbox.push(...messagesOf(payment, ledger, { partition, partitions, seq: ledger.fold.seq }, heard.of(payment)))
}

/** What is lost on the way is asked for again. */
export function flush(engine: Engine): void {
  const { ports, outbox, counts, partition, log } = engine
  if (!ports || outbox.length === 0) return
  const messages = outbox.map((message) => ({ partition: message.to, value: ports.codec.encode(message) }))
  engine.outbox = []
  counts.sent += messages.length
  ports.inbox.send(messages).catch((error: unknown) => {
    log.warn({ err: error, partition, messages: messages.length }, 'messages may not have been sent: asking again')
  })
}

/** A commit has changed it: those whom it concerns are told, and it is watched until it is over. */
export function changed(engine: Engine, payment: PaymentId): void {
  const { ledger, partition, underWay, heard, clock } = engine
  say(engine, payment)
  if (placeOfId(payment).partition !== partition) return
  if (ledger?.read(sagas, payment)) {
    const sinceMs = underWay.get(payment)?.sinceMs ?? clock.monotonicMs()
    underWay.set(payment, { askedMs: clock.monotonicMs(), tries: 0, sinceMs })
    return
  }
  underWay.delete(payment)
  heard.forget(payment)
}

/** All that is open, from the state alone. */
export function lookAgain(engine: Engine): void {
  const { ledger, partition, partitions, underWay, waiters } = engine
  if (!ledger) return
  underWay.clear()
  for (const payment of openIn(partition, partitions, ledger)) changed(engine, payment)
  flush(engine)
  waiters.wakeAll()
}

/** At home: what holds for the whole ledger, to one who does not know all of it. */
export function tellFacts(engine: Engine, to: number, known: number): void {
  const { ledger, partition, outbox } = engine
  if (!ledger || partition !== HOME) return
  for (const told of factsBehind(known, ledger).slice(0, MOST_FACTS)) {
    outbox.push({ kind: 'fact', from: partition, to, asOf: ledger.fold.seq, ...told })
  }
  flush(engine)
}

/** Elsewhere: asks for what this partition does not know. */
export function askFacts(engine: Engine): void {
  const { ledger, partition, outbox } = engine
  if (!ledger || partition === HOME) return
  outbox.push({ kind: 'ask-facts', from: partition, to: HOME, asOf: ledger.fold.seq, known: factsKnown(ledger) })
  flush(engine)
}
