import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type FoldState, readFold } from '@micropay/event-log/fold-state'
import { z } from 'zod'
import { DATA_FILE } from './files.ts'

/** Up to version 4 a mark said of its newest commit beside the fold what later ones say in it. */
const OtherMark = z.object({
  fold: z.looseObject({}),
  lastCommit: z.object({ offset: z.string(), previousHash: z.string() }).nullish(),
  lastDecidedAt: z.string().optional(),
})

/**
 * The fold that a state of another version of the code says it stands at; undefined where that cannot be read. A
 * process of its own reads it, since a file that was cut off ends the one that does.
 */
export async function readOtherFold(path: string): Promise<FoldState | undefined> {
  if (!existsSync(join(path, DATA_FILE))) return undefined
  const program = fileURLToPath(new URL('./other-fold-main.ts', import.meta.url))
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, path], { env: {}, timeout: 30_000 })
    const { fold, lastCommit, lastDecidedAt } = OtherMark.parse(JSON.parse(stdout))
    const newest = lastCommit ? { countedAt: lastCommit.offset, previousHash: lastCommit.previousHash } : {}
    return readFold({ ...newest, ...(lastDecidedAt === undefined ? {} : { decidedAt: lastDecidedAt }), ...fold })
  } catch {
    return undefined
  }
}
