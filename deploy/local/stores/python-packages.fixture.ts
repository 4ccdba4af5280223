import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A Python of its own with packages from PyPI, in the cache of the user under that name, made once; its path. */
export async function pythonWith(name: string, packages: readonly string[]): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const directory = join(cache, 'micropay', name)
  const python = join(directory, 'bin', 'python')
  if (existsSync(python)) return python
  await mkdir(join(cache, 'micropay'), { recursive: true })
  const making = `${directory}-${process.pid}`
  await run('python3', ['-m', 'venv', making])
  await run(join(making, 'bin', 'python'), ['-m', 'pip', 'install', '-q', ...packages], { timeout: 300_000 })
  await rename(making, directory).catch(() => rm(making, { recursive: true, force: true }))
  return python
}
