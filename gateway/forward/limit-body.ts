import { pipeline, type Readable, Transform } from 'node:stream'
import type { Clock } from '@micropay/runtime/clock'

export class BodyTooLargeError extends Error {
  readonly code = 'body_too_large'
}
export class BodyTooSlowError extends Error {
  readonly code = 'request_timeout'
}

export type BodyLimits = {
  readonly clock: Clock
  readonly limitBytes: number
  readonly tooLarge: string
  readonly onBytes: (bytes: number) => void
}

/** A minute is enough for a small body at this pace; the place that it holds is one of few. */
export const LOOK_EVERY_MS = 5_000
const LEAST_BYTES = 16 * 1024 * (LOOK_EVERY_MS / 1_000)

/**
 * The same bytes, or BodyTooLargeError as soon as there are more than allowed, and BodyTooSlowError when its sender has
 * sent less than 16 KiB a second for a while; it fails too when the sender goes away before the end.
 */
export function limitBody(body: Readable, { clock, limitBytes, tooLarge, onBytes }: BodyLimits): Readable {
  let bytes = 0
  let before = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      onBytes(bytes)
      if (bytes > limitBytes) done(new BodyTooLargeError(tooLarge))
      else done(null, chunk)
    },
  })
  const looking = clock.every(LOOK_EVERY_MS, () => {
    // A body that its reader has paused is not its sender's to send.
    if (bytes - before < LEAST_BYTES && !body.isPaused()) counted.destroy(new BodyTooSlowError(tooSlow))
    before = bytes
  })
  // Destroys `counted` when `body` breaks off; who reads `counted` gets the error.
  return pipeline(body, counted, () => looking.cancel())
}

const tooSlow = 'less than 16 KiB a second arrived of the body: send it faster, or in smaller parts'
