import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@micropay/runtime/clock'
import { z } from 'zod'

const secret = z.string().min(32)
export const Installation = z.object({
  /** Names this clone's topic on brokers that others use too. */
  id: z.string().regex(/^[a-z0-9]{8}$/),
  /**
   * The ledger's name in its first record. Those that were made before each had a name of its own are all called so.
   */
  ledgerId: z.string().min(1).max(64).default('local'),
  /** The example ledger's payments lie in the weeks before this day. */
  createdOn: z.iso.date(),
  requestHashKey: secret,
  sessionKey: secret,
  cursorKey: secret,
})
export type Installation = z.infer<typeof Installation>

/**
 * What is made once for a state directory and kept in it, for its owner's eyes alone; throws an Error when the file is
 * damaged.
 */
export async function installationIn(home: string, clock: Clock): Promise<Installation> {
  await mkdir(home, { recursive: true })
  const path = join(home, 'installation.json')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text !== undefined) {
    await chmod(path, 0o600)
    return read(path, text)
  }
  const random = () => randomBytes(32).toString('base64url')
  const fresh: Installation = {
    id: randomBytes(4).toString('hex'),
    ledgerId: `local-${randomBytes(8).toString('hex')}`,
    createdOn: new Date(clock.nowMs()).toISOString().slice(0, 10),
    requestHashKey: random(),
    sessionKey: random(),
    cursorKey: random(),
  }
  await writeFile(`${path}.new`, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
  return fresh
}

function read(path: string, text: string): Installation {
  const damaged =
    `${path} is damaged: restore it, or start anew with --fresh ` +
    '(without its keys, what was sent before cannot be told apart)'
  try {
    return Installation.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(damaged, { cause })
  }
}
