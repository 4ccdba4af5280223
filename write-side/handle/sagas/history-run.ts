import type { EventLog } from '@micropay/event-log/event-log'
import { foldLog } from '@micropay/event-log/fold-log'
import { initialFold } from '@micropay/event-log/fold-state'
import { HISTORY_GENERATION } from '@micropay/schemas/log/generations'
import type { Accepted, HistoryMessage, Resumed } from '@micropay/schemas/log/message'
import { isMadeGood, unknownIn } from '../../decide/answer-history.ts'
import { acceptanceOf, isOfGone, unansweredIn } from '../../decide/history.ts'
import { historyAnswer, historyAsked } from '../../decide/history-messages.ts'
import { createLostHistory } from '../../decide/lost-history.ts'
import { steps } from '../../decide/steps.ts'
import type { Engine, HistoryRun } from './engine-state.ts'
import { flush, lookAgain } from './speak.ts'

/** So many steps wait at a time. */
const MOST_STEPS = 100
/** Behind the second one all that was handled before the first counts. */
const TURNS = 2
/** What is not made good by then is begun anew when it is asked for again. */
const GIVEN_UP_MS = 600_000

/** Takes what partitions say to each other of lost history. An owner of an earlier generation has no words for it. */
export function takeHistory(engine: Engine, message: HistoryMessage): void {
  const { ledger, partition, partitions } = engine
  if (!ledger || ledger.fold.generation < HISTORY_GENERATION) return
  if (message.to !== partition || message.from === partition || message.from >= partitions) return
  if (isOfGone(message, ledger)) return
  if (message.kind === 'accepted') learn(engine, message)
  else if (!engine.runs.has(message.from)) begin(engine, message)
}

function learn({ queue }: Engine, message: Accepted): void {
  for (const told of message.steps) queue.addStep({ kind: 'learned', message, told })
  queue.addStep({ kind: 'answered', message })
}

/** Where nothing is to be done it is answered at once: what it lost was accepted before. */
function begin(engine: Engine, message: Resumed): void {
  const { ledger, runs, queue, clock, looked, log, partition, heard, closings } = engine
  if (!ledger) return
  const { from, at, open } = message
  const isKnown = unknownIn(message, ledger).length === 0
  const unlooked = open.filter((each) => !ledger.read(steps, each) && !looked.has(`${from} ${at.seq} ${each}`))
  if (isKnown && unlooked.length === 0) {
    tell(engine, message)
    return
  }
  log.info({ partition, from, lost: message.lost }, 'another partition has lost history: looking for what it had said')
  const acceptedBefore = acceptanceOf(from, ledger)?.seq
  heard.clear()
  closings.clear()
  const run = { message, turns: 0, findings: undefined, next: 0, acceptedBefore, sinceMs: clock.monotonicMs() }
  runs.set(from, run)
  takeTurn(queue, run)
}

/** A queue lets go of what waits too long, and so this is asked for again. */
function takeTurn(queue: Engine['queue'], run: HistoryRun): void {
  if (run.turns < TURNS) queue.addStep({ kind: 'turn', of: turnOf(run) })
}

/** One of an earlier run may still wait: what was handled since need not count behind that. */
function turnOf({ message, turns, sinceMs }: HistoryRun): string {
  return `${message.from} ${turns} ${sinceMs}`
}

/** A turn was taken: behind the second one all that was handled before counts, and stands in the log. */
export function turnTaken(engine: Engine, of: string): void {
  const { runs, queue } = engine
  const run = runs.get(Number(of.split(' ')[0]))
  if (!run || of !== turnOf(run)) return
  run.turns += 1
  if (run.turns < TURNS) takeTurn(queue, run)
  else void read(engine, run)
}

