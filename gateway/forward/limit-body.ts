import { pipeline, type Readable, Transform } from 'node:stream'

export class BodyTooLargeError extends Error {
  readonly code = 'body_too_large'
}

/**
 * The same bytes, or BodyTooLargeError as soon as there are more than allowed; it fails too when the sender goes away
 * before the end.
 */
export function limitBody(body: Readable, limitBytes: number, tooLarge: string): Readable {
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > limitBytes) done(new BodyTooLargeError(tooLarge))
      else done(null, chunk)
    },
  })
  // Destroys `counted` when `body` breaks off; who reads `counted` gets the error.
  return pipeline(body, counted, () => {})
}
