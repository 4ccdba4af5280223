import { ProblemError } from '@micropay/runtime/problem-error'

/**
 * Lets so many long answers run side by side in this process; beyond, `take` throws ProblemError `overloaded` with
 * Retry-After.
 */
export function createPlaces(most: number, busy: string): Places {
  let taken = 0
  return {
    take() {
      if (taken >= most) throw new ProblemError('overloaded', busy, { headers: { 'retry-after': '10' } })
      taken += 1
      let isHeld = true
      return () => {
        if (isHeld) taken -= 1
        isHeld = false
      }
    },
  }
}

export type Places = {
  /** Answers how to give the place back; once is enough, and more does no harm. */
  take(): () => void
}
