import { X509Certificate } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@micropay/runtime/clock'
import type { TlsPaths } from '@micropay/runtime/tls/tls-files'
import { type Authority, authorityOf, createAuthority } from './authority.ts'

const HOUR_MS = 3_600_000
const LEAF_MS = HOUR_MS
const AUTHORITY_MS = 365 * 24 * HOUR_MS
/** One with less left than this is replaced, by a start: all services begin anew then. */
const LEAST_LEFT_MS = 30 * 24 * HOUR_MS
const LOOK_EVERY_MS = 15_000

/** The certificates of one installation's services, in files that are renewed. */
export type Issuing = {
  paths(service: string): TlsPaths
  close(): void
}

export type IssuingOptions = {
  readonly directory: string
  readonly services: readonly string[]
  readonly clock: Clock
  readonly say: (text: string) => void
}

/**
 * The development authority of an installation: made once and kept, with a certificate of an hour for each service,
 * renewed at half of its life. Its files are for their owner's eyes alone. Throws an Error where it is damaged.
 */
export async function startIssuing({ directory, services, clock, say }: IssuingOptions): Promise<Issuing> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
  const authority = await keptAuthority(directory, clock)
  const paths = (service: string): TlsPaths => ({
    cert: join(directory, `${service}.crt`),
    key: join(directory, `${service}.key`),
    ca: join(directory, 'authority.crt'),
  })
  const renewAtMs = new Map<string, number>()
  async function renew(service: string): Promise<void> {
    const fromMs = clock.nowMs()
    const issued = await authority.issue({ service, hosts: ['127.0.0.1', 'localhost'], fromMs, toMs: fromMs + LEAF_MS })
    const { cert, key } = paths(service)
    await keep(key, issued.key)
    await keep(cert, issued.cert)
    renewAtMs.set(service, fromMs + LEAF_MS / 2)
  }
  for (const service of services) await renew(service)
  let renewing = false
  const timer = clock.every(LOOK_EVERY_MS, async () => {
    const due = services.filter((service) => (renewAtMs.get(service) ?? 0) <= clock.nowMs())
    if (renewing || due.length === 0) return
    renewing = true
    try {
      for (const service of due) await renew(service)
    } catch (error) {
      say(`  certificates: not renewed, tried again: ${error instanceof Error ? error.message : String(error)}`)
    }
    renewing = false
  })
  return { paths, close: () => timer.cancel() }
}

async function keptAuthority(directory: string, clock: Clock): Promise<Authority> {
  const [certFile, keyFile] = [join(directory, 'authority.crt'), join(directory, 'authority.key')]
  const [cert, key] = await Promise.all(
    [certFile, keyFile].map((file) => readFile(file, 'utf8').catch(() => undefined)),
  )
  const nowMs = clock.nowMs()
  if (cert !== undefined && key !== undefined) {
    const kept = await authorityOf({ cert, key }).catch((cause: unknown) => {
      throw new Error(`The authority in ${directory} is damaged: delete that folder, a new one is made then.`, {
        cause,
      })
    })
    if (new X509Certificate(cert).validToDate.getTime() - nowMs > LEAST_LEFT_MS) return kept
  }
  const made = await createAuthority('MicroPay development', nowMs, nowMs + AUTHORITY_MS)
  await keep(keyFile, made.ca.key)
  await keep(certFile, made.ca.cert)
  return made
}

/** Whoever reads it meanwhile has the old one or the new one, whole. */
async function keep(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
