import type { PaymentId } from '@micropay/schemas/identifiers'
import { isRequest } from '@micropay/schemas/log/message'
import { unansweredIn } from '../../decide/history.ts'
import type { Given, Heard } from '../../decide/stepped.ts'
import type { LedgerState } from '../../state/ledger-state.ts'
import type { StateChange } from '../../state/partition-state.ts'
import type { KnownOfOthers, Untaken } from '../make-commit.ts'
import { closingsChanged, goOnWithClosings, isKnownClosing } from './closings.ts'
import { type Engine, type EngineOptions, newEngine } from './engine-state.ts'
import { goOnWithAll } from './go-on.ts'
import { askHistory, goOnWithRuns, nothingLeft, turnTaken } from './history-run.ts'
import { receive } from './listen.ts'
import { park } from './park.ts'
import { askFacts, changed, flush, lookAgain, say, tellFacts } from './speak.ts'
import { type OpenPayment, type WaitedFor, waitedFor } from './waited-for.ts'
import type { Waiters } from './waiters.ts'

/**
 * The part of an owner that goes on with payments across partitions while it serves: says what counts to those whom it
 * concerns, takes what they say as steps, asks again, and ends what has taken too long. Nothing is said before it
 * counts; what is lost is asked for again.
 */
export type SagaEngine = {
  readonly others: KnownOfOthers
  /** Those who wait for what becomes of a payment. */
  readonly waiters: Waiters
  /**
   * From here on, until the signal aborts, this owner speaks for its partition; once `stopping` aborts it takes nothing
   * more, and says what it has taken to its end.
   */
  serve(ledger: LedgerState, signal: AbortSignal, stopping: AbortSignal): void
  /** A record of the owner counts, and stands in the log with these commits: until then nobody deposed it. */
  counted(changes: readonly StateChange[]): void
  /** Somebody else wrote: what is open is looked through anew. */
  lookAgain(): void
  /** The step of a payment that is being appended belongs to that trace. */
  trace(payment: PaymentId, traceparent: string): void
  /** A step led to no commit. */
  untaken(step: Given, outcome: Untaken): void
  /** Another one has the partition from here on: what these were told, perhaps by this process alone, it hears too. */
  handOn(steps: readonly Given[]): void
  status(): SagaStatus
}

/** Payments that this partition coordinates and that are open, and whom they wait for; how old the oldest is, in ms. */
export type SagaStatus = {
  readonly open: number
  readonly oldestMs: number
  readonly waitsFor: readonly WaitedFor[]
  readonly sent: number
  readonly received: number
  readonly parked: number
}

/** A fact of the whole ledger that was lost on its way is known everywhere after so long. */
const ASK_FACTS_EVERY_MS = 2_000
const ASK_HISTORY_EVERY_MS = 1_000
const LOOK_EVERY_MS = 100

export function createSagaEngine(options: EngineOptions): SagaEngine {
  const engine = newEngine(options)
  const { heard, waiters, promptness, underWay, counts, time } = engine
  return {
    others: {
      heard: (payment) => heardFrom(engine, heard.of(payment)),
      sealed: engine.closings.of,
      isPrompt: promptness.isPrompt,
      isUnheard: (partition) => engine.runs.has(partition),
    },
    waiters,
    serve: (ledger, signal, stopping) => serve(engine, ledger, signal, stopping),
    counted: (changes) => counted(engine, changes),
    lookAgain: () => lookAgain(engine),
    trace: engine.traces.add,
    untaken: (step, outcome) => untaken(engine, step, outcome),
    handOn: (steps) => handOn(engine, steps),
    status() {
      const open = openNow(engine)
      const oldestMs = open.reduce((oldest, { openMs }) => Math.max(oldest, openMs), 0)
      const waitsFor = waitedFor(open, time.nowMs())
      return { open: underWay.size, oldestMs: Math.round(oldestMs), waitsFor, ...counts }
    },
  }
}

/** But for partitions whose lost history is being made good: what they said before may be gone. */
function heardFrom({ runs }: Engine, heard: Heard): Heard {
  return runs.size === 0 ? heard : new Map([...heard].filter(([from]) => !runs.has(from)))
}

