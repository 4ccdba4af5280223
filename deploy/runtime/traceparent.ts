const valid = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/

/**
 * The caller's `traceparent` (W3C Trace Context) if it is well-formed, or else a new sampled one. `randomId` gives 128
 * bits in base64url.
 */
export function traceparentOf(header: Header, randomId: () => string): string {
  const given = wellFormed(header)
  if (given !== undefined) return given
  const hex = () => Buffer.from(randomId(), 'base64url').toString('hex')
  return `00-${hex()}-${hex().slice(0, 16)}-01`
}

type Header = string | readonly string[] | undefined

export function wellFormed(header: Header): string | undefined {
  if (typeof header !== 'string' || !valid.test(header)) return undefined
  // Only version 00 is known, and it has nothing after the flags.
  return header.startsWith('00-') && header.length !== LENGTH ? undefined : header
}

const LENGTH = 55
const FLAGS_AT = 53

export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}

/** Whether its trace is recorded, as whoever made it says. */
export function isSampled(traceparent: string): boolean {
  return (Number.parseInt(traceparent.slice(FLAGS_AT, LENGTH), 16) & 1) === 1
}

export function unsampled(traceparent: string): string {
  return `00${traceparent.slice(2, FLAGS_AT)}00`
}

export function traceparentFor(span: { traceId: string; spanId: string; traceFlags: number }): string {
  return `00-${span.traceId}-${span.spanId}-${(span.traceFlags & 1) === 1 ? '01' : '00'}`
}
