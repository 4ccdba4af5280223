import type { IncomingHttpHeaders } from 'node:http'

/**
 * What ends at the gateway: hop-by-hop (RFC 9110 7.6.1), credentials of the browser, and what only a proxy may claim.
 */
const notForwarded = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
  'host',
  'cookie',
  'authorization',
  'x-csrf-token',
  'forwarded',
  'x-real-ip',
  'via',
  // Only a worker may say so to another one.
  'micropay-passed-on',
])
export const BATCH_ITEMS = 'micropay-batch-items'
const notAnswered = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'traceparent',
  // Every route says it for itself, whatever its service does.
  'cache-control',
  'vary',
  // How much a batch was: for the gateway alone.
  BATCH_ITEMS,
])

export type Addressed = {
  readonly authorization: string
  readonly clientAddress: string
  readonly publicUrl: URL
}

/**
 * The headers that go to a service: the caller's, without what the caller may not say, and with what the gateway knows.
 */
export function requestHeaders(
  from: IncomingHttpHeaders,
  addressed: Addressed,
  hasBody: boolean,
): Record<string, string | string[]> {
  const to: Record<string, string | string[]> = {
    authorization: addressed.authorization,
    'x-forwarded-for': addressed.clientAddress,
    'x-forwarded-proto': addressed.publicUrl.protocol.slice(0, -1),
    'x-forwarded-host': addressed.publicUrl.host,
  }
  const named = connectionNames(from.connection)
  for (const name in from) {
    const value = from[name]
    if (value === undefined || notForwarded.has(name) || name.startsWith('x-forwarded-') || named?.includes(name))
      continue
    if (!hasBody && (name === 'content-length' || name === 'content-type')) continue
    to[name] = value
  }
  return to
}

/** The headers of a service's answer that go to the caller. */
export function answerHeaders(from: IncomingHttpHeaders): Record<string, string | string[]> {
  const to: Record<string, string | string[]> = {}
  const named = connectionNames(from.connection)
  for (const name in from) {
    const value = from[name]
    if (value !== undefined && !notAnswered.has(name) && !named?.includes(name)) to[name] = value
  }
  return to
}

/** Header names that Connection declares hop-by-hop, lower case; undefined for the usual `keep-alive` and `close`. */
function connectionNames(connection: string | undefined): string[] | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined
  return connection
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== 'content-length' && name !== 'content-type')
}