function serve(engine: Engine, ledger: LedgerState, signal: AbortSignal, stopping: AbortSignal): void {
  const { ports, partition, partitions, heard, underWay, waiters, clock, log } = engine
  engine.ledger = ledger
  heard.clear()
  engine.closings.clear()
  engine.outbox = []
  engine.strange = []
  engine.runs.clear()
  engine.looked.clear()
  engine.serving = signal
  engine.waitsFor = unansweredIn(ledger).length
  if (!ports || partitions === 1) return
  lookAgain(engine)
  askFacts(engine)
  askHistory(engine)
  const taking = AbortSignal.any([signal, stopping])
  // A state that cannot be read ends this owner by itself, and no other partition of the process.
  const orLog = (work: (engine: Engine) => void) => () => {
    try {
      work(engine)
    } catch (error) {
      log.error({ err: error, partition }, 'payments across partitions do not go on')
    }
  }
  const timers = [
    clock.every(LOOK_EVERY_MS, orLog(goOnWithAll)),
    clock.every(LOOK_EVERY_MS, orLog(goOnWithClosings)),
    clock.every(ASK_FACTS_EVERY_MS, orLog(askFacts)),
    clock.every(ASK_HISTORY_EVERY_MS, orLog(askHistory)),
    clock.every(LOOK_EVERY_MS, orLog(goOnWithRuns)),
  ]
  receive(engine, ports, taking).catch((error: unknown) =>
    log.error({ err: error, partition }, 'messages are not taken'),
  )
  taking.addEventListener('abort', () => {
    for (const timer of timers) timer.cancel()
  })
  signal.addEventListener('abort', () => {
    engine.ledger = undefined
    underWay.clear()
    waiters.wakeAll()
  })
}

function counted(engine: Engine, changes: readonly StateChange[]): void {
  const { partitions, waiters, strange, retaken, queue } = engine
  for (const { stepped, answered, closes, factAt: toldTo } of changes) {
    if (closes) closingsChanged(engine)
    for (const payment of stepped) changed(engine, payment, true)
    for (const { scopedKey } of answered) waiters.wake(scopedKey)
    if (toldTo !== undefined) for (let to = 1; to < partitions; to += 1) tellFacts(engine, to, toldTo)
  }
  goOnWithRuns(engine)
  unblock(engine)
  for (const step of strange.splice(0)) {
    retaken.add(step)
    queue.addStep(step)
  }
  flush(engine)
}

/** Another one has said what it knows of what was lost here: what waited for that goes on. */
function unblock(engine: Engine): void {
  const left = engine.ledger ? unansweredIn(engine.ledger).length : 0
  if (left < engine.waitsFor) {
    engine.heard.clear()
    lookAgain(engine)
  }
  engine.waitsFor = left
}

function untaken(engine: Engine, step: Given, outcome: Untaken): void {
  const { ports, strange, retaken } = engine
  if (!ports) return
  if (step.kind === 'told' && outcome.kind === 'nothing' && !isKnownClosing(engine, step.message)) askFacts(engine)
  if (step.kind === 'turn') turnTaken(engine, step.of)
  if (step.kind === 'accepting') nothingLeft(engine, step.message.from)
  if (step.kind !== 'heard') return
  const { message } = step
  if (outcome.kind === 'parked' && !retaken.has(step)) strange.push(step)
  else if (outcome.kind === 'parked') park(engine, ports.codec.encode(message), outcome.reason)
  else if (isRequest(message)) say(engine, message.payment)
  flush(engine)
}

/** What is lost all the same is said again, after a while. */
function handOn({ ports, partition, log }: Engine, steps: readonly Given[]): void {
  const heard = steps.flatMap((step) => (step.kind === 'heard' ? [step.message] : []))
  if (!ports || heard.length === 0) return
  ports.inbox
    .send(heard.map((message) => ({ partition, value: ports.codec.encode(message) })))
    .catch((error: unknown) => {
      log.warn({ err: error, partition, messages: heard.length }, 'messages may not have been handed on')
    })
}

function openNow({ underWay, heard, clock }: Engine): OpenPayment[] {
  return Array.from(underWay, ([payment, { sinceMs, saga }]) => {
    return { saga, heard: heard.of(payment), openMs: clock.monotonicMs() - sinceMs }
  })
}
