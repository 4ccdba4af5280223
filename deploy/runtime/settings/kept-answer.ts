import { chmodSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { Answer, type ServerAddress } from './configuration-server.ts'
import { readBounded } from './read-bounded.ts'

/** The last answer of a configuration server that was good, for a start while the server is away. */
export type KeptAnswer = { readonly answer: Answer; readonly askedAt: string }

const Kept = z.object({ asked: z.string(), askedAt: z.iso.datetime(), answer: Answer })

/** It may hold secrets: nobody but the service's user reads it. Throws where it cannot be written. */
export function keepAnswer(path: string, address: ServerAddress, kept: KeptAnswer): void {
  const fresh = `${path}.new`
  writeFileSync(fresh, `${JSON.stringify({ asked: askedOf(address), ...kept })}\n`, { mode: 0o600 })
  // The mode above is for a new file alone.
  chmodSync(fresh, 0o600)
  renameSync(fresh, path)
}

/** What was kept for this very question, or why there is nothing. */
export function keptAnswer(path: string, address: ServerAddress): KeptAnswer | { readonly fault: string } {
  const held = readBounded(path)
  if ('fault' in held) return held
  try {
    const { asked, ...kept } = Kept.parse(JSON.parse(held.text))
    return asked === askedOf(address) ? kept : { fault: `the file holds what ${asked} answered` }
  } catch {
    return { fault: 'the file is damaged' }
  }
}

/** Without the password. */
function askedOf({ url, service, profile }: ServerAddress): string {
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/${service}/${profile}`
}
