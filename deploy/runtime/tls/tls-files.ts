import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../clock.ts'
import { ConfigError } from '../config.ts'
import type { Logger } from '../logger.ts'
import { serviceNamed } from './spiffe.ts'

export type TlsPaths = { readonly cert: string; readonly key: string; readonly ca: string }

/**
 * PEM, as it is handed to Node: the certificate with what leads to the authority, its key, and the authorities; those
 * are empty where they have no file.
 */
export type TlsMaterial = {
  readonly cert: string
  readonly key: string
  readonly ca: string
  readonly endsAtMs: number
}

export type TlsFiles = {
  current(): TlsMaterial
  /** Calls `work` with each new one. */
  onChange(work: (material: TlsMaterial) => void): void
  /** What a person should look after: files that cannot be taken, or a certificate that ends soon. */
  trouble(): string | undefined
  close(): void
}

export type TlsFilesOptions = {
  /** `ca` may be missing where nobody else's certificate is looked at. */
  readonly paths: Omit<TlsPaths, 'ca'> & { readonly ca?: string | undefined }
  /** Which the certificate names; undefined where any will do. */
  readonly service: string | undefined
  /** That names the file of the certificate. */
  readonly setting?: string
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn'>
  readonly lookEveryMs?: number
}

const LOOK_EVERY_MS = 5_000
const DAY_MS = 86_400_000

/**
 * The certificate of a service, read anew every few seconds. What does not fit together is not taken, since files are
 * replaced one after the other: what was there before stays in use. Throws ConfigError where it does not fit at first.
 */
export async function openTlsFiles(options: TlsFilesOptions): Promise<TlsFiles> {
  const { paths, service, clock, log, setting = 'TLS_CERT_FILE' } = options
  const first = await readMaterial(paths, service, clock.nowMs())
  if (typeof first === 'string') throw new ConfigError(`the environment does not fit:\n  ${setting}: ${first}`)
  let material = first
  let notTaken: string | undefined
  const listeners: ((material: TlsMaterial) => void)[] = []

  async function look(): Promise<void> {
    const read = await readMaterial(paths, service, clock.nowMs())
    if (typeof read === 'string') {
      if (read !== notTaken) log.warn({ reason: read }, 'a new certificate is not taken: the one before stays in use')
      notTaken = read
      return
    }
    notTaken = undefined
    if (read.cert === material.cert && read.key === material.key && read.ca === material.ca) return
    material = read
    log.info({ endsAt: new Date(read.endsAtMs).toISOString() }, 'a new certificate is in use')
    for (const listener of listeners) listener(read)
  }
  let looking = false
  const timer = clock.every(options.lookEveryMs ?? LOOK_EVERY_MS, () => {
    if (looking) return
    looking = true
    void look().finally(() => {
      looking = false
    })
  })
  return {
    current: () => material,
    onChange: (work) => void listeners.push(work),
    trouble: () => (notTaken === undefined ? endsSoon(material, clock.nowMs()) : notTaken),
    close: () => timer.cancel(),
  }
}

/** A service goes on with what it has; that it has little time left is for a person to see before its callers do. */
function endsSoon({ cert, endsAtMs }: TlsMaterial, nowMs: number): string | undefined {
  const lifetimeMs = endsAtMs - new X509Certificate(cert).validFromDate.getTime()
  if (endsAtMs - nowMs > Math.min(lifetimeMs / 4, 14 * DAY_MS)) return undefined
  const at = new Date(endsAtMs).toISOString()
  return `the certificate of this service ${endsAtMs < nowMs ? 'ended' : 'ends'} at ${at}: renew it`
}

/** The material, or why it cannot be used. */
async function readMaterial(
  paths: TlsFilesOptions['paths'],
  service: string | undefined,
  nowMs: number,
): Promise<TlsMaterial | string> {
  const files = [paths.cert, paths.key, ...(paths.ca === undefined ? [] : [paths.ca])]
  try {
    const [cert = '', key = '', ca = ''] = await Promise.all(files.map((path) => readFile(path, 'utf8')))
    if (!cert || !key || (paths.ca !== undefined && !ca)) return `one of ${files.join(', ')} is empty`
    const certificate = new X509Certificate(cert)
    const named = serviceNamed(certificate.subjectAltName)
    if (service !== undefined && named !== service) {
      return `the certificate in ${paths.cert} is of ${named ?? 'no service'}: its one URI must name ${service}`
    }
    if (!certificate.checkPrivateKey(createPrivateKey(key))) {
      return `the key in ${paths.key} is not that of the certificate in ${paths.cert}`
    }
    const endsAtMs = certificate.validToDate.getTime()
    if (endsAtMs < nowMs) return `the certificate in ${paths.cert} ended at ${new Date(endsAtMs).toISOString()}`
    // Without it Node takes what holds no certificate for a list of none.
    if (ca !== '') new X509Certificate(ca)
    createSecureContext({ cert, key, ...(ca === '' ? {} : { ca }) })
    return { cert, key, ca, endsAtMs }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return `${files.join(', ')}: one of them cannot be read as PEM: ${reason}`
  }
}
