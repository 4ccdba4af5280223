import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '@micropay/runtime/clock'
import type { TlsPaths } from '@micropay/runtime/tls/tls-files'
import { type Authority, authorityOf, createAuthority } from './authority.ts'

const DAY_MS = 86_400_000
/** Longer than a weekend, for a laptop that sleeps: what ended meanwhile is refused until it is renewed. */
export const LEAF_MS = 7 * DAY_MS
const AUTHORITY_MS = 365 * DAY_MS
/** A store takes a new one with a restart, or at a signal, so it is to be seldom: a start leaves one that is good. */
const STORE_MS = 330 * DAY_MS
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
  /** Stores, which are no services of ours, by the host names at which they are reached. */
  readonly stores?: readonly string[]
  /**
   * Each of them has a folder of its own, with the certificate of the authority, that it can be given alone; and so
   * has `TRUSTED`, with that certificate and nothing else. Their group may read them: a container may run as another
   * user.
   */
  readonly isApart?: boolean
  readonly clock: Clock
  readonly say: (text: string) => void
}

/** The folder of those who have no certificate, where each has a folder of its own. */
export const TRUSTED = 'trusted'

/**
 * The development authority of an installation: made once and kept, with a certificate of a week for each service,
 * renewed at half of its life, or when the clock was set back behind its beginning. Its files are for their owner's
 * eyes alone. One that is damaged is replaced.
 */
export async function startIssuing(options: IssuingOptions): Promise<Issuing> {
  const { directory, services, stores = [], isApart = false, clock, say } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
  const authority = await keptAuthority(directory, clock, say)
  const paths = (name: string) => pathsIn(directory, name, isApart)
  const mode = isApart ? 0o640 : 0o600
  const dueAtMs = new Map<string, Due>()
  async function renew(name: string): Promise<void> {
    const nowMs = clock.nowMs()
    const lastsMs = stores.includes(name) ? STORE_MS : LEAF_MS
    const period = { fromMs: nowMs - LEAF_BACKDATED_MS, toMs: nowMs + lastsMs }
    const named = stores.includes(name) ? { hosts: [name] } : { service: name, hosts: ['127.0.0.1', 'localhost'] }
    const issued = await authority.issue({ ...named, ...period })
    const { cert, key } = paths(name)
    await keep(key, issued.key, mode)
    await keep(cert, issued.cert, mode)
    dueAtMs.set(name, { issuedAtMs: nowMs, lastsMs })
  }
  const names = [...services, ...stores]
  if (isApart) for (const name of [...names, TRUSTED]) await makeFolder(paths(name).ca, authority.ca.cert)
  for (const name of names) {
    const left = stores.includes(name) ? await keptPeriod(paths(name), authority.ca.cert) : undefined
    if (left === undefined || isDue(left, clock.nowMs())) await renew(name)
    else dueAtMs.set(name, left)
  }
  let renewing = false
  const timer = clock.every(LOOK_EVERY_MS, async () => {
    const due = names.filter((name) => isDue(dueAtMs.get(name), clock.nowMs()))
    if (renewing || due.length === 0) return
    renewing = true
    try {
      for (const name of due) await renew(name)
    } catch (error) {
      say(`  certificates: not renewed, tried again: ${error instanceof Error ? error.message : String(error)}`)
    }
    renewing = false
  })
  return { paths, close: () => timer.cancel() }
}

function pathsIn(directory: string, name: string, isApart: boolean): TlsPaths {
  const file = (end: string) => join(directory, isApart ? `${name}/tls.${end}` : `${name}.${end}`)
  const ca = isApart ? join(directory, name, 'ca.crt') : join(directory, 'authority.crt')
  return { cert: file('crt'), key: file('key'), ca }
}

async function makeFolder(ca: string, cert: string): Promise<void> {
  await mkdir(dirname(ca), { recursive: true })
  await chmod(dirname(ca), 0o750)
  await keep(ca, cert, 0o640)
}

type Due = { readonly issuedAtMs: number; readonly lastsMs: number }

function isDue(of: Due | undefined, nowMs: number): boolean {
  if (of === undefined) return true
  return nowMs >= of.issuedAtMs + of.lastsMs / 2 || nowMs < of.issuedAtMs - LEAF_BACKDATED_MS / 2
}

/** Of a certificate that is there with its key, and of this authority. */
async function keptPeriod({ cert, key }: TlsPaths, ca: string): Promise<Due | undefined> {
  try {
    const certificate = new X509Certificate(await readFile(cert))
    const isOurs = certificate.verify(new X509Certificate(ca).publicKey)
    if (!isOurs || !certificate.checkPrivateKey(createPrivateKey(await readFile(key)))) return undefined
    const endsAtMs = certificate.validToDate.getTime()
    return { issuedAtMs: endsAtMs - STORE_MS, lastsMs: STORE_MS }
  } catch {
    return undefined
  }
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
async function keep(path: string, text: string, mode = 0o600): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await chmod(`${path}.new`, mode)
  await rename(`${path}.new`, path)
}
