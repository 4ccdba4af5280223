import { createHash } from 'node:crypto'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readFold, storeFold } from '@micropay/event-log/fold-state'
import { serverIn } from '@micropay/local/server-in'
import { InputError } from '@micropay/sdk/input-error'
import type { Kept } from '@micropay/write-side/verify/compare-kept'
import { z } from 'zod'

/** What verifications that found no fault have left, by partition: in a file, for one log. */
export type KeptVerifications = {
  readonly path: string
  of(partition: number): Kept | undefined
  /** Takes the place of what was kept of the partition. */
  keep(partition: number, kept: Kept): Promise<void>
}

const KeptFile = z.object({
  partitions: z.record(z.string().regex(/^[0-9]+$/), z.object({ at: z.iso.datetime(), fold: z.unknown() })),
})

/** Opens the file, or begins it. Throws InputError for one that cannot be read: it would compare with nothing. */
export async function openKeptVerifications(path: string): Promise<KeptVerifications> {
  const kept = new Map<number, Kept>()
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new InputError(`what was verified before cannot be read: ${error.message}`, { cause: error })
  })
  if (text !== undefined) {
    try {
      for (const [partition, { at, fold }] of Object.entries(KeptFile.parse(JSON.parse(text)).partitions)) {
        kept.set(Number(partition), { at, fold: readFold(fold) })
      }
    } catch (cause) {
      const advice = 'put an older copy in its place, or move it away to begin anew'
      throw new InputError(`what was verified before cannot be read from ${path}: ${advice}`, { cause })
    }
  }
  return {
    path,
    of: (partition) => kept.get(partition),
    async keep(partition, one) {
      kept.set(partition, one)
      const stored = Array.from(kept, ([key, { at, fold }]) => [key, { at, fold: storeFold(fold) }])
      const written = JSON.stringify({ partitions: Object.fromEntries(stored) }, null, 2)
      await writeFile(`${path}.new`, `${written}\n`, { mode: 0o600 })
      await rename(`${path}.new`, path)
    },
  }
}

/**
 * Where the state directory keeps them: `verified.json` for the log of its own start, and a file of its own for each
 * log that the environment names. Undefined where there is no state directory.
 */
export async function keptPathOf(home: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const found = await stat(home).catch(() => undefined)
  if (!found?.isDirectory()) return undefined
  const { LOG, LOG_DATABASE_URL, KAFKA_BROKERS, KAFKA_TOPIC, EVENTSTORE_URL, EVENTSTORE_STREAM } = environment
  if (LOG === undefined) return join(home, 'verified.json')
  const logs: Record<string, readonly (string | undefined)[]> = {
    kafka: ['kafka', KAFKA_BROKERS, KAFKA_TOPIC ?? 'ledger'],
    eventstoredb: ['eventstoredb', serverIn(EVENTSTORE_URL), EVENTSTORE_STREAM],
  }
  const named = logs[LOG] ?? ['postgres', placeIn(LOG_DATABASE_URL)]
  const name = createHash('sha256').update(named.join('\n')).digest('hex').slice(0, 16)
  return join(home, `verified-${name}.json`)
}

/** A database's place without who asks it: another user or password is the same log. */
function placeIn(url: string | undefined): string {
  const parsed = URL.canParse(url ?? '') ? new URL(url ?? '') : undefined
  return parsed ? `${parsed.host}${parsed.pathname}` : ''
}
