import {
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { valueIn } from './ask.ts'
import { poor } from './clients.ts'

/** What is added to a balance that is edited: far more than anybody has. */
export const editedByMinor = 500_000_000n

/** Changes what a worker that does not run keeps on its disk; what it did, or undefined when there was nothing. */
export async function spoilState(
  directory: string,
  how: 'edited' | 'truncated' | 'flipped' | 'removed',
): Promise<string | undefined> {
  const path = stateIn(directory)
  if (how === 'removed') {
    rmSync(path, { recursive: true })
    return 'all of it'
  }
  if (how === 'edited') return editBalance(path)
  const file = join(path, 'data.mdb')
  const { size } = statSync(file)
  if (how === 'truncated') {
    truncateSync(file, size >> 1)
    return `${size >> 1} of ${size} bytes are left`
  }
  return flipPages(file, size)
}

/** Keeps a copy of what a worker that does not run has on its disk, or brings it back. */
export function copyState(directory: string, copy: string, way: 'keep' | 'bring back'): void {
  const path = stateIn(directory)
  const [from, to] = way === 'keep' ? [path, copy] : [copy, path]
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true })
}

function stateIn(directory: string): string {
  const [name] = readdirSync(directory).filter((entry) => /^partition-0-v[0-9]+$/.test(entry))
  if (name === undefined || !existsSync(join(directory, name, 'data.mdb'))) {
    throw new Error(`there is no state in ${directory}: the worker has another way to keep it, which this must learn`)
  }
  return join(directory, name)
}

async function editBalance(path: string): Promise<string | undefined> {
  const root = open({ path, maxDbs: 16 })
  try {
    const table = root.openDB<unknown, string>({ name: 'accounts' })
    const key = `main\n${poor}`
    const stored = table.get(key)
    const balance = valueIn(stored, 'balanceMinor')
    if (typeof balance !== 'string') return undefined
    const edited = String(BigInt(balance) + editedByMinor)
    await table.put(key, { ...Object(stored), balanceMinor: edited })
    return `${poor} from ${balance} to ${edited}`
  } finally {
    await root.close()
  }
}

/** Turns bytes all over the file, but in its first pages, without which nothing would be opened. */
function flipPages(path: string, size: number): string {
  const file = openSync(path, 'r+')
  let flipped = 0
  try {
    const page = Buffer.alloc(64)
    for (let at = 3 * 4096 + 1024; at < size; at += 4096) {
      readSync(file, page, 0, page.byteLength, at)
      for (let index = 0; index < page.byteLength; index += 8) page[index] = (page[index] ?? 0) ^ 0x55
      writeSync(file, page, 0, page.byteLength, at)
      flipped += 1
    }
  } finally {
    closeSync(file)
  }
  return `${flipped} pages`
}
