import type { Process } from './process.ts'
import type { Scheduler } from './scheduler.ts'

/**
 * The way from a process to one service: `refused` answers at once that nobody is there, `silent` swallows what is
 * sent in either direction, as a connection that died without a word.
 */
export type Link = {
  mode: 'up' | 'refused' | 'silent'
  /** What a request, and an answer, takes at most. */
  readonly legMs: number
  /** And what is added to that at present. */
  slowMs: number
}

export function createLink(legMs: number): Link {
  return { mode: 'up', legMs, slowMs: 0 }
}

/** What the service answers, whenever it does. */
export type Reply<Answer> = { answer(answer: Answer): void; fail(error: Error): void }

export type Asking = {
  readonly scheduler: Scheduler
  readonly process: Process
  readonly link: Link
  readonly label: string
  readonly timeoutMs: number
  /** Gives up at once. */
  readonly signal?: AbortSignal
}

/** Nobody was there, or nobody answered in time: what was asked for may have happened all the same. */
export class NoAnswerError extends Error {}

/**
 * Asks a service: `serve` runs there once the request has arrived, whatever became of the asker by then. Rejects with
 * NoAnswerError, or with what the service failed with.
 */
export function ask<Answer>(asking: Asking, serve: (reply: Reply<Answer>) => void): Promise<Answer> {
  const { scheduler, process, link, label, timeoutMs, signal } = asking
  return new Promise((resolve, reject) => {
    const settle = (work: () => void) => {
      timeout.cancel()
      signal?.removeEventListener('abort', giveUp)
      work()
    }
    const giveUp = () => settle(() => reject(new NoAnswerError(`${label}: given up`)))
    const timeout = process.after(timeoutMs, `${label}: no answer`, () =>
      settle(() => reject(new NoAnswerError(`${label}: no answer in ${timeoutMs} ms`))),
    )
    signal?.addEventListener('abort', giveUp, { once: true })
    const legMs = () => process.random.between(0.1, link.legMs) + link.slowMs
    const back = (work: () => void) => {
      if (link.mode === 'silent') return
      const kept = link.mode === 'up' ? work : () => reject(new NoAnswerError(`${label}: the connection was closed`))
      process.after(legMs(), `${label}: answered`, () => settle(kept))
    }
    if (link.mode === 'refused') {
      process.after(legMs(), `${label}: refused`, () => settle(() => reject(new NoAnswerError(`${label}: refused`))))
      return
    }
    if (link.mode === 'silent') return
    scheduler.after(legMs(), `${process.name}: ${label}: arrives`, () =>
      serve({ answer: (answer) => back(() => resolve(answer)), fail: (error) => back(() => reject(error)) }),
    )
  })
}
