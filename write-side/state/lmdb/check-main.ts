import { writeSync } from 'node:fs'
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { checkTables } from '../check-tables.ts'
import type { Verdict } from '../tables.ts'
import { readDigestKey } from './files.ts'
import { openLmdbTables } from './tables.ts'

/**
 * `node check-main.ts [background]`: looks through one state after the other in a process of its own, which a file that
 * was cut off may end. Each line of its input is what to look through, as JSON (`Asked`). Prints dots every now and
 * then, and the verdict as JSON on a line of its own. Ends with its input.
 */
const Asked = z.object({ path: z.string(), ledgerId: z.string(), partition: z.int() })
const say = (text: string) => writeSync(process.stdout.fd, text)

if (process.argv[2] === 'background') setPriority(19)
for await (const line of createInterface({ input: process.stdin })) {
  say('.')
  say(`\n${JSON.stringify(await look(Asked.parse(JSON.parse(line))))}\n`)
}

async function look({ path, ...expected }: z.infer<typeof Asked>): Promise<Verdict> {
  try {
    const tables = openLmdbTables(path, { readOnly: true })
    try {
      return checkTables(tables, readDigestKey(path), expected, () => say('.'))
    } finally {
      await tables.close()
    }
  } catch (error) {
    return { kind: 'unreadable', reason: error instanceof Error ? error.message : String(error) }
  }
}
