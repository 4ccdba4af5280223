import type { Clock } from '@micropay/runtime/clock'
import { ProblemError } from '@micropay/runtime/problem-error'
import type { ReplayBroken, ReplayStep } from '@micropay/schemas/api/replay'
import type { ReplayState } from './replay.ts'
import { allOf, type Replay, stepsShown } from './replay-account.ts'

/**
 * A page of at most `limit` commits that have steps from `from` on. What lies before is folded, since only the log
 * knows a balance; but so much of it, and for so long, at a time: a page may then hold fewer commits than asked for,
 * even none, and `next` goes on.
 */
export async function takePage(replay: Replay, limit: number, clock: Clock): Promise<TakenPage> {
  const endMs = clock.monotonicMs() + FOLD_FOR_MS
  const items: ReplayStep[] = []
  let broken: ReplayBroken | null = null
  let next: ReplayState | undefined
  let at = replay.start
  let folded = 0
  let shown = 0
  for await (const replayed of allOf(replay)) {
    if (shown === limit || folded === MOST_FOLDED || (folded > 0 && clock.monotonicMs() >= endMs)) {
      next = at
      break
    }
    if ('broken' in replayed) {
      broken = replayed.broken
      break
    }
    folded += 1
    at = replayed.state
    const steps = stepsShown(replay, replayed)
    if (steps.length > 0) shown += 1
    items.push(...steps)
  }
  if (!broken && !next && replay.from > at.step + 1) {
    const detail = `the account has ${at.step} steps so far, and none from ${replay.from} on: ask for an earlier one`
    throw new ProblemError('invalid_request', detail, { errors: [{ pointer: '/from', detail }] })
  }
  return { items, next, broken }
}

export type TakenPage = {
  readonly items: ReplayStep[]
  /** Where the next page begins; undefined at the end. */
  readonly next: ReplayState | undefined
  readonly broken: ReplayBroken | null
}

export const MOST_FOLDED = 50_000
/** Well within the time that the gateway waits for an answer to begin. */
const FOLD_FOR_MS = 5_000
