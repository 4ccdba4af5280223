import type { IncomingMessage } from 'node:http'

const valid = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/

/**
 * The caller's `traceparent` (W3C Trace Context) if it is well-formed, or else a new sampled one. `randomId` gives 128
 * bits in base64url.
 */
export function traceparentOf(header: string | readonly string[] | undefined, randomId: () => string): string {
  if (typeof header === 'string' && valid.test(header)) {
    // Only version 00 is known, and it has nothing after the flags.
    if (!header.startsWith('00-') || header.length === 55) return header
  }
  const hex = () => Buffer.from(randomId(), 'base64url').toString('hex')
  return `00-${hex()}-${hex().slice(0, 16)}-01`
}

export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}

/**
 * The id of a request is the id of its trace, by which it is found in the log of each service that it came through.
 * From here on its header is well-formed, whatever was sent.
 */
export function traceOf({ headers }: Pick<IncomingMessage, 'headers'>, randomId: () => string): string {
  const traceparent = traceparentOf(headers.traceparent, randomId)
  headers.traceparent = traceparent
  return traceIdOf(traceparent)
}
