import type { Clock } from '@micropay/runtime/clock'
import { type Progress, showProgress, type Terminal } from '../progress.ts'

export type Advance = (done: number, of: number) => void

/** Shows how far the step is that is under way, and why it waits. */
export type Shown = {
  during<Result>(title: string, work: (advance: Advance) => Promise<Result>): Promise<Result>
  readonly wait: (reason: string) => void
}

export function createShown({ terminal, clock }: { readonly terminal: Terminal; readonly clock?: Clock }): Shown {
  let progress: Progress | undefined
  return {
    async during(title, work) {
      const advance: Advance = (done, of) => {
        progress ??= showProgress(terminal, title, of, clock)
        progress.advance(done)
      }
      return work(advance).finally(() => {
        progress?.end()
        progress = undefined
      })
    },
    wait: (reason) => progress?.wait(reason),
  }
}
