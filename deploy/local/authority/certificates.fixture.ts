import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsPaths } from '@micropay/runtime/tls/tls-files'
import { type Authority, createAuthority, type Issued, type Leaf } from './authority.ts'

export type Certificates = {
  readonly authority: Authority
  readonly directory: string
  /** Issues one, good for an hour from now unless said, and writes its files, those of the same name anew. */
  write(name: string, leaf: Partial<Leaf>): Promise<TlsPaths>
  issue(leaf: Partial<Leaf>): Promise<Issued>
  remove(): Promise<void>
}

const HOUR_MS = 3_600_000

/** An authority of a test, with the certificates that it issues in files below a directory of their own. */
export async function testCertificates(name = 'MicroPay test authority'): Promise<Certificates> {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-certificates-'))
  const authority = await createAuthority(name, Date.now(), Date.now() + 24 * HOUR_MS)
  const issue = (leaf: Partial<Leaf>) => authority.issue({ fromMs: Date.now(), toMs: Date.now() + HOUR_MS, ...leaf })
  return {
    authority,
    directory,
    issue,
    async write(file, leaf) {
      const { cert, key } = await issue(leaf)
      const paths = {
        cert: join(directory, `${file}.crt`),
        key: join(directory, `${file}.key`),
        ca: join(directory, `${file}.ca.crt`),
      }
      await Promise.all([
        writeFile(paths.cert, cert),
        writeFile(paths.key, key, { mode: 0o600 }),
        writeFile(paths.ca, authority.ca.cert),
      ])
      return paths
    },
    remove: () => rm(directory, { recursive: true }),
  }
}
