import { type Clock, systemClock } from './clock.ts'

/** A clock that stands until a test moves it on, so that what waits for seconds is tested in none. */
export type HandClock = Clock & {
  /** Does what falls due within that long, in the order in which it does. */
  advance(durationMs: number): void
}

/** The clock of a host, set wrong by so much, as a person or a broken time server does. */
export function slipping(clock: HandClock) {
  let byMs = 0
  return {
    clock: { ...clock, nowMs: () => clock.nowMs() + byMs },
    slip(ms: number) {
      byMs = ms
    },
  }
}

type Due = { atMs: number; readonly everyMs: number | undefined; readonly work: () => void }

export function createHandClock(startMs = Date.parse('2026-01-01T00:00:00Z')): HandClock {
  let passedMs = 0
  const waiting = new Set<Due>()
  const add = (durationMs: number, work: () => void, everyMs?: number) => {
    const due: Due = { atMs: passedMs + durationMs, everyMs, work }
    waiting.add(due)
    return { cancel: () => void waiting.delete(due) }
  }
  const next = (untilMs: number) =>
    [...waiting].filter(({ atMs }) => atMs <= untilMs).toSorted((one, other) => one.atMs - other.atMs)[0]

  return {
    nowMs: () => startMs + passedMs,
    monotonicMs: () => passedMs,
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve(false)
        const timer = add(durationMs, () => resolve(true))
        signal?.addEventListener('abort', () => {
          timer.cancel()
          resolve(false)
        })
      }),
    timer: (durationMs, work) => add(durationMs, work),
    every: (durationMs, work) => add(durationMs, work, durationMs),
    deadline(durationMs) {
      const over = new AbortController()
      add(durationMs, () => over.abort(new DOMException('the time is over', 'TimeoutError')))
      return over.signal
    },
    turn: systemClock.turn,
    randomId: systemClock.randomId,
    advance(durationMs) {
      const untilMs = passedMs + durationMs
      for (let due = next(untilMs); due; due = next(untilMs)) {
        passedMs = due.atMs
        if (due.everyMs === undefined) waiting.delete(due)
        else due.atMs += due.everyMs
        due.work()
      }
      passedMs = untilMs
    },
  }
}

/** Time goes on, slowly enough for whoever is asked to answer. */
export async function passing(clock: HandClock, until: Promise<unknown>): Promise<void> {
  let isOver = false
  const over = until.finally(() => {
    isOver = true
  })
  while (!isOver) {
    clock.advance(500)
    await systemClock.sleep(10)
  }
  await over
}
