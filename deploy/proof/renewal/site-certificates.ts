import { mkdirSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Authority, createAuthority } from '@micropay/local/authority/authority'
import { systemClock } from '@micropay/runtime/clock'
import type { TlsPaths } from '@micropay/runtime/tls/tls-files'

/** The certificates of a site's services in their files, as a store of secrets would lay them there. */
export type SiteCertificates = {
  paths(service: string): TlsPaths
  /** Each service gets another one of that authority, good for so long. */
  issue(by: Authority, lifeMs: number): Promise<void>
  /** Whose certificates are taken. */
  trust(...authorities: readonly Authority[]): Promise<void>
  make(name: string): Promise<Authority>
}

const DAY_MS = 86_400_000

export function siteCertificates(directory: string, services: readonly string[]): SiteCertificates {
  mkdirSync(directory, { recursive: true })
  const at = (name: string) => join(directory, name)
  const paths = (service: string) => ({
    cert: at(`${service}.crt`),
    key: at(`${service}.key`),
    ca: at('authority.crt'),
  })
  const write = async (path: string, text: string) => {
    await writeFile(`${path}.new`, text, { mode: 0o600 })
    await rename(`${path}.new`, path)
  }
  return {
    paths,
    async issue(by, lifeMs) {
      const fromMs = systemClock.nowMs()
      for (const service of services) {
        const { cert, key } = await by.issue({ service, fromMs, toMs: fromMs + lifeMs })
        await write(paths(service).key, key)
        await write(paths(service).cert, cert)
      }
    },
    trust: (...authorities) => write(at('authority.crt'), authorities.map(({ ca }) => ca.cert).join('\n')),
    make: (name) => createAuthority(name, systemClock.nowMs(), systemClock.nowMs() + DAY_MS),
  }
}
