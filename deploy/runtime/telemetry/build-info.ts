import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Manifest = z.object({ version: z.string() })

/** Which build runs: the version of the package, and the commit that whoever built it has set in MICROPAY_COMMIT. */
export function buildInfo(env: NodeJS.ProcessEnv = process.env) {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  return { version: Manifest.parse(manifest).version, commit: env.MICROPAY_COMMIT || 'unknown' }
}
