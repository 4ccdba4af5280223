import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import { isTold } from '../../decide/history.ts'
import { factsBehind, factsKnown, HOME } from '../../decide/ledger-facts.ts'
import { openIn } from '../../decide/open-payments.ts'
import { sagas } from '../../decide/saga.ts'
import { messagesOf } from '../../decide/saga-messages.ts'
import type { Engine } from './engine-state.ts'

const MOST_FACTS = 100

/** Puts what counted state has to say of a payment on its way; `flush` sends it. `isFirst`: nobody said it before. */
export function say(engine: Engine, payment: PaymentId, isFirst = false): void {
  const { ledger, partition, partitions, heard, outbox } = engine
  if (!ledger) return
  const speaker = { partition, partitions, seq: ledger.fold.seq }
  for (const message of messagesOf(payment, ledger, speaker, heard.of(payment))) outbox.push({ message, isFirst })
}

/** What is lost on the way is asked for again. */
export function flush(engine: Engine): void {
  const { ports, ledger, counts, partition, log } = engine
  if (!ports || engine.outbox.length === 0) return
  const told = engine.outbox.filter(({ message }) => !ledger || isTold(message, ledger))
  const messages = told.map(({ message, isFirst }) => {
    const traceparent = 'payment' in message ? engine.traces.of(message.payment) : undefined
    return { partition: message.to, value: ports.codec.encode(message, traceparent), isFirst }
  })
  engine.outbox = []
  counts.sent += messages.length
  ports.inbox.send(messages).catch((error: unknown) => {
    log.warn({ err: error, partition, messages: messages.length }, 'messages may not have been sent: asking again')
  })
}

/** A commit has changed it: those whom it concerns are told, and it is watched until it is over. */
export function changed(engine: Engine, payment: PaymentId, isFirst = false): void {
  const { ledger, partition, underWay, heard, clock } = engine
  say(engine, payment, isFirst)
  if (placeOfId(payment).partition !== partition) return
  const saga = ledger?.read(sagas, payment)
  if (saga) {
    const sinceMs = underWay.get(payment)?.sinceMs ?? clock.monotonicMs()
    const askedMs = clock.monotonicMs()
    const { state, participants, deadline } = saga
    const way = { askedMs, tries: 0, sinceMs, dueMs: askedMs, isHeard: false }
    underWay.set(payment, { ...way, saga: { state, participants, deadline } })
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
    const message = { kind: 'fact' as const, from: partition, to, asOf: ledger.fold.seq, ...told }
    outbox.push({ message, isFirst: false })
  }
  flush(engine)
}

/** Elsewhere: asks for what this partition does not know. */
export function askFacts(engine: Engine): void {
  const { ledger, partition, outbox } = engine
  if (!ledger || partition === HOME) return
  const asOf = ledger.fold.seq
  const message = { kind: 'ask-facts' as const, from: partition, to: HOME, asOf, known: factsKnown(ledger) }
  outbox.push({ message, isFirst: false })
  flush(engine)
}
