import { mkdirSync, writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@micropay/runtime/clock'

export const ringNames = ['SESSION_SECRET', 'CURSOR_SECRET', 'OIDC_CLIENT_SECRET', 'REQUEST_HASH_KEY'] as const
export type RingName = (typeof ringNames)[number]

/** The key rings of a site, each in a file of its own. */
export type SiteRings = {
  /** NAME_FILE of each. */
  readonly environment: Readonly<Record<string, string>>
  /** Its one key, at first. */
  first(name: RingName): string
  write(name: RingName, keys: readonly string[]): Promise<void>
}

export function siteRings(directory: string): SiteRings {
  mkdirSync(directory, { recursive: true })
  const path = (name: RingName) => join(directory, name)
  const keys = new Map(ringNames.map((name) => [name, newKey()]))
  const first = (name: RingName) => keys.get(name) ?? ''
  for (const name of ringNames) writeFileSync(path(name), first(name), { mode: 0o600 })
  return {
    environment: Object.fromEntries(ringNames.map((name) => [`${name}_FILE`, path(name)])),
    first,
    async write(name, ring) {
      await writeFile(`${path(name)}.new`, ring.join('\n'), { mode: 0o600 })
      await rename(`${path(name)}.new`, path(name))
    },
  }
}

export function newKey(): string {
  return `${systemClock.randomId()}${systemClock.randomId()}`
}
