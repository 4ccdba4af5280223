import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'

/** What half a file may be written in. */
const SETTLED_AFTER_MS = 500

export type Reload = (reason: string, settledAfterMs?: number) => Promise<void>

/** Reads settings anew on SIGHUP and every so many seconds, 0 for never, one reading at a time. */
export function followChanges(reload: Reload, seconds: number, clock: Clock, log: Logger): void {
  let reading: Promise<void> | undefined
  const read = (...given: Parameters<Reload>): Promise<void> =>
    reload(...given).catch((error: unknown) => log.error({ err: error }, 'the settings could not be read anew'))
  const after = async (before: Promise<void> | undefined) => {
    await before
    await read('SIGHUP')
  }
  const begin = (work: Promise<void>) => {
    reading = work
    void work.then(() => {
      if (reading === work) reading = undefined
    })
  }
  process.on('SIGHUP', () => begin(after(reading)))
  if (seconds === 0) return
  clock.every(seconds * 1000, () => {
    if (!reading) begin(read('they have changed', SETTLED_AFTER_MS))
  })
}
