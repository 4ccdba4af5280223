import type { Clock } from '@micropay/runtime/clock'
import type { Random } from './random.ts'
import type { Scheduler, Task } from './scheduler.ts'

/**
 * A process on a machine: what runs in it gets on only through its own clock and its own ports. So it can stop at any
 * await: for a while, as when it is paused, or for ever, as when it crashed.
 */
export type Process = {
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  /** Does `work` here after that long: not before it runs again while it is paused, and never once it crashed. */
  after(delayMs: number, label: string, work: () => void): Task
  isRunning(): boolean
  crashed(): boolean
  crash(): void
  pause(): void
  goOn(): void
}

/** What the wall clock of a machine shows beside the true time; a process sees each change at once. */
export type WallClock = { offsetMs: number }

/** The true time when the world begins, in milliseconds since 1970. */
export const BEGINNING_MS = Date.parse('2026-03-01T09:00:00Z')

/** How long a turn of the event loop takes. */
const TURN_MS = 0.02

export function startProcess(scheduler: Scheduler, name: string, random: Random, wall: WallClock): Process {
  let state: 'running' | 'paused' | 'crashed' = 'running'
  let held: (() => void)[] = []
  const startedMs = scheduler.nowMs()
  const bootedMs = Math.floor(random.between(0, 1_000_000))

  function after(delayMs: number, label: string, work: () => void): Task {
    let cancelled = false
    const task = scheduler.after(delayMs, `${name}: ${label}`, function perform() {
      if (cancelled || state === 'crashed') return
      if (state === 'paused') held.push(perform)
      else work()
    })
    return {
      cancel() {
        cancelled = true
        task.cancel()
      },
    }
  }

  const monotonicMs = () => bootedMs + scheduler.nowMs() - startedMs
  return {
    name,
    random,
    after,
    clock: clockOf({ nowMs: () => BEGINNING_MS + scheduler.trueMs() + wall.offsetMs, monotonicMs, after, random }),
    isRunning: () => state === 'running',
    crashed: () => state === 'crashed',
    crash() {
      state = 'crashed'
      held = []
    },
    pause() {
      if (state === 'running') state = 'paused'
    },
    goOn() {
      if (state !== 'paused') return
      state = 'running'
      // One event each, so that all promises of one get on before the next.
      for (const work of held.splice(0)) after(0, 'goes on', work)
    },
  }
}

type ClockParts = Pick<Clock, 'nowMs' | 'monotonicMs'> & Pick<Process, 'after' | 'random'>

function clockOf({ nowMs, monotonicMs, after, random }: ClockParts): Clock {
  return {
    nowMs: () => Math.floor(nowMs()),
    monotonicMs,
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve(false)
        const stop = () => {
          timer.cancel()
          resolve(false)
        }
        const timer = after(durationMs, 'slept', () => {
          signal?.removeEventListener('abort', stop)
          resolve(true)
        })
        signal?.addEventListener('abort', stop, { once: true })
      }),
    timer: (durationMs, work) => after(durationMs, 'timer', work),
    every(durationMs, work) {
      let next: Task
      const arm = () => {
        next = after(durationMs, 'every', () => {
          arm()
          work()
        })
      }
      arm()
      return { cancel: () => next.cancel() }
    },
    deadline(durationMs) {
      const over = new AbortController()
      after(durationMs, 'deadline', () => over.abort(new DOMException('the time is over', 'TimeoutError')))
      return over.signal
    },
    turn: () => new Promise((resolve) => after(TURN_MS, 'turn', resolve)),
    randomId: random.id,
  }
}