/** Reads the own log from its beginning. */
async function read(engine: Engine, run: HistoryRun): Promise<void> {
  const { ledger, eventLog, partition, runs, log, serving } = engine
  const { message } = run
  if (!ledger || !serving) return
  try {
    const lost = createLostHistory(message, ledger, unknownIn(message, ledger).length > 0)
    await readOwn(eventLog, partition, ledger.fold.offset, serving, lost)
    if (runs.get(message.from) !== run || engine.ledger !== ledger) return
    if (lost.isGivenAgain()) {
      const { from, at } = message
      log.error({ partition, from, resume: at.seq }, 'a resume gives positions again that this partition rests on')
      giveUp(engine, from)
      return
    }
    run.findings = lost.findings(ledger)
    for (const each of message.open) engine.looked.add(`${message.from} ${message.at.seq} ${each}`)
    goOnWithRun(engine, run)
  } catch (error) {
    if (!serving.aborted) log.warn({ err: error, partition }, 'the own log could not be read: it is asked for again')
    giveUp(engine, message.from)
  }
}

async function readOwn(
  eventLog: EventLog,
  partition: number,
  until: bigint,
  signal: AbortSignal,
  lost: ReturnType<typeof createLostHistory>,
): Promise<void> {
  await foldLog(eventLog, initialFold(partition), {
    ...{ until, signal },
    each: (folded) => {
      if (folded.kind === 'counted') lost.take(folded.commit, { hash: folded.state.hash })
    },
  })
}

/** Takes what was found as steps, some at a time; the last one says that all of it is made good. */
export function goOnWithRun(engine: Engine, run: HistoryRun): void {
  const { ledger, queue } = engine
  const { message, findings } = run
  if (!ledger) return
  // It has said more since, which counts here: what it asked before is as if it were lost on its way, and asked again.
  if (isOfGone(message, ledger)) {
    giveUp(engine, message.from)
    return
  }
  if (!findings) {
    takeTurn(queue, run)
    return
  }
  if (acceptanceOf(message.from, ledger)?.seq !== run.acceptedBefore) {
    endRun(engine, run)
    return
  }
  for (let finding = findings[run.next]; finding; finding = findings[run.next]) {
    if (!isMadeGood(finding, message.from, ledger)) break
    run.next += 1
  }
  for (const finding of findings.slice(run.next, run.next + MOST_STEPS)) {
    queue.addStep({ kind: 'found', message, finding })
  }
  if (run.next === findings.length) queue.addStep({ kind: 'accepting', message, findings })
}

/** All that is being made good goes on; what takes too long begins anew when it is asked for again. */
export function goOnWithRuns(engine: Engine): void {
  const { runs, clock } = engine
  for (const [from, run] of runs) {
    if (clock.monotonicMs() - run.sinceMs > GIVEN_UP_MS) giveUp(engine, from)
    else goOnWithRun(engine, run)
  }
}

/** Nothing is left to do that has not been said: the one who asks is told once more. */
export function nothingLeft(engine: Engine, from: number): void {
  const run = engine.runs.get(from)
  const { ledger } = engine
  if (ledger && run?.findings?.every((finding) => isMadeGood(finding, from, ledger))) endRun(engine, run)
}

/** It is all made good, and that counts: the one who asks is told. */
function endRun(engine: Engine, { message }: HistoryRun): void {
  giveUp(engine, message.from)
  tell(engine, message)
}

/** What was said meanwhile was not handled: it is asked for again. */
function giveUp(engine: Engine, from: number): void {
  engine.runs.delete(from)
  engine.heard.clear()
  lookAgain(engine)
}

function tell(engine: Engine, message: Resumed): void {
  const { ledger, partition, partitions, outbox } = engine
  // Not before that it is gone counts.
  if (!ledger || unknownIn(message, ledger).length > 0) return
  const answer = historyAnswer(message, ledger, { partition, partitions, seq: ledger.fold.seq })
  if (!answer) return
  outbox.push({ message: answer, isFirst: false })
  flush(engine)
}

/** Asks those who have yet to say what they know of what was lost here. */
export function askHistory(engine: Engine): void {
  const { ledger, partition, partitions, outbox } = engine
  if (!ledger || ledger.fold.generation < HISTORY_GENERATION || unansweredIn(ledger).length === 0) return
  const asked = historyAsked(ledger, { partition, partitions, seq: ledger.fold.seq })
  outbox.push(...asked.map((message) => ({ message, isFirst: false })))
  flush(engine)
}
