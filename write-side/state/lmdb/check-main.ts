import { writeSync } from 'node:fs'
import { setPriority } from 'node:os'
import { checkTables } from '../check-tables.ts'
import type { Verdict } from '../tables.ts'
import { readDigestKey } from './files.ts'
import { openLmdbTables } from './tables.ts'

/**
 * `node check-main.ts PATH LEDGER PARTITION [background]`: looks through the state in PATH in a process of its own,
 * which a file that was cut off may end. Prints a dot every now and then, and the verdict as JSON on a line of its own.
 */
const [path = '', ledgerId = '', partition, inBackground] = process.argv.slice(2)
if (inBackground) setPriority(19)
const say = (text: string) => writeSync(process.stdout.fd, text)

say('.')
say(`\n${JSON.stringify(verdict())}\n`)

function verdict(): Verdict {
  try {
    const tables = openLmdbTables(path, { readOnly: true })
    return checkTables(tables, readDigestKey(path), { ledgerId, partition: Number(partition) }, () => say('.'))
  } catch (error) {
    return { kind: 'unreadable', reason: error instanceof Error ? error.message : String(error) }
  }
}
