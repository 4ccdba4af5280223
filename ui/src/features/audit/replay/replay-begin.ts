import { REPLAY_PAGE } from '../../../data/audit/audit.ts'

/**
 * The step that a replay begins with to show `step`: where it began, when the step is loaded. One before what is loaded
 * begins a page earlier, so that the steps before it come with it; one behind begins there.
 */
export function beginFor(step: number, from: number, first: number, last: number): number {
  if (step >= first && step <= last) return from
  return step < first ? Math.max(1, step - REPLAY_PAGE + 1) : step
}
