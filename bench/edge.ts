import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthority } from '@micropay/local/authority/authority'
import { freePort } from '@micropay/local/stores/free-port'
import { startRedisServer } from '@micropay/local/stores/redis-server'
import type { Defer } from './clean-up.ts'

const DAY_MS = 86_400_000
/** So that each request is counted, and none refused. */
const NO_LIMIT = 1_000_000

/** What services have in production and can be left out: certificates, counting by Redis; traces and metrics. */
export type Edge = {
  /** What a service of that name is told besides. */
  environmentOf(service: string): Promise<Readonly<Record<string, string>>>
}

/** For the side of a comparison that has it. Needs Redis or Valkey on this machine. */
export async function openEdge(groundDirectory: string, defer: Defer): Promise<Edge> {
  const redis = await startRedisServer()
  defer(redis.stop)
  const directory = join(groundDirectory, 'tls')
  await mkdir(directory)
  const nowMs = Date.now()
  const authority = await createAuthority('bench', nowMs, nowMs + DAY_MS)
  const ca = join(directory, 'authority.crt')
  await writeFile(ca, authority.ca.cert)
  const environmentOf = async (service: string) => {
    const [cert, key] = [join(directory, `${service}.crt`), join(directory, `${service}.key`)]
    const issued = await authority.issue({ service, fromMs: nowMs, toMs: nowMs + DAY_MS })
    await Promise.all([writeFile(cert, issued.cert), writeFile(key, issued.key, { mode: 0o600 })])
    const files = { TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CA_FILE: ca }
    if (service !== 'gateway') return { ...files, HEALTH_PORT: String(await freePort()) }
    const limits = { RATE_LIMIT_PER_SECOND: String(NO_LIMIT), ADDRESS_LIMIT_PER_SECOND: String(NO_LIMIT) }
    return { ...files, ...limits, REDIS_URL: redis.url }
  }
  return { environmentOf }
}
