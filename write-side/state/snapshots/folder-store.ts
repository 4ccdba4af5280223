import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemClock } from '@micropay/runtime/clock'
import type { ObjectStore } from './object-store.ts'

/** Objects as files below a folder that all workers see. What is being written has a name that nobody lists. */
export function folderStore(root: string): ObjectStore {
  return {
    where: root,
    async list(folder) {
      const names = await readdir(join(root, folder)).catch(unlessMissing)
      return (names ?? []).filter((name) => !name.startsWith(PART)).map((name) => `${folder}/${name}`)
    },
    async read(name) {
      const path = join(root, name)
      return (await stat(path).catch(unlessMissing)) && createReadStream(path, { highWaterMark: READ_BYTES })
    },
    async write(name, content) {
      const path = join(root, name)
      const folder = dirname(path)
      await mkdir(folder, { recursive: true })
      await removeOldParts(folder)
      const part = join(folder, `${PART}${name.split('/').at(-1)}`)
      try {
        if ('file' in content) await copyFile(content.file, part)
        else await writeFile(part, content)
        await toDisk(part)
        await rename(part, path)
      } finally {
        await rm(part, { force: true })
      }
    },
    remove: (name) => rm(join(root, name), { force: true }),
  }
}

const PART = '.part-'
const READ_BYTES = 1 << 20
const DAY_MS = 86_400_000

/** Of those who ended while they wrote. */
async function removeOldParts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(PART)) continue
    const path = join(folder, name)
    const found = await stat(path).catch(unlessMissing)
    if (found && found.mtimeMs < systemClock.nowMs() - DAY_MS) await rm(path, { force: true })
  }
}

/** A name must not outlive a power failure that its bytes did not. */
async function toDisk(path: string): Promise<void> {
  const file = await open(path, 'r+')
  await file.sync().finally(() => file.close())
}

const MISSING: readonly unknown[] = ['ENOENT', 'ENOTDIR']

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && MISSING.includes(error.code)) return undefined
  throw error
}
