import { checkedConnectionString } from './connection-string.ts'

export const TEST_SERVER = 'EventStoreDB (a test server of its protocol)'
export const REAL_SERVER = 'EventStoreDB, the server of EVENTSTORE_URL'

/**
 * The server that the environment names; undefined where it names none. `node` is what a proxy can stand in front of:
 * its only address, without TLS, whose certificate would not be the proxy's.
 */
export function realServer({ EVENTSTORE_URL } = process.env): RealServer | undefined {
  if (!EVENTSTORE_URL) return undefined
  const url = checkedConnectionString(EVENTSTORE_URL)
  const isPlain = /[?&]tls=false(&|$)/i.test(url) && !url.startsWith('esdb+discover:') && !url.includes(',')
  const { hostname, port } = isPlain ? new URL(url) : { hostname: '', port: '' }
  return { url, node: isPlain ? { host: hostname, port: Number(port || 2113) } : undefined }
}

export type RealServer = {
  readonly url: string
  readonly node: { readonly host: string; readonly port: number } | undefined
}

/** What a run of the tests says of what it runs against what. */
export function sayServers(real = realServer()): string {
  if (!real) return `${TEST_SERVER} alone, as EVENTSTORE_URL names no server`
  const alone =
    'on the test server alone: answers that are lost, lost and damaged streams, nodes that follow, rights, TLS'
  const both = 'contracts of the log, of the owner’s protocol and of the inboxes, and what others do to the streams'
  const byProxy = 'silent, cut and counted connections'
  if (real.node) return `${REAL_SERVER}: ${both}, ${byProxy}; ${alone}`
  return `${REAL_SERVER}: ${both}; ${alone}, and ${byProxy}, which need one address and tls=false`
}
