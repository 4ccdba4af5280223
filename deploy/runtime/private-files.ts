import { chmodSync, type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'

/**
 * From here on this process, and those that it starts, write files that only their user reads, in folders that only
 * their user enters: states, keys and logs name people and what they own.
 */
export function writePrivately(): void {
  process.umask(0o077)
}

/**
 * Takes from everybody else what lies there from before, folders and all that is in them. What is not there is passed
 * over, and so is what belongs to another user, and where links lead to. Throws what a file system says that refuses.
 */
export function makePrivate(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found || !isOurs(found)) return
  if (found.isDirectory()) {
    closeTo(path, found)
    for (const entry of entriesOf(path)) makePrivate(join(path, entry.name))
  } else if (found.isFile()) closeTo(path, found)
}

function isOurs({ uid }: Stats): boolean {
  const mine = process.getuid?.()
  return mine !== undefined && uid === mine
}

function closeTo(path: string, { mode }: Stats): void {
  const wanted = mode & 0o700
  if ((mode & 0o777) !== wanted) unlessGone(() => chmodSync(path, wanted))
}

function entriesOf(path: string): readonly Dirent[] {
  return unlessGone(() => readdirSync(path, { withFileTypes: true })) ?? []
}

/** Who uses the folder may remove a file meanwhile. */
function unlessGone<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
