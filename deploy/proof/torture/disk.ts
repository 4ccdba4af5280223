import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** The disk of one worker's state. */
export type DiskOf = {
  readonly path: string
  /** Whether it is a small one of its own, which can be filled. */
  readonly canBeFilled: boolean
  /** Leaves no room on it. */
  fill(): void
  empty(): void
  /** Leaves nothing on it. */
  clear(): void
  unmount(): void
}

const megabytes = 128

/** Mounts a small disk in memory at `path`; where that is not allowed (it takes root), a folder that is never full. */
export function mountDisk(path: string): DiskOf {
  mkdirSync(path, { recursive: true })
  const canBeFilled = mounts(path)
  let isMounted = canBeFilled
  const unmount = () => {
    if (isMounted) execFileSync('umount', ['--lazy', path])
    isMounted = false
  }
  process.once('exit', unmount)
  const filler = join(path, 'filler')
  return {
    ...{ path, canBeFilled },
    fill: () => {
      const block = Buffer.alloc(64 << 10)
      const file = openSync(filler, 'w')
      try {
        for (let size = block.byteLength; size > 0; ) {
          try {
            writeSync(file, block, 0, size)
          } catch {
            size >>= 1
          }
        }
      } finally {
        closeSync(file)
      }
    },
    empty: () => rmSync(filler, { force: true }),
    clear: () => {
      for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true })
    },
    unmount,
  }
}

function mounts(path: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'micropay-torture', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
