import { ProblemError } from '@micropay/runtime/problem-error'

/** How much of one kind of work may go on at a time, of one caller and of all. */
export type ShareLimits = {
  /** What there are too many of, as a refused caller reads it: `event streams`. */
  readonly noun: string
  readonly most: number
  readonly mostOfCaller: number
  /** So many wait for a place; 0 where there is nothing to wait for, since places are held for long. */
  readonly mostWaiting: number
  readonly mostWaitingOfCaller: number
  /** Whole seconds after which a refused caller may ask again. */
  readonly retryAfterSeconds: number
}

export type Share = {
  /**
   * How to give the place back, any number of times; a promise of it where it has to wait, which rejects with the
   * signal's reason when that aborts before there was a place. Throws for who has as many as one caller may have
   * (`rate_limited`), and then for who finds all places taken (`overloaded`).
   */
  enter(caller: string, signal: AbortSignal): (() => void) | Promise<() => void>
  /** How many places there are, how many are taken, and how many wait for one. */
  standing(): { readonly most: number; readonly taken: number; readonly waiting: number }
}

/**
 * Places that callers share: what one caller may not have is left to the others, and those who wait are let in in turn
 * by caller, however many requests each of them has waiting. `processes` do the work, each with that many places; one
 * caller has more of them with more processes only where places are soon free again, and others wait for them.
 */
export function createShare(limits: ShareLimits, processes = () => 1): Share {
  const { noun, mostWaiting, mostWaitingOfCaller } = limits
  const most = () => limits.most * Math.max(1, processes())
  const mostOfCaller = () => limits.mostOfCaller * (mostWaiting > 0 ? Math.max(1, processes()) : 1)
  /** In the order in which their turns come. */
  const callers = new Map<string, Standing>()
  let taken = 0
  let waiting = 0

  function standingOf(caller: string): Standing {
    const known = callers.get(caller)
    if (known) return known
    const fresh: Standing = { taken: 0, waiting: new Set() }
    callers.set(caller, fresh)
    return fresh
  }
  function take(caller: string, standing: Standing): () => void {
    taken += 1
    standing.taken += 1
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      taken -= 1
      standing.taken -= 1
      forget(caller, standing)
      letIn()
    }
  }
  function forget(caller: string, standing: Standing): void {
    if (standing.taken === 0 && standing.waiting.size === 0) callers.delete(caller)
  }
  function letIn(): void {
    for (const [caller, standing] of callers) {
      if (taken >= most() || waiting === 0) return
      const [next] = standing.waiting
      if (!next || standing.taken >= mostOfCaller()) continue
      standing.waiting.delete(next)
      waiting -= 1
      // Whoever had a turn comes last.
      callers.delete(caller)
      callers.set(caller, standing)
      next(take(caller, standing))
    }
  }
  return {
    standing: () => ({ most: most(), taken, waiting }),
    enter(caller, signal) {
      signal.throwIfAborted()
      const standing = standingOf(caller)
      if (standing.taken < mostOfCaller() && taken < most()) return take(caller, standing)
      if (standing.taken >= mostOfCaller() && standing.waiting.size >= mostWaitingOfCaller)
        throw tooManyOfCaller(limits)
      if (waiting >= mostWaiting || standing.waiting.size >= mostWaitingOfCaller) {
        forget(caller, standing)
        const detail = `too many ${noun} are under way here: send it again`
        throw new ProblemError('overloaded', detail, { headers: retryAfter(limits) })
      }
      waiting += 1
      return placeOf(standing.waiting, signal, () => {
        waiting -= 1
        forget(caller, standing)
      })
    },
  }
}

type Next = (leave: () => void) => void
type Standing = { taken: number; readonly waiting: Set<Next> }

/** Waits among those of one caller until it is let in, or gives up with the signal's reason. */
function placeOf(queue: Set<Next>, signal: AbortSignal, hasGivenUp: () => void): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const next: Next = (leave) => {
      signal.removeEventListener('abort', giveUp)
      resolve(leave)
    }
    const giveUp = () => {
      queue.delete(next)
      hasGivenUp()
      reject(signal.reason)
    }
    queue.add(next)
    signal.addEventListener('abort', giveUp, { once: true })
  })
}

function tooManyOfCaller(limits: ShareLimits): ProblemError {
  const { noun, mostOfCaller, mostWaiting } = limits
  const isQueue = mostWaiting > 0 ? ', and as many wait as may' : ''
  const detail = `${mostOfCaller} ${noun} of one caller are under way${isQueue}: let one of them end, and send it again`
  return new ProblemError('rate_limited', detail, { headers: retryAfter(limits) })
}

function retryAfter({ retryAfterSeconds }: ShareLimits): Readonly<Record<string, string>> {
  return { 'retry-after': String(retryAfterSeconds) }
}
