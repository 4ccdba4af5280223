import type { Clock } from '@micropay/runtime/clock'
import { paymentOf } from '../decide/lost-history.ts'
import { type Given, type HistoryStep, isOfHistory } from '../decide/stepped.ts'
import { scopedKeyOf } from '../state/partition-state.ts'
import { type CommandRequest, type CommandResult, isSameRequest, isStep, type OwnerRequest } from './command.ts'
import type { OwnerLimits } from './owner-limits.ts'
import { full, inFlight, reused, tooBusy, unknownOutcome } from './refusals.ts'

/**
 * A command and its caller. `drafted` once its record may be in the log: from then on only the fold says what became
 * of it.
 */
export type Waiting = {
  readonly request: OwnerRequest
  readonly since: number
  drafted: boolean
  /** Answers its caller, whose command's outcome is known, and frees its key. */
  readonly settle: (result: CommandResult) => void
  /** Answers its caller while the outcome is not known: its key stays taken. */
  readonly tell: (result: CommandResult) => void
}

/** Commands in the order in which they came, bounded, each idempotency key at most once at a time. */
export type CommandQueue = {
  /**
   * Takes a command, or answers `refusal`, if there is one. Of a key whose first request is not settled neither is
   * true: what is said then is that it is under way, or unknown where nobody decides here. `since`, now unless given,
   * is when its caller began to wait, on the monotonic clock.
   */
  add(request: CommandRequest, refusal?: CommandResult, since?: number): Promise<CommandResult>
  /** Takes a step that the owner gives itself; one that waits already, or for which there is no room, is let go. */
  addStep(step: Given): void
  /** Up to `most` commands as soon as there is one; none after `withinMs`, or when the signal aborts. */
  take(most: number, withinMs: number, signal: AbortSignal): Promise<Waiting[]>
  /** Commands that turned out void go to the front again, unless their caller was answered. */
  putBack(waiting: readonly Waiting[]): void
  size(): number
  /** The steps that wait. */
  steps(): readonly Given[]
  /** Answers all that are not being decided. */
  refuseAll(result: CommandResult): void
  /** The same, and for everything that still comes. */
  close(result: CommandResult): void
}

/**
 * Each append costs the log about as much as deciding several payments, so a batch may wait this long for those that
 * are arriving.
 */
const GATHER_MS = 2

type Limits = Pick<OwnerLimits, 'queuedCommands' | 'answerWithinMs'>

export function createCommandQueue(limits: Limits, clock: Clock): CommandQueue {
  let queue: Waiting[] = []
  const bell = createBell(clock)
  let closed: CommandResult | undefined
  const open = new Map<string, Waiting>()
  const answered = new WeakSet<Waiting>()

  /** Answers callers who waited too long; a drafted command's key stays taken until the fold has settled it. */
  const sweeper = clock.every(Math.max(10, Math.min(500, limits.answerWithinMs / 4)), () => {
    for (const waiting of answerLate(open.values(), clock.monotonicMs() - limits.answerWithinMs)) answered.add(waiting)
    queue = queue.filter((waiting) => !answered.has(waiting))
  })
  function push(key: string, waiting: Waiting): void {
    open.set(key, waiting)
    queue.push(waiting)
    bell.ring()
  }

  function refuseAll(result: CommandResult): void {
    for (const waiting of queue) waiting.settle(result)
    queue = []
  }

  return {
    add(request, refusal = closed, since = clock.monotonicMs()) {
      const key = request.dryRun ? `dry run ${clock.randomId()}` : scopedKeyOf(request)
      const other = open.get(key)
      if (other && !isStep(other.request) && !isSameRequest(other.request, request)) return Promise.resolve(reused)
      if (other) return Promise.resolve(refusal && other.drafted ? unknownOutcome : inFlight)
      if (refusal) return Promise.resolve(refusal)
      if (queue.length >= limits.queuedCommands) return Promise.resolve(full)
      return new Promise((tell) => {
        const settle = (result: CommandResult) => {
          open.delete(key)
          tell(result)
        }
        push(key, { request, since, drafted: false, settle, tell })
      })
    },
    addStep(step) {
      const key = `step ${nameOf(step)}`
      if (closed || open.has(key) || queue.length >= limits.queuedCommands) return
      push(
        key,
        waitingStep(step, clock.monotonicMs(), () => open.delete(key)),
      )
    },
    async take(most, withinMs, signal) {
      if (queue.length === 0) await bell.heard(withinMs, signal)
      await gather(() => queue.length, most, clock)
      const taken = queue.slice(0, most)
      queue = queue.slice(most)
      return taken
    },
    putBack(waiting) {
      const kept = waiting.filter((each) => !answered.has(each))
      for (const each of waiting) each.drafted = false
      for (const each of waiting) if (answered.has(each)) each.settle(unknownOutcome)
      queue = [...kept, ...queue]
    },
    size: () => queue.length,
    steps: () => queue.flatMap(({ request }) => (isStep(request) ? [request.step] : [])),
    refuseAll,
    close(result) {
      closed = result
      sweeper.cancel()
      refuseAll(result)
    },
  }
}

/** Answers those who began to wait before then, and says which. */
function answerLate(open: Iterable<Waiting>, beforeMs: number): Waiting[] {
  // They stand in the order in which they came here, which is not that in which they began to wait.
  const late = Array.from(open).filter(({ since }) => since <= beforeMs)
  for (const waiting of late) {
    if (waiting.drafted) waiting.tell(unknownOutcome)
    else waiting.settle(tooBusy)
  }
  return late
}

/** Nobody waits for it. */
function waitingStep(step: Given, since: number, settle: () => void): Waiting {
  return { request: { step }, since, drafted: false, settle, tell: () => undefined }
}

/** No scoped key has a space in front of its first line break. */
function nameOf(step: Given): string {
  if (step.kind === 'told') return `told ${step.message.at.seq}`
  if (step.kind === 'closings') return 'closings'
  if (step.kind === 'turn') return `turn ${step.of}`
  if (isOfHistory(step)) return ofHistory(step)
  if (step.kind === 'heard') return `${step.message.kind} ${step.message.payment} ${step.message.from}`
  return step.kind === 'expired' ? `expired ${step.payment}` : `ended ${step.payments[0]}`
}

/** What one partition lost is made good in as many steps as there are things to do. */
function ofHistory(step: HistoryStep): string {
  const { from, at } = step.message
  const what = step.kind === 'found' ? paymentOf(step.finding) : step.kind === 'learned' ? step.told.payment : ''
  return `${step.kind} ${from} ${at.seq} ${what}`
}

/**
 * Lets the commands that are arriving right now join the batch: a turn of the event loop without a new one ends it.
 */
async function gather(waiting: () => number, most: number, clock: Clock): Promise<void> {
  const until = clock.monotonicMs() + GATHER_MS
  for (let before = 0; waiting() > before && waiting() < most && clock.monotonicMs() < until; ) {
    before = waiting()
    await clock.turn()
  }
}

/** Lets one wait until somebody rings, for so long at most, and not once the signal aborts. */
function createBell(clock: Clock) {
  let wake: (() => void) | undefined
  return {
    ring: () => wake?.(),
    async heard(withinMs: number, signal: AbortSignal): Promise<void> {
      if (signal.aborted) return
      await new Promise<void>((resolve) => {
        const timer = clock.timer(withinMs, resolve)
        wake = () => {
          timer.cancel()
          resolve()
        }
        signal.addEventListener('abort', wake, { once: true })
      })
      if (wake) signal.removeEventListener('abort', wake)
      wake = undefined
    },
  }
}
