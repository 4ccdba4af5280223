import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@micropay/runtime/clock'
import type { TlsPaths } from '@micropay/runtime/tls/tls-files'
import { type Authority, authorityOf, createAuthority } from './authority.ts'

const DAY_MS = 86_400_000
/** Longer than a weekend, for a laptop that sleeps: what ended meanwhile is refused until it is renewed. */
const LEAF_MS = 7 * DAY_MS
const AUTHORITY_MS = 365 * DAY_MS
/** One with less left than this is replaced, by a start: all services begin anew then. */
const LEAST_LEFT_MS = 30 * DAY_MS
/** The clock of a laptop is set back now and then, and what is good from then on only is refused. */
const LEAF_BACKDATED_MS = DAY_MS
const AUTHORITY_BACKDATED_MS = 30 * DAY_MS
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
 * The development authority of an installation: made once and kept, with a certificate of a week for each service,
 * renewed at half of its life, or when the clock was set back behind its beginning. Its files are for their owner's
 * eyes alone. One that is damaged is replaced.
 */
export async function startIssuing({ directory, services, clock, say }: IssuingOptions): Promise<Issuing> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
  const authority = await keptAuthority(directory, clock, say)
  const paths = (service: string): TlsPaths => ({
    cert: join(directory, `${service}.crt`),
    key: join(directory, `${service}.key`),
    ca: join(directory, 'authority.crt'),
  })
  const issuedAtMs = new Map<string, number>()
  async function renew(service: string): Promise<void> {
    const nowMs = clock.nowMs()
    const period = { fromMs: nowMs - LEAF_BACKDATED_MS, toMs: nowMs + LEAF_MS }
    const issued = await authority.issue({ service, hosts: ['127.0.0.1', 'localhost'], ...period })
    const { cert, key } = paths(service)
    await keep(key, issued.key)
    await keep(cert, issued.cert)
    issuedAtMs.set(service, nowMs)
  }
  for (const service of services) await renew(service)
  let renewing = false
  const timer = clock.every(LOOK_EVERY_MS, async () => {
    const due = services.filter((service) => isDue(issuedAtMs.get(service) ?? 0, clock.nowMs()))
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

function isDue(issuedAtMs: number, nowMs: number): boolean {
  return nowMs >= issuedAtMs + LEAF_MS / 2 || nowMs < issuedAtMs - LEAF_BACKDATED_MS / 2
}

async function keptAuthority(directory: string, clock: Clock, say: (text: string) => void): Promise<Authority> {
  const [certFile, keyFile] = [join(directory, 'authority.crt'), join(directory, 'authority.key')]
  const [cert, key] = await Promise.all(
    [certFile, keyFile].map((file) => readFile(file, 'utf8').catch(() => undefined)),
  )
  const nowMs = clock.nowMs()
  if (cert !== undefined && key !== undefined) {
    const reason = whyNotKept(cert, key, nowMs)
    if (reason === undefined) return authorityOf({ cert, key })
    say(`  certificates: the development authority ${reason}: a new one is made`)
  }
  const made = await createAuthority('MicroPay development', nowMs - AUTHORITY_BACKDATED_MS, nowMs + AUTHORITY_MS)
  await keep(keyFile, made.ca.key)
  await keep(certFile, made.ca.cert)
  return made
}

/** All services begin anew with a start, so none holds what another authority issued. */
function whyNotKept(cert: string, key: string, nowMs: number): string | undefined {
  try {
    const certificate = new X509Certificate(cert)
    // A power cut between the writing of the two.
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return 'has a key of another one'
    if (certificate.validToDate.getTime() - nowMs <= LEAST_LEFT_MS) return 'ends soon'
    return certificate.validFromDate.getTime() > nowMs ? 'is not good yet, by the clock of this host' : undefined
  } catch {
    return 'is damaged'
  }
}

/** Whoever reads it meanwhile has the old one or the new one, whole. */
async function keep(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
