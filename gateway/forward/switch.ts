import type { Clock } from '@micropay/runtime/clock'
import { circuitBreaker, handleWhen, SamplingBreaker } from 'cockatiel'
import { codeOf, noAnswerCodes } from './no-answer.ts'

/** Half of the answers missing, of ten or more in ten seconds. */
const SAMPLED = { threshold: 0.5, duration: 10_000, minimumRps: 1 }
/** It closes when somebody closes it, never by a caller's request, which would be the one to wait. */
const NEVER_MS = 2 ** 53

export type Switch = ReturnType<typeof createSwitch>

/** One kind of traffic. `onFailures` is called when most of what is asked fails; it is open by then. */
export function createSwitch(clock: Clock, onFailures: () => void) {
  const policy = circuitBreaker(handleWhen(isUnanswered), {
    halfOpenAfter: NEVER_MS,
    breaker: new SamplingBreaker(SAMPLED),
  })
  const listeners = new Set<() => void>()
  let held: { readonly sinceMs: number; readonly dispose: () => void } | undefined
  function open(): void {
    if (held) return
    held = { sinceMs: clock.nowMs(), ...policy.isolate() }
    for (const tell of listeners) tell()
  }
  policy.onBreak((cause) => {
    if ('isolated' in cause) return
    open()
    onFailures()
  })
  return {
    listeners,
    openSinceMs: () => held?.sinceMs,
    open,
    close(): void {
      held?.dispose()
      held = undefined
    },
    execute: <Answer>(ask: () => Promise<Answer>): Promise<Answer> => policy.execute(ask),
  }
}

/**
 * It was not reached, or hung up. That an answer is late is no sign: a caller who asks for what takes too long would
 * stop all others by it.
 */
function isUnanswered(error: unknown): boolean {
  return noAnswerCodes.has(codeOf(error))
}
