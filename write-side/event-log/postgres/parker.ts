import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { keyOf, type NewlyParked, type ParkingLot } from '../parked.ts'

/**
 * Parks one message after the other, and tries each again for as long as it may, so that whoever has one to park is
 * never held up. What cannot be kept is logged with all but the message itself.
 */
export function createParker(insert: (message: NewlyParked) => Promise<void>, options: ParkerOptions): Parker {
  const { clock, log, giveUpAfterMs } = options
  const waiting: Waiting[] = []
  const closing = new AbortController()
  let waitingBytes = 0
  let parking: Promise<void> | undefined

  function giveUp({ message }: Pick<Waiting, 'message'>, cause: unknown): void {
    const { partition, reason, at, value } = message
    const about = { partition, reason, at, bytes: value.byteLength, digest: keyOf(message).digest, err: cause }
    log.error(about, 'a message that cannot be handled could not be parked: it is lost')
  }
  async function parkAll(): Promise<void> {
    for (let failures = 0, next = waiting.shift(); next; next = waiting.shift()) {
      try {
        await insert(next.message)
        failures = 0
      } catch (error) {
        failures += 1
        if (failures === 1) log.warn({ err: error }, 'a message is not parked yet: it is tried again')
        const isOver = closing.signal.aborted || clock.monotonicMs() - next.sinceMs >= giveUpAfterMs
        if (!isOver) {
          // Behind the others, which may be parked where this one is not.
          waiting.push(next)
          await clock.sleep(backOff(failures, betweenAttempts), closing.signal)
          continue
        }
        giveUp(next, error)
      }
      waitingBytes -= next.message.value.byteLength
      next.resolve()
    }
    parking = undefined
  }
  return {
    async park(message) {
      const bytes = message.value.byteLength
      if (closing.signal.aborted) return giveUp({ message }, new Error('the parking lot is closed'))
      if (waiting.length >= MOST_WAITING || waitingBytes + bytes > MOST_WAITING_BYTES) {
        return giveUp({ message }, new Error(`${waiting.length} others wait to be parked`))
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push({ message, sinceMs: clock.monotonicMs(), resolve })
      waitingBytes += bytes
      parking ??= parkAll()
      await promise
    },
    async close() {
      closing.abort()
      await Promise.race([parking, clock.sleep(CLOSE_WITHIN_MS)])
    },
  }
}

export type Parker = Pick<ParkingLot, 'park' | 'close'>

export type ParkerOptions = { readonly clock: Clock; readonly log: Logger; readonly giveUpAfterMs: number }

type Waiting = { readonly message: NewlyParked; readonly sinceMs: number; readonly resolve: () => void }

const MOST_WAITING = 1_000
const MOST_WAITING_BYTES = 16 * 1024 * 1024
const CLOSE_WITHIN_MS = 1_000
const betweenAttempts: BackOff = { firstMs: 100, mostMs: 10_000 }
